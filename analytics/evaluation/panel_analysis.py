"""One engine for our own panels and anybody's: fit, errors, permutation, correlations, rules, verdict.

Same input and seed give byte-equal results: cells are sorted by unit and time, draws come from PCG64, numbers are
rounded to ten significant digits.
"""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.evaluation.panel_cells import (
    Cells,
    Panel,
    PanelError,
    drop_empty,
    effects_of,
    fit_cells,
    model_of,
    prepare,
)
from analytics.evaluation.panel_results import (
    estimate_rows,
    headline,
    headline_method,
    imputation_json,
    permutation_json,
    rounded,
)
from analytics.evaluation.panel_spec import PanelSpec
from analytics.evaluation.rules import EvaluationContext, Measured, Thresholds, apply_rules
from analytics.evaluation.verdict import Size, decide, power_of
from analytics.statistics.correlation import raw_spearman, within_correlation
from analytics.statistics.covariance import (
    Errors,
    crv1_errors,
    cv3_one_step,
    model_errors,
    newey_west_errors,
    quasi_errors,
)  # fmt: skip
from analytics.statistics.fitting import POISSON_LIKE, Fit, NotIdentified, null_mean
from analytics.statistics.fixed_effects import Array, DoesNotConverge, demean
from analytics.statistics.imputation import Imputed, difference_to, impute
from analytics.statistics.jackknife import cv3
from analytics.statistics.permutation import Grid, PermutationTest, block_permutation
from analytics.statistics.power import simulated_error, smallest_visible_ratio

LEAD_WEEKS = 4
POWER_PANELS = 40


def analyse(panel: Panel, spec: PanelSpec, *, context: EvaluationContext | None = None) -> dict[str, Any]:
    """The whole analysis as one JSON-ready dictionary (keys of the contract). Raises PanelError."""
    context = context or EvaluationContext()
    thresholds = Thresholds.from_table(spec.thresholds)
    work = prepare(panel, spec)
    counts = spec.family in POISSON_LIKE
    whole, dropped = work, Counter[str]()
    if counts and spec.effects:
        work, dropped = drop_empty(work, spec)
    result: dict[str, Any] = {
        "n_obs": len(work.y),
        "n_units": int(work.unit.max()) + 1 if len(work.y) else 0,
        "n_periods": int(work.time.max()) + 1 if len(work.y) else 0,
        "n_events": float(whole.y.sum()),
        "dropped": dict(sorted(dropped.items())),
    }
    try:
        fitted = fit_cells(work, spec)
        problem = ""
    except (NotIdentified, DoesNotConverge) as error:
        fitted, problem = None, str(error)
    errors, without = _errors(fitted, work, spec) if fitted else ({}, None)
    two_way = spec.effects == ("unit", "time")
    test = _permutation(work, spec) if fitted and two_way and counts else None
    lead = _lead(work, spec) if fitted and two_way else None
    lead_p = lead["p"] if lead else None
    mde = _mde(work, spec, fitted, errors) if fitted and counts and two_way else None
    imputed = _imputed(work, spec) if fitted and two_way and counts else None
    effects = effects_of(work, spec)
    result |= {
        "dispersion": fitted.dispersion if fitted else None,
        "estimates": estimate_rows(fitted, errors, test, work.names),
        "within_r": within_correlation(work.exposures[:, 0], work.y, effects) if len(work.y) else None,
        "within_p": test.p_correlation if test else None,
        "raw_spearman": raw_spearman(whole.exposures[:, 0], whole.y),
        "mde_irr": mde,
        "imputation": imputation_json(imputed),
        "lead_p": lead_p,
        "lead": lead,
        "clusters": int(work.cluster.max()) + 1 if len(work.y) else 0,
        "se_method": headline_method(errors),
        "problem": problem,
        "weights": {},
    }
    measured = _measure(work, whole, fitted, errors, without, test, lead_p, mde, imputed, spec)
    rules = apply_rules(measured, context, thresholds)
    ratio, low, high = headline(result["estimates"], counts)
    power = power_of(
        mde, units=result["n_units"], clusters=result["clusters"], weeks=result["n_periods"], thresholds=thresholds, context=context
    )  # fmt: skip
    shown = result["imputation"]
    verdict = decide(
        ratio=ratio, low=low, high=high, permutation_p=test.p if test else None, rules=rules, thresholds=thresholds,
        context=context, two_way=two_way, mde=mde, power=power,
        printed=Size(shown["irr"], *shown["ci"]) if shown else None,
    )  # fmt: skip
    result |= {
        "power": power.as_json() if power else None,
        "rules": [rule.as_json() for rule in rules],
        "verdict": verdict.word,
        "verdict_sentence": verdict.sentence,
        "evidence_grade": verdict.grade,
        "permutation": permutation_json(test),
    }
    return rounded(result)


