"""Venues and roll-outs for a synthetic extract: what a designed, a staggered and a reactive roll-out look like.

For teaching and tests. A reactive roll-out starts where most has happened, so that its comparison is wrong
on purpose: an evaluation must notice.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy

from analytics import nights
from analytics.police_data.places import degrees_of
from analytics.police_data.synthetic_fitting import whole_numbers
from campaign_pages.activity import VenueFacts

KINDS = ("random", "staggered", "reactive")
ADOPTION = 0.6  # of the venues of a random or reactive roll-out
FIRST_START, LAST_START = 0.2, 0.7  # of the weeks
NAMES = ("Anchor", "Bell", "Crane", "Drum", "Eagle", "Fox", "Gate", "Heron", "Iron", "Jay", "Key", "Lamp")


def synthetic_venues(
    count: int, areas: dict[str, dict[str, object]], populations: dict[str, dict[str, object]], seed: int
) -> list[VenueFacts]:
    """Invented venues, clustered around the centres of areas; half of them in the first area."""
    rng = numpy.random.Generator(numpy.random.PCG64(numpy.random.SeedSequence([seed, 150])))
    weights = [0.5 * (n == 0) + 0.5 / len(areas) for n in range(len(areas))]
    found: list[VenueFacts] = []
    for (name, area), many in zip(areas.items(), whole_numbers(weights, count), strict=True):
        centre = numpy.array(area["centre"], dtype=float)
        streets = centre + rng.normal(0, 600, (max(1, many // 5), 2))
        points = streets[numpy.arange(many) % len(streets)] + rng.normal(0, 60, (many, 2))
        for lon, lat in degrees_of(points[:, 0], points[:, 1]) if many else ():
            number = len(found) + 1
            found.append(
                VenueFacts(
                    code=f"SYN{number:03d}",
                    name=f"The Synthetic {NAMES[number % len(NAMES)]} {number}",
                    kind="pub",
                    area_code=str(populations.get(name, {}).get("code", name)),
                    area_name=name,
                    longitude=round(float(lon), 6),
                    latitude=round(float(lat), 6),
                    capacity=int(rng.choice((60, 80, 120, 150, 200, 300, 450, 700))),
                    open_nights=frozenset({4, 5} | {int(day) for day in rng.choice((2, 3, 6), 1)}),
                    opened_on=date(2019, 1, 1),
                    closed_on=None,
                    synthetic=True,
                )
            )
    return found


def schedule(
    kind: str, venues: Sequence[VenueFacts], first: date, last: date, seed: int, *, worst_first: Sequence[str] = ()
) -> dict[tuple[str, str], float]:
    """Dose 1 by (venue code, week) from each venue's start to the end of the window.

    ``random`` draws start weeks within each area (the designer's strata), ``staggered`` starts one venue after
    another, ``reactive`` follows ``worst_first``. Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"schedule: {kind!r} is none of {', '.join(KINDS)}")
    weeks = nights.weeks_between(nights.week_of(first), nights.week_of(last - timedelta(days=1)))
    begin, end = (
        int(len(weeks) * FIRST_START),
        max(int(len(weeks) * LAST_START), int(len(weeks) * FIRST_START) + 1),
    )
    rng = numpy.random.Generator(numpy.random.PCG64(numpy.random.SeedSequence([seed, KINDS.index(kind)])))
    starts: dict[str, int] = {}
    if kind == "random":
        for area in sorted({venue.area_code for venue in venues}):
            codes = sorted(venue.code for venue in venues if venue.area_code == area)
            chosen = rng.permutation(codes)[: round(ADOPTION * len(codes))]
            starts |= {str(code): int(rng.integers(begin, end)) for code in chosen}
    else:
        ranked = list(worst_first) if kind == "reactive" else sorted(venue.code for venue in venues)
        ranked = ranked[: round(ADOPTION * len(venues))] if kind == "reactive" else ranked
        spread = max(1, len(ranked) - 1)
        starts = {code: begin + (end - begin) * n // spread for n, code in enumerate(ranked)}
    return {(code, week): 1.0 for code, start in sorted(starts.items()) for week in weeks[start:]}


def after_trouble(
    counts: dict[tuple[str, str], int], group_of: dict[str, str], weeks: Sequence[str], seed: int
) -> dict[tuple[str, str], float]:
    """Dose 1 for eight weeks wherever the last four weeks were bad: regression to the mean then looks like success.

    ``counts`` by (venue, week); ``group_of`` venue to the places that are reacted to as one. Bad: at least 2 and 1.8 times
    the group's own mean. Six groups in ten react, from a third of the weeks on.
    """
    rng = numpy.random.Generator(numpy.random.PCG64(numpy.random.SeedSequence([seed, 18])))
    groups = sorted(set(group_of.values()))
    table = numpy.zeros((len(groups), len(weeks)))
    place, at = {name: n for n, name in enumerate(groups)}, {week: n for n, week in enumerate(weeks)}
    for (venue, week), many in counts.items():
        if week in at:
            table[place[group_of[venue]], at[week]] += many
    reacts = rng.random(len(groups)) < ADOPTION
    live = numpy.zeros(table.shape, dtype=bool)
    mean = table.mean(axis=1)
    for now in range(max(4, len(weeks) // 3), len(weeks)):
        bad = table[:, now - 4 : now].sum(axis=1) >= numpy.maximum(2, 1.8 * 4 * mean)
        live[reacts & bad, now : now + 8] = True
    return {
        (venue, weeks[int(n)]): 1.0
        for venue, group in sorted(group_of.items())
        for n in numpy.flatnonzero(live[place[group]])
    }
