"""Reach by venue and week: each figure on its own rung, with its range and its grade, never added across rungs."""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics import nights
from analytics.models import ReachFigure
from analytics.reach.displays import displays_of, week_shown
from analytics.reach.parameters import Parameters, Range, parameters
from campaign_pages import activity

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

NO_GRADE = "none"


@dataclass(frozen=True)
class VenueWeek:
    """One venue in one night-week. None is missing, never 0. Ranges are people, low to high."""

    venue: str
    venue_name: str
    area: str
    area_name: str
    capacity: int | None
    week: str
    trading_nights: int
    nights_live: int
    display_nights: float
    live_share: float | None
    admissions: Range | None
    opportunities: Range | None
    likely_seen: Range | None
    scans: int
    unique_scans: int | None
    downloads: int
    handstamps: int | None
    grade: str
    reason: str
    synthetic: bool

    def as_json(self) -> dict[str, Any]:
        """The row of the ``reach`` command; also what the reach hash is made of."""
        empty = {"low": None, "mid": None, "high": None}
        return {
            "venue": self.venue,
            "week": self.week,
            "display_nights": round(self.display_nights, 6),
            "nights_live": self.nights_live,
            "trading_nights": self.trading_nights,
            "live_share": None if self.live_share is None else round(self.live_share, 6),
            "admissions": self.admissions.as_json() if self.admissions else dict(empty),
            "opportunities": self.opportunities.as_json() if self.opportunities else dict(empty),
            "likely_seen": self.likely_seen.as_json() if self.likely_seen else dict(empty),
            "scans": self.scans,
            "unique_scans": self.unique_scans,
            "downloads": self.downloads,
            "handstamps": self.handstamps,
            "grade": self.grade,
            "reason": self.reason,
            "synthetic": self.synthetic,
        }


def trading_nights(venue: "VenueFacts", week: str) -> list[date]:
    """Nights of the week on which the venue opens, by its usual evenings and its dates."""
    return [
        night
        for night in nights.nights_of_week(week)
        if night.weekday() in venue.open_nights
        and (venue.opened_on is None or night >= venue.opened_on)
        and (venue.closed_on is None or night <= venue.closed_on)
    ]


def admissions_of(
    venue: "VenueFacts", night: date, counted: dict[tuple[str, date], tuple[float, str]], settings: Parameters
) -> tuple[Range, str] | None:
    """People let in on a night and its grade: a door count if there is one, else from capacity, else None."""
    if (venue.code, night) in counted:
        value, grade = counted[venue.code, night]
    elif venue.capacity:
        share = settings.occupancy[night.weekday()]
        value, grade = venue.capacity * share * settings.hours / settings.mean_stay, "C"
    else:
        return None
    low, high = settings.admissions[grade]
    return Range(value * low, value, value * high), grade


def people_reached(
    admissions: Range, zones: Sequence[tuple[str, float]], settings: Parameters
) -> tuple[Range, Range]:
    """(could have seen, likely saw) of one night: N x (1 - product of (1 - share x notice x credit)).

    People, not contacts, and at most N: the assets of one evening are taken as independent.
    """
    missed_sight, missed_notice = [1.0] * 3, [1.0] * 3
    for zone, credit in zones:
        share, notice = settings.zone(zone), settings.notice
        for n, (z, q) in enumerate(((share.low, notice.low), (share.mid, notice.mid), (share.high, notice.high))):
            missed_sight[n] *= 1 - z * credit
            missed_notice[n] *= 1 - z * q * credit
    return (
        admissions * Range(*(1 - each for each in missed_sight)),
        admissions * Range(*(1 - each for each in missed_notice)),
    )


def _span(from_week: str, to_week: str) -> tuple[datetime, datetime]:
    """The instants between which everything of these weeks happened: noon to noon, local."""
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=7)
    noon = datetime.min.time().replace(hour=12)
    return nights.to_utc(datetime.combine(first, noon)), nights.to_utc(datetime.combine(last, noon))


@dataclass
class _Activity:
    scans: dict[tuple[str, str], int]
    unique: dict[tuple[str, str], int | None]
    downloads: dict[tuple[str, str], int]
    door: dict[tuple[str, date], tuple[float, str]]
    stamps: dict[tuple[str, str], int]


