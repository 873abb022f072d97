"""The one door for analytics: what happened, by venue and moment.

Nothing here groups by night or week: analytics/nights.py alone defines those. Hours are UTC hours (every offset of
Europe/London is a whole hour, so a UTC hour lies in exactly one night), moments are aware UTC datetimes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Model

from campaign_pages.social.models import Dispatch
from campaign_pages.venues.models import CheckIn, Download, PosterPlace, ScanCount, Venue
from campaign_pages.venues.scan_log import COUNTED


@dataclass(frozen=True)
class VenueFacts:
    """`open_nights`: weekdays of the nights' first evenings, 0 = Monday. Degrees WGS84. `capacity` in people."""

    code: str
    name: str
    kind: str
    area_code: str
    area_name: str
    longitude: float | None
    latitude: float | None
    capacity: int | None
    open_nights: frozenset[int]
    opened_on: date | None
    closed_on: date | None
    synthetic: bool


@dataclass(frozen=True)
class PlaceFacts:
    """One poster place. `code` is what its QR says; retired ones still lead somewhere."""

    code: str
    venue_code: str
    zone: str
    retired: bool


@dataclass(frozen=True, slots=True)
class CheckInRecord:
    """`state`: up, down, damaged or more. `at`: aware, UTC."""

    venue_code: str
    place_code: str | None
    zone: str
    asset: str
    state: str
    count: int
    at: datetime
    source: str


@dataclass(frozen=True)
class ScanHour:
    """Human scans of one place in one UTC hour. `unique_scans` is None where unique counting is not available."""

    venue_code: str
    place_code: str
    hour: datetime
    scans: int
    unique_scans: int | None


@dataclass(frozen=True)
class DownloadRecord:
    venue_code: str | None
    at: datetime
    kind: str


@dataclass(frozen=True)
class PublishedPost:
    platform: str
    account: str
    campaign: str
    live_at: datetime
    simulated: bool


def venues() -> list[VenueFacts]:
    """Every venue of the register, by code."""
    return [
        VenueFacts(
            venue.code, venue.name, venue.kind, venue.area.code, venue.area.name, venue.longitude, venue.latitude,
            venue.capacity, venue.open_weekdays, venue.opened_on, venue.closed_on, venue.synthetic,
        )
        for venue in Venue.objects.select_related("area").order_by("code")
    ]  # fmt: skip


def places() -> list[PlaceFacts]:
    """Every poster place, by venue and order in it."""
    rows = PosterPlace.objects.order_by("venue__code", "sort_order", "pk")
    return [PlaceFacts(*row) for row in rows.values_list("code", "venue__code", "zone", "retired")]


def last_check_in() -> datetime | None:
    """The moment of the latest check-in, or None."""
    return CheckIn.objects.aggregate(last=Max("at"))["last"]


@dataclass(frozen=True)
class NewCheckIn:
    """A check-in from a list. `tap` is its own mark, at most 40 characters: the same again is not written twice."""

    venue_code: str
    place_code: str | None
    asset: str
    state: str
    count: int
    at: datetime
    source: str
    tap: str


def known_taps(prefix: str) -> set[str]:
    """Marks of check-ins that begin like this."""
    return set(CheckIn.objects.filter(tap__startswith=prefix).values_list("tap", flat=True))


def add_check_ins(rows: Iterable[NewCheckIn]) -> int:
    """Writes them in one go and gives their number back. Raises KeyError for a venue or place that is not there."""
    venue_ids = dict(Venue.objects.values_list("code", "pk"))
    place_ids = dict(PosterPlace.objects.values_list("code", "pk"))
    made = CheckIn.objects.bulk_create(
        [
            CheckIn(
                venue_id=venue_ids[row.venue_code],
                place_id=place_ids[row.place_code] if row.place_code else None,
                asset=row.asset,
                state=row.state,
                count=row.count,
                at=row.at,
                source=row.source,
                tap=row.tap,
            )
            for row in rows
        ],
        batch_size=1000,
    )
    return len(made)


def watched_models() -> dict[str, type[Model]]:
    """Tables whose rows reach is made of; analytics listens to them. Nothing here knows that it does."""
    return {"check_in": CheckIn, "venue": Venue, "place": PosterPlace}


def check_ins(*, before: datetime | None = None, venues: Collection[str] | None = None) -> Iterator[CheckInRecord]:
    """Check-ins in order of their moment, up to but not including `before`; of all venues or of these codes."""
    rows = CheckIn.objects.order_by("at", "pk")
    if venues is not None:
        rows = rows.filter(venue__code__in=venues)
    if before is not None:
        rows = rows.filter(at__lt=before)
    fields = ("venue__code", "place__code", "place__zone", "asset", "state", "count", "at", "source")
    for venue, place, zone, asset, state, count, at, source in rows.values_list(*fields).iterator(chunk_size=5000):
        yield CheckInRecord(venue, place, zone or "", asset, state, count, at, source)


def scans(*, start: datetime, end: datetime) -> Iterator[ScanHour]:
    """Human scans by place and UTC hour, start <= hour < end, in order of place and hour."""
    places = dict(PosterPlace.objects.values_list("code", "venue__code"))
    totals: dict[tuple[str, datetime], int] = defaultdict(int)
    rows = ScanCount.objects.filter(hour__gte=start, hour__lt=end, result=COUNTED).exclude(code="")
    for code, hour, count in rows.values_list("code", "hour", "count"):
        totals[code, hour] += count
    for (code, hour), count in sorted(totals.items()):
        if code in places:
            yield ScanHour(places[code], code, hour, count, None)


def downloads(*, start: datetime, end: datetime) -> Iterator[DownloadRecord]:
    """Receipts, start <= at < end. A download is supplied, never displayed."""
    rows = Download.objects.filter(at__gte=start, at__lt=end).order_by("at", "pk")
    for venue, at, kind in rows.values_list("venue__code", "at", "kind"):
        yield DownloadRecord(venue, at, kind)


def published_posts(*, start: datetime, end: datetime) -> Iterator[PublishedPost]:
    """Posts that are live, start <= live_at < end. Simulated ones never enter an evaluation."""
    rows = Dispatch.objects.filter(live_at__gte=start, live_at__lt=end).order_by("live_at", "pk")
    fields = ("account__platform", "account__handle", "post__campaign", "live_at", "simulated")
    for row in rows.values_list(*fields):
        yield PublishedPost(*row)
