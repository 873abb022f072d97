"""Simulated panels whose truth is known: for calibration, for the power of a plan, and for tests. All synthetic.

Units stand in streets of five, about 25 to an area. Counts have season, trend, Christmas, autocorrelated shocks common
to all, to an area and, if wanted, to a street or a unit, and more spread than Poisson. Reach starts unit by unit or
street by street, on/off or as a dose, by chance or because something happened. The mean of 0.3 offences a unit-week is
generous: 150 venues of a real city with every night-time offence inside a catchment had 0.27.
"""

from dataclasses import dataclass, field

import numpy as np

from analytics.statistics.fixed_effects import Array, Codes

STREET = 5
AREA = 25
RHO, UNIT_RHO = 0.6, 0.8
FRAILTY = 1.5  # shape of the gamma that multiplies each cell's rate
GROWING_WEEKS, GROWING_MOST = 26, 2.0


@dataclass(frozen=True)
class Scenario:
    """What is planted. ``ratio``: rate ratio at exposure 1; ``mean``: offences a unit-week before anything.

    ``by_street``: whole streets start together. ``street_sd`` and ``unit_sd``: standard deviations of shocks on the
    log scale (0: none). ``reactive``: reach follows trouble. ``growing``: the effect grows to ``ratio`` squared over
    a year (on/off only).
    """

    units: int = 150
    weeks: int = 104
    mean: float = 0.3
    ratio: float = 1.0
    on_off: bool = False
    by_street: bool = False
    street_sd: float = 0.0
    unit_sd: float = 0.0
    reactive: bool = False
    growing: bool = False


@dataclass(frozen=True)
class SimulatedPanel:
    """``exposure`` and ``outcome``: units x weeks. ``truth``: the rate ratio at exposure 1; of a growing effect that
    over all exposed cells, observed over expected. ``rate``: expected offences without exposure."""

    exposure: Array
    outcome: Array
    street: Codes
    area: Codes
    truth: float
    rate: Array = field(repr=False)


def simulate(seed: int, s: Scenario) -> SimulatedPanel:
    """One panel. Same seed and scenario, same panel."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 102])))
    unit = np.arange(s.units)
    areas = max(1, s.units // AREA)
    street, area = unit // STREET, np.minimum(unit // AREA, areas - 1)
    size = rng.gamma(0.8, 1.0, s.units) + 0.05
    size /= size.mean()
    rank = np.argsort(np.argsort(size)) / s.units
    rate = s.mean * size[:, None] * np.exp(_shocks(rng, s, street, area, areas))
    if s.reactive:
        exposure, outcome = _reactive(rng, s, rate, rank)
        return SimulatedPanel(exposure, outcome, street, area, 1.0, rate)
    exposure = _exposure(rng, s, street, rank)
    change, truth = s.ratio**exposure, s.ratio
    if s.growing:
        on = exposure > 0
        since = np.cumsum(on, axis=1)
        change = s.ratio ** np.minimum(since / GROWING_WEEKS, GROWING_MOST)
        truth = float((rate * change)[on].sum() / rate[on].sum()) if on.any() else 1.0
    return SimulatedPanel(exposure, _counts(rng, rate * change), street, area, truth, rate)


def _shocks(rng: np.random.Generator, s: Scenario, street: Codes, area: Codes, areas: int) -> Array:
    week = np.arange(s.weeks)
    shared = 0.18 * np.cos(2 * np.pi * (week - 50) / 52) - 0.15 * week / s.weeks
    shared = shared + 0.4 * np.isin(week, (51, 52, 103)) + 0.15 * autoregression(rng, 1, s.weeks, RHO)[0]
    total = shared + 0.25 * autoregression(rng, areas, s.weeks, RHO)[area]
    if s.street_sd:
        total = total + s.street_sd * autoregression(rng, int(street.max()) + 1, s.weeks, RHO)[street]
    if s.unit_sd:
        total = total + s.unit_sd * autoregression(rng, s.units, s.weeks, UNIT_RHO)
    return total


def autoregression(rng: np.random.Generator, rows: int, weeks: int, rho: float) -> Array:
    """Stationary first-order autoregressions with standard deviation 1 (rows x weeks)."""
    values = rng.standard_normal((rows, weeks))
    for t in range(1, weeks):
        values[:, t] = rho * values[:, t - 1] + np.sqrt(1 - rho**2) * values[:, t]
    return values


def _counts(rng: np.random.Generator, rate: Array) -> Array:
    return rng.poisson(rate * rng.gamma(FRAILTY, 1 / FRAILTY, rate.shape)).astype(float)


def _exposure(rng: np.random.Generator, s: Scenario, street: Codes, rank: Array) -> Array:
    if s.by_street:
        streets = int(street.max()) + 1
        adopts = (rng.random(streets) < 0.6)[street]
        start = rng.uniform(s.weeks / 4, 3 * s.weeks / 4, streets)[street]
    else:
        adopts = rng.random(s.units) < 0.6 * (0.6 + 0.8 * rank)
        start = rng.uniform(s.weeks / 4, 3 * s.weeks / 4, s.units) - 0.15 * s.weeks * rank
    on = adopts[:, None] & (np.arange(s.weeks) >= start[:, None])
    if s.on_off:
        return on.astype(float)
    # Seven weeks in ten have something, more or less of it by week and by unit, larger units more than smaller ones; the mean
    # of the weeks with anything is 1.
    pulses = (rng.random(on.shape) < 0.7) * rng.lognormal(0, 0.3, on.shape)
    intensity = np.sort(rng.lognormal(0, 0.4, s.units))[np.argsort(np.argsort(rank))]
    dose = on * pulses * intensity[:, None]
    return np.asarray(dose / dose[dose > 0].mean() if dose.any() else dose, dtype=float)


def _reactive(rng: np.random.Generator, s: Scenario, rate: Array, rank: Array) -> tuple[Array, Array]:
    """A bad month switches a unit on for eight weeks. Nothing is planted, so all that is seen is regression to the mean."""
    outcome = _counts(rng, rate)
    adopts = rng.random(s.units) < 0.6 * (0.6 + 0.8 * rank)
    exposure = np.zeros_like(rate)
    for t in range(4, s.weeks):
        bad = outcome[:, t - 4 : t].sum(axis=1) >= np.maximum(2, 1.8 * rate[:, t - 4 : t].sum(axis=1))
        exposure[adopts & bad, t : t + 8] = 1.0
    return exposure, outcome
