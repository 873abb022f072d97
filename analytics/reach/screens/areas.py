"""Areas by week: street posters, social media, the site and surveys. No venue is on this page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.charts.frame import Words
from analytics.charts.series import Panel, stacked_lines
from analytics.reach.area_weeks import ALL_AREAS, AreaWeek, area_weeks, web_weeks
from analytics.reach.screens.frame import (
    VIEW,
    Table,
    allow,
    as_csv,
    csv_query,
    framed,
    period_of,
    wants_csv,
)
from analytics.reach.venue_weeks import two_figures
from campaign_pages import activity

USUAL_WEEKS = 26
QUESTIONS = {
    "seen_it": "Have seen it", "where_venue": "Saw it in a venue", "where_street": "Saw it in the street",
    "where_online": "Saw it online", "talked_about_it": "Talked about it", "seen_on_a_hand": "Saw it on someone's hand",
}  # fmt: skip


@never_cache
@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """Tables by channel, each with its rung, never added together."""
    allow(request, VIEW)
    period = period_of(request, USUAL_WEEKS)
    context = framed(request, "Reach: areas by week", "reach_areas") | {"period": period}
    if period.problem:
        return render(request, "analytics/reach/areas.html", context, status=400)
    cells = area_weeks(period.first, period.last)
    venues = activity.venues()
    names = {each.area_code: each.area_name for each in venues} | {ALL_AREAS: "all areas"}
    synthetic = any(each.synthetic for each in venues)
    if wants_csv(request):
        return as_csv(
            request, _file(cells, names), f"reach-areas-{period.first}-{period.last}", synthetic=synthetic
        )
    web = [[week, code, f"{count:,}"] for week, code, count in web_weeks(period.first, period.last)]
    context |= {
        "synthetic": synthetic,
        "street": _street(cells, names),
        "social": _social(cells, names),
        "survey": _survey(cells, names),
        "together": _together(cells, names),
        "web": Table("Site: visitor-nights by code", ("Week", "Code", "Visitor-nights"), web, frozenset({2})),
        "zones": sorted({zone for each in cells for zone in each.zones}),
        "chart": mark_safe(_picture(cells, period, synthetic)),  # noqa: S308 - the chart escapes every text
        "csv": csv_query(request),
    }
    return render(request, "analytics/reach/areas.html", context)


def _street(cells: list[AreaWeek], names: dict[str, str]) -> Table:
    rows = []
    for cell in cells:
        if (of := cell.street_words) is not None:
            rows.append(
                [cell.week, names.get(cell.area, cell.area), two_figures(of["reach"]), two_figures(of["impacts"]),
                 f"{of['frequency']:.1f}", f"{of['cover']:.1f} %", f"{of['grp']:.0f}"]
            )  # fmt: skip
    columns = ("Week", "Area", "People (Route reach)", "Contacts (impacts)", "Frequency", "Cover", "GRP")
    return Table(
        "Street posters: could have seen, from the media owner", columns, rows, frozenset({2, 3, 4, 5, 6})
    )


def _social(cells: list[AreaWeek], names: dict[str, str]) -> Table:
    rows = []
    for cell in cells:
        for platform, of in sorted(cell.social.items()):
            plays = f"{of['plays']:,.0f}" if "plays" in of else None
            done = f"{of['completed_plays']:,.0f}" if "completed_plays" in of else None
            best = two_figures(of["weekly_reach"]) if of.get("weekly_reach") else None
            rows.append(
                [
                    cell.week,
                    names.get(cell.area, cell.area),
                    platform,
                    f"{of['impressions']:,.0f}",
                    best,
                    plays,
                    done,
                ]
            )
    columns = ("Week", "Area", "Platform", "Impressions", "Best day's reach", "Plays", "Completed plays")
    return Table("Social media: platform-reported", columns, rows, frozenset({3, 4, 5, 6}))


def _survey(cells: list[AreaWeek], names: dict[str, str]) -> Table:
    rows = []
    for cell in cells:
        for question, words in QUESTIONS.items():
            if (found := cell.aware(question)) is not None:
                share, n = found
                rows.append([cell.week, names.get(cell.area, cell.area), words, f"{share.mid:.0%}", f"{share.low:.0%} to {share.high:.0%}", f"{n:,}"])  # fmt: skip
    columns = ("Week", "Area", "Answer", "Share", "95 % interval", "Asked (n)")
    return Table("Survey: aware of the campaign", columns, rows, frozenset({3, 4, 5}))


def _together(cells: list[AreaWeek], names: dict[str, str]) -> Table:
    rows = []
    for cell in cells:
        if (found := cell.any_channel) is not None:
            channels = ", ".join(f"{name} {share.mid:.0%}" for name, share in cell.channels.items())
            rows.append([cell.week, names.get(cell.area, cell.area), channels, f"{found.low:.0%}", f"{found.mid:.0%}", f"{found.high:.0%}"])  # fmt: skip
    columns = ("Week", "Area", "Channels", "At least", "If independent", "At most")
    return Table("Any channel: share of the area's residents", columns, rows, frozenset({3, 4, 5}))


def _picture(cells: list[AreaWeek], period: Any, synthetic: bool) -> str:
    weeks = period.weeks
    sums: dict[str, dict[str, float]] = {}
    for cell in cells:
        for platform, of in cell.social.items():
            line = sums.setdefault(platform, {})
            line[cell.week] = line.get(cell.week, 0) + of["impressions"]
    if not sums:
        return ""
    panels = [
        Panel(f"Impressions, {name}", [line.get(week) for week in weeks]) for name, line in sorted(sums.items())
    ]
    words = Words(
        "area-social",
        f"Social media by week, all areas together, {period.first} to {period.last}{' (synthetic)' if synthetic else ''}",
        "Impressions of each platform on its own axis from nought. They are never added as people. The tables have the numbers.",
    )
    return stacked_lines(weeks, panels, words)


def _file(cells: list[AreaWeek], names: dict[str, str]) -> Table:
    rows: list[list[Any]] = []
    for cell in cells:
        zones = ", ".join(sorted(cell.zones)) or "Europe/London"
        edge = f"platform-reported; calendar days of {zones}: the week's edge is off by up to half a day"
        head = [cell.week, cell.area, names.get(cell.area, "")]
        rows += [
            [*head, "out_of_home", "", name, value, "media owner"]
            for name, value in (cell.street_words or {}).items()
        ]
        for platform, of in sorted(cell.social.items()):
            rows += [
                [*head, "social", platform, name, value, edge]
                for name, value in sorted(of.items())
                if name != "weekly_reach" or value
            ]
        for question in QUESTIONS:
            if (found := cell.aware(question)) is not None:
                share, n = found
                figures = (("share", share.mid), ("low", share.low), ("high", share.high), ("n", n))
                rows += [[*head, "survey", question, name, value, ""] for name, value in figures]
    return Table("", ("week", "area", "area_name", "kind", "detail", "figure", "value", "note"), rows)
