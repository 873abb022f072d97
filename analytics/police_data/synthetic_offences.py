"""The offences of a synthetic extract: what, when, where and with which flags, so that all margins come out."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy

from analytics import nights
from analytics.police_data.synthetic_fitting import whole_numbers, whole_table
from analytics.police_data.synthetic_places import Places
from analytics.police_data.synthetic_targets import Block

NIGHT_HOURS = numpy.array([22, 23, 0, 1, 2, 3, 4])
STEPS = ("seasons", "night", "others", "flags", "people", "effect", "details", "quirks")


@dataclass
class Rows:
    """Columns of the extract while it is made; one entry per offence."""

    code: Any
    area: Any  # index of the area, -1 for none
    day: Any  # index of the calendar day
    hour: Any
    x: Any
    y: Any
    public: Any
    night: Any  # night-time and public place
    domestic: Any
    block: Any  # index of the block

    def take(self, which: Any) -> "Rows":
        return Rows(**{name: getattr(self, name)[which] for name in vars(self)})


def joined(parts: list[Rows]) -> Rows:
    return Rows(**{name: numpy.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def generators(seed: int) -> dict[str, numpy.random.Generator]:
    """One independent generator for each step, so that changing one step leaves the others alone."""
    children = numpy.random.SeedSequence(seed).spawn(len(STEPS))
    return {
        step: numpy.random.Generator(numpy.random.PCG64(child))
        for step, child in zip(STEPS, children, strict=True)
    }


def heaviest(weights: Any, count: int, rng: numpy.random.Generator) -> Any:
    """``count`` rows drawn without replacement, in proportion to weights (Gumbel top-k), as a mask."""
    keys = numpy.log(numpy.maximum(weights, 1e-12)) + rng.gumbel(size=len(weights))
    mask = numpy.zeros(len(weights), dtype=bool)
    mask[numpy.argsort(-keys, kind="stable")[:count]] = True
    return mask


class OffenceMaker:
    """Makes the rows of every block of an inclusive window of local dates."""

    def __init__(
        self, data: dict[str, Any], places: Places, start: date, end: date, rngs: dict[str, numpy.random.Generator]
    ) -> None:
        self.data, self.places, self.rngs = data, places, rngs
        self.days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        self.weekday = numpy.array([day.weekday() for day in self.days])
        season = numpy.array([data["profile"]["season"][day.month - 1] for day in self.days])
        weeks = numpy.unique(numpy.array([nights.week_of(day) for day in self.days]), return_inverse=True)[1]
        # Areas have good and bad weeks of their own; an evaluation must not mistake them for the campaign.
        shocks = numpy.exp(rngs["seasons"].normal(0, 0.15, (len(places.names) + 1, weeks.max() + 1)))
        self.chance = season * shocks[:, weeks]
        size = numpy.array([venue.capacity or 150 for venue in places.venues], dtype=float)
        # Some places are far worse than others of their size.
        self.pull = rngs["seasons"].gamma(0.8, 1.0, len(size)) * size + 1e-9
        # Doubtful times are a quirk, and off by default: the hour that the clock skips or repeats stays empty.
        doubts = [nights.clock_doubt(datetime.combine(day, time(1, 30))) for day in self.days]
        self.skipped = numpy.array([doubt == "time_not_on_clock" for doubt in doubts])
        self.doubtful = numpy.array([bool(doubt) for doubt in doubts])

    def make(self, blocks: list[Block]) -> Rows:
        parts = []
        for n, block in enumerate(blocks):
            night, night_period = self._night(block, n)
            parts += [night, self._others(block, n, night, night_period)]
        return joined(parts)

    # --- night-time, public place

    def _night(self, block: Block, number: int) -> tuple[Rows, Any]:
        rng, places = self.rngs["night"], self.places
        codes = list(self.data["offences"])
        code, period = [], []
        for name, count in block.night.items():
            for k, share in enumerate(whole_numbers(block.table[codes.index(name)], count)):
                code += [name] * share
                period += [k] * share
        count = len(code)
        order = rng.permutation(count)
        code_of, period_of = numpy.array(code)[order], numpy.array(period, dtype=int)[order]
        weekday = numpy.repeat(numpy.arange(7), block.weekdays)
        hour = numpy.concatenate([self._hours_of(day, n, rng) for day, n in enumerate(block.weekdays)])
        near = numpy.zeros(count, dtype=bool)
        near[: round(self.data["window"]["near_venue_share"] * count) if places.venues else 0] = True
        near = rng.permutation(near)
        wanted = [block.areas[name] for name in places.names]
        area = rng.permutation(numpy.repeat(numpy.arange(len(wanted)), whole_numbers(wanted, count)))
        venue = numpy.full(count, -1)
        points = places.anywhere(area, rng, away=True)
        if places.venues:
            venue[near] = rng.choice(len(places.venues), int(near.sum()), p=self.pull / self.pull.sum())
            area[near] = places.area_of_venue[venue[near]]
            points[near] = places.near(venue[near], rng)
        day = self._pick(area, self._nights_allowed(block, weekday, hour, venue, period_of), rng)
        hour[(hour == 1) & self.doubtful[day]] = 0
        yes = numpy.ones(count, dtype=bool)
        rows = Rows(code_of, area, day, hour, points[:, 0], points[:, 1], yes, yes.copy(), ~yes, yes * number)
        rows.domestic = rng.permutation(numpy.arange(count) < round(0.05 * count))
        return rows, period_of

    def _hours_of(self, weekday: int, count: int, rng: numpy.random.Generator) -> Any:
        kind = {4: "friday", 5: "saturday", 6: "sunday"}.get(weekday, "weekday")
        return rng.permutation(numpy.repeat(NIGHT_HOURS, whole_numbers(self.data["night_hours"][kind], count)))

    def _nights_allowed(self, block: Block, weekday: Any, hour: Any, venue: Any, period: Any) -> Any:
        """Rows x days: the days on which an offence may begin."""
        allowed = self.weekday[None, :] == weekday[:, None]
        for k, (first, last, _) in enumerate(block.periods):
            outside = numpy.ones(len(self.days), dtype=bool)
            outside[first : last + 1] = False
            allowed[period == k] &= ~outside
        # The small hours of a block's first day belong to the night before it.
        allowed[hour < 5, block.periods[0][0]] = False
        allowed[hour == 1] &= ~self.skipped
        for index, each in enumerate(self.places.venues):
            if each.opened_on or each.closed_on:
                opened, closed = each.opened_on or date.min, each.closed_on or date.max
                is_open = numpy.array([opened <= day <= closed for day in self.days])
                rows = (venue == index) & (allowed & is_open).any(axis=1)
                allowed[rows] &= is_open
        return allowed

    def _pick(self, area: Any, allowed: Any, rng: numpy.random.Generator) -> Any:
        cumulative = (self.chance[area] * allowed).cumsum(axis=1)
        pick = rng.random(len(area)) * cumulative[:, -1]
        return (cumulative < pick[:, None]).sum(axis=1)

    # --- everything else

    def _others(self, block: Block, number: int, night: Rows, night_period: Any) -> Rows:
        """Offence, period, area, public place and domestic, so that the margins come out with the night rows."""
        rng, data = self.rngs["others"], self.data
        codes = list(data["offences"])
        left = numpy.array(block.table, dtype=int)
        for name in block.night:
            for k in range(left.shape[1]):
                left[codes.index(name), k] -= int(((night.code == name) & (night_period == k)).sum())
        public_seed = numpy.array([data["profile"]["public"].get(each, 0.5) for each in codes])
        count = int(left.sum())
        outdoors = min(block.public - len(night.code), count)
        kinds = whole_table(
            numpy.column_stack((public_seed, numpy.full(len(codes), 3.0))),
            left.sum(axis=1),
            [outdoors, count - outdoors],
        )
        # Rows of the joint table: (in public, offence, period); its columns: the areas and "no area".
        cells: list[tuple[bool, str, int]] = []
        sizes: list[int] = []
        for c, code in enumerate(codes):
            out = whole_numbers(left[c], int(kinds[c, 0]))
            for k in range(left.shape[1]):
                for public, size in ((True, out[k]), (False, int(left[c, k]) - out[k])):
                    if size:
                        cells.append((public, code, k))
                        sizes.append(size)
        taken = [int((night.area == n).sum()) for n in range(len(self.places.names))]
        free = [max(0, block.areas[name] - taken[n]) for n, name in enumerate(self.places.names)]
        columns = whole_numbers([*free, block.areas[""]], count)
        city = numpy.where(numpy.arange(len(columns)) == 0, data["profile"]["public_in_city"], 1.0)
        seed = numpy.array([city if public else numpy.ones(len(columns)) for public, _, _ in cells])
        table = whole_table(seed * (numpy.array(columns) + 1e-9), sizes, columns)
        many = table.ravel()
        cell = numpy.repeat(numpy.repeat(numpy.arange(len(cells)), len(columns)), many)
        area = numpy.repeat(numpy.tile([*range(len(columns) - 1), -1], len(cells)), many)
        in_public = numpy.array([each[0] for each in cells])[cell]
        code_of = numpy.array([each[1] for each in cells])[cell]
        period = numpy.array([each[2] for each in cells])[cell]
        rows = Rows(code_of, area, None, None, None, None, in_public, numpy.zeros(count, dtype=bool), None, None)
        rows.block = numpy.full(count, number)
        rows.hour = self._any_hours(in_public, rng)
        rows.day = self._days_in(block, area, period, rng)
        rows.hour[(rows.hour == 1) & self.doubtful[rows.day]] = 3
        self._put(rows, rng)
        rows.domestic = self._domestic(rows, block.domestic - int(night.domestic.sum()))
        return rows

    def _any_hours(self, public: Any, rng: numpy.random.Generator) -> Any:
        profile = self.data["profile"]
        any_hours = numpy.array(profile["any_hours"], dtype=float)
        hour = rng.choice(24, len(public), p=any_hours / any_hours.sum())
        day_hours = numpy.array(profile["day_hours"], dtype=float)
        hour[public] = 5 + rng.choice(17, int(public.sum()), p=day_hours / day_hours.sum())
        return hour

    def _days_in(self, block: Block, area: Any, period: Any, rng: numpy.random.Generator) -> Any:
        day = numpy.zeros(len(area), dtype=int)
        for k, (first, last, _) in enumerate(block.periods):
            for n in range(-1, len(self.places.names)):
                rows = numpy.flatnonzero((period == k) & (area == n))
                chance = self.chance[n, first : last + 1]
                day[rows] = first + rng.choice(len(chance), len(rows), p=chance / chance.sum())
        return day

    def _put(self, rows: Rows, rng: numpy.random.Generator) -> None:
        places = self.places
        points = places.anywhere(numpy.where(rows.area < 0, 0, rows.area), rng, away=False)
        if places.venues:  # some daytime offences in the street happen outside pubs too: a placebo needs them
            beside = rows.public & (rows.area >= 0) & (rng.random(len(points)) < 0.25)
            for k in range(len(places.names)):
                choices = numpy.flatnonzero(places.area_of_venue == k)
                chosen = numpy.flatnonzero(beside & (rows.area == k))
                if len(choices):
                    points[chosen] = places.near(rng.choice(choices, len(chosen)), rng)
        points[rows.area < 0] = numpy.nan
        rows.x, rows.y = points[:, 0], points[:, 1]

    def _domestic(self, rows: Rows, wanted: int) -> Any:
        rng, seeds = self.rngs["flags"], self.data["profile"]["domestic"]
        weight = numpy.array([seeds.get(each, 1.0) for each in rows.code]) * numpy.where(rows.public, 0.25, 1.0)
        return heaviest(weight, max(0, min(wanted, len(rows.code))), rng)
