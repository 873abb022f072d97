"""The data-quality page: in words, where reach is guesswork and what would mend it most."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.charts.frame import Words
from analytics.charts.series import Panel, stacked_lines
from analytics.reach.inputs import read_inputs, span
from analytics.reach.parameters import parameters
from analytics.reach.quality import PARTS, Quality, assumptions, quality_of
from analytics.reach.screens.frame import (
    VIEW,
    Table,
    allow,
    as_csv,
    csv_query,
    framed,
    percent,
    period_of,
    wants_csv,
)
from analytics.reach.venue_weeks import VenueWeek, rows_of

USUAL_WEEKS = 26
MOST_DOUBTS = 50
GRADES = ("A", "B", "C", "none")
MEANING = {
    "A": "counted: people at the door, a display that was proved, a local count of who looks",
    "B": "reported: a till estimate, a check-in, or a count at a like venue",
    "C": "leans on at least one of our assumptions",
    "none": "no verified display, so no figure",
}


@never_cache
@require_GET
def quality(request: HttpRequest) -> HttpResponse:
    """Share of venue-weeks by grade, what each part rests on, the assumptions, the doubts."""
    allow(request, VIEW)
    period = period_of(request, USUAL_WEEKS)
    context = framed(request, "Reach: data quality", "reach_quality") | {"period": period}
    if period.problem:
        return render(request, "analytics/reach/quality.html", context, status=400)
    settings = parameters()
    inputs = read_inputs(period.first, period.last, settings)
    rows = rows_of(inputs, period.weeks, settings)
    found, synthetic = quality_of(rows, inputs, settings), any(row.synthetic for row in rows)
    weekly = _weekly(rows)
    if wants_csv(request):
        return as_csv(request, weekly, f"reach-quality-{period.first}-{period.last}", synthetic=synthetic)
    start = span(period.first, period.first)[0]
    doubts = [(each, f"{timezone.localtime(each.at):%-d %B %Y, %H:%M}", why)
              for each, why in reversed(inputs.doubtful) if each.at >= start]  # fmt: skip
    context |= {
        "found": found,
        "sentence": _sentence(found),
        "grades": [(grade, MEANING[grade], found.grades[grade], percent(found.share(grade))) for grade in GRADES],
        "parts": _parts(found),
        "missing": found.missing.most_common(),
        "assumptions": Table(
            "Inputs that are assumed", ("Input", "Value", "From", "Counted"), list(assumptions(inputs, settings))
        ),
        "settings": settings,
        "doubts": doubts[:MOST_DOUBTS],
        "more_doubts": max(0, len(doubts) - MOST_DOUBTS),
        "weekly": weekly,
        "chart": mark_safe(_picture(weekly, period, synthetic)),  # noqa: S308 - the chart escapes every text
        "synthetic": synthetic,
        "csv": csv_query(request),
    }
    return render(request, "analytics/reach/quality.html", context)


def _sentence(found: Quality) -> str:
    if not found.total:
        return "There are no venues in the register yet."
    guess, none = found.share("C"), found.share("none")
    counted = found.share("A") + found.share("B")
    return (
        f"Of {found.total:,} venue-weeks, {counted:.0%} rest on counts and reports alone, {guess:.0%} lean on at least one "
        f"assumption, and {none:.0%} have no verified display, so no figure of people."
    )


def _parts(found: Quality) -> Table:
    rows = []
    for name, count in found.parts.items():
        total = sum(count.values())
        rows.append([PARTS[name], *(f"{count[g]:,} ({count[g] / total:.0%})" for g in "ABC")])
    return Table(
        "What the figures rest on, venue-weeks with a display", ("Part", "A", "B", "C"), rows, frozenset({1, 2, 3})
    )


def _weekly(rows: list[VenueWeek]) -> Table:
    weeks: dict[str, dict[str, int]] = {}
    for row in rows:
        weeks.setdefault(row.week, dict.fromkeys(GRADES, 0))[row.grade] += 1
    table = [[week, *(count[grade] for grade in GRADES)] for week, count in sorted(weeks.items())]
    columns = ("Week", "Grade A", "Grade B", "Grade C", "No grade")
    return Table("Venue-weeks by grade", columns, table, frozenset({1, 2, 3, 4}))


def _picture(weekly: Table, period: Any, synthetic: bool) -> str:
    panels = [
        Panel(title, [row[n] / max(1, sum(row[1:])) for row in weekly.rows], share=True)
        for title, n in (("Counted (A)", 1), ("Reported (B)", 2), ("Leans on assumptions (C)", 3), ("No verified display", 4))
    ]  # fmt: skip
    mark = " (synthetic)" if synthetic else ""
    words = Words(
        "reach-grades",
        f"Share of venues by grade, {period.first} to {period.last}{mark}",
        "Four shares of the register's venues in each week; they add up to all. The table below has the counts.",
    )
    return stacked_lines([row[0] for row in weekly.rows], panels, words)
