"""What all screens of reach share: who may see them, the row of links, the period asked for, tables and CSV."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from analytics import nights
from analytics.audit.chain import record
from analytics.reach.parameters import Range
from analytics.reach.venue_weeks import two_figures
from campaign_pages import activity
from campaign_pages.spreadsheet_text import safe_text

VIEW, IMPORT, SUMMARY = "analytics.view_reach", "analytics.import_reach", "venues.view_venue"
MOST_WEEKS = 104
SCREENS = (
    ("reach_summary", "Summary", (VIEW, SUMMARY)),
    ("reach", "Venue by week", (VIEW,)),
    ("reach_map", "Map", (VIEW,)),
    ("reach_areas", "Areas by week", (VIEW,)),
    ("reach_quality", "Data quality", (VIEW,)),
    ("reach_files", "Files", (IMPORT, VIEW)),
)


def allow(request: HttpRequest, *permissions: str) -> None:
    """Any one of the permissions will do. Raises PermissionDenied."""
    if not any(request.user.has_perm(each) for each in permissions):
        raise PermissionDenied


def framed(request: HttpRequest, title: str, here: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """Title, breadcrumbs and the links to the other screens that this person may see."""
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    links = [
        {"url": reverse(name), "label": label, "here": name == here}
        for name, label, permissions in SCREENS
        if any(request.user.has_perm(each) for each in permissions)
    ]
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "view",
        "breadcrumbs_items": [home, *({"url": u, "label": x} for x, u in crumbs), {"url": "", "label": title}],
        "screens": links,
    }


@dataclass(frozen=True)
class Period:
    """Weeks asked for, or the last ones that anything is known of. ``problem`` in words when they cannot be used."""

    first: str
    last: str
    problem: str = ""

    @property
    def weeks(self) -> list[str]:
        return [] if self.problem else nights.weeks_between(self.first, self.last)


def period_of(request: HttpRequest, usual_weeks: int, *, one: str = "") -> Period:
    """From the query's ``from`` and ``to``, or from ``one`` name for a single week.

    Without them the weeks that end with the last check-in, or with today where there is none.
    """
    first, last = (request.GET.get(name, "").strip() for name in ((one, one) if one else ("from", "to")))
    if not (first and last):
        end = nights.night_of(activity.last_check_in() or timezone.now())
        return Period(nights.week_of(end - timedelta(weeks=usual_weeks - 1)), nights.week_of(end))
    try:
        weeks = nights.weeks_between(first, last)
    except ValueError as error:
        return Period(first, last, f"{error}.")
    if not weeks:
        return Period(first, last, "The last week is earlier than the first week.")
    if len(weeks) > MOST_WEEKS:
        return Period(first, last, f"Ask for {MOST_WEEKS} weeks at most.")
    return Period(first, last)


@dataclass
class Table:
    """Rows for people and for a file: the same cells. ``numbers``: places of the columns that stand to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    numbers: frozenset[int] = frozenset()
    empty: str = "Nothing in this period."

    @property
    def cells(self) -> list[list[tuple[Any, bool]]]:
        return [
            [("" if cell is None else cell, n in self.numbers) for n, cell in enumerate(row)] for row in self.rows
        ]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(name, n in self.numbers) for n, name in enumerate(self.columns)]


def wants_csv(request: HttpRequest) -> bool:
    return request.GET.get("format") == "csv"


def csv_query(request: HttpRequest, **more: str) -> str:
    """The query of the same page as a file."""
    query = request.GET.copy()
    query.pop("p", None)
    for name, value in (more | {"format": "csv"}).items():
        query[name] = value
    return query.urlencode()


def as_csv(request: HttpRequest, table: Table, name: str, *, synthetic: bool) -> HttpResponse:
    """A table as a file, taken down in the audit log. "synthetic" stands in its name and in every row."""
    record(
        "reach.exported",
        by=request.user.get_username(),
        about=name,
        detail={"rows": len(table.rows), "synthetic": synthetic},
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    mark = "-synthetic" if synthetic else ""
    response["Content-Disposition"] = f'attachment; filename="{name}{mark}.csv"'
    writer = csv.writer(response, lineterminator="\n")
    writer.writerow([*table.columns, "synthetic"])
    for row in table.rows:
        cells = ["" if cell is None else safe_text(cell) if isinstance(cell, str) else cell for cell in row]
        writer.writerow([*cells, "yes" if synthetic else "no"])
    return response


def people(figure: Range | None) -> str:
    """Middle and range in two significant figures, so that nobody reads more into it."""
    if figure is None:
        return "not known"
    return f"{two_figures(figure.mid)} ({two_figures(figure.low)} to {two_figures(figure.high)})"


def thousands(name: str, values: Sequence[float | None]) -> tuple[str, list[float | None]]:
    """A line's name and its values, in thousands where the axis would not have room for more."""
    if max((each for each in values if each is not None), default=0) < 5000:
        return name, list(values)
    return f"{name}, thousands", [None if each is None else each / 1000 for each in values]


def percent(share: float | None) -> str:
    return "not known" if share is None else f"{share:.0%}"
