"""What rules need to know beyond the panel: how complete, how well placed, how well timed the outcomes are (R7, R8, R11)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics import nights
from analytics.evaluation.rules import Thresholds
from analytics.panel import PanelError, PanelTable
from analytics.police_data.recording import EARLY_DAYS, Recording, placed_shares, recording_of
from analytics.reach.venue_weeks import VenueWeek
from analytics.statistics.delay import completeness, development, early_share_p

DRAWS = 999


@dataclass(frozen=True)
class Delay:
    """Completeness by week; ``incomplete``: thought to be under the threshold; ``recent``: the last weeks by default."""

    rows: tuple[dict[str, Any], ...]
    incomplete: tuple[str, ...]
    recent: tuple[str, ...]
    lowest_kept: float | None

    @property
    def trimmed(self) -> frozenset[str]:
        return frozenset(self.incomplete) | frozenset(self.recent)


def delay_of(recording: Recording, weeks: list[str], t: Thresholds) -> Delay | None:
    """Chain ladder over the weeks. None where the source does not say when offences were recorded."""
    if not recording.known:
        return None
    order = {week: n for n, week in enumerate(weeks)}
    cells = [(order[week], lag, many) for (week, lag), many in recording.lags.items() if week in order]
    week, lag, many = (np.array(column) for column in zip(*cells, strict=True))
    table = development(week.astype(np.int64), lag.astype(np.int64), many.astype(float), weeks=len(weeks))
    age = np.array([recording.seen_lags(each) for each in weeks], dtype=np.int64)
    shares = completeness(table, age)
    recent = tuple(each for each, seen in zip(weeks, age, strict=True) if seen < t.weeks_trimmed)
    low = tuple(each for each, share in zip(weeks, shares, strict=True) if share < t.completeness_min)
    kept = [float(share) for each, share in zip(weeks, shares, strict=True) if each not in {*recent, *low}]
    rows = tuple(
        {"week": each, "recorded": float(table[n, -1]), "completeness": float(shares[n])}
        for n, each in enumerate(weeks)
    )
    return Delay(rows, low, recent, min(kept, default=None))


def trim(table: PanelTable, delay: Delay | None) -> PanelTable:
    """The panel without weeks that are not complete. Raises PanelError where none is left."""
    if delay is None:
        return table
    left = table.without_weeks(delay.trimmed)
    if not left.rows:
        raise PanelError(
            "R8: no week of the period is complete yet. Wait until its last week is eight weeks old, and import "
            "a newer extract."
        )
    return left


def recorded(plan: Any, measure: str) -> Recording:
    """When offences of the plan's period were recorded, and which have a place."""
    return recording_of(
        measure=measure, from_week=plan.from_week, to_week=plan.to_week, radius_m=plan.radius_m, data=plan.data,
        rule=plan.time_rule,
    )  # fmt: skip


def gap_of(recording: Recording, reach: list[VenueWeek]) -> float | None:
    """Percentage points between the shares with a place where something was live and elsewhere (R7)."""
    live = {(row.area, row.week) for row in reach if row.live_share}
    areas = {name.casefold(): row.area for row in reach for name in (row.area_name, row.area)}
    shares = placed_shares(recording, live, areas)
    return None if shares is None else 100 * abs(shares[0] - shares[1])


def early_p(table: PanelTable, recording: Recording, seed: int) -> float | None:
    """Does quick recording go with exposure? A difference in recording would look like one in assaults."""
    weeks = {week: n for n, week in enumerate(sorted({row.week for row in table.rows}))}
    units = sorted({row.unit for row in table.rows})
    place = {unit: n for n, unit in enumerate(units)}
    x, total, early = (np.zeros((len(units), len(weeks))) for _ in range(3))
    cluster, area = [""] * len(units), [""] * len(units)
    for row in table.rows:
        n = place[row.unit]
        cluster[n], area[n] = row.cluster, row.area
        if row.exposure is not None:
            x[n, weeks[row.week]], total[n, weeks[row.week]] = row.exposure, row.assaults
    for (venue, week), many in recording.early.items():
        unit = table.unit_of.get(venue)
        if unit in place and week in weeks and total[place[unit], weeks[week]]:
            early[place[unit], weeks[week]] += many
    codes = [np.unique(np.array(names), return_inverse=True)[1].astype(np.int64) for names in (cluster, area)]
    return early_share_p(x, early, total, codes[0], codes[1], draws=DRAWS, seed=seed)


def delay_json(delay: Delay, early: float | None, headline: dict[str, Any]) -> dict[str, Any]:
    """``diagnostics.delay``: the weeks, what was trimmed, and the headline on offences recorded within 28 days."""
    return {
        "weeks": list(delay.rows),
        "trimmed_weeks": sorted(delay.trimmed),
        "incomplete_weeks": list(delay.incomplete),
        "early_days": EARLY_DAYS,
        "early_share_p": early,
        "early_share_warning": early is not None and early < 0.05,
        "recorded_early": headline,
    }


def kept_weeks(from_week: str, to_week: str, delay: Delay | None) -> list[str]:
    """Weeks of the plan less those that were trimmed."""
    trimmed = delay.trimmed if delay else frozenset()
    return [week for week in nights.weeks_between(from_week, to_week) if week not in trimmed]
