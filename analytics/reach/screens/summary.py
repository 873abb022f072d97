"""Reach in one page, for everybody who works on the campaign: each rung by week, without any venue."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.charts.frame import Words
from analytics.charts.series import Panel, stacked_lines
from analytics.reach.parameters import Range
from analytics.reach.screens.frame import (
    SUMMARY,
    VIEW,
    Table,
    allow,
    as_csv,
    csv_query,
    framed,
    people,
    period_of,
    thousands,
    wants_csv,
)
from analytics.reach.venue_weeks import VenueWeek, two_figures, venue_weeks

USUAL_WEEKS = 12
COLUMNS = (
    "week", "venues with a display up", "display-nights", "could have seen, low", "could have seen, mid",
    "could have seen, high", "likely saw, low", "likely saw, mid", "likely saw, high", "scans", "handstamps", "downloads",
    "grade A", "grade B", "grade C", "no grade",
)  # fmt: skip


def by_week(rows: Iterable[VenueWeek]) -> list[dict[str, Any]]:
    """Sums over venues, each rung by itself. People are of venues, so one person in two venues counts twice."""
    groups: dict[str, list[VenueWeek]] = defaultdict(list)
    for row in rows:
        groups[row.week].append(row)
    found = []
    for week, members in sorted(groups.items()):
        grades = Counter(row.grade for row in members)
        stamps = [row.handstamps for row in members if row.handstamps is not None]
        found.append(
            {
                "week": week,
                "live": sum(row.nights_live > 0 for row in members),
                "display_nights": sum(row.display_nights for row in members),
                "opportunities": _sum(row.opportunities for row in members),
                "likely_seen": _sum(row.likely_seen for row in members),
                "scans": sum(row.scans for row in members),
                "handstamps": sum(stamps) if stamps else None,
                "downloads": sum(row.downloads for row in members),
                "grades": {grade: grades.get(grade, 0) for grade in ("A", "B", "C", "none")},
            }
        )
    return found


def _sum(figures: Iterable[Range | None]) -> Range | None:
    """Missing ones are left out: the sum is of venues that are known. None where no venue is."""
    known = [each for each in figures if each is not None]
    return sum(known[1:], known[0]) if known else None


@never_cache
@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """Chart, table and CSV of every rung by week."""
    allow(request, VIEW, SUMMARY)
    period = period_of(request, USUAL_WEEKS)
    context = framed(request, "Reach: summary", "reach_summary") | {"period": period}
    if period.problem:
        return render(request, "analytics/reach/summary.html", context, status=400)
    rows = venue_weeks(from_week=period.first, to_week=period.last)
    weeks, synthetic = by_week(rows), any(row.synthetic for row in rows)
    if wants_csv(request):
        return as_csv(request, _file(weeks), f"reach-summary-{period.first}-{period.last}", synthetic=synthetic)
    mark = " (synthetic)" if synthetic else ""
    likely = [each["likely_seen"].mid if each["likely_seen"] else None for each in weeks]
    panels = [
        Panel(*thousands("Displayed: display-nights", [each["display_nights"] for each in weeks])),
        Panel(*thousands("Likely saw: people, middle", likely)),
        Panel(*thousands("Engaged: scans", [float(each["scans"]) for each in weeks])),
    ]
    words = Words(
        "reach-weeks",
        f"Reach by week, {period.first} to {period.last}{mark}",
        "Three rungs, each on its own axis from nought; the table below has the same numbers with their ranges.",
    )
    context |= {
        "synthetic": synthetic,
        "chart": mark_safe(stacked_lines([each["week"] for each in weeks], panels, words)),  # noqa: S308 - escaped there
        "table": _table(weeks),
        "csv": csv_query(request),
        "venues": len({row.venue for row in rows}),
    }
    return render(request, "analytics/reach/summary.html", context)


def _table(weeks: list[dict[str, Any]]) -> Table:
    columns = ("Week", "Displayed: venues", "Displayed: display-nights", "Could have seen: people", "Likely saw: people",
               "Engaged: scans", "Handstamps", "Supplied: downloads", "Grades A, B, C, none")  # fmt: skip
    rows = [
        [
            each["week"], each["live"], two_figures(each["display_nights"]), people(each["opportunities"]),
            people(each["likely_seen"]), f"{each['scans']:,}",
            "not known" if each["handstamps"] is None else f"{each['handstamps']:,}", each["downloads"],
            ", ".join(str(each["grades"][grade]) for grade in ("A", "B", "C", "none")),
        ]
        for each in weeks
    ]  # fmt: skip
    return Table("Reach by week, each rung by itself", columns, rows, frozenset({1, 2, 5, 6, 7}))


def _file(weeks: list[dict[str, Any]]) -> Table:
    rows: list[list[Any]] = []
    for each in weeks:
        ranges = [
            getattr(each[name], level) if each[name] else None
            for name in ("opportunities", "likely_seen")
            for level in ("low", "mid", "high")
        ]
        grades = [each["grades"][grade] for grade in ("A", "B", "C", "none")]
        middle = [each["scans"], each["handstamps"], each["downloads"]]
        rows.append([each["week"], each["live"], round(each["display_nights"], 6), *ranges, *middle, *grades])
    return Table("", COLUMNS, rows)
