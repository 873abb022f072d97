"""The regression of a panel and every test of it that a specification asks for. No web framework."""

import math
from dataclasses import dataclass, field

import numpy as np

from analytics.evaluation.panel_cells import Cells, effects_of, fit_cells, model_of
from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.covariance import (
    Errors,
    crv1_errors,
    cv3_one_step,
    model_errors,
    newey_west_errors,
    quasi_errors,
)  # fmt: skip
from analytics.statistics.efficient_score import NullModel, cluster_sums, null_model
from analytics.statistics.fitting import POISSON_LIKE, Fit, NotIdentified
from analytics.statistics.fixed_effects import Array, DoesNotConverge
from analytics.statistics.imputation import Imputed, impute
from analytics.statistics.jackknife import cv3
from analytics.statistics.leads_lags import LEAD_WEEKS, LeadTest, lead_test
from analytics.statistics.permutation import PermutationTest, block_permutation, grids_of
from analytics.statistics.power import error_without_effect, smallest_visible_ratio, widened
from analytics.statistics.wild import WildTest, score_wild

POWER_PANELS = 40


@dataclass(frozen=True)
class Fitted:
    """A fit, its errors by method, and the tests of each exposure (by position). `without` (G x k) from the jackknife."""

    fit: Fit
    errors: dict[str, Errors]
    without: Array | None
    permutations: dict[int, PermutationTest] = field(default_factory=dict)
    wild: dict[int, WildTest] = field(default_factory=dict)


def regression(work: Cells, spec: PanelSpec) -> Fitted:
    """Raises NotIdentified or DoesNotConverge where there is no estimate; a test that has no answer is left out."""
    fitted = fit_cells(work, spec)
    errors, without = _errors(fitted, work, spec)
    found = Fitted(fitted, errors, without)
    asked = {"permutation", "wild"} & set(spec.inference)
    if asked and work.unit.max() > 0 and work.cluster.max() > 0:
        for j in range(work.exposures.shape[1]):
            _tests_of_no_effect(found, j, work, spec)
    return found


def _errors(fitted: Fit, work: Cells, spec: PanelSpec) -> tuple[dict[str, Errors], Array | None]:
    """None of any kind where every cell is fitted exactly: nothing is left over that could say how sure the estimate is."""
    errors: dict[str, Errors] = {}
    without = None
    groups = int(work.cluster.max()) + 1
    if fitted.freedom < 1:
        return errors, without
    for method in spec.inference:
        if method == "model":
            errors[method] = model_errors(fitted)
        elif method == "quasi":
            errors[method] = quasi_errors(fitted)
        elif method == "newey_west":
            order = np.lexsort((work.time, work.unit)).argsort()
            errors[method] = newey_west_errors(fitted, order, spec.newey_west_lag, series=work.unit)
        elif method == "crv1" and groups > 1:
            errors[method] = crv1_errors(fitted, work.cluster)
    jackknives = [method for method in ("cv3", "jackknife") if method in spec.inference]  # one thing, two names
    if jackknives and groups > 2:
        try:
            found, without = cv3(model_of(work, spec), fitted, work.cluster)
        except NotIdentified:
            return errors, None
        errors = dict.fromkeys(jackknives, found) | errors
    return errors, without


def others_than(work: Cells, j: int) -> Array:
    """The columns that stay in the model when exposure j is taken out (cells x m)."""
    return np.column_stack([np.delete(work.exposures, j, axis=1), work.extra])


def null_of(work: Cells, spec: PanelSpec, j: int) -> NullModel:
    """The model without exposure j."""
    return null_model(
        work.y, others_than(work, j), effects_of(work, spec), family=spec.family, offset=work.offset, prior=work.prior
    )  # fmt: skip


