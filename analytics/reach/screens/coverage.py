"""Where something is up: a map on the National Grid, with a table that says the same."""

from collections import Counter
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.charts.coverage_map import NOT_SHOWN, PARTLY, SHOWN, UNKNOWN, Spot, coverage_map
from analytics.charts.frame import Words
from analytics.police_data.places import metres_of
from analytics.reach.screens.frame import (
    VIEW,
    Period,
    Table,
    allow,
    as_csv,
    csv_query,
    framed,
    percent,
    period_of,
    wants_csv,
)
from analytics.reach.venue_weeks import VenueWeek, venue_weeks
from campaign_pages import activity

LABELS = {
    SHOWN: "up, half the nights or more",
    PARTLY: "up, under half the nights",
    NOT_SHOWN: "nothing reported up",
    UNKNOWN: "not known",
}
COLUMNS = ("Venue", "Code", "Area", "State", "Trading nights live", "Grade", "Easting", "Northing")


def state_of(row: VenueWeek) -> str:
    if row.live_share is None:
        return UNKNOWN
    if row.live_share == 0:
        return NOT_SHOWN
    return SHOWN if row.live_share >= 0.5 else PARTLY


@never_cache
@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """One week of every venue, or of an area's."""
    allow(request, VIEW)
    period, area = period_of(request, 1, one="week"), request.GET.get("area", "").strip()
    week = period.first
    context = framed(request, "Reach: map", "reach_map") | {"period": period, "week": week, "area": area}
    if period.problem:
        return render(request, "analytics/reach/coverage.html", context, status=400)
    rows = venue_weeks(from_week=week, to_week=week)
    areas = dict(sorted({(row.area, row.area_name) for row in rows}, key=lambda each: each[1]))
    if area:
        rows = [row for row in rows if row.area == area]
    return _answer(request, context, rows, areas, period)


def _answer(
    request: HttpRequest, context: dict[str, Any], rows: list[VenueWeek], areas: dict[str, str], period: Period
) -> HttpResponse:
    points = _points(rows)
    synthetic = any(row.synthetic for row in rows)
    table = Table("Venues and what is up", COLUMNS, [_cells(row, points) for row in rows], frozenset({6, 7}))
    if wants_csv(request):
        return as_csv(request, table, f"reach-map-{period.first}", synthetic=synthetic)
    spots = [Spot(*points[row.venue], state_of(row)) for row in rows if row.venue in points]
    counts = Counter(state_of(row) for row in rows)
    mark = " (synthetic)" if synthetic else ""
    words = Words(
        "reach-map",
        f"Where something is up, week {period.first}{mark}",
        "; ".join(f"{LABELS[state]}: {counts[state]}" for state in LABELS)
        + ". The table below names every venue.",
    )
    context |= {
        "areas": areas,
        "table": table,
        "rows": [(row, LABELS[state_of(row)], percent(row.live_share)) for row in rows],
        "counts": [(LABELS[state], counts[state]) for state in LABELS],
        "unplaced": len(rows) - len(spots),
        "synthetic": synthetic,
        "csv": csv_query(request),
        "chart": mark_safe(coverage_map(spots, words, LABELS)),  # noqa: S308 - the chart escapes every text
    }
    return render(request, "analytics/reach/coverage.html", context, status=200 if rows else 404)


def _points(rows: list[VenueWeek]) -> dict[str, tuple[float, float]]:
    """Venue -> National Grid metres, of those that have a place in Great Britain."""
    wanted = {row.venue for row in rows}
    venues = [each for each in activity.venues() if each.code in wanted and each.longitude is not None]
    if not venues:
        return {}
    metres = metres_of(
        np.array([each.longitude for each in venues], dtype=float),
        np.array([each.latitude for each in venues], dtype=float),
    )
    return {
        venue.code: (float(east), float(north))
        for venue, (east, north) in zip(venues, metres, strict=True)
        if not np.isnan(east)
    }


def _cells(row: VenueWeek, points: dict[str, tuple[float, float]]) -> list[Any]:
    where = [round(each) for each in points[row.venue]] if row.venue in points else [None, None]
    live = f"{row.nights_live} of {row.trading_nights}"
    return [row.venue_name, row.venue, row.area_name, LABELS[state_of(row)], live, row.grade, *where]
