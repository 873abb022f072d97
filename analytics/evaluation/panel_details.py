"""What stands beside the headline of a two-way fit: other errors, other families, each cluster's part, counts."""

import math
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
from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.covariance import cv3_one_step
from analytics.statistics.fitting import Fit, NotIdentified, fit, null_mean
from analytics.statistics.fixed_effects import Array, DoesNotConverge, demean
from analytics.statistics.jackknife import cv3
from analytics.statistics.spatial import BANDWIDTH_M, conley_error
from analytics.statistics.wild import score_wild

ACF_LAGS = 8
Places = dict[str, tuple[float, float]]


def details_of(panel: Panel, spec: PanelSpec, *, places: Places | None = None) -> dict[str, Any]:
    """Keys of ``diagnostics`` that follow from the fit. ``places``: easting and northing in metres by unit.

    An empty dictionary where nothing can be fitted: why is said by the analysis itself.
    """
    try:
        work, _ = drop_empty(prepare(panel, spec), spec)
        fitted = fit_cells(work, spec)
        if int(work.cluster.max()) < 2:
            return {}
        errors, without = cv3(model_of(work, spec), fitted, work.cluster)
    except (PanelError, NotIdentified, DoesNotConverge):
        return {}
    se = float(errors.se[0])
    names = panel.cluster if panel.cluster is not None else panel.unit
    return {
        "two_way": _ratio(float(fitted.beta[0]), errors.critical() * se) | {"se_method": "cv3"},
        "conley": _conley(work, fitted, se, places),
        "negative_binomial": _negative_binomial(work, spec),
        "wild": _wild(work, spec),
        "leave_one_out": _leave_one_out(work, fitted, without, _labels(names, panel, work)),
        "residual_acf": _residual_acf(work, fitted),
        "in_counts": counts_of_dose(work, fitted, errors.critical() * se),
    }


def _ratio(beta: float, half: float) -> dict[str, Any]:
    return {"irr": math.exp(beta), "ci_low": math.exp(beta - half), "ci_high": math.exp(beta + half)}


def _conley(work: Cells, fitted: Fit, cv3: float, places: Places | None) -> dict[str, Any] | None:
    if not places:
        return None
    first = np.unique(work.unit, return_index=True)[1]
    unknown = (math.nan, math.nan)
    found = np.array([places.get(str(name), unknown) for name in work.labels[first]], dtype=float)
    se = conley_error(fitted, work.unit, found)
    return {"bandwidth_m": BANDWIDTH_M, "se": se, "ratio_to_cv3": se / cv3 if se is not None and cv3 > 0 else None}


def _negative_binomial(work: Cells, spec: PanelSpec) -> dict[str, Any] | None:
    """NB2 with the one-step jackknife: another weighting of the same means."""
    x = np.column_stack([work.exposures, work.extra])
    try:
        other = fit(work.y, x, effects_of(work, spec), family="negative_binomial", offset=work.offset)
    except (NotIdentified, DoesNotConverge):
        return None
    errors, _ = cv3_one_step(other, work.cluster)
    return _ratio(float(other.beta[0]), errors.critical() * float(errors.se[0])) | {"kappa": other.kappa}


def _wild(work: Cells, spec: PanelSpec) -> dict[str, Any] | None:
    effects = effects_of(work, spec)
    try:
        mu = null_mean(work.y, effects, offset=work.offset)
        x = demean(work.exposures[:, :1], np.maximum(mu, 1e-12), effects)[:, 0]
    except DoesNotConverge:
        return None
    scores = np.bincount(work.cluster, weights=x * (work.y - mu))
    test = score_wild(scores.astype(float), draws=spec.permutations, seed=spec.seed)
    return None if test is None else {"p": test.p, "draws": test.draws, "weights": test.weights}


def _leave_one_out(work: Cells, fitted: Fit, without: Array, labels: list[str]) -> list[dict[str, Any]]:
    information = np.bincount(work.cluster, weights=fitted.weights * fitted.x[:, 0] ** 2)
    shares = information / information.sum()
    return [
        {
            "cluster": label,
            "irr": None if math.isnan(beta) else math.exp(beta),
            "information_share": float(share),
        }
        for label, beta, share in zip(labels, without[:, 0], shares, strict=True)
    ]


def _labels(names: Any, panel: Panel, work: Cells) -> list[str]:
    """The name of each cluster code: codes follow the sorted names of the clusters that are left."""
    cluster_of = dict(zip(np.asarray(panel.unit).tolist(), np.asarray(names).tolist(), strict=True))
    found: dict[int, str] = {}
    for unit, code in zip(work.labels.tolist(), work.cluster.tolist(), strict=True):
        found.setdefault(code, str(cluster_of[unit]))
    return [found[code] for code in range(len(found))]


def _residual_acf(work: Cells, fitted: Fit) -> list[float]:
    """Autocorrelation of Pearson residuals within units, lags 1 to 8 weeks, all units together."""
    table = np.full((int(work.unit.max()) + 1, int(work.time.max()) + 1), np.nan)
    table[work.unit, work.time] = (work.y - fitted.mu) / np.sqrt(np.maximum(fitted.mu, 1e-12))
    known = ~np.isnan(table)
    table = np.where(known, table, 0.0)
    found = []
    for lag in range(1, min(ACF_LAGS, table.shape[1] - 1) + 1):
        both = known[:, lag:] & known[:, :-lag]
        one, two = table[:, lag:] * both, table[:, :-lag] * both
        below = math.sqrt(float((one**2).sum() * (two**2).sum()))
        found.append(float((one * two).sum()) / below if below > 0 else 0.0)
    return found


def counts_of_dose(work: Cells, fitted: Fit, half: float) -> dict[str, Any] | None:
    """Assaults avoided for each 100 unit-weeks live, from a coefficient and the half-width of its interval.

    100 x the mean of mu / exp(beta x) over exposed cells x (1 - exp beta). Added, not avoided, when below 0.
    """
    x, beta = work.exposures[:, 0], float(fitted.beta[0])
    exposed = x > 0
    if not exposed.any():
        return None
    base = 100 * float((fitted.mu[exposed] / np.exp(beta * x[exposed])).mean())
    ends = sorted(base * (1 - math.exp(beta + side * half)) for side in (-1, 1))
    return in_counts(base * (1 - math.exp(beta)), ends[0], ends[1], live_unit_weeks=float(x[exposed].sum()))


def counts_of_imputation(shown: dict[str, Any], live_unit_weeks: float) -> dict[str, Any] | None:
    """The same from observed against expected: 100 x (expected - observed) / exposed cells."""
    if not shown["exposed_cells"]:
        return None
    base = 100 * shown["expected"] / shown["exposed_cells"]
    ends = sorted(base * (1 - shown[end]) for end in ("ci_low", "ci_high"))
    return in_counts(base * (1 - shown["irr"]), ends[0], ends[1], live_unit_weeks=live_unit_weeks)


def in_counts(value: float, low: float, high: float, *, live_unit_weeks: float) -> dict[str, Any]:
    return {
        "per_100_live_unit_weeks": value,
        "ci_low": low,
        "ci_high": high,
        "word": "avoided" if value >= 0 else "added",
        "live_unit_weeks": live_unit_weeks,
    }
