"""Summaries of police data in the admin: chart, table, definition, CSV. Every view and export is audited."""

import csv
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.audit.chain import record
from analytics.measures.catalogue import measure_named
from analytics.police_data import sna_views
from analytics.police_data.admin_forms import BY_WORDS, SummaryForm
from analytics.police_data.admin_views import VIEW, allow, frame
from analytics.police_data.importing import visible_offences
from analytics.police_data.selection import NoSuchData, source_of
from analytics.police_data.sna_export import watermark
from analytics.police_data.summaries import summarise
from analytics.police_data.summary import Summary
from analytics.police_data.summary_chart import READINGS, most_drawn, summary_chart
from campaign_pages.spreadsheet_text import safe_cell

BESIDE_NAMES = {"weekday": "calendar_day", "night": "night"}


def _suggested() -> dict[str, Any]:
    """A period and a measure that what is loaded can answer."""
    rows = visible_offences()
    name = "nte_assault" if rows.filter(precision="time").exists() else "open_violence"
    last = (
        source_of(measure_named(name), rows)
        .order_by("-committed_on")
        .values_list("committed_on", flat=True)
        .first()
    )
    if last is None:
        return {"measure": name, "by": "night"}
    end = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    begin = end.replace(day=1)
    for _ in range(11):
        begin = (begin - timedelta(days=1)).replace(day=1)
    return {"measure": name, "by": "night" if name == "nte_assault" else "month", "first": begin, "last": end}


@never_cache
@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """A summary with its chart, its table, its definition and its caveats."""
    allow(request, VIEW)
    asked = bool(request.GET.keys() & {"measure", "first", "last", "by"})
    form = SummaryForm(request.GET if asked else None, initial=_suggested() if not asked else None)
    context = frame(request, "Summary of police data", {"url": reverse("police_data"), "label": "Police data"})
    context["form"] = form
    if asked and form.is_valid():
        wanted = dict(form.cleaned_data)
        wanted["data"] = wanted.pop("kind")
        wanted["area_type"] = wanted["area_type"] or "local_authority"
        try:
            found = summarise(**wanted)
        except NoSuchData as error:
            context["refusal"] = str(error)
        else:
            as_file = request.GET.get("format") == "csv"
            _audit(request, found, "police.summary_exported" if as_file else "police.summary_viewed")
            if as_file:
                return _as_csv(found, by=request.user.get_username())
            context |= _shown(request, found)
    return render(request, "analytics/police/summary.html", context)


def _audit(request: HttpRequest, found: Summary, action: str) -> None:
    detail = {"by": found.by, "area_type": found.area_type, "from": str(found.first), "to": str(found.last)}
    record(action, by=request.user.get_username(), about=f"summary {found.measure}", detail=detail)


def _shown(request: HttpRequest, found: Summary) -> dict[str, Any]:
    period = f"{found.first:%-d %B %Y} to {found.last:%-d %B %Y}"
    title = f"{found.title}, {period}" + (" (synthetic)" if found.synthetic else "")
    chart = summary_chart(found, title=title)
    other = {row.key: row for row in found.beside.rows} if found.beside else {}
    query = request.GET.copy()
    query["format"] = "csv"
    return {
        "found": found,
        "figures": found.as_json(),
        "period": period,
        "chart": mark_safe(chart),  # noqa: S308 - summary_chart escapes every text
        "most_drawn": most_drawn(found.by),
        "left_out_of_chart": max(0, len(found.rows) - most_drawn(found.by)),
        "heading": BY_WORDS[found.by],
        "rows": [(row, other.get(row.key)) for row in found.rows],
        "readings": (READINGS[found.by], READINGS[found.beside.by]) if found.beside else (),
        "csv_query": query.urlencode(),
        "has_rates": any(row.rate_per_1000 is not None for row in found.rows),
    }


def _as_csv(found: Summary, *, by: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    mark = "-synthetic" if found.synthetic else ""
    file_name = f"{found.measure}-{found.by}-{found.first}-{found.last}{mark}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    writer = csv.writer(response)
    for name, text in watermark(by, synthetic=found.synthetic):
        writer.writerow([f"# {name}", safe_cell(text)])
    header = ["key", "label", "count", "share", "rate_per_1000", "synthetic", "rate_per_1000_year"]
    other = {row.key: row for row in found.beside.rows} if found.beside else {}
    if found.beside:
        header += [f"count_by_{BESIDE_NAMES[found.beside.by]}", f"share_by_{BESIDE_NAMES[found.beside.by]}"]
    by_area = found.by == "area"
    if by_area:
        header += ["fit", "count_by_best_fit"]
    writer.writerow(header)
    for row in found.rows:
        figures = [
            *(row.count, row.share, row.rate_per_1000, "yes" if found.synthetic else "no", row.rate_per_1000_year),
            *((each.count, each.share) if (each := other.get(row.key)) else ()),
            *((row.fit, row.by_best_fit) if by_area else ()),
        ]
        writer.writerow(
            [safe_cell(row.key), safe_cell(row.label), *("" if each is None else each for each in figures)]
        )
    writer.writerow(["total", "", found.as_json()["total"], "", "", ""])
    writer.writerow([])
    writer.writerow(["definition", safe_cell(found.rule)])
    writer.writerow(["basis", found.basis])
    writer.writerow(["denominator", safe_cell(found.denominator)])
    for reason, count in found.as_json()["excluded"].items():
        writer.writerow([f"left out: {reason}", "", count])
    for caveat in found.caveats:
        writer.writerow(["note", safe_cell(caveat)])
    return response


urlpatterns = [path("police-data/summary/", summary, name="police_summary"), *sna_views.urlpatterns]
