"""Everything that reach of some weeks is made of, read in a fixed number of queries however many venues there are."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from analytics import nights
from analytics.models import ReachFigure
from analytics.reach.displays import Display, add_plays, displays_of
from analytics.reach.factors import Factors, factors_of
from analytics.reach.parameters import Parameters, Range
from analytics.reach.plausibility import doubts
from campaign_pages import activity

if TYPE_CHECKING:
    from campaign_pages.activity import CheckInRecord, VenueFacts

NIGHTLY = ("door_counts", "handstamps", "screens", "closures", "web")
STANDING = ("notice_counts", "mens_share", "occupancy")
Cell = tuple[str, str]  # venue, week


def in_force() -> QuerySet[ReachFigure]:
    """Figures that no correction and no withdrawal ended."""
    return ReachFigure.objects.filter(replaced_at__isnull=True)


@dataclass(frozen=True)
class Stamps:
    """Handstamps of a venue's week. ``gap``: the widest difference of a night between claim and stock, 0 to 1.

    ``grade``: A counted, C estimated from a share; one letter lower where the gap is too wide.
    """

    count: int = 0
    gap: float | None = None
    grade: str = "A"


@dataclass
class Inputs:
    """Facts by venue and night, or by venue and week. A key that is not there was not counted."""

    venues: list["VenueFacts"]
    displays: list[Display]
    factors: Factors
    records: list["CheckInRecord"] = field(default_factory=list)
    doubtful: list[tuple["CheckInRecord", str]] = field(default_factory=list)
    door: dict[tuple[str, date], tuple[Range, str]] = field(default_factory=dict)
    open_on: dict[tuple[str, date], bool] = field(default_factory=dict)
    stamps: dict[Cell, Stamps] = field(default_factory=dict)
    plays: dict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    scans: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    unique: dict[Cell, int | None] = field(default_factory=dict)
    downloads: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    visitors: dict[Cell, int] = field(default_factory=dict)


def span(from_week: str, to_week: str) -> tuple[datetime, datetime]:
    """The instants between which everything of these weeks happened: noon to noon, local."""
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=7)
    return nights.to_utc(datetime.combine(first, time(12))), nights.to_utc(datetime.combine(last, time(12)))


@lru_cache(maxsize=65536)
def _week_of_hour(hour: datetime) -> str:
    return nights.week_of(nights.night_of(hour))


def read_inputs(
    from_week: str,
    to_week: str,
    settings: Parameters,
    only: Collection[str] | None = None,
    *,
    engaged: bool = True,
) -> Inputs:
    """The inputs of these weeks (check-ins from the beginning), for every venue or the codes in ``only``.

    Without ``engaged`` scans and downloads are not read: nobody asks for them where only what was up is shown.
    """
    start, end = span(from_week, to_week)
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    everywhere = activity.venues()
    kinds = {each.code: each.kind for each in everywhere}
    venues = [each for each in everywhere if only is None or each.code in only]
    records = list(activity.check_ins(before=end, venues=only))
    odd = doubts(records, settings.plausibility)
    figures = list(_figures(first, last))
    nightly = [each for each in figures if each[0] in NIGHTLY]
    standing = [each for each in figures if each[0] in STANDING]
    found = Inputs(
        venues=venues,
        displays=add_plays(displays_of(records, odd), _plays(nightly)),
        factors=factors_of(standing, kinds, settings, [each for each in nightly if each[0] == "screens"]),
        records=records,
        doubtful=[(records[n], why) for n, why in sorted(odd.items())],
    )
    if only is not None:
        found.displays = [each for each in found.displays if each.venue in only]
    if engaged:
        _engaged(found, start, end)
    _counted(found, nightly, settings)
    return found


Row = tuple[str, str, str, date, str, float, float | None, float | None, str, str]


def _figures(first: date, last: date) -> Iterator[Row]:
    """(kind, metric, venue, night, detail, value, low, high, grade, source) in order of night and venue: nightly ones of
    these nights, standing ones of any night."""
    rows = in_force().filter(Q(kind__in=NIGHTLY, night__gte=first, night__lte=last) | Q(kind__in=STANDING))
    names = ("kind", "metric", "venue_code", "night", "detail", "value", "low", "high", "grade", "source")
    return rows.order_by("night", "venue_code", "pk").values_list(*names).iterator(chunk_size=5000)


def _plays(rows: list[Row]) -> Iterator[tuple[str, str, date, float]]:
    for kind, metric, venue, night, detail, value, *_ in rows:
        if kind == "screens" and metric == "plays":
            yield venue, detail, night, value


def _engaged(found: Inputs, start: datetime, end: datetime) -> None:
    for scan in activity.scans(start=start, end=end):
        key = scan.venue_code, _week_of_hour(scan.hour)
        found.scans[key] += scan.scans
        before = found.unique.get(key, 0)
        found.unique[key] = None if before is None or scan.unique_scans is None else before + scan.unique_scans
    for download in activity.downloads(start=start, end=end):
        if download.venue_code:
            found.downloads[download.venue_code, nights.week_of(nights.night_of(download.at))] += 1


def _counted(found: Inputs, rows: list[Row], settings: Parameters) -> None:
    stamps: dict[tuple[str, date], dict[str, float]] = defaultdict(dict)
    grade_of: dict[tuple[str, date], str] = {}
    place_of: dict[str, str] = {}
    if any(row[0] == "web" for row in rows):
        place_of = {each.code: each.venue_code for each in activity.places()}
    for kind, metric, venue, night, detail, value, low, high, grade, _ in rows:
        if kind == "door_counts" and metric == "admissions":
            least, most = settings.admissions[grade]
            found.door[venue, night] = (
                Range(value * least if low is None else low, value, value * most if high is None else high),
                grade,
            )
        elif kind == "closures":
            found.open_on[venue, night] = value > 0
        elif kind == "handstamps":
            stamps[venue, night][metric] = value
            grade_of[venue, night] = grade
        elif kind == "screens" and metric == "plays":
            found.plays[venue, nights.week_of(night)] += value
        elif kind == "web" and detail in place_of:
            key = place_of[detail], nights.week_of(night)
            found.visitors[key] = found.visitors.get(key, 0) + round(value)
    for (venue, night), figures in stamps.items():
        if "stamps" not in figures:  # ultraviolet ones are on nobody's mind
            continue
        key = venue, nights.week_of(night)
        gap = stamp_gap(figures)
        before = found.stamps.get(key, Stamps())
        gaps = [each for each in (before.gap, gap) if each is not None]
        found.stamps[key] = Stamps(
            before.count + round(figures.get("stamps", 0)),
            max(gaps, default=None),
            max(before.grade, _stamp_grade(grade_of[venue, night], gap, settings)),
        )


def _stamp_grade(grade: str, gap: float | None, settings: Parameters) -> str:
    if gap is None or gap <= settings.most_stamp_gap:
        return grade
    return "B" if grade == "A" else "C"


def stamp_gap(figures: dict[str, float]) -> float | None:
    """|claim - (issued - left)| / claim of one night; None without an audit. A claim of 0 of stamps used is 1."""
    if "issued" not in figures or "left" not in figures:
        return None
    used, claim = figures["issued"] - figures["left"], figures.get("stamps", 0.0)
    if claim == 0:
        return 1.0 if used else 0.0
    return abs(claim - used) / claim
