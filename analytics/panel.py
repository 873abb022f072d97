"""Venue (or catchment) x week rows: reach beside recorded assaults. The only place where the two meet.

The sum of assaults over units equals the unique offences matched, or there is no panel (rule R11).
"""

import csv
import hashlib
import io
import json
import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from analytics import nights
from analytics.police_data.beats import NoBeats, clusters_of
from analytics.police_data.catchments import catchments
from analytics.police_data.counting import VenueWeekCounts, assaults_by_venue_week
from analytics.reach.venue_weeks import VenueWeek, venue_weeks
from analytics.shown_numbers import amount_shown
from campaign_pages import activity

UNITS = ("venue", "catchment")
EXPOSURES = ("live_share", "likely_seen_share")
# Never the headline: they grow with the evening's trade, and so do assaults.
SECONDARY_EXPOSURES = (*EXPOSURES, "handstamps", "scans", "downloads")
LEVELS = ("low", "mid", "high")
COLUMNS = ("unit", "week", "area", "cluster", "venues", "exposure", "assaults", "synthetic")
TOLERANCE = 1e-6


class PanelError(Exception):
    """The panel cannot be made, or its numbers do not add up; the message says which."""


@dataclass(frozen=True)
class PanelRow:
    """One unit in one week. ``exposure`` is None where nobody knows; ``assaults`` may be fractional (aoristic)."""

    unit: str
    week: str
    area: str
    cluster: str
    venues: int
    exposure: float | None
    assaults: float


