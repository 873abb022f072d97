"""What stands beside an estimate: lags, event study, negative binomial, wild bootstrap, leave-one-out, and more.

Keys are those of a result's `diagnostics`; each is there only where it can be worked out.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_cells import Cells, fit_cells, model_of
from analytics.evaluation.panel_designs import event_study_json, event_study_of
from analytics.evaluation.panel_regression import Fitted, is_counts, null_of, on_off
from analytics.evaluation.panel_results import interval_of
from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.correlation import spearman_interval
from analytics.statistics.covariance import Errors
from analytics.statistics.effect_counts import of_dose, of_imputation
from analytics.statistics.efficient_score import cluster_sums
from analytics.statistics.fitting import NotIdentified
from analytics.statistics.fixed_effects import DoesNotConverge
from analytics.statistics.imputation import Imputed
from analytics.statistics.influence import left_out
from analytics.statistics.interrupted import pearson_residuals, residual_autocorrelation
from analytics.statistics.jackknife import cv3
from analytics.statistics.leads_lags import lag_profile
from analytics.statistics.multiplicity import holm
from analytics.statistics.wild import score_wild

FEW_CLUSTERS = 40


def diagnostics_of(
    work: Cells, spec: PanelSpec, fitted: Fitted | None, imputed: Imputed | None, cluster_names: np.ndarray
) -> dict[str, Any]:
    """JSON-ready, keys as in the module's text."""
    found: dict[str, Any] = {
        "raw_spearman_ci": spearman_interval(work.exposures[:, 0], work.y, work.cluster, seed=spec.seed)
    }
    if fitted is None:
        return found
    found["residual_acf"] = _autocorrelation(work, fitted)
    if len(work.names) > 1:
        found["secondary_exposures"] = _secondary(fitted, work)
    if spec.effects != ("unit", "time"):
        return found
    found["wild"] = _wild(work, spec, fitted)
    found["leave_one_out"] = _leave_one_out(work, fitted, cluster_names)
    if is_counts(spec):
        found["in_counts"] = _in_counts(work, fitted, imputed)
        found["negative_binomial"] = _negative_binomial(work, spec)
    if on_off(work.exposures[:, 0]) is None:
        found["lags"], found["lags_cumulative"] = _lags(work, spec)
    else:
        found["event_study"] = event_study_json(event_study_of(work, spec), spec)
    return {key: value for key, value in found.items() if value is not None}


def _ratio(value: float, errors: Errors, position: int = 0) -> dict[str, float]:
    low, high = interval_of(value, errors, position)
    return {"irr": math.exp(value), "ci_low": math.exp(low), "ci_high": math.exp(high)}


def _autocorrelation(work: Cells, fitted: Fitted) -> list[float] | None:
    """Lags 1 to 8 of the Pearson residuals: of one series, or the mean over units weighed by their periods."""
    left = pearson_residuals(work.y, fitted.fit)
    rows, sizes = [], []
    for unit in range(int(work.unit.max()) + 1):
        inside = work.unit == unit
        if inside.sum() > 8:
            rows.append(residual_autocorrelation(left[inside][np.argsort(work.time[inside])]))
            sizes.append(int(inside.sum()))
    known = np.array(rows).reshape(-1, 8)
    usable = ~np.isnan(known).any(axis=1)
    if not usable.any():
        return None
    return [float(each) for each in np.average(known[usable], axis=0, weights=np.array(sizes)[usable])]


def _secondary(fitted: Fitted, work: Cells) -> list[dict[str, Any]]:
    """Exposures after the first, p adjusted by Holm."""
    name = "cv3" if "cv3" in fitted.errors else next(iter(fitted.errors), None)
    if name is None:
        return []
    errors = fitted.errors[name]
    p = errors.p(fitted.fit.beta)
    positions = range(1, len(work.names))
    adjusted = holm([float(p[j]) for j in positions])
    gaussian = fitted.fit.family == "gaussian"
    rows = []
    for j, p_holm in zip(positions, adjusted, strict=True):
        row: dict[str, Any] = {"exposure": work.names[j], "p": float(p[j]), "p_holm": p_holm}
        if not gaussian:
            row |= _ratio(float(fitted.fit.beta[j]), errors, j)
        rows.append(row)
    return rows


