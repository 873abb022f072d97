"""A synthetic force extract for the demo and for tests: never real, always labelled.

Every reference starts with ``SYN-``. Same seed and arguments give the same bytes. Counts are solved from
``synthetic_margins.toml`` by largest remainder and met exactly while no effect is planted. A planted effect
removes (or adds) night-time assaults near venues in exposed venue-weeks; the totals then move, and
``SyntheticTruth`` says by how much. The product never reads the truth.
"""

import csv
import tomllib
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.police_data.places import metres_of, nearest_within

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

RADIUS_M = 150.0
HEADER = (
    "Crime No", "HO Offence", "From Date", "From Time", "To Date", "To Time", "Recorded", "X", "Y", "Loc Type",
    "PP Flag", "DA", "Weapon", "Alcohol", "Beat", "NPA", "District", "Status", "Extract Date",
)  # fmt: skip
NIGHT_HOURS = numpy.array([22, 23, 0, 1, 2, 3, 4])
OTHER_PLACES = ("dwelling", "dwelling", "dwelling", "education", "shop", "other")
STREETS = ("public_or_open_place", "public_or_open_place", "hospitality", "transport", "shop")


@dataclass
class SyntheticTruth:
    """What was made: rows written, the planted effect, and each margin's target against what was made."""

    rows: int = 0
    night_public: int = 0
    night_assaults_near_venues: int = 0
    removed: int = 0
    added: int = 0
    irr: float = 1.0
    exposed_venue_weeks: int = 0
    margins: list[tuple[str, int, int, bool]] = field(default_factory=list)


@dataclass
class _Rows:
    """Columns of the extract while it is made."""

    code: Any
    area: Any  # index of the area, -1 for none
    day: Any  # index of the calendar day
    hour: Any
    x: Any
    y: Any
    public: Any
    night: Any  # night-time and public place


@lru_cache(maxsize=1)
def margins() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("synthetic_margins.toml").read_text(encoding="utf-8"))


def whole_numbers(shares: Sequence[float], total: int) -> list[int]:
    """Integers in proportion to ``shares`` that sum to ``total`` (largest remainder, first come on ties)."""
    weights = numpy.asarray(shares, dtype=float)
    exact = weights / weights.sum() * total
    floors = numpy.floor(exact).astype(int)
    order = numpy.argsort(-(exact - floors), kind="stable")
    floors[order[: total - int(floors.sum())]] += 1
    return [int(each) for each in floors]


