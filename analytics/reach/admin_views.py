"""Reach in the admin: venue by week, each figure with its range and its grade."""

import io
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics import nights
from analytics.audit.chain import record
from analytics.reach.exports import write_reach
from analytics.reach.parameters import Range, parameters
from analytics.reach.venue_weeks import VenueWeek, two_figures, venue_weeks
from campaign_pages import activity

VIEW = "analytics.view_reach"
PER_PAGE = 50
MOST_WEEKS = 104


def _suggested() -> tuple[str, str]:
    """The four weeks that end with the last check-in, or with today where there is none."""
    end = nights.night_of(activity.last_check_in() or timezone.now())
    return nights.week_of(end - timedelta(weeks=3)), nights.week_of(end)


def _words(figure: Range | None) -> str:
    if figure is None:
        return "not known"
    return f"{two_figures(figure.mid)} ({two_figures(figure.low)} to {two_figures(figure.high)})"


def _shown(row: VenueWeek) -> dict[str, Any]:
    return {
        "row": row,
        "share": "not known" if row.live_share is None else f"{row.live_share:.0%}",
        "opportunities": _words(row.opportunities),
        "likely_seen": _words(row.likely_seen),
    }


@never_cache
@require_GET
def reach(request: HttpRequest) -> HttpResponse:
    """Venue by week as a table, or everything asked for as CSV."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    first, last = request.GET.get("from", "").strip(), request.GET.get("to", "").strip()
    if not (first and last):
        first, last = _suggested()
    wanted = request.GET.get("venue", "").strip()
    problem, rows = "", []
    try:
        if len(nights.weeks_between(first, last)) > MOST_WEEKS:
            problem = f"Ask for {MOST_WEEKS} weeks at most."
        else:
            rows = venue_weeks(from_week=first, to_week=last, only={wanted} if wanted else None)
    except ValueError as error:
        problem = str(error).replace("--to", "The last week").replace("--from", "the first week")
    if wanted and not rows and not problem:
        problem = f"There is no venue with the code {wanted}."
    if request.GET.get("format") == "csv" and not problem:
        record(
            "reach.exported",
            by=request.user.get_username(),
            about=f"{first} to {last}",
            detail={"rows": len(rows), "synthetic": any(row.synthetic for row in rows)},
        )
        return _as_csv(rows, first, last)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query["from"], query["to"] = first, last
    query.pop("p", None)
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    context = {
        "page_title": "Reach",
        "header_title": "Reach",
        "header_icon": "view",
        "breadcrumbs_items": [home, {"url": "", "label": "Reach"}],
        "first": first,
        "last": last,
        "venue": wanted,
        "problem": problem,
        "page": page,
        "rows": [_shown(row) for row in page.object_list],
        "synthetic": any(row.synthetic for row in rows),
        "parameters": parameters(),
        "query": query.urlencode(),
    }
    return render(request, "analytics/reach/reach.html", context, status=400 if problem else 200)


def _as_csv(rows: list[VenueWeek], first: str, last: str) -> HttpResponse:
    stream = io.StringIO(newline="")
    write_reach(stream, rows)
    response = HttpResponse(stream.getvalue(), content_type="text/csv; charset=utf-8")
    mark = "-synthetic" if any(row.synthetic for row in rows) else ""
    response["Content-Disposition"] = f'attachment; filename="reach-{first}-{last}{mark}.csv"'
    return response


urlpatterns = [path("reach/", reach, name="reach")]