def _wild(work: Cells, spec: PanelSpec, fitted: Fitted) -> dict[str, Any] | None:
    test = fitted.wild.get(0)
    if test is None:
        try:
            score = null_of(work, spec, 0).score_of(work.exposures[:, 0])
        except (NotIdentified, DoesNotConverge):
            return None
        test = score_wild(cluster_sums(score, work.cluster), draws=spec.permutations, seed=spec.seed)
    if test is None:
        return None
    answer: dict[str, Any] = {"p": test.p, "draws": test.draws, "weights": test.weights}
    other = fitted.permutations.get(0)
    groups = int(work.cluster.max()) + 1
    if other is not None and groups < FEW_CLUSTERS and (other.p <= 0.05) != (test.p <= 0.05):
        answer["note"] = f"disagrees with the permutation test at 5 %; {groups} clusters are few for it"
    return answer


def _leave_one_out(work: Cells, fitted: Fitted, names: np.ndarray) -> list[dict[str, Any]] | None:
    if fitted.without is None:
        return None
    exponential = fitted.fit.family != "gaussian"
    return [
        {
            "cluster": str(names[each.cluster]), "coef": each.coef,
            "irr": math.exp(each.coef) if exponential and math.isfinite(each.coef) else None,
            "information_share": each.information_share,
        }
        for each in left_out(fitted.fit, fitted.without, work.cluster)
    ]  # fmt: skip


def _in_counts(work: Cells, fitted: Fitted, imputed: Imputed | None) -> dict[str, Any] | None:
    if imputed is not None:
        low, high = interval_of(imputed.log_ratio, imputed.errors)
        found = of_imputation(imputed.observed, imputed.expected, imputed.cells, low, high)
    elif "cv3" in fitted.errors:
        beta = float(fitted.fit.beta[0])
        low, high = interval_of(beta, fitted.errors["cv3"])
        found = of_dose(fitted.fit.mu, work.exposures[:, 0], beta, low, high)
    else:
        return None
    if found is None:
        return None
    return {
        "per_100_live_unit_weeks": found.per_100, "ci_low": found.low, "ci_high": found.high, "word": found.word,
    }  # fmt: skip


def _negative_binomial(work: Cells, spec: PanelSpec) -> dict[str, Any] | None:
    """The same model with NB2 variance and CV3: a sensitivity, never the headline."""
    other = replace(spec, family="negative_binomial")
    try:
        fitted = fit_cells(work, other)
        errors, _ = cv3(model_of(work, other), fitted, work.cluster)
    except (NotIdentified, DoesNotConverge, IndexError):
        return None
    return _ratio(float(fitted.beta[0]), errors) | {"kappa": fitted.kappa, "is_poisson": fitted.kappa == 0}


def _lags(work: Cells, spec: PanelSpec) -> tuple[list[dict[str, Any]] | None, dict[str, Any] | None]:
    try:
        found = lag_profile(
            work.y, np.column_stack([work.exposures, work.extra]), work.unit, work.period, work.time, work.cluster,
            family=spec.family, offset=work.offset, prior=work.prior, seed=spec.seed,
        )  # fmt: skip
    except (NotIdentified, DoesNotConverge):
        return None, None
    rows = []
    exponential = spec.family != "gaussian"
    for lag, coef in enumerate(found.coefs):
        low, high = interval_of(float(coef), found.errors, lag)
        ends = [float(coef), low, high, float(found.band.low[lag]), float(found.band.high[lag])]
        shown = [math.exp(end) if exponential and math.isfinite(end) else end for end in ends]
        row = {"lag": lag} | dict(zip(("irr", "ci_low", "ci_high", "band_low", "band_high"), shown, strict=True))
        rows.append(row if exponential else row | {"irr": None, "coef": float(coef)})  # a difference is no ratio
    total = Errors("cv3", np.array([found.cumulative_se]), found.errors.freedom)
    return rows, _ratio(found.cumulative, total) if exponential else {"coef": found.cumulative}
