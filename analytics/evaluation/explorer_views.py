"""The explorer in the admin: areas as partners see them, then venues by week, then one catchment with its rings.

Reading only. Every view and every download below the areas is the evaluator tier: it is in the audit log, and a copy
carries who took it. Each picture has its table, and each table its CSV.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.audit.chain import record as record_act
from analytics.charts.heat_map import SHARES, Scale, count_scale, heat_map
from analytics.charts.series import Panel, stacked_lines
from analytics.evaluation.admin_views import VIEW
from analytics.evaluation.explorer import (
    MOST_WEEKS,
    CannotExplore,
    Catchment,
    Explored,
    FrozenAreas,
    areas_frozen,
    catchments_on_the_grid,
    explore,
    usual_weeks,
)  # fmt: skip
from analytics.evaluation.explorer_maps import map_of_catchments, map_of_one
from analytics.evaluation.exports import marked
from analytics.evaluation.report.parts import Column, Figure, Table, columns
from analytics.evaluation.report.rendering import figure_shown
from analytics.evaluation.report_views import frame
from analytics.measures.catalogue import UnknownMeasure, measures
from analytics.shown_numbers import counted
from campaign_pages import activity

PER_PAGE = 40
TIER = "evaluator tier"


def _asked(request: HttpRequest) -> dict[str, str]:
    """What is asked for, with the usual answer to what is not."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    asked = {key: request.GET.get(key, "").strip() for key in ("from", "to", "measure", "area")}
    if not (asked["from"] and asked["to"]):
        asked["from"], asked["to"] = usual_weeks()
    asked["measure"] = asked["measure"] or "nte_assault"
    return asked


def _measures() -> list[dict[str, str]]:
    return [{"name": each.name, "title": each.title} for each in measures().values() if not each.open_data]


def _answer(
    request: HttpRequest,
    figures: list[Figure],
    context: dict[str, Any],
    *,
    about: str,
    synthetic: bool,
    tier: str = TIER,
) -> HttpResponse:
    """The page, or one of its tables as CSV or pictures as SVG. Each is written down."""
    by, wanted = request.user.get_username(), request.GET.get("csv", "")
    detail = {"synthetic": synthetic, "tier": tier}
    if name := request.GET.get("svg", ""):
        return _picture(figures, name, by=by, about=about, detail=detail)
    if wanted:
        table = next((each.table for each in figures if each.table and each.table.file == wanted), None)
        if table is None:
            raise Http404("there is no such table here")
        act = record_act("explorer.exported", by=by, about=about, detail=detail | {"file": wanted})
        body = marked(
            table.as_csv(synthetic=synthetic), f"{tier}, copy {act.number}, {by}, {act.at:%Y-%m-%d %H:%M} UTC"
        )
        response = HttpResponse(body, content_type="text/csv; charset=utf-8")
        mark = "-synthetic" if synthetic else ""
        response["Content-Disposition"] = f'attachment; filename="explorer{mark}-copy-{act.number}-{wanted}"'
        return response
    record_act("explorer.viewed", by=by, about=about, detail=detail)
    shown = []
    for figure in figures:
        csv_url = _with(request, csv=figure.table.file if figure.table else "")
        made = figure_shown(figure, " (synthetic data)" if synthetic else "", csv_url)
        shown.append(made | {"svg_url": _with(request, svg=figure.name) if made["svg"] else ""})
    return render(
        request, "analytics/evaluation/explorer.html", context | {"figures": shown, "synthetic": synthetic, "tier": tier}
    )  # fmt: skip


def _with(request: HttpRequest, **more: str) -> str:
    """This page's own address with another question in it."""
    return f"?{urlencode(request.GET.dict() | more)}"


def _picture(figures: list[Figure], name: str, *, by: str, about: str, detail: dict[str, Any]) -> HttpResponse:
    """One picture with its style inside; its title says whose copy it is, as every row of a CSV does."""
    figure = next((each for each in figures if each.name == name and each.draw is not None), None)
    if figure is None:
        raise Http404("there is no such picture here")
    act = record_act("explorer.exported", by=by, about=about, detail=detail | {"file": f"{name}.svg"})
    synthetic = "synthetic data, " if detail["synthetic"] else ""
    copy = f" ({synthetic}{detail['tier']}, copy {act.number}, {by}, {act.at:%Y-%m-%d %H:%M} UTC)"
    response = HttpResponse(figure.svg(mark=copy, standalone=True), content_type="image/svg+xml")
    mark = "-synthetic" if detail["synthetic"] else ""
    response["Content-Disposition"] = f'attachment; filename="explorer{mark}-copy-{act.number}-{name}.svg"'
    return response


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"url": reverse("evaluation_runs"), "label": "Evaluation"},
        {"url": reverse("explorer"), "label": "Explorer"},
        *more,
    ]