class _Maker:
    def __init__(self, seed: int, venues: Sequence["VenueFacts"], start: date, end: date, offences: int) -> None:
        self.margins = margins()
        self.rng = numpy.random.Generator(numpy.random.PCG64(numpy.random.SeedSequence(seed)))
        self.venues = sorted(venues, key=lambda each: each.code)
        self.start, self.end, self.total = start, end, offences
        self.days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        self.names = list(self.margins["areas"])
        self.centres = numpy.array([each["centre"] for each in self.margins["areas"].values()], dtype=float)
        self.spreads = numpy.array([each["spread"] for each in self.margins["areas"].values()], dtype=float)
        scale = offences / self.margins["total"]
        self.night_public = round(self.margins["night_public"] * scale)
        self.sites = metres_of(
            numpy.array([each.longitude for each in self.venues]),
            numpy.array([each.latitude for each in self.venues]),
        )
        self._season()

    def _season(self) -> None:
        season = numpy.array([self.margins["profile"]["season"][day.month - 1] for day in self.days])
        weeks = [nights.week_of(day) for day in self.days]
        self.week_index = numpy.unique(numpy.array(weeks), return_inverse=True)[1]
        # Areas have good and bad weeks of their own; an evaluation must not mistake them for the campaign.
        shocks = numpy.exp(self.rng.normal(0, 0.15, (len(self.names) + 1, self.week_index.max() + 1)))
        self.chance = season * shocks[:, self.week_index]
        self.weekday = numpy.array([day.weekday() for day in self.days])
        self.first_year = numpy.array([(day - self.start).days < 366 for day in self.days])
        self.two_years = not self.first_year.all() and (self.end - self.start).days == 548

    # --- which venue, which place

    def _area_of_venues(self) -> Any:
        named = {name.casefold(): n for n, name in enumerate(self.names)}
        distance = ((self.sites[:, None, :] - self.centres[None]) ** 2).sum(axis=2)
        return numpy.array(
            [
                named.get(venue.area_name.casefold(), int(distance[n].argmin()))
                for n, venue in enumerate(self.venues)
            ],
            dtype=int,
        )

    def _near(self, venue: Any) -> Any:
        """A point at most 140 m from each venue."""
        radius = 140 * numpy.sqrt(self.rng.random(len(venue)))
        angle = 2 * numpy.pi * self.rng.random(len(venue))
        return self.sites[venue] + numpy.column_stack((radius * numpy.cos(angle), radius * numpy.sin(angle)))

    def _anywhere(self, area: Any, *, away: bool) -> Any:
        """Points around the centre of each area; ``away`` keeps them over 150 m from every venue."""
        points = self.centres[area] + self.rng.normal(0, 1, (len(area), 2)) * self.spreads[area][:, None]
        for _ in range(40 if away and len(self.sites) else 0):
            close = nearest_within(points, self.sites, RADIUS_M + 2)[0] >= 0
            if not close.any():
                break
            points[close] = (
                self.centres[area[close]]
                + self.rng.normal(0, 1.3, (int(close.sum()), 2)) * self.spreads[area[close]][:, None]
            )
        return points

    # --- when

    def _dates(self, area: Any, allowed: Any, year: Any) -> Any:
        """A calendar day for each row; ``allowed`` is rows x days, ``year`` the twelve months it must lie in."""
        weights = self.chance[area] * allowed
        if self.two_years:
            weights = weights * (self.first_year[None, :] == year[:, None])
        cumulative = weights.cumsum(axis=1)
        pick = self.rng.random(len(area)) * cumulative[:, -1]
        return (cumulative < pick[:, None]).sum(axis=1)

    def _years(self, count: int, share: float) -> Any:
        year = numpy.zeros(count, dtype=bool)
        year[: round(count * share)] = True
        return self.rng.permutation(year)

    # --- the two kinds of rows

    def night_rows(self, share: float) -> _Rows:
        count = self.night_public
        weekdays = whole_numbers(self.margins["night_public_weekdays"]["counts"], count)
        weekday = numpy.repeat(numpy.arange(7), weekdays)
        hour = numpy.concatenate([self._hours_of(day, n) for day, n in enumerate(weekdays)])
        codes = self.margins["night_public_offences"]
        code = self.rng.permutation(numpy.repeat(list(codes), whole_numbers(list(codes.values()), count)))
        near = numpy.zeros(count, dtype=bool)
        near[: round(self.margins["near_venue_share"] * count) if self.venues else 0] = True
        near = self.rng.permutation(near)
        counts = [each["count"] for each in self.margins["areas"].values()]
        area = self.rng.permutation(numpy.repeat(numpy.arange(len(counts)), whole_numbers(counts, count)))
        venue = numpy.full(count, -1)
        points = self._anywhere(area, away=True)
        if self.venues:
            size = numpy.array([venue.capacity or 150 for venue in self.venues], dtype=float)
            weight = self.rng.gamma(0.8, 1.0, len(self.venues)) * size + 1e-9
            venue[near] = self.rng.choice(len(self.venues), int(near.sum()), p=weight / weight.sum())
            area[near] = self._area_of_venues()[venue[near]]
            points[near] = self._near(venue[near])
        allowed = self._nights_allowed(weekday, hour, venue)
        day = self._dates(area, allowed, self._years(count, share))
        public = numpy.ones(count, dtype=bool)
        return _Rows(code, area, day, hour, points[:, 0], points[:, 1], public, public.copy())

    def _hours_of(self, weekday: int, count: int) -> Any:
        kind = {4: "friday", 5: "saturday", 6: "sunday"}.get(weekday, "weekday")
        hours = numpy.repeat(NIGHT_HOURS, whole_numbers(self.margins["night_hours"][kind], count))
        return self.rng.permutation(hours)

    def _nights_allowed(self, weekday: Any, hour: Any, venue: Any) -> Any:
        allowed = self.weekday[None, :] == weekday[:, None]
        allowed &= ~((hour < 5)[:, None] & (numpy.arange(len(self.days)) == 0)[None, :])  # its night is not ours
        for n, day in enumerate(self.days):
            if nights.clock_doubt(datetime.combine(day, time(1, 30))) == "time_not_on_clock":
                allowed[hour == 1, n] = False
        for index, each in enumerate(self.venues):
            if each.opened_on or each.closed_on:
                shut = numpy.array(
                    [
                        bool(
                            (each.opened_on and day < each.opened_on) or (each.closed_on and day > each.closed_on)
                        )
                        for day in self.days
                    ]
                )
                rows = (venue == index) & (allowed & ~shut).any(axis=1)
                allowed[rows] &= ~shut
        return allowed

    def other_rows(self, night: _Rows, share: float) -> _Rows:
        """Everything else, so that area, offence and public-place margins come out with the night rows."""
        data, count = self.margins, self.total - self.night_public
        scale = self.total / data["total"]
        wanted = dict(
            zip(data["offences"], whole_numbers(list(data["offences"].values()), self.total), strict=True)
        )
        taken = {code: int((night.code == code).sum()) for code in wanted}
        left = [max(0, wanted[code] - taken[code]) for code in wanted]
        code = self.rng.permutation(numpy.repeat(list(wanted), whole_numbers(left, count)))
        counts = [each["count"] for each in data["areas"].values()]
        counts = whole_numbers([*counts, max(0, data["total"] - sum(counts))], self.total)
        free = [max(0, n - int((night.area == k).sum())) for k, n in enumerate(counts[:-1])]
        area = numpy.repeat([*range(len(free)), -1], whole_numbers([*free, counts[-1]], count))
        area = self.rng.permutation(area)
        public_count = round(data["public"] * scale) - self.night_public
        street = numpy.array([data["profile"]["street_offences"].get(each, 0.5) for each in code])
        order = numpy.argsort(-(numpy.log(street) + self.rng.gumbel(size=count)), kind="stable")
        public = numpy.zeros(count, dtype=bool)
        public[order[:public_count]] = True
        any_hours = numpy.array(data["profile"]["any_hours"], dtype=float)
        hour = self.rng.choice(24, count, p=any_hours / any_hours.sum())
        day_hours = numpy.array(data["profile"]["day_hours"], dtype=float)
        hour[public] = 5 + self.rng.choice(17, int(public.sum()), p=day_hours / day_hours.sum())
        year = self._years(count, share)
        day = numpy.concatenate(
            [
                self._dates(part, numpy.ones((1, len(self.days)), dtype=bool), mask)
                for part, mask in zip(
                    numpy.array_split(area, count // 4000 + 1),
                    numpy.array_split(year, count // 4000 + 1),
                    strict=True,
                )
            ]
        )
        points = self._anywhere(numpy.where(area < 0, 0, area), away=False)
        if self.venues:  # some daytime offences in the street happen outside pubs too: a placebo needs them
            beside = public & (area >= 0) & (self.rng.random(count) < 0.25)
            of_area = self._area_of_venues()
            for k in range(len(self.names)):
                choices = numpy.flatnonzero(of_area == k)
                rows = numpy.flatnonzero(beside & (area == k))
                if len(choices):
                    points[rows] = self._near(self.rng.choice(choices, len(rows)))
        points[area < 0] = numpy.nan
        return _Rows(code, area, day, hour, points[:, 0], points[:, 1], public, numpy.zeros(count, dtype=bool))

    # --- the planted effect

    def plant(self, rows: _Rows, exposure: Pairs[tuple[str, str], float], irr: float) -> tuple[Any, int]:
        """(indexes of rows to write, night assaults near venues before planting)."""
        assaults = numpy.isin(rows.code, sorted(measure_named("nte_assault").codes)) & rows.night
        which = numpy.flatnonzero(assaults)
        nearest, _ = nearest_within(numpy.column_stack((rows.x[which], rows.y[which])), self.sites, RADIUS_M)
        near, nearest = which[nearest >= 0], nearest[nearest >= 0]
        chance = self.rng.random(len(near))
        repeats = numpy.ones(len(rows.code), dtype=int)
        for row, site, luck in zip(near, nearest, chance, strict=True):
            day = self.days[rows.day[row]]
            night = day if rows.hour[row] >= 22 else day - timedelta(days=1)
            dose = float(exposure.get((self.venues[site].code, nights.week_of(night)), 0.0))
            kept = irr**dose
            repeats[row] = int(luck < kept) if kept <= 1 else 1 + int(luck < kept - 1)
        return numpy.repeat(numpy.arange(len(repeats)), repeats), len(near)


def _together(one: _Rows, two: _Rows) -> _Rows:
    return _Rows(**{name: numpy.concatenate((getattr(one, name), getattr(two, name))) for name in vars(one)})


def write_extract(
    path: str | Path,
    *,
    seed: int,
    venues: Sequence["VenueFacts"],
    exposure: Pairs[tuple[str, str], float] | None = None,
    irr: float = 1.0,
    start: date = date(2023, 4, 1),
    end: date = date(2024, 9, 30),
    offences: int = 44_373,
) -> SyntheticTruth:
    """Writes a synthetic extract for the mapping ``leicestershire_niche`` and returns the truth behind it.

    ``exposure`` is the dose (0 to 1) by venue code and week; ``irr`` the rate ratio at dose 1. Dates are
    local, the range inclusive. Raises ValueError for a range or size that nothing can be made from.
    """
    if end < start or offences < 100 or irr < 0 or irr > 2:
        raise ValueError("write_extract needs start <= end, at least 100 offences and an irr between 0 and 2")
    maker = _Maker(seed, venues, start, end, offences)
    share = maker.margins["first_year"] / maker.margins["total"]
    night = maker.night_rows(share)
    rows = _together(night, maker.other_rows(night, share))
    written, near = maker.plant(rows, exposure or {}, irr)
    count = numpy.bincount(written, minlength=len(rows.code))
    truth = SyntheticTruth(
        rows=len(written),
        night_public=int(rows.night[written].sum()),
        night_assaults_near_venues=near,
        removed=int((count == 0).sum()),
        added=int((count - 1).clip(0).sum()),
        irr=irr,
        exposed_venue_weeks=sum(1 for dose in (exposure or {}).values() if dose > 0),
    )
    if offences == maker.margins["total"] and not truth.removed and not truth.added:
        truth.margins = _margin_table(maker, rows)
    _write(Path(path), maker, rows, written)
    return truth


def _margin_table(maker: _Maker, rows: _Rows) -> list[tuple[str, int, int, bool]]:
    data = maker.margins
    wanted = [("all", data["total"], len(rows.code)), ("public place", data["public"], int(rows.public.sum()))]
    wanted.append(("night-time public place", data["night_public"], int(rows.night.sum())))
    wanted += [
        (name, each["count"], int((rows.area == n).sum())) for n, (name, each) in enumerate(data["areas"].items())
    ]
    wanted += [(f"offence {code}", n, int((rows.code == code).sum())) for code, n in data["offences"].items()]
    weekday = maker.weekday[rows.day[rows.night]]
    for n, target in enumerate(data["night_public_weekdays"]["counts"]):
        wanted.append((f"night-time {nights.WEEKDAYS[n]}", target, int((weekday == n).sum())))
    if maker.two_years:
        wanted.append(("first twelve months", data["first_year"], int(maker.first_year[rows.day].sum())))
    return [(name, target, made, target == made) for name, target, made in wanted]


def _write(path: Path, maker: _Maker, rows: _Rows, written: Any) -> None:
    rng, data, count = maker.rng, maker.margins, len(written)
    at = {name: getattr(rows, name)[written] for name in vars(rows)}
    minute = rng.integers(0, 60, count)
    # A range stays inside its clock hour where the night-time margins depend on it.
    ranged = rng.random(count) < data["ranges_share"]
    narrow = at["public"] | (at["hour"] >= 16) | (at["hour"] < 5)
    length = numpy.where(narrow, 59 - minute, rng.integers(30, 360, count))
    domestic = rng.random(count) < numpy.where(at["night"], 0.05, numpy.where(at["public"], 0.12, 0.39))
    weapon, alcohol = rng.random(count) < 0.07, rng.random(count) < numpy.where(at["night"], 0.6, 0.15)
    place, beat = rng.integers(0, 60, count), rng.integers(1, 7, count)
    lag = numpy.minimum(rng.exponential(3.0, count), 60.0)
    order = numpy.lexsort((minute, at["hour"], at["day"]))
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(HEADER)
        for number, n in enumerate(order, start=1):
            day, area = maker.days[at["day"][n]], int(at["area"][n])
            begins = datetime.combine(day, time(int(at["hour"][n]), int(minute[n])))
            ends = begins + timedelta(minutes=int(length[n])) if ranged[n] else None
            recorded = (ends or begins) + timedelta(minutes=int(lag[n] * 1440) + 20)
            kinds = STREETS if at["public"][n] else OTHER_PLACES
            name = maker.names[area] if area >= 0 else ""
            writer.writerow(
                (
                    f"SYN-{number:07d}",
                    at["code"][n],
                    begins.strftime("%d/%m/%Y"),
                    begins.strftime("%H:%M"),
                    ends.strftime("%d/%m/%Y") if ends else "",
                    ends.strftime("%H:%M") if ends else "",
                    recorded.strftime("%d/%m/%Y %H:%M"),
                    f"{at['x'][n]:.0f}" if area >= 0 else "",
                    f"{at['y'][n]:.0f}" if area >= 0 else "",
                    kinds[place[n] % len(kinds)],
                    "Y" if at["public"][n] else "N",
                    "Y" if domestic[n] else "N",
                    "Y" if weapon[n] else "N",
                    "Y" if alcohol[n] else "N",
                    f"{name[:3].upper()}{beat[n]}" if name else "",
                    f"{name} NPA" if name else "",
                    name,
                    "Recorded",
                    maker.end.strftime("%d/%m/%Y 00:00"),
                )
            )
    draft.replace(path)
