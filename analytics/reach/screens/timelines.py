"""The timeline of one venue: a picture, the nights as a table, the reports, all of it as CSV."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics import nights
from analytics.charts.frame import Words
from analytics.charts.timeline import Track, timeline
from analytics.reach.screens.frame import VIEW, Table, allow, as_csv, csv_query, framed, period_of, wants_csv
from analytics.reach.timelines import Strip, Timeline, timeline_of
from analytics.reach.venue_weeks import VenueWeek
from campaign_pages import activity

USUAL_WEEKS = 12
ZONES = {
    "mens_toilet": "Men's toilet", "womens_toilet": "Women's toilet", "bar": "Bar", "entrance": "Entrance",
    "smoking_area": "Smoking area", "screen": "Screen", "": "No place named",
}  # fmt: skip
GRADES = ("proved", "reported", "doubtful")


def name_of(strip: Strip) -> str:
    return " ".join(filter(None, (ZONES.get(strip.zone, strip.zone), strip.place)))


@never_cache
@require_GET
def venue(request: HttpRequest, code: str) -> HttpResponse:
    """Displays, freshness, reports and scans of one venue."""
    allow(request, VIEW)
    facts = next((each for each in activity.venues() if each.code == code), None)
    if facts is None:
        raise Http404("There is no venue with this code.")
    period = period_of(request, USUAL_WEEKS)
    crumb = ("Reach", reverse("reach"))
    context = framed(request, f"{facts.name}: what was up", "", crumb) | {"period": period, "facts": facts}
    context["synthetic"] = facts.synthetic
    if period.problem:
        return render(request, "analytics/reach/timeline.html", context, status=400)
    found = timeline_of(code, period.first, period.last)
    assert found is not None
    table = _nights(found)
    if wants_csv(request):
        return as_csv(request, table, f"reach-{code}-{period.first}-{period.last}", synthetic=facts.synthetic)
    context |= {
        "chart": mark_safe(_picture(found, facts, period)),  # noqa: S308 - the chart escapes every text
        "table": table,
        "reports": [(each, _when(each.at), why) for each, why in found.reports],
        "words": _words(found.weeks),
        "csv": csv_query(request),
    }
    return render(request, "analytics/reach/timeline.html", context)


def _when(at: Any) -> str:
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M}"


def _picture(found: Timeline, facts: Any, period: Any) -> str:
    tracks = [Track(name_of(each), each.credits, each.reports) for each in found.strips]
    labels = [f"{each:%-d %b}" for each in found.nights]
    mark = " (synthetic)" if facts.synthetic else ""
    words = Words(
        "venue-nights",
        f"{facts.name}: what was up, {period.first} to {period.last}{mark}",
        f"{len(tracks)} displays over {len(labels)} nights, how far each was believed to be up, with a mark for each "
        f"report; scans below. The table has every night.",
    )
    return timeline(tracks, [float(each) for each in found.scans], labels, words, under="Scans a night")


def _nights(found: Timeline) -> Table:
    columns = ("Night", "Week", "Open", *(name_of(each) for each in found.strips), "Scans")
    rows: list[list[Any]] = []
    for n, night in enumerate(found.nights):
        cells = [_cell(each, n) for each in found.strips]
        rows.append(
            [night.isoformat(), nights.week_of(night), "yes" if found.open_on[n] else "no", *cells, found.scans[n]]
        )
    return Table("Every night of the period", columns, rows, frozenset({len(columns) - 1}))


def _cell(strip: Strip, n: int) -> str:
    credit = strip.credits[n]
    if credit is None:
        return "not known"
    if credit == 0:
        return "not up"
    return f"{credit:.0%}, {GRADES[strip.grades[n]]} {strip.ages[n]} nights ago"


def _words(weeks: list[VenueWeek]) -> str:
    """One sentence on how well the venue is covered."""
    known = [row for row in weeks if row.live_share is not None]
    traded, live = sum(row.trading_nights for row in known), sum(row.nights_live for row in known)
    missing = len(weeks) - len(known)
    if not known:
        return "In none of these weeks is it known whether anything was up."
    gap = f" In {missing} weeks nobody knows." if missing else ""
    return f"Something was up on {live} of {traded} trading nights.{gap}"