@never_cache
@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """Where the explorer begins: areas and periods as partners may see them, and the way down to venues."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    frozen = areas_frozen()
    figures = [_frozen_figure(each) for each in frozen]
    context = frame("Explorer", {"url": reverse("evaluation_runs"), "label": "Evaluation"}) | {
        "says": [
            "Counts on this page are those that were frozen for partners: 1 to 4 are shown as <5, and some other cells are "
            "not shown, so that a small count cannot be found by subtraction.",
            "Venues by week are exact and for evaluators only. Who looks is written down.",
        ],
        "links": [
            {"url": reverse("explorer_venues"), "label": "Venues by week (exact, evaluators only)"},
            {"url": reverse("explorer_map"), "label": "Map of catchments"},
        ],
        "empty": ""
        if frozen
        else "Nothing is frozen for partners yet: use “Published tables” or manage.py publish_tables.",
    }
    return _answer(
        request, figures, context, about="areas", synthetic=any(each.synthetic for each in frozen), tier="partner tier"
    )  # fmt: skip


def _frozen_figure(frozen: FrozenAreas) -> Figure:
    """Cells that are held back have no height, no shade, no number: in the picture, its words or its table."""
    numbers = [[int(cell) if cell.isdigit() else None for cell in cells] for _, cells in frozen.rows]
    highest = max((n for row in numbers[:-1] or numbers for n in row if n is not None), default=1)
    plain = count_scale(highest)
    scale = Scale(plain.ends, plain.labels, "fewer than 5, or not shown")
    made = (Column("area", "Area"), *(Column(f"from_{each}", f"From {each}") for each in frozen.periods))
    kind = "-synthetic" if frozen.synthetic else ""
    table = Table(
        made, [(name, *cells) for name, cells in frozen.rows], frozen.title, f"areas{kind}.csv", folded=len(frozen.periods) > 6
    )  # fmt: skip
    rows = [(name, row) for (name, _), row in zip(frozen.rows, numbers, strict=True) if name != "All"]
    return Figure(
        f"areas{kind}", frozen.title, "By local authority and four weeks. The taller a box, the more.", table,
        lambda words, alone: heat_map(rows, [each[2:7] for each in frozen.periods], scale, words, standalone=alone),
        "An empty box is a count that is held back.",
    )  # fmt: skip


@never_cache
@require_GET
def venues(request: HttpRequest) -> HttpResponse:
    """Venue by week: reach and recorded assaults, exact, a page of venues at a time; over time above them."""
    asked = _asked(request)
    context = frame("Venues by week", *_crumbs()) | _form(asked, reverse("explorer_venues"))
    try:
        found = explore(from_week=asked["from"], to_week=asked["to"], measure=asked["measure"], area=asked["area"])
    except (CannotExplore, UnknownMeasure) as error:
        return render(request, "analytics/evaluation/explorer.html", context | {"problem": str(error)}, status=400)
    page = Paginator(found.venues, PER_PAGE).get_page(request.GET.get("p"))
    shown = found.having({each.code for each in page.object_list})
    kept = request.GET.copy()
    kept.pop("p", None)
    context |= {
        "areas": found.areas,
        "page": page,
        "query": kept.urlencode(),
        "links": [
            {
                "url": f"{reverse('explorer_venue', args=[each.code])}?{_query(asked)}",
                "label": f"{each.code} {each.name}",
            }
            for each in shown.venues
        ],
        "links_title": "One venue and its catchment",
    }
    figures = [_over_time(found, asked["area"] or "all areas"), _reach_map(shown), _assault_map(shown)]
    about = f"venues {asked['from']} to {asked['to']} {asked['measure']} {asked['area']}".strip()
    return _answer(request, figures, context, about=about, synthetic=found.synthetic)


def _query(asked: dict[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in asked.items() if value and key != "area")


def _form(asked: dict[str, str], action: str) -> dict[str, Any]:
    return {"asked": asked, "measures": _measures(), "action": action, "most_weeks": MOST_WEEKS, "form": True}


def _over_time(found: Explored, where: str) -> Figure:
    reach, assaults = found.mean_reach(), found.all_assaults()
    table = Table(
        columns(("week", "Week", "text"), ("mean_live_share", "Mean share of nights live", "ratio"),
                ("assaults", "Recorded assaults", "count")),
        list(zip(found.weeks, reach, assaults, strict=True)), "Reach and recorded assaults by week", "over_time.csv", folded=True,
    )  # fmt: skip
    panels = (Panel("Mean share of nights live", reach, share=True), Panel("Recorded assaults a week", assaults))
    return Figure(
        "over-time", f"Reach and recorded assaults by week, {where}", f"{counted(len(found.venues), 'venue')}. Offences within 150 m of "
        "their nearest venue.", table,
        lambda words, alone: stacked_lines(found.weeks, panels, words, standalone=alone),
        "The two lines together show no cause: season and town move both.",
    )  # fmt: skip


def _reach_map(shown: Explored) -> Figure:
    return _by_venue(
        shown, "reach", "Share of nights live, venue by week", "ratio", lambda each: each.reach, SHARES,
        "The taller a box, the more nights live; an empty box is not known.",
    )  # fmt: skip


def _assault_map(shown: Explored) -> Figure:
    highest = max((v for each in shown.venues for v in each.assaults), default=1.0)
    return _by_venue(
        shown, "assaults", "Recorded assaults, venue by week", "count", lambda each: each.assaults, count_scale(highest),
        "The taller a box, the more; a range of times counts by its share at night, so counts may be fractions.",
    )  # fmt: skip


def _by_venue(
    shown: Explored, name: str, title: str, kind: str, values: Callable[[Any], Any], scale: Scale, subtitle: str
) -> Figure:
    made = (Column("venue", "Venue"), Column("area", "Area"), *(Column(week, week, kind) for week in shown.weeks))
    rows = [(each.code, each.area, *values(each)) for each in shown.venues]
    table = Table(made, rows, title, f"{name}.csv", folded=True)
    drawn = [(each.code, values(each)) for each in shown.venues]
    return Figure(
        name, title, subtitle, table, lambda words, alone: heat_map(drawn, shown.weeks, scale, words, standalone=alone)
    )  # fmt: skip


@never_cache
@require_GET
def grid(request: HttpRequest) -> HttpResponse:
    """All catchments on the National Grid with their rings, or those of one area; the way to each of them."""
    asked = _asked(request)
    everywhere = catchments_on_the_grid(activity.venues())
    found = [each for each in everywhere if asked["area"] in ("", each.area)]
    context = frame("Map of catchments", *_crumbs()) | {
        "links_title": "One catchment with its rings",
        "links": [
            {"url": f"{reverse('explorer_venue', args=[each.name])}?{_query(asked)}",
             "label": f"{each.name}, {each.area}: {counted(len(each.venues), 'venue')}"} for each in found
        ],
        "empty": "" if found else "No venue of the register has a place yet." if not everywhere
        else f"No venue with a place lies in {asked['area']}.",
        "asked": asked, "action": reverse("explorer_map"), "form": True, "only_area": True,
        "areas": sorted({each.area for each in everywhere}),
    }  # fmt: skip
    synthetic = any(each.synthetic for each in found)
    figures = map_of_catchments(found, asked["area"] or "all areas") if found else []
    about = f"map of catchments {asked['area']}".strip()
    return _answer(request, figures, context, about=about, synthetic=synthetic)


@never_cache
@require_GET
def venue(request: HttpRequest, code: str) -> HttpResponse:
    """One venue over time, its catchment with rings to scale, and assaults by ring."""
    asked = _asked(request)
    context = frame(f"Venue {code}", *_crumbs()) | _form(asked, reverse("explorer_venue", args=[code]))
    try:
        everything = explore(from_week=asked["from"], to_week=asked["to"], measure=asked["measure"])
        mine = tuple(each for each in everything.venues if each.code == code)
        if not mine:
            raise Http404(f"there is no venue {code}")
        found: list[Catchment] = [
            each for each in catchments_on_the_grid(everything.register) if code in each.venues
        ]
        rings = everything.by_ring(found[0].venues if found else (code,))
    except (CannotExplore, UnknownMeasure) as error:
        return render(request, "analytics/evaluation/explorer.html", context | {"problem": str(error)}, status=400)
    alone = everything.having({code})
    figures = [_over_time(alone, f"{code} {mine[0].name}")]
    if found:
        figures += map_of_one(found[0], _ring_table(rings, asked))
    about = f"venue {code} {asked['from']} to {asked['to']} {asked['measure']}"
    return _answer(request, figures, context, about=about, synthetic=everything.synthetic)


def _ring_table(rings: dict[str, float], asked: dict[str, str]) -> Table:
    return Table(
        columns(("ring", "Distance from the nearest venue", "text"), ("assaults", "Recorded assaults", "count")),
        list(rings.items()), f"Recorded assaults by ring, {asked['from']} to {asked['to']}", "rings.csv",
    )  # fmt: skip


urlpatterns = [
    path("evaluation/explorer/", areas, name="explorer"),
    path("evaluation/explorer/venues/", venues, name="explorer_venues"),
    path("evaluation/explorer/map/", grid, name="explorer_map"),
    path("evaluation/explorer/venues/<str:code>/", venue, name="explorer_venue"),
]
