"""How an on/off exposure unfolds: weeks before it began, and weeks since, with a joint band.

After: observed over expected (Borusyak, Jaravel and Spiess 2024, Review of Economic Studies 91:3253). Before: a fit to
unexposed cells with dummies for the last weeks before the start, the reference being all earlier weeks and places that
never start.
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.bands import Band, band
from analytics.statistics.cells import Kept, informative_cells
from analytics.statistics.covariance import Errors, jackknife_errors
from analytics.statistics.fitting import POISSON_LIKE, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, codes_of
from analytics.statistics.imputation import counterfactuals, effect_size
from analytics.statistics.jackknife import leave_one_out

WEEKS_BEFORE, WEEKS_AFTER = 12, 26
EVENTS_IN_A_BIN = 30


@dataclass(frozen=True)
class Bin:
    """Weeks since the start from..to (negative: before), events there, log ratio (difference if gaussian) and error."""

    from_week: int
    to_week: int
    events: float
    coef: float
    se: float


@dataclass(frozen=True)
class EventStudy:
    """`bins` in time order; `band` joint 95 % over all of them; `critical`: t for each bin's own 95 % interval.

    `pre_p`: joint p that nothing moved before the start; None where no week before could be fitted.
    """

    bins: list[Bin]
    band: Band
    critical: float
    pre_p: float | None


def event_study(
    y: Array, exposed: Kept, unit: Codes, period: Codes, time: Codes, clusters: Codes, *, offset: Array | None = None,
    prior: Array | None = None, family: str = "poisson", seed: int = 1, least_events: float = EVENTS_IN_A_BIN,
) -> EventStudy | None:  # fmt: skip
    """All arrays over cells; `time` is the period number 0, 1, ...; neighbours are pooled until a bin has the events.

    None when nothing can be worked out after the start.
    """
    first = np.full(int(unit.max()) + 1, np.iinfo(np.int64).max // 2)
    np.minimum.at(first, unit[exposed], time[exposed])
    since = time - first[unit]
    groups = int(clusters.max()) + 1
    after, after_without = _after(y, exposed, unit, period, clusters, since, offset, prior, family, least_events)
    if not after:
        return None
    before, before_without = _before(
        y, ~exposed, unit, period, clusters, since, offset, prior, family, least_events
    )
    bins = before + after
    coefs = np.array([each.coef for each in bins])
    without = np.column_stack([before_without, after_without])
    changes = np.nan_to_num(without - coefs)
    se = np.array([each.se for each in bins])
    freedom = int((~np.isnan(without)).sum(axis=0).min()) - 1
    critical = Errors("cv3", se, max(freedom, 1)).critical()
    k = len(before)
    pre = band(coefs[:k], se[:k], changes[:, :k], seed=seed).p if k and groups > 2 else math.nan
    return EventStudy(bins, band(coefs, se, changes, seed=seed), critical, pre if math.isfinite(pre) else None)


def _pooled(weeks: list[int], events: dict[int, float], least: float) -> list[tuple[int, int]]:
    """Runs of weeks that each hold the events; what is left over joins the last run."""
    runs: list[tuple[int, int]] = []
    start, held = None, 0.0
    for week in weeks:
        start = week if start is None else start
        held += events.get(week, 0.0)
        if held >= least:
            runs.append((start, week))
            start, held = None, 0.0
    if start is not None:
        runs = [*runs[:-1], (runs[-1][0], weeks[-1])] if runs else [(start, weeks[-1])]
    return runs


def _events(y: Array, since: Codes, inside: Kept) -> dict[int, float]:
    weeks = np.unique(since[inside])
    return {int(week): float(y[inside & (since == week)].sum()) for week in weeks}


def _after(
    y: Array, exposed: Kept, unit: Codes, period: Codes, clusters: Codes, since: Codes, offset: Array | None,
    prior: Array | None, family: str, least: float,
) -> tuple[list[Bin], Array]:  # fmt: skip
    groups = int(clusters.max()) + 1
    runs: list[tuple[int, int]] = []
    whole, events = np.empty(0), {}
    without = np.empty((groups, 0))
    for case in counterfactuals(y, exposed, unit, period, clusters, offset=offset, prior=prior, family=family):
        if case.left_out is None:
            inside = case.usable & (since >= 0) & (since <= WEEKS_AFTER)
            events = _events(y, since, inside)
            if not events:
                return [], without
            least_here = least if family in POISSON_LIKE else 0.0
            runs = _pooled(sorted(events), events, least_here)
            without = np.full((groups, len(runs)), np.nan)
        sizes = np.array(
            [
                effect_size(y, case.expected, case.usable & (since >= low) & (since <= high), prior, family)
                for low, high in runs
            ]
        )
        if case.left_out is None:
            whole = sizes
        else:
            without[case.left_out] = sizes
    return _bins(runs, events, whole, without)


def _before(
    y: Array, free: Kept, unit: Codes, period: Codes, clusters: Codes, since: Codes, offset: Array | None,
    prior: Array | None, family: str, least: float,
) -> tuple[list[Bin], Array]:  # fmt: skip
    groups = int(clusters.max()) + 1
    nothing = np.empty((groups, 0))
    keep = informative_cells(y, [unit, period], free)[0] if family in POISSON_LIKE else free
    inside = keep & (since < 0) & (since >= -WEEKS_BEFORE)
    events = _events(y, since, inside)
    if not events:
        return [], nothing
    runs = _pooled(sorted(events), events, least if family in POISSON_LIKE else 0.0)
    dummies = np.column_stack([((since >= low) & (since <= high))[keep].astype(float) for low, high in runs])
    model = Model(
        y[keep], dummies, [codes_of(unit[keep]), codes_of(period[keep])], family=family,
        offset=None if offset is None else offset[keep], prior=None if prior is None else prior[keep],
    )  # fmt: skip
    try:
        fitted = model.fit()
    except (NotIdentified, DoesNotConverge):
        return [], nothing
    there, own = np.unique(clusters[keep], return_inverse=True)
    without = np.tile(fitted.beta, (groups, 1))  # a cluster without unexposed cells changes nothing here
    without[there] = leave_one_out(model, fitted, own)
    return _bins(runs, events, fitted.beta, without)


def _bins(
    runs: list[tuple[int, int]], events: dict[int, float], coefs: Array, without: Array
) -> tuple[list[Bin], Array]:
    bins = []
    for k, (low, high) in enumerate(runs):
        count = sum(amount for week, amount in events.items() if low <= week <= high)
        se = float(jackknife_errors("cv3", coefs[k : k + 1], without[:, k : k + 1]).se[0])
        bins.append(Bin(low, high, count, float(coefs[k]), se))
    return bins, without
