"""What stands beside the headline of a two-way fit: other errors, other families, each cluster's part, counts."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_cells import Cells, Panel, PanelError, drop_empty, prepare
from analytics.evaluation.panel_diagnostics import diagnostics_of
from analytics.evaluation.panel_regression import regression
from analytics.evaluation.panel_separation import drop_separated
from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.fitting import Fit, NotIdentified
from analytics.statistics.fixed_effects import DoesNotConverge
from analytics.statistics.spatial import BANDWIDTH_M, conley_error

Places = dict[str, tuple[float, float]]


def details_of(panel: Panel, spec: PanelSpec, *, places: Places | None = None) -> dict[str, Any]:
    """Keys of ``diagnostics`` that follow from the fit. ``places``: easting and northing in metres by unit.

    An empty dictionary where nothing can be fitted: why is said by the analysis itself.
    """
    try:
        work, _ = drop_separated(drop_empty(prepare(panel, spec), spec)[0], spec)
        found = regression(work, replace(spec, inference=("cv3", "permutation", "wild")))
    except (PanelError, NotIdentified, DoesNotConverge):
        return {}
    if "cv3" not in found.errors:
        return {}
    se, half = float(found.errors["cv3"].se[0]), found.errors["cv3"].critical() * float(found.errors["cv3"].se[0])
    return diagnostics_of(work, spec, found, None, work.cluster_labels) | {
        "two_way": _ratio(float(found.fit.beta[0]), half) | {"se_method": found.errors["cv3"].method},
        "conley": _conley(work, found.fit, se, places),
        "in_counts": counts_of_dose(work, found.fit, half),
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
