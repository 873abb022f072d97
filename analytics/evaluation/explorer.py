"""What evaluators look at before and beside an evaluation: reach and recorded assaults by venue and week, and where.

Everything is exact and belongs to the evaluator tier, except ``areas_frozen``: what partners may see, as it was frozen
for them, so that looking at it can never add to what they know.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count, Max, Sum
from django.utils import timezone

from analytics import nights
from analytics.disclosure.tiers import PARTNER
from analytics.measures.catalogue import measure_named
from analytics.models import Offence, PublishedPeriod
from analytics.police_data.catchments import RADIUS_M, catchments
from analytics.police_data.matching import bands_within
from analytics.police_data.places import metres_of
from analytics.police_data.selection import counted_rows, weight_field
from analytics.publication.series import BY_AREA, SERIES
from analytics.publication.tables import rows_of
from analytics.reach.inputs import read_inputs
from analytics.reach.parameters import parameters
from analytics.reach.venue_weeks import rows_of as rows_of_reach

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

MOST_WEEKS = 104
USUAL_WEEKS = 26
RING_OF_BAND = {
    "0-100": "within 150 m", "100-150": "within 150 m", "150-250": "150 to 300 m", "250-300": "150 to 300 m",
    "300-600": "300 to 600 m",
}  # fmt: skip
Cell = tuple[str, str]
RINGS = tuple(dict.fromkeys(RING_OF_BAND.values()))


class CannotExplore(ValueError):
    """The question cannot be answered; the message says why and what to ask instead."""


@dataclass(frozen=True)
class VenueRow:
    """One venue: its share of nights live (None: not known) and its recorded assaults, week by week."""

    code: str
    name: str
    area: str
    cluster: str
    reach: tuple[float | None, ...]
    assaults: tuple[float, ...]


@dataclass(frozen=True)
class Explored:
    """Venues in order of area and code over the same weeks; ``areas`` of the whole register. ``synthetic``: any is."""

    weeks: tuple[str, ...]
    venues: tuple[VenueRow, ...]
    areas: tuple[str, ...]
    synthetic: bool
    register: tuple["VenueFacts", ...]  # every venue, also those that are not shown
    rings: dict[Cell, float]

    def by_ring(self, venues: Collection[str]) -> dict[str, float]:
        """Recorded assaults by distance from their nearest venue, of these venues. An offence stands in one ring only."""
        return {ring: round(math.fsum(self.rings.get((code, ring), 0.0) for code in venues), 9) for ring in RINGS}

    def having(self, codes: Collection[str]) -> "Explored":
        """Only these venues."""
        return replace(self, venues=tuple(each for each in self.venues if each.code in codes))

    def mean_reach(self) -> list[float | None]:
        """Mean share of nights live by week, over the venues where it is known."""
        known = [
            [v for v in column if v is not None]
            for column in zip(*(each.reach for each in self.venues), strict=True)
        ]
        return [math.fsum(values) / len(values) if values else None for values in known]

    def all_assaults(self) -> list[float]:
        """Recorded assaults near these venues by week."""
        return [
            round(math.fsum(column), 4) for column in zip(*(each.assaults for each in self.venues), strict=True)
        ]


def usual_weeks() -> tuple[str, str]:
    """The last half year for which timed offences are loaded; the last half year where there are none."""
    last = Offence.objects.filter(open_data=False).aggregate(last=Max("committed_on"))["last"]
    end = nights.week_start(nights.week_of(last or timezone.localdate()))
    return nights.week_of(end - timedelta(weeks=USUAL_WEEKS - 1)), nights.week_of(end)


def explore(*, from_week: str, to_week: str, measure: str, area: str = "") -> Explored:
    """Reach beside recorded assaults, weeks inclusive. Raises CannotExplore and UnknownMeasure."""
    try:
        weeks = nights.weeks_between(from_week, to_week)
    except ValueError as error:
        raise CannotExplore(str(error)) from None
    if not 1 <= len(weeks) <= MOST_WEEKS:
        raise CannotExplore(f"Ask for 1 to {MOST_WEEKS} weeks, the first before the last.")
    settings = parameters()
    inputs = read_inputs(from_week, to_week, settings, engaged=False)
    cluster_of = catchments(inputs.venues, RADIUS_M)
    register = tuple(inputs.venues)
    areas = tuple(sorted({each.area_name for each in register}))
    if area:
        inputs.venues = [each for each in inputs.venues if each.area_name == area]
    if not inputs.venues:
        raise CannotExplore(f"No venue lies in {area}." if area else "There is no venue in the register yet.")
    counts, rings, synthetic = _assaults(measure, from_week, to_week)
    live: dict[str, list[float | None]] = defaultdict(list)
    for row in rows_of_reach(inputs, weeks, settings):
        live[row.venue].append(row.live_share)
    rows = [
        VenueRow(
            each.code, each.name, each.area_name, cluster_of[each.code], tuple(live[each.code]),
            tuple(counts.get((each.code, week), 0.0) for week in weeks),
        )
        for each in sorted(inputs.venues, key=lambda venue: (venue.area_name, venue.code))
    ]  # fmt: skip
    synthetic = synthetic or any(each.synthetic for each in inputs.venues)
    return Explored(tuple(weeks), tuple(rows), areas, synthetic, register, rings)


def _assaults(measure: str, from_week: str, to_week: str) -> tuple[dict[Cell, float], dict[Cell, float], bool]:
    """Weighted offences by (venue, week) within 150 m and by (venue, ring), in one query; whether they are synthetic."""
    definition = measure_named(measure)
    if definition.open_data:
        raise CannotExplore(f"{definition.title} is known by month only; the explorer needs times and places.")
    day = "night" if definition.window == "night" else "committed_on"
    first, last = nights.week_start(from_week), nights.nights_of_week(to_week)[-1]
    weight = weight_field(definition)
    rows = (
        counted_rows(definition).filter(open_data=False, **{f"{day}__range": (first, last)}).exclude(venue_code="")
    )
    names = ("venue_code", day, "distance_band", "synthetic")
    grouped = rows.order_by().values_list(*names).annotate(number=Sum(weight) if weight else Count("pk"))
    near, cells, rings, kinds = set(bands_within(RADIUS_M)), defaultdict(float), defaultdict(float), set()
    for code, date_of, band, synthetic, number in grouped.values_list(*names, "number"):
        kinds.add(synthetic)
        if band in near:
            cells[code, nights.week_of(date_of)] += float(number or 0)
        if band in RING_OF_BAND:
            rings[code, RING_OF_BAND[band]] += float(number or 0)
    if len(kinds) > 1:
        raise CannotExplore(
            "Synthetic and real offences are loaded for these weeks; they are never shown together."
        )
    return {key: round(number, 9) for key, number in cells.items()}, dict(rings), kinds == {True}


@dataclass(frozen=True)
class Catchment:
    """Venues that share their surroundings; ``middle`` is the mean of their places in metres (EPSG:27700)."""

    name: str
    area: str
    venues: tuple[str, ...]
    middle: tuple[float, float]
    places: tuple[tuple[str, float, float], ...]
    synthetic: bool


def catchments_on_the_grid(venues: Sequence["VenueFacts"]) -> list[Catchment]:
    """Every catchment of these venues whose venues have a place, by name."""
    cluster_of = catchments(venues, RADIUS_M)
    points = metres_of(
        np.array([each.longitude for each in venues], dtype=float),
        np.array([each.latitude for each in venues], dtype=float),
    )
    groups: dict[str, list[tuple[VenueFacts, float, float]]] = defaultdict(list)
    for venue, (easting, northing) in zip(venues, points.tolist(), strict=True):
        if not math.isnan(easting):
            groups[cluster_of[venue.code]].append((venue, easting, northing))
    return [
        Catchment(
            name, min(venue.area_name for venue, _, _ in members), tuple(venue.code for venue, _, _ in members),
            (math.fsum(e for _, e, _ in members) / len(members), math.fsum(n for _, _, n in members) / len(members)),
            tuple((venue.code, round(e, 1), round(n, 1)) for venue, e, n in members),
            any(venue.synthetic for venue, _, _ in members),
        )
        for name, members in sorted(groups.items())
    ]  # fmt: skip


@dataclass(frozen=True)
class FrozenAreas:
    """Cells by area and period as partners may see them: a number, "<5", or "not shown"."""

    title: str
    periods: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    synthetic: bool


def areas_frozen() -> list[FrozenAreas]:
    """The partner tier of the night-time series, of real and of synthetic data apart; empty before anything is frozen."""
    series = SERIES[0]
    found = []
    for synthetic in (False, True):
        periods = list(
            PublishedPeriod.objects.filter(series=series.name, synthetic=synthetic).order_by("first_day")
        )
        if not periods:
            continue
        cells = [{area: text for area, text in rows_of(BY_AREA, period, PARTNER)} for period in periods]  # noqa: C416 - pairs
        names = sorted(
            {name for each in cells for name in each}, key=lambda name: (name == "All", name == "Elsewhere", name)
        )
        found.append(
            FrozenAreas(
                series.title, tuple(str(each.first_day) for each in periods),
                tuple((name, tuple(each.get(name, "") for each in cells)) for name in names), synthetic,
            )
        )  # fmt: skip
    return found