@dataclass(frozen=True)
class Ratio:
    """The first exposure's rate ratio with its 95 % jackknife interval and p."""

    ratio: float
    low: float
    high: float
    p: float
    events: float


def ratio_of(panel: Panel, spec: PanelSpec, *, exact: bool = True) -> Ratio:
    """The fit and its interval alone, for sensitivities. ``exact`` refits without each cluster.

    Raises PanelError, NotIdentified or DoesNotConverge.
    """
    work = prepare(panel, spec)
    events = float(work.y.sum())
    if spec.family in POISSON_LIKE and spec.effects:
        work, _ = drop_empty(work, spec)
    fitted = fit_cells(work, spec)
    groups = int(work.cluster.max()) + 1
    if groups < 3:
        raise PanelError("Fewer than three clusters are left: no interval can be worked out.")
    errors, _ = cv3(model_of(work, spec), fitted, work.cluster) if exact else cv3_one_step(fitted, work.cluster)
    beta, half = float(fitted.beta[0]), errors.critical() * float(errors.se[0])
    return Ratio(
        math.exp(beta), math.exp(beta - half), math.exp(beta + half), float(errors.p(fitted.beta)[0]), events
    )


def _errors(fitted: Fit, work: Cells, spec: PanelSpec) -> tuple[dict[str, Errors], Array | None]:
    errors: dict[str, Errors] = {}
    without = None
    groups = int(work.cluster.max()) + 1
    for method in spec.inference:
        if method == "model":
            errors[method] = model_errors(fitted)
        elif method == "quasi":
            errors[method] = quasi_errors(fitted)
        elif method == "newey_west":
            errors[method] = newey_west_errors(fitted, work.time)
        elif method == "crv1" and groups > 1:
            errors[method] = crv1_errors(fitted, work.cluster)
        elif method == "cv3" and groups > 2:
            errors[method], without = cv3(model_of(work, spec), fitted, work.cluster)
    return errors, without


def _permutation(work: Cells, spec: PanelSpec) -> PermutationTest | None:
    """On full grids only: an area with missing cells is left out, and without any full area there is no test."""
    if "permutation" not in spec.inference or work.offset is not None or work.prior is not None:
        return None
    grids = []
    for area in np.unique(work.area):
        inside = work.area == area
        units, periods = np.unique(work.unit[inside]), np.unique(work.period[inside])
        if len(units) < 2 or inside.sum() != len(units) * len(periods):
            continue
        shape = (len(units), len(periods))
        grids.append(
            Grid(
                work.exposures[inside, 0].reshape(shape),
                work.y[inside].reshape(shape),
                work.cluster[inside].reshape(shape)[:, 0],
            )
        )
    if not grids:
        return None
    return block_permutation(grids, draws=spec.permutations, seed=spec.seed, baseline_halves=spec.baseline_halves)


def _lead(work: Cells, spec: PanelSpec) -> dict[str, float] | None:
    """Does next month's reach "predict" this week's assaults? Then reach followed trouble."""
    last = int(work.time.max())
    if last < 3 * LEAD_WEEKS:
        return None
    table = np.full((int(work.unit.max()) + 1, last + 1), np.nan)
    table[work.unit, work.time] = work.exposures[:, 0]
    lead = np.full_like(table, np.nan)
    for week in range(last + 1 - LEAD_WEEKS):
        ahead = table[:, week + 1 : week + 1 + LEAD_WEEKS]
        known = ~np.isnan(ahead)
        sums = np.where(known, ahead, 0).sum(axis=1)
        lead[:, week] = np.divide(sums, known.sum(axis=1), out=np.full(len(sums), np.nan), where=known.any(axis=1))
    column = lead[work.unit, work.time]
    keep = ~np.isnan(column)
    try:
        part = work.take(keep)
        part.extra = np.column_stack([column[keep], part.extra])
        if spec.family in POISSON_LIKE:
            part, _ = drop_empty(part, spec)
        fitted = fit_cells(part, spec)
        errors, _ = cv3(model_of(part, spec), fitted, part.cluster)
        j = len(part.names)
        p = float(errors.p(fitted.beta)[j])
        return {"coef": float(fitted.beta[j]), "se": float(errors.se[j]), "p": p} if math.isfinite(p) else None
    except (NotIdentified, DoesNotConverge, PanelError, IndexError):
        return None