def _tests_of_no_effect(found: Fitted, j: int, work: Cells, spec: PanelSpec) -> None:
    try:
        null = null_of(work, spec, j)
    except (NotIdentified, DoesNotConverge):
        return
    x = work.exposures[:, j]
    if "wild" in spec.inference:
        test = score_wild(cluster_sums(null.score_of(x), work.cluster), draws=spec.permutations, seed=spec.seed)
        if test is not None:
            found.wild[j] = test
    if "permutation" in spec.inference:
        two_way = spec.effects == ("unit", "time")
        plain = two_way and spec.family in ("poisson", "quasipoisson")
        plain &= work.offset is None and work.prior is None and not others_than(work, j).size
        grids = grids_of(
            x, work.y, null.fit.residual, null.fit.weights, work.unit, work.time, work.area, work.cluster,
            always_weighted=not plain, projected=two_way,
        )  # fmt: skip
        drawn = block_permutation(
            grids, draws=spec.permutations, seed=spec.seed, baseline_halves=spec.baseline_halves
        ) if grids else None  # fmt: skip
        if drawn is not None:
            found.permutations[j] = drawn


def unavailable(spec: PanelSpec, shown: set[str], clusters: int, *, exact: bool = False) -> dict[str, str]:
    """Methods that were asked for and could not be worked out, each with its reason. ``exact``: no cell is left over."""
    few = f"needs at least three clusters; there are {clusters}" if clusters < 3 else "has no answer on this panel"
    if exact:
        few = "needs more rows than the model has coefficients and effects; here it fits every row exactly"
    return {method: few for method in spec.inference if method not in shown}


def lead_of(work: Cells, spec: PanelSpec) -> LeadTest | None:
    """Does next month's reach "predict" this week's assaults? None where the panel cannot say."""
    if int(work.time.max()) < 3 * LEAD_WEEKS:
        return None
    try:
        found = lead_test(
            work.y, np.column_stack([work.exposures, work.extra]), work.unit, work.period, work.time, work.cluster,
            family=spec.family, offset=work.offset, prior=work.prior,
        )  # fmt: skip
    except (NotIdentified, DoesNotConverge):
        return None
    return found if math.isfinite(found.p) else None


def mde_of(work: Cells, spec: PanelSpec, fitted: Fitted) -> float | None:
    """Smallest visible rate ratio: one-step errors of panels without effect, widened as the exact jackknife is here."""
    groups = int(work.cluster.max()) + 1
    if groups < 3:
        return None
    scale = 1.0 if work.prior is None else float(work.prior.mean())  # weights are no events
    try:
        se = error_without_effect(
            work.y, work.exposures[:, 0], others_than(work, 0), effects_of(work, spec), work.cluster,
            dispersion=fitted.fit.dispersion / scale, panels=POWER_PANELS, seed=spec.seed, offset=work.offset, prior=work.prior,
        )  # fmt: skip
    except (NotIdentified, DoesNotConverge):
        return None
    if not math.isfinite(se):
        return None
    exact = float(fitted.errors["cv3"].se[0]) if "cv3" in fitted.errors else None
    one_step = float(cv3_one_step(fitted.fit, work.cluster)[0].se[0])
    return smallest_visible_ratio(widened(se, exact, one_step), groups - 1)


def on_off(x: Array) -> tuple[np.ndarray, float] | None:
    """(exposed per cell, the step's height) for an exposure of two values; None for a dose."""
    values = np.unique(x)
    if len(values) != 2:
        return None
    return x > values[0], float(values[1] - values[0])


def imputed_of(work: Cells, spec: PanelSpec) -> Imputed | None:
    """Observed over expected. None for a dose (it would answer another question), with controls, or without comparisons."""
    switched = on_off(work.exposures[:, 0])
    if switched is None or work.exposures.shape[1] > 1 or work.extra.size or spec.effects != ("unit", "time"):
        return None
    return impute(
        work.y, switched[0], work.unit, work.period, work.cluster, offset=work.offset, prior=work.prior, family=spec.family
    )  # fmt: skip


def is_counts(spec: PanelSpec) -> bool:
    return spec.family in POISSON_LIKE
