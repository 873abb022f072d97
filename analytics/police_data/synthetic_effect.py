"""A planted effect: night-time assaults near exposed venues made rarer or more frequent, or moved away.

The truth of it goes to whoever made the extract. The product never reads it.
"""

from collections import defaultdict
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.police_data.places import nearest_within
from analytics.police_data.synthetic_offences import OffenceMaker, Rows
from analytics.police_data.synthetic_places import RADIUS_M


@dataclass(frozen=True)
class Effect:
    """``irr``: rate ratio of night-time assaults within 150 m at dose 1, from 0 to 2; 1 plants nothing.

    ``growing_weeks``: weeks from a venue's first exposure until the effect is whole, 0 for at once.
    ``displaced``: the share of prevented assaults that happen 150 to 300 m away instead.
    """

    irr: float = 1.0
    growing_weeks: int = 0
    displaced: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.irr <= 2 and 0 <= self.displaced <= 1 and self.growing_weeks >= 0):
            raise ValueError("an effect needs an irr from 0 to 2, a displaced share from 0 to 1, weeks from 0 up")


@dataclass(frozen=True)
class Planted:
    """Indexes of the rows to write (repeated where added) and what was done to them."""

    rows: Any
    near: int
    removed: int
    added: int
    moved: int


def plant(rows: Rows, maker: OffenceMaker, exposure: Pairs[tuple[str, str], float], effect: Effect) -> Planted:
    """Plants an effect; ``exposure`` is the dose (0 to 1) by venue code and week. Moves points in place."""
    rng, places = maker.rngs["effect"], maker.places
    begun: dict[str, int] = defaultdict(lambda: 10**9)
    order = {week: n for n, week in enumerate(sorted({week for _, week in exposure}))}
    for (venue, week), dose in exposure.items():
        if dose > 0:
            begun[venue] = min(begun[venue], order[week])
    assaults = numpy.isin(rows.code, sorted(measure_named("nte_assault").codes)) & rows.night
    which = numpy.flatnonzero(assaults)
    nearest, _ = nearest_within(numpy.column_stack((rows.x[which], rows.y[which])), places.sites, RADIUS_M)
    near, nearest = which[nearest >= 0], nearest[nearest >= 0]
    chance, fate = rng.random(len(near)), rng.random(len(near))
    repeats = numpy.ones(len(rows.code), dtype=int)
    moved = 0
    for row, site, luck, other in zip(near, nearest, chance, fate, strict=True):
        day = maker.days[rows.day[row]]
        week = nights.week_of(day if rows.hour[row] >= 22 else day - timedelta(days=1))
        venue = places.venues[site].code
        dose = float(exposure.get((venue, week), 0.0))
        if dose and effect.growing_weeks:
            dose *= min(1.0, (order[week] - begun[venue] + 1) / effect.growing_weeks)
        kept = effect.irr**dose
        if luck >= kept and other < effect.displaced:
            rows.x[row], rows.y[row] = places.ring(int(site), rng)
            moved += 1
        else:
            repeats[row] = int(luck < kept) if kept <= 1 else 1 + int(luck < kept - 1)
    return Planted(
        rows=numpy.repeat(numpy.arange(len(repeats)), repeats),
        near=len(near),
        removed=int((repeats == 0).sum()),
        added=int((repeats - 1).clip(0).sum()),
        moved=moved,
    )