def _mde(work: Cells, spec: PanelSpec, fitted: Fit, errors: dict[str, Errors]) -> float | None:
    """One-step errors of panels without effect, scaled by how much the exact jackknife is wider here."""
    if int(work.cluster.max()) < 2:
        return None
    effects = effects_of(work, spec)
    mu = null_mean(work.y, effects, offset=work.offset)
    weights = mu if work.prior is None else mu * work.prior
    x = demean(work.exposures[:, :1], weights, effects)
    bread = 1 / float((weights * x[:, 0] ** 2).sum())

    def error_of(y: Array) -> float:
        residual = demean(((y - mu) / mu)[:, None], weights, effects)[:, 0] * weights
        one = Fit(np.zeros(1), x, weights, residual, mu, np.array([[bread]]), 1.0, 1, "poisson")
        return float(cv3_one_step(one, work.cluster)[0].se[0])

    se = simulated_error(mu, fitted.dispersion, error_of, panels=POWER_PANELS, seed=spec.seed)
    if "cv3" in errors:
        one_step = float(cv3_one_step(fitted, work.cluster)[0].se[0])
        se *= max(1.0, float(errors["cv3"].se[0]) / one_step) if one_step > 0 else 1.0
    return smallest_visible_ratio(se, int(work.cluster.max()))


def _imputed(work: Cells, spec: PanelSpec) -> Imputed | None:
    values = np.unique(work.exposures[:, 0])
    if len(values) != 2 or values[0] != 0 or work.offset is not None:
        return None  # a dose: observed over expected would answer another question
    return impute(work.y, work.exposures[:, 0] > 0, work.unit, work.period, work.cluster)


def _measure(
    work: Cells, whole: Cells, fitted: Fit | None, errors: dict[str, Errors], without: Array | None, test: PermutationTest | None,
    lead: float | None, mde: float | None, imputed: Imputed | None, spec: PanelSpec,
) -> Measured:  # fmt: skip
    x = whole.exposures[:, 0]
    exposed = x != 0
    first_weeks = [
        int(whole.time[(whole.unit == unit) & exposed].min()) for unit in np.unique(whole.unit[exposed])
    ]
    spread = np.array([np.ptp(x[whole.unit == unit]) for unit in range(int(whole.unit.max()) + 1)])
    effects = effects_of(work, spec)
    counts = spec.family in POISSON_LIKE
    expected = (
        float(null_mean(work.y, effects, offset=work.offset)[work.exposures[:, 0] != 0].sum())
        if counts
        else math.inf
    )
    share = top = None
    if fitted is not None:
        column = work.exposures[:, 0]
        centred = column - np.average(column, weights=fitted.weights)
        total = float((fitted.weights * centred**2).sum())
        share = float((fitted.weights * fitted.x[:, 0] ** 2).sum()) / total if total > 0 else None
        information = np.bincount(work.cluster, weights=fitted.weights * fitted.x[:, 0] ** 2)
        top = float(information.max() / information.sum())
    leave_one = without[:, 0] if without is not None else np.array([])
    known = leave_one[~np.isnan(leave_one)]
    beta = float(fitted.beta[0]) if fitted is not None else 0.0
    excludes = None
    if fitted is not None and "cv3" in errors:
        excludes = abs(beta) > errors["cv3"].critical() * float(errors["cv3"].se[0])
    not_constant, detail, opposite = _constancy(imputed, beta, excludes, without)
    return Measured(
        periods=int(whole.time.max()) + 1, median_before=float(np.median(first_weeks)) if first_weeks else 0.0,
        varying_units=int((spread > 0).sum()), clusters=int(work.cluster.max()) + 1, distinct=test.distinct if test else None,
        events=float(work.y.sum()), exposed_events=float(work.y[work.exposures[:, 0] != 0].sum()), exposed_expected=expected,
        residual_share=share, mde=mde, lead_p=lead, top_cluster=top,
        sign_flips=bool(len(known) and excludes and (np.sign(known) != np.sign(beta)).any()),
        jackknife_failed=bool(np.isnan(leave_one).any()), cv3_excludes=excludes, permutation_p=test.p if test else None,
        not_constant=not_constant, not_constant_detail=detail, opposite_sides=opposite,
    )  # fmt: skip


def _constancy(
    imputed: Imputed | None, beta: float, excludes: bool | None, without: Array | None
) -> tuple[bool | None, str, bool]:
    """R14: whether the two sizes differ by more than the jackknife of their difference allows."""
    if imputed is None:
        return None, "not applicable: the exposure is a dose", False
    half = imputed.errors.critical() * float(imputed.errors.se[0])
    gap = difference_to(imputed, beta, without[:, 0]) if without is not None else None
    opposite = imputed.log_ratio * beta < 0 and (abs(imputed.log_ratio) > half or bool(excludes))
    detail = f"observed over expected gives {imputed.ratio:.2f}, the two-way fit {math.exp(beta):.2f}"
    if gap is not None:
        detail += f"; p of the difference {gap.p:.4f}"
    if opposite:
        detail += "; they lie on opposite sides of 1"
    return bool(opposite or (gap is not None and gap.p < 0.05)), detail, opposite
