"""Reach by venue and week: a picture, the rows with their ranges and grades, everything as CSV."""

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.audit.chain import record
from analytics.charts.frame import Words
from analytics.charts.heat_map import SHARES, heat_map
from analytics.reach.exports import write_reach
from analytics.reach.parameters import parameters
from analytics.reach.screens.frame import VIEW, allow, csv_query, framed, people, percent, period_of, wants_csv
from analytics.reach.venue_weeks import VenueWeek, venue_weeks

USUAL_WEEKS = 4
PER_PAGE = 50


def _shown(row: VenueWeek) -> dict[str, Any]:
    return {
        "row": row,
        "share": percent(row.live_share),
        "opportunities": people(row.opportunities),
        "likely_seen": people(row.likely_seen),
        "contacts": people(row.contacts),
        "dose": "not known" if row.likely_seen_share is None else f"{row.likely_seen_share.mid:.0%}",
    }


@never_cache
@require_GET
def reach(request: HttpRequest) -> HttpResponse:
    """Venue by week as a heat map and a table, or everything asked for as CSV."""
    allow(request, VIEW)
    period = period_of(request, USUAL_WEEKS)
    wanted, area = (request.GET.get(name, "").strip() for name in ("venue", "area"))
    problem, rows = period.problem, []
    if not problem:
        only = {wanted} if wanted else None
        rows = venue_weeks(from_week=period.first, to_week=period.last, only=only)
        if area:
            rows = [row for row in rows if row.area == area]
        if not rows and wanted:
            problem = f"There is no venue with the code {wanted}."
        elif not rows and area:
            problem = f"There is no venue in an area with the code {area}."
    if wants_csv(request) and not problem:
        about = f"{period.first} to {period.last}"
        detail = {"rows": len(rows), "synthetic": any(row.synthetic for row in rows)}
        record("reach.exported", by=request.user.get_username(), about=about, detail=detail)
        return _as_csv(rows, period.first, period.last)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query["from"], query["to"] = period.first, period.last
    query.pop("p", None)
    context = framed(request, "Reach", "reach") | {
        "period": period,
        "venue": wanted,
        "area": area,
        "problem": problem,
        "page": page,
        "rows": [_shown(row) for row in page.object_list],
        "chart": _picture(rows, page.object_list, period.first, period.last),
        "synthetic": any(row.synthetic for row in rows),
        "parameters": parameters(),
        "query": query.urlencode(),
        "csv": csv_query(request, **{"from": period.first, "to": period.last}),
    }
    return render(request, "analytics/reach/reach.html", context, status=400 if problem else 200)


def _picture(rows: list[VenueWeek], page: Any, first: str, last: str) -> str:
    """The venues of this page over all weeks asked for."""
    codes = list(dict.fromkeys(row.venue for row in page))
    weeks = sorted({row.week for row in rows})
    share = {(row.venue, row.week): row.live_share for row in rows}
    mark = " (synthetic)" if any(row.synthetic for row in rows) else ""
    words = Words(
        "reach-shares",
        f"Share of trading nights live, {first} to {last}{mark}",
        f"{len(codes)} venues of this page by week; the table below has the same numbers.",
    )
    drawn = heat_map([(code, [share.get((code, week)) for week in weeks]) for code in codes], weeks, SHARES, words)
    return mark_safe(drawn)  # noqa: S308 - the chart escapes every text


def _as_csv(rows: list[VenueWeek], first: str, last: str) -> HttpResponse:
    stream = io.StringIO(newline="")
    write_reach(stream, rows)
    response = HttpResponse(stream.getvalue(), content_type="text/csv; charset=utf-8")
    mark = "-synthetic" if any(row.synthetic for row in rows) else ""
    response["Content-Disposition"] = f'attachment; filename="reach-{first}-{last}{mark}.csv"'
    return response