def _activity(from_week: str, to_week: str) -> _Activity:
    start, end = _span(from_week, to_week)
    found = _Activity(defaultdict(int), {}, defaultdict(int), {}, defaultdict(int))
    for scan in activity.scans(start=start, end=end):
        key = scan.venue_code, nights.week_of(nights.night_of(scan.hour))
        found.scans[key] += scan.scans
        before = found.unique.get(key, 0)
        found.unique[key] = None if before is None or scan.unique_scans is None else before + scan.unique_scans
    for download in activity.downloads(start=start, end=end):
        if download.venue_code:
            found.downloads[download.venue_code, nights.week_of(nights.night_of(download.at))] += 1
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    figures = ReachFigure.objects.filter(
        kind__in=("door_counts", "handstamps"), night__gte=first, night__lte=last
    ).order_by("night", "venue_code")
    for kind, code, night, value, grade in figures.values_list("kind", "venue_code", "night", "value", "grade"):
        if kind == "door_counts":
            found.door[code, night] = (value, grade)
        else:
            found.stamps[code, nights.week_of(night)] += round(value)
    return found


def venue_weeks(*, from_week: str, to_week: str, only: Collection[str] | None = None) -> list[VenueWeek]:
    """Reach of every venue (or of the codes in ``only``) in every week, in order of venue and week.

    Raises ValueError for a week that is not written like 2026-W07 or weeks in the wrong order.
    """
    weeks = nights.weeks_between(from_week, to_week)
    if not weeks:
        raise ValueError(f"--to {to_week} is earlier than --from {from_week}")
    settings = parameters()
    venues = [each for each in activity.venues() if only is None or each.code in only]
    displays = displays_of(activity.check_ins(before=_span(from_week, to_week)[1]))
    happened = _activity(from_week, to_week)
    rows = []
    for venue in venues:
        for week in weeks:
            shown = week_shown(displays.get(venue.code, ()), trading_nights(venue, week), settings.freshness)
            rows.append(_row(venue, week, shown, happened, settings))
    return rows


def _row(venue: "VenueFacts", week: str, shown: Any, happened: _Activity, settings: Parameters) -> VenueWeek:
    admissions: Range | None = Range(0, 0, 0)
    seen: Range | None = Range(0, 0, 0)
    likely: Range | None = Range(0, 0, 0)
    grades = {settings.notice_grade, "B"}  # a check-in alone is never better than B
    by_night = dict(shown.by_night)
    for night in trading_nights(venue, week):
        people = admissions_of(venue, night, happened.door, settings)
        if people is None:
            admissions = seen = likely = None
            break
        admissions = admissions + people[0] if admissions else people[0]
        grades.add(people[1])
        if night in by_night:
            could, did = people_reached(people[0], by_night[night], settings)
            seen, likely = (seen or Range(0, 0, 0)) + could, (likely or Range(0, 0, 0)) + did
    reason = shown.reason
    if shown.nights_live == 0:
        seen = likely = None
    elif admissions is None:
        reason = "no door count and no capacity"
    if not shown.trading_nights:
        admissions = None
    key = venue.code, week
    return VenueWeek(
        venue=venue.code,
        venue_name=venue.name,
        area=venue.area_code,
        area_name=venue.area_name,
        capacity=venue.capacity,
        week=week,
        trading_nights=shown.trading_nights,
        nights_live=shown.nights_live,
        display_nights=shown.display_nights,
        live_share=shown.live_share,
        admissions=admissions,
        opportunities=seen,
        likely_seen=likely,
        scans=happened.scans.get(key, 0),
        unique_scans=happened.unique.get(key, 0),
        downloads=happened.downloads.get(key, 0),
        handstamps=happened.stamps.get(key),
        grade=max(grades) if shown.nights_live else NO_GRADE,
        reason=reason,
        synthetic=venue.synthetic,
    )


def two_figures(value: float | None) -> str:
    """A number as shown on a screen: two significant figures, so that nobody reads more into it."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, digits)}f}"
