"""The numbers of a panel that the rules look at."""

import math

import numpy as np

from analytics.evaluation.panel_cells import Cells, effects_of
from analytics.evaluation.panel_regression import Fitted, is_counts, on_off
from analytics.evaluation.panel_spec import PanelSpec
from analytics.evaluation.rules import Measured
from analytics.shown_numbers import p_says, ratio_shown
from analytics.statistics.fitting import null_mean
from analytics.statistics.fixed_effects import Array, DoesNotConverge
from analytics.statistics.imputation import Imputed, difference_to
from analytics.statistics.influence import information_shares, residual_share


def measured(
    work: Cells, whole: Cells, fitted: Fitted | None, lead_p: float | None, mde: float | None, imputed: Imputed | None,
    spec: PanelSpec,
) -> Measured:  # fmt: skip
    """`whole` are the cells as they came, `work` those that carry information."""
    x, exposure = whole.exposures[:, 0], work.exposures[:, 0]
    exposed = x != 0
    weeks_before = [
        _rows_before(whole.time[whole.unit == unit], exposed[whole.unit == unit])
        for unit in np.unique(whole.unit[exposed])
    ]
    units = int(whole.unit.max()) + 1
    high, low = np.full(units, -np.inf), np.full(units, np.inf)
    np.maximum.at(high, whole.unit, x)
    np.minimum.at(low, whole.unit, x)
    share = top = excludes = None
    leave_one = np.array([])
    beta = 0.0
    test = fitted.permutations.get(0) if fitted else None
    if fitted is not None:
        beta = float(fitted.fit.beta[0])
        share = residual_share(exposure, fitted.fit)
        top = float(information_shares(fitted.fit, work.cluster).max())
        leave_one = fitted.without[:, 0] if fitted.without is not None else leave_one
        jackknife = fitted.errors.get("cv3") or fitted.errors.get("jackknife")  # one thing, two names
        if jackknife is not None and math.isfinite(jackknife.se[0]):
            excludes = abs(beta) > jackknife.critical() * float(jackknife.se[0])
    known = leave_one[~np.isnan(leave_one)]
    not_constant, detail, opposite = _constancy(imputed, exposure, fitted, excludes)
    return Measured(
        periods=int(whole.time.max()) + 1, median_before=float(np.median(weeks_before)) if weeks_before else 0.0,
        varying_units=int((high > low).sum()), clusters=int(work.cluster.max()) + 1, distinct=test.distinct if test else None,
        events=float(work.y.sum()), exposed_events=float(work.y[exposure != 0].sum()),
        exposed_expected=_expected_where_exposed(work, spec), residual_share=share, mde=mde, lead_p=lead_p, top_cluster=top,
        sign_flips=bool(len(known) and excludes and (np.sign(known) != np.sign(beta)).any()),
        jackknife_failed=bool(np.isnan(leave_one).any()), cv3_excludes=excludes, permutation_p=test.p if test else None,
        not_constant=not_constant, not_constant_detail=detail, opposite_sides=opposite,
    )  # fmt: skip


def _rows_before(times: Array, exposed: Array) -> int:
    """Periods in which one unit was seen before its first exposed one; weeks in which nobody looked are none."""
    return len(np.unique(times[times < times[exposed].min()]))


def _expected_where_exposed(work: Cells, spec: PanelSpec) -> float:
    if not is_counts(spec):
        return math.inf
    try:
        mu = null_mean(work.y, effects_of(work, spec), offset=work.offset)
    except DoesNotConverge:
        return 0.0
    return float(mu[work.exposures[:, 0] != 0].sum())


def _constancy(
    imputed: Imputed | None, x: Array, fitted: Fitted | None, excludes: bool | None
) -> tuple[bool | None, str, bool]:
    """R14: whether the two sizes differ by more than the jackknife of their difference allows."""
    switched = on_off(x)
    if switched is None:
        return None, "not applicable: the exposure is a dose", False
    if imputed is None or fitted is None or imputed.family in ("gaussian", "log_gaussian"):
        return None, "not applicable: observed over expected could not be worked out beside the two-way fit", False
    beta = float(fitted.fit.beta[0]) * switched[1]
    half = imputed.errors.critical() * float(imputed.errors.se[0])
    without = None if fitted.without is None else fitted.without[:, 0] * switched[1]
    gap = difference_to(imputed, beta, without) if without is not None else None
    opposite = imputed.log_ratio * beta < 0 and (abs(imputed.log_ratio) > half or bool(excludes))
    detail = (
        f"observed over expected gives {ratio_shown(imputed.ratio, 2)}, the two-way fit "
        f"{ratio_shown(math.exp(beta), 2)}"
    )
    if gap is not None:
        detail += f"; {p_says(gap.p, 'p of the difference')}"
    if opposite:
        detail += "; they lie on opposite sides of 1"
    return bool(opposite or (gap is not None and gap.p < 0.05)), detail, opposite