@dataclass(frozen=True)
class PanelTable:
    """Rows in order of unit and week, with what the rules need to know about them."""

    rows: tuple[PanelRow, ...]
    measure: str
    exposure: str
    events_in_units: float
    unique_events: float
    excluded: dict[str, float]
    geocoded_share: float
    synthetic: bool
    file_hashes: tuple[str, ...]
    reach_hash: str
    missing: dict[str, int]
    unit_of: dict[str, str] = field(default_factory=dict, compare=False)  # of each venue
    duplicate_references: int = 0
    hashes_differ: bool = False

    @property
    def data_hash(self) -> str:
        """SHA-256 of the rows, the reach behind them and the hashes of the files behind the counts."""
        content = {"rows": self.as_csv(), "files": sorted(self.file_hashes), "reach": self.reach_hash}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def without_weeks(self, weeks: Collection[str]) -> "PanelTable":
        """The panel without some weeks; their offences are excluded under their own reason. After the check of sums."""
        gone = [row for row in self.rows if row.week in weeks]
        if not gone:
            return self
        lost = math.fsum(row.assaults for row in gone)
        return replace(
            self,
            rows=tuple(row for row in self.rows if row.week not in weeks),
            events_in_units=round(self.events_in_units - lost, 6),
            unique_events=round(self.unique_events - lost, 6),
            excluded=self.excluded | {"weeks_not_complete": round(lost, 6)},
        )

    def as_csv(self) -> str:
        """The panel as CSV text; ``synthetic`` stands in every row so that no copy loses it."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        mark = "synthetic" if self.synthetic else ""
        for row in self.rows:
            share = "" if row.exposure is None else f"{row.exposure:.10g}"
            writer.writerow(
                [row.unit, row.week, row.area, row.cluster, row.venues, share, f"{row.assaults:.10g}", mark]
            )
        return stream.getvalue()


def build_panel(
    *,
    measure: str,
    from_week: str,
    to_week: str,
    unit: str = "venue",
    exposure: str = "live_share",
    radius_m: float = 150.0,
    data: str = "",
    reach: list[VenueWeek] | None = None,
    time_rule: str = "aoristic",
    clusters: str = "catchment",
) -> PanelTable:
    """The panel of a measure. Weeks inclusive; ``radius_m`` in metres; ``data`` real or synthetic.

    ``reach`` may hold some of the register's venues only: offences near the others are excluded and counted as such.

    ``clusters``: what stands in the column of clusters, catchment or beat (units stay what they are).

    ``catchment`` units take the capacity-weighted mean exposure of their venues (missing ones left out).
    Reach is worked out before outcomes are read. Raises PanelError, and what counting raises.
    """
    if unit not in UNITS or exposure not in EXPOSURES:
        raise PanelError(f"unit must be one of {UNITS}, exposure one of {EXPOSURES}")
    reach = venue_weeks(from_week=from_week, to_week=to_week) if reach is None else reach
    if not reach:
        raise PanelError("There is no venue in the register, so there is nothing to compare.")
    cluster_of = catchments(activity.venues(), radius_m)
    try:
        group_of = clusters_of(clusters, activity.venues(), radius_m)
    except NoBeats as error:
        raise PanelError(str(error)) from error
    counts = assaults_by_venue_week(
        measure=measure, from_week=from_week, to_week=to_week, radius_m=radius_m, data=data, rule=time_rule
    )
    counts = _of_the_plan(counts, {row.venue for row in reach})
    unit_of = {row.venue: row.venue if unit == "venue" else cluster_of[row.venue] for row in reach}
    rows, missing = _rows(reach, counts, exposure, unit_of, group_of)
    _check_sums(rows, counts)
    reach_text = json.dumps([row.as_json() for row in reach], sort_keys=True)
    return PanelTable(
        rows=tuple(rows),
        measure=measure,
        exposure=exposure,
        events_in_units=counts.events_in_units,
        unique_events=counts.unique_events,
        excluded=dict(counts.excluded),
        geocoded_share=counts.geocoded_share,
        synthetic=counts.synthetic,
        file_hashes=counts.file_hashes,
        reach_hash=hashlib.sha256(reach_text.encode()).hexdigest(),
        missing=missing,
        unit_of=unit_of,
        duplicate_references=counts.duplicate_references,
        hashes_differ=counts.hashes_differ,
    )


def _of_the_plan(counts: VenueWeekCounts, venues: set[str]) -> VenueWeekCounts:
    """Counts near the venues that are looked at; what lies near others is excluded under its own reason."""
    inside = {key: count for key, count in counts.counts.items() if key[0] in venues}
    outside = round(math.fsum(count for key, count in counts.counts.items() if key[0] not in venues), 6)
    if len(inside) == len(counts.counts):
        return counts
    return replace(
        counts,
        counts=inside,
        events_in_units=round(counts.events_in_units - outside, 6),
        unique_events=round(counts.unique_events - outside, 6),
        excluded=counts.excluded | {"near_a_venue_outside_the_plan": outside},
    )


def dose(row: VenueWeek, exposure: str, level: str = "mid") -> float | None:
    """The exposure of one venue-week: a share from 0 to 1, or a count; None where it is not known.

    ``level`` is low, mid or high, for what has a range. A week of which nobody knows whether anything was up is unknown
    for every exposure.
    """
    if exposure == "live_share" or row.live_share is None:
        return row.live_share
    if exposure == "likely_seen_share":
        share = row.likely_seen_share
        return None if share is None else float(getattr(share, level))
    count = getattr(row, exposure)
    return 0.0 if count is None else float(count)


def unit_exposures(
    reach: list[VenueWeek], exposure: str, unit_of: dict[str, str], level: str = "mid"
) -> dict[tuple[str, str], float | None]:
    """Exposure by (unit, week): the capacity-weighted mean of its venues, those that are not known left out."""
    sums: dict[tuple[str, str], list[float]] = {}
    for each in reach:
        key = unit_of[each.venue], each.week
        parts = sums.setdefault(key, [0.0, 0.0])
        value = dose(each, exposure, level)
        if value is not None:
            size = each.capacity or 1
            parts[0] += value * size
            parts[1] += size
    return {key: total / weight if weight else None for key, (total, weight) in sums.items()}


def _rows(
    reach: list[VenueWeek],
    counts: VenueWeekCounts,
    exposure: str,
    unit_of: dict[str, str],
    cluster_of: dict[str, str],
) -> tuple[list[PanelRow], dict[str, int]]:
    missing: dict[str, int] = defaultdict(int)
    groups: dict[tuple[str, str], list[VenueWeek]] = defaultdict(list)
    for each in reach:
        groups[unit_of[each.venue], each.week].append(each)
    value_of = unit_exposures(reach, exposure, unit_of)
    rows = []
    for (unit, week), members in sorted(groups.items()):
        value = value_of[unit, week]
        if value is None:
            missing[members[0].reason or "reach not known"] += 1
        outcome = math.fsum(counts.counts.get((each.venue, week), 0.0) for each in members)
        cluster = cluster_of[members[0].venue]
        rows.append(
            PanelRow(unit, week, min(each.area for each in members), cluster, len(members), value, outcome)
        )
    return rows, dict(sorted(missing.items()))


def _check_sums(rows: list[PanelRow], counts: VenueWeekCounts) -> None:
    """Rule R11: every matched offence stands in exactly one cell."""
    total = math.fsum(row.assaults for row in rows)
    gap = max(abs(total - counts.events_in_units), abs(counts.events_in_units - counts.unique_events))
    if gap > TOLERANCE * max(1.0, counts.unique_events):
        raise PanelError(
            f"R11: the units hold {amount_shown(total, 6)} offences and {amount_shown(counts.unique_events, 6)} different ones "
            "were matched. Something was counted twice or lost; no estimate is made from this."
        )
    if len({(row.unit, row.week) for row in rows}) != len(rows):
        raise PanelError("R11: a unit has two rows for one week.")


def weeks_of(table: PanelTable) -> list[str]:
    """The panel's weeks in order."""
    weeks = sorted({row.week for row in table.rows})
    return nights.weeks_between(weeks[0], weeks[-1]) if weeks else []


def totals_by_week(table: PanelTable) -> list[dict[str, Any]]:
    """For the line chart: mean exposure of units where it is known, and all assaults, by week."""
    shares: dict[str, list[float]] = defaultdict(list)
    assaults: dict[str, float] = defaultdict(float)
    for row in table.rows:
        assaults[row.week] += row.assaults
        if row.exposure is not None:
            shares[row.week].append(row.exposure)
    return [
        {
            "week": week,
            "mean_exposure": round(math.fsum(shares[week]) / len(shares[week]), 6) if shares[week] else None,
            "assaults": round(assaults[week], 4),
        }
        for week in weeks_of(table)
    ]
