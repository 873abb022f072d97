"""Offences by venue and week: the outcome of the evaluation. One offence is counted in one unit only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.models import ImportedFile
from analytics.police_data.places import metres_of, nearest_within
from analytics.police_data.selection import WEIGHT_FIELD, check_one_kind, counted_rows
from campaign_pages import activity

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

RADIUS_M = 150.0


@dataclass(frozen=True)
class VenueWeekCounts:
    """Weighted offences by (venue code, week). The sum over units equals the unique offences matched."""

    counts: dict[tuple[str, str], float]
    events_in_units: float
    unique_events: float
    excluded: dict[str, float]
    synthetic: bool
    file_hashes: tuple[str, ...]
    geocoded_share: float = 1.0
    without_place: float = 0.0
    notes: tuple[str, ...] = field(default=())


def _open_in(venue: "VenueFacts", week: str) -> bool:
    monday = nights.week_start(week)
    sunday = monday + timedelta(days=6)
    return not (
        (venue.opened_on is not None and venue.opened_on > sunday)
        or (venue.closed_on is not None and venue.closed_on < monday)
    )


def assaults_by_venue_week(
    *, measure: str, from_week: str, to_week: str, radius_m: float = RADIUS_M, data: str = ""
) -> VenueWeekCounts:
    """Counts of a measure for every venue and week in which something was counted.

    An offence goes to the nearest venue open in its week within ``radius_m`` metres (EPSG:27700), ties to
    the lowest code. Weeks are of the night for night-time measures, of the calendar date for others.
    Raises UnknownMeasure, ValueError for a bad week, NoSuchData where synthetic and real rows would mix.
    """
    definition = measure_named(measure)
    first = nights.week_start(from_week)
    last = nights.week_start(to_week) + timedelta(days=6)
    day = "night" if definition.window == "night" else "committed_on"
    rows = counted_rows(definition).filter(open_data=False, **{f"{day}__gte": first, f"{day}__lte": last})
    rows, synthetic = check_one_kind(rows, data)
    weight = WEIGHT_FIELD.get(definition.window)
    fields = ["pk", "file_id", day, "easting", "northing", *([weight] if weight else [])]
    found = list(rows.order_by("pk").values_list(*fields))
    weights = numpy.array([row[5] if weight else 1.0 for row in found], dtype=float)
    weeks = [nights.week_of(row[2]) for row in found]
    points = numpy.array([(row[3], row[4]) for row in found], dtype=float).reshape(-1, 2)
    placed = ~numpy.isnan(points).any(axis=1)

    venue_of = _nearest_open_venue(points, placed, weeks, radius_m)
    counts: dict[tuple[str, str], float] = defaultdict(float)
    matched: set[int] = set()
    for row, week, share, code in zip(found, weeks, weights, venue_of, strict=True):
        if code:
            counts[code, week] += float(share)
            matched.add(row[0])
    unique = float(sum(share for row, share in zip(found, weights, strict=True) if row[0] in matched))
    in_units = sum(counts.values())
    far = numpy.array([not code for code in venue_of], dtype=bool) & placed
    hashes = ImportedFile.objects.filter(pk__in={row[1] for row in found}).values_list("sha256", flat=True)
    return VenueWeekCounts(
        counts=dict(sorted(counts.items())),
        events_in_units=round(in_units, 6),
        unique_events=round(unique, 6),
        excluded={
            "no_place": round(float(weights[~placed].sum()), 6),
            f"over_{radius_m:.0f}_m_from_a_venue": round(float(weights[far].sum()), 6),
        },
        synthetic=synthetic,
        file_hashes=tuple(sorted(set(hashes))),
        geocoded_share=float(weights[placed].sum() / weights.sum()) if len(found) else 1.0,
        without_place=round(float(weights[~placed].sum()), 6),
    )


def _nearest_open_venue(
    points: numpy.ndarray, placed: numpy.ndarray, weeks: list[str], radius_m: float
) -> list[str]:
    venues = sorted(activity.venues(), key=lambda each: each.code)
    sites = metres_of(
        numpy.array([each.longitude for each in venues], dtype=float),
        numpy.array([each.latitude for each in venues], dtype=float),
    )
    result = [""] * len(weeks)
    by_open: dict[tuple[int, ...], list[int]] = defaultdict(list)
    open_in: dict[str, tuple[int, ...]] = {}
    for n, week in enumerate(weeks):
        if not placed[n]:
            continue
        if week not in open_in:
            open_in[week] = tuple(
                k for k, venue in enumerate(venues) if sites[k, 0] == sites[k, 0] and _open_in(venue, week)
            )
        by_open[open_in[week]].append(n)
    for eligible, rows in by_open.items():
        nearest, _ = nearest_within(points[rows], sites[list(eligible)], radius_m)
        for n, site in zip(rows, nearest, strict=True):
            if site >= 0:
                result[n] = venues[eligible[site]].code
    return result
