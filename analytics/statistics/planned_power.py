"""What a study could see, by simulation before it begins: planned exposure, history's level, no outcome of the study.

Smallest visible ratio = exp(-(t + z) SE) with SE the median cluster-jackknife error over panels that are drawn without
an effect (design of Bloom 1995, Evaluation Review 19:547; jackknife of MacKinnon, Nielsen and Webb 2023).
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.cells import informative_cells
from analytics.statistics.covariance import cv3_exact, cv3_one_step
from analytics.statistics.fitting import NotIdentified, fit
from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, codes_of
from analytics.statistics.power import smallest_visible_ratio
from analytics.statistics.simulation import autoregression

PURPOSE_NULL, PURPOSE_EFFECT = 801, 802
EXACT_PANELS = 4  # panels whose jackknife is done by refitting; the others' one-step errors are widened by as much


@dataclass(frozen=True)
class World:
    """What panels are drawn from. Weekly counts of ``mean`` (per unit) times ``season`` (per week, mean 1).

    Shocks are AR(1) with ``rho``: one series for all, one for each area, on the log scale. ``frailty`` is the variance
    of a gamma factor on each cell (0: Poisson). ``area`` and ``cluster`` are codes per unit.
    """

    mean: Array
    season: Array
    area: Codes
    cluster: Codes
    common_sd: float = 0.15
    area_sd: float = 0.25
    rho: float = 0.6
    frailty: float = 0.0


def counts_of(world: World, exposure: Array, ratio: float, *, seed: int, panel: int) -> Array:
    """One drawn panel, units x weeks. ``exposure`` may hold NaN where nothing would be known; it counts as 0 there."""
    purpose = PURPOSE_NULL if ratio == 1 else PURPOSE_EFFECT
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose, panel, round(ratio * 1e6)])))
    weeks = len(world.season)
    common = world.common_sd * autoregression(rng, 1, weeks, world.rho)[0]
    areas = world.area_sd * autoregression(rng, int(world.area.max()) + 1, weeks, world.rho)
    rate = world.mean[:, None] * world.season[None, :] * np.exp(common[None, :] + areas[world.area])
    rate = rate * ratio ** np.nan_to_num(exposure)
    if world.frailty > 1e-6:
        rate = rate * rng.gamma(1 / world.frailty, world.frailty, rate.shape)
    return np.asarray(rng.poisson(rate), dtype=float)


def jackknife_error(world: World, exposure: Array, outcome: Array, *, exact: bool) -> tuple[float, float | None]:
    """(one-step CV3 error of the log ratio, the exact one if asked for) of one panel; NaN where nothing can be fitted."""
    known = ~np.isnan(exposure)
    unit, week = np.nonzero(known)
    y, x = outcome[known], exposure[known]
    period = world.area[unit] * outcome.shape[1] + week
    keep = informative_cells(y, [unit, period])[0]
    cells = (y[keep], x[keep][:, None], unit[keep], period[keep], world.cluster[unit][keep])
    try:
        fitted = fit(cells[0], cells[1], [codes_of(cells[2]), codes_of(cells[3])])
        clusters = codes_of(cells[4])
        if int(clusters.max()) < 2:
            return math.nan, None
        one = float(cv3_one_step(fitted, clusters)[0].se[0])
        if not exact:
            return one, None
        exact_one = cv3_exact(fitted, clusters, lambda inside: _refit(cells, inside))[0]
    except (NotIdentified, DoesNotConverge, IndexError, ValueError):
        return math.nan, None
    return one, float(exact_one.se[0])


def visible_ratio(one_step: list[float], both: list[tuple[float, float]], clusters: int) -> float | None:
    """The smallest visible ratio of drawn panels' errors; ``both``: (one-step, exact) where the exact one was made."""
    known = [each for each in one_step if math.isfinite(each)]
    if not known or clusters < 3:
        return None
    wider = [exact / one for one, exact in both if one > 0 and math.isfinite(exact)]
    factor = max(1.0, float(np.median(wider))) if wider else 1.0
    return smallest_visible_ratio(float(np.median(known)) * factor, clusters - 1)


def _refit(cells: tuple[Array, Array, Codes, Codes, Codes], inside: np.ndarray) -> Array:
    y, x, unit, period = (each[inside] for each in cells[:4])
    keep = informative_cells(y, [unit, period])[0]
    try:
        return fit(y[keep], x[keep], [codes_of(unit[keep]), codes_of(period[keep])]).beta
    except (NotIdentified, DoesNotConverge, IndexError, ValueError):
        return np.array([np.nan])
