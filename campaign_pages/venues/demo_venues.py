"""The demo's synthetic venues, their roll-out in random order, and what they reported.

Street by street: a drawn start week for six streets in ten, then check-ins often enough to stay fresh, with gaps
and some posters taken down. Nothing here is real.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from campaign_pages.venues.codes import ALPHABET, LENGTH
from campaign_pages.venues.models import Area, CheckIn, Download, PosterPlace, ScanCount, Venue

LONDON = ZoneInfo("Europe/London")
FIRST_MONDAY, LAST_SUNDAY = date(2023, 4, 3), date(2024, 9, 29)
WEEKS = 78
STREET = 5  # venues in one street
ADOPTION = 0.6
TOWNS = (
    # area, latitude, longitude, streets
    ("E06000016", "Leicester", 52.6345, -1.1320, 14),
    ("E07000130", "Charnwood", 52.7721, -1.2062, 4),
    ("E07000132", "Hinckley and Bosworth", 52.5413, -1.3724, 3),
    ("E07000134", "North West Leicestershire", 52.7230, -1.3700, 2),
    ("E07000131", "Harborough", 52.4777, -0.9206, 2),
    ("E07000133", "Melton", 52.7653, -0.8868, 1),
    ("E07000129", "Blaby", 52.5740, -1.1640, 1),
    ("E07000135", "Oadby and Wigston", 52.5840, -1.1050, 2),
    ("E06000017", "Rutland", 52.6700, -0.7300, 1),
)
FIRST = ("Amber", "Brass", "Copper", "Drum", "Electric", "Falling", "Glass", "Hidden", "Iron", "Jolly", "Lantern", "Midnight", "North", "Old", "Paper", "Quiet", "Red", "Silver", "Tin", "Velvet")  # fmt: skip
SECOND = ("Anchor", "Bell", "Crane", "Dog", "Elephant", "Fox", "Gate", "Heron", "Key", "Lamp", "Mill", "Oak", "Parrot", "Rooster", "Ship", "Tram", "Vault", "Wheel")  # fmt: skip
KINDS = ("club", "bar", "pub", "pub", "takeaway")
ZONES = ("mens_toilet", "bar", "entrance")


@dataclass(frozen=True)
class StreetPlan:
    """One street of the roll-out: the week it goes live (None: never) and the week it comes down (None: stays)."""

    street: int
    area_code: str
    start: int | None
    end: int | None


def rollout(seed: int) -> list[StreetPlan]:
    """The drawn schedule, weeks counted from 2023-W14. Drawn before anything is put up, so it owes nothing to crime."""
    draw = random.Random(f"rollout:{seed}")  # noqa: S311 - a published, repeatable draw
    plans, street = [], 0
    for code, _, _, _, streets in TOWNS:
        for _ in range(streets):
            start = draw.randrange(16, 56) if draw.random() < ADOPTION else None
            end = start + draw.randrange(18, 30) if start is not None and draw.random() < 0.25 else None
            plans.append(StreetPlan(street, code, start, end))
            street += 1
    return plans


def load(*, seed: int, say: Callable[[str], None]) -> None:
    """150 venues and eighteen months of their reports. Safe to run again."""
    if Venue.objects.filter(synthetic=True).exists():
        say(f"  {Venue.objects.filter(synthetic=True).count()} synthetic venues are there already")
        return
    with transaction.atomic():
        venues = _venues(seed)
        reports = _check_ins(seed, venues)
        _scans_and_downloads(seed, venues)
    say(f"  {sum(map(len, venues))} synthetic venues, {reports} check-ins")


def _venues(seed: int) -> list[list[Venue]]:
    draw = random.Random(f"venues:{seed}")  # noqa: S311
    areas = {code: Area.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name, *_ in TOWNS}
    names = [f"The {first} {second}" for first in FIRST for second in SECOND]
    draw.shuffle(names)
    streets: list[list[Venue]] = []
    number = 0
    for code, _, latitude, longitude, count in TOWNS:
        for index in range(count):
            # Streets lie some 700 m apart on a grid, venues about 40 m apart along the street.
            north, east = (index // 4 - 1) * 0.0063, (index % 4 - 1.5) * 0.0104
            street = []
            for position in range(STREET):
                number += 1
                nights = {"Fri", "Sat"} | {day for day in ("Wed", "Thu", "Sun") if draw.random() < 0.5}
                street.append(
                    Venue(
                        code=f"SYN{number:03}",
                        name=names[number],
                        kind=KINDS[position],
                        area=areas[code],
                        latitude=round(latitude + north + draw.uniform(-1, 1) * 0.0001, 6),
                        longitude=round(longitude + east + (position - 2) * 0.0006, 6),
                        capacity=draw.choice((60, 80, 120, 150, 200, 300, 450, 700)),
                        open_nights=",".join(
                            sorted(nights, key=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index)
                        ),
                        opened_on=date(2019, 1, 1),
                        synthetic=True,
                    )
                )
            streets.append(street)
    Venue.objects.bulk_create([venue for street in streets for venue in street])
    taken = set(PosterPlace.objects.values_list("code", flat=True))
    places = []
    for street in streets:
        for venue in street:
            for order, zone in enumerate(ZONES[: draw.choice((1, 2, 2, 3))]):
                while (code := "".join(draw.choice(ALPHABET) for _ in range(LENGTH))) in taken:
                    pass
                taken.add(code)
                places.append(PosterPlace(venue=venue, zone=zone, code=code, sort_order=order))
    PosterPlace.objects.bulk_create(places)
    return streets


def _check_ins(seed: int, streets: list[list[Venue]]) -> int:
    draw = random.Random(f"check-ins:{seed}")  # noqa: S311
    plans = {plan.street: plan for plan in rollout(seed)}
    rows: list[CheckIn] = []
    places: dict[int, list[PosterPlace]] = {}
    for place in PosterPlace.objects.filter(venue__synthetic=True).order_by("sort_order"):
        places.setdefault(place.venue_id, []).append(place)
    for number, street in enumerate(streets):
        plan = plans[number]
        if plan.start is None:
            continue
        for venue in street:
            start = plan.start + draw.choice((0, 0, 0, 1))
            end = min(plan.end if plan.end is not None else WEEKS, WEEKS)
            diligence = draw.uniform(0.75, 1.0)
            for week in range(start, end):
                if week > start and draw.random() > diligence:
                    continue  # a missed check-in: freshness falls
                rows += [_report(venue, place, week, draw, "up") for place in places[venue.pk]]
            if end < WEEKS:
                rows += [_report(venue, place, end, draw, "down") for place in places[venue.pk]]
    CheckIn.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _report(venue: Venue, place: PosterPlace, week: int, draw: random.Random, state: str) -> CheckIn:
    day = FIRST_MONDAY + timedelta(weeks=week, days=draw.choice((0, 0, 1, 2)))
    local = datetime.combine(day, time(draw.randrange(12, 19), draw.randrange(60)), tzinfo=LONDON)
    return CheckIn(venue=venue, place=place, state=state, at=local.astimezone(UTC), source=CheckIn.Source.STICKER)


def _scans_and_downloads(seed: int, streets: list[list[Venue]]) -> None:
    draw = random.Random(f"scans:{seed}")  # noqa: S311
    reports = CheckIn.objects.filter(state="up", venue__synthetic=True).values_list("place__code", "at")
    cells: dict[tuple[str, datetime], int] = {}
    for code, at in reports:
        for _ in range(draw.choice((0, 0, 1, 1, 2, 4))):
            night = at.replace(hour=0, minute=0) + timedelta(
                days=draw.randrange(1, 6), hours=draw.randrange(21, 26)
            )
            cells[code, night] = cells.get((code, night), 0) + 1
    ScanCount.objects.bulk_create(
        [
            ScanCount(code=code, hour=hour.replace(second=0, microsecond=0), result="counted", count=count)
            for (code, hour), count in cells.items()
        ],
        batch_size=1000,
    )
    Download.objects.bulk_create(
        [
            Download(
                venue=venue,
                kind="zip",
                path="walk-away-pack.zip",
                version="WA-EN-1",
                sha256="",
                bytes=4_000_000,
                at=datetime.combine(FIRST_MONDAY + timedelta(days=draw.randrange(60, 400)), time(14), tzinfo=UTC),
            )
            for street in streets
            for venue in street
            if draw.random() < 0.7
        ]
    )
