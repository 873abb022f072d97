"""The needs assessment's tables in the admin: a list, and each with chart, table, CSV and what is unclear.

Exact counts: evaluator tier. Every view and export leaves a row in the audit log.
"""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.audit.chain import record
from analytics.measures.catalogue import measure_named
from analytics.measures.sna import definitions, published
from analytics.police_data.admin_views import VIEW, allow, frame
from analytics.police_data.selection import NoSuchData, counted_rows
from analytics.police_data.sna_chart import section_chart
from analytics.police_data.sna_export import TIER, file_name, table_as_csv
from analytics.police_data.sna_source import SERIOUS, SLACK, month_of
from analytics.police_data.sna_table import Row, Section, SnaTable, agrees, printed_like
from analytics.police_data.sna_tables import TABLES, sna_tables
from analytics.police_data.summary_forms import PeriodForm

VIEWED, EXPORTED = "police.summary_viewed", "police.summary_exported"


def suggested_period() -> dict[str, Any]:
    """The published window where what is loaded covers it, else the last eighteen months of what is loaded."""
    days = counted_rows(measure_named(SERIOUS)).order_by("committed_on").values_list("committed_on", flat=True)
    first, last = days.first(), days.last()
    if first is None or last is None:
        return {}
    given = published()
    if first <= given.first + SLACK and last >= given.last - SLACK:
        return {"first": given.first, "last": given.last}
    end = month_of(last, -1) - timedelta(days=1)
    return {"first": max(month_of(end, 17), first.replace(day=1)), "last": end}


def _form(request: HttpRequest) -> tuple[PeriodForm, dict[str, Any]]:
    """The period asked for, or a fitting one; an empty dict where it cannot be read or nothing is loaded."""
    if request.GET.keys() & {"first", "last"}:
        form = PeriodForm(request.GET)
        return form, dict(form.cleaned_data) if form.is_valid() else {}
    found = suggested_period()
    return PeriodForm(initial=found), found


@never_cache
@require_GET
def table_list(request: HttpRequest) -> HttpResponse:
    """Every table with its title and definition, for one period."""
    allow(request, VIEW)
    form, wanted = _form(request)
    parent = {"url": reverse("police_data"), "label": "Police data"}
    context = frame(request, "Tables of the needs assessment", parent) | {
        "form": form,
        "tables": [definitions().tables[name] for name in TABLES],
        "query": _query(wanted),
        "nothing": not wanted and not form.errors,
    }
    return render(request, "analytics/police/sna_list.html", context)


@never_cache
@require_GET
def table(request: HttpRequest, name: str) -> HttpResponse:
    """One table; with ``format=csv`` as a file."""
    allow(request, VIEW)
    if name not in TABLES:
        raise Http404(f"there is no table {name}")
    form, wanted = _form(request)
    words = definitions().tables[name]
    home = {"url": reverse("police_data"), "label": "Police data"}
    parent = {"url": f"{reverse('sna_tables')}?{_query(wanted)}", "label": "Tables of the needs assessment"}
    context = frame(request, f"{name} {words.title}", home, parent) | {"form": form, "name": name}
    if wanted:
        try:
            (found,) = sna_tables(wanted["first"], wanted["last"], only=name, data=wanted.get("kind", ""))
        except NoSuchData as error:
            context["refusal"] = str(error)
        else:
            as_file = request.GET.get("format") == "csv"
            _audit(request, found, EXPORTED if as_file else VIEWED)
            if as_file:
                return _as_file(found, by=request.user.get_username())
            context |= _shown(found) | {"csv_query": f"{_query(wanted)}&format=csv"}
    elif not form.errors:
        context["refusal"] = "No force extract is loaded yet, so there is nothing to count."
    position = TABLES.index(name)
    context["neighbours"] = [
        definitions().tables[each]
        for each in (*TABLES[max(0, position - 1) : position], *TABLES[position + 1 : position + 2])
    ]
    context["query"] = _query(wanted)
    return render(request, "analytics/police/sna_table.html", context)


def _query(wanted: dict[str, Any]) -> str:
    if not wanted:
        return ""
    kind = f"&kind={wanted['kind']}" if wanted.get("kind") else ""
    return f"first={wanted['first'].isoformat()}&last={wanted['last'].isoformat()}{kind}"


def _audit(request: HttpRequest, found: SnaTable, action: str) -> None:
    detail = {"table": found.id, "from": found.first.isoformat(), "to": found.last.isoformat()}
    record(action, by=request.user.get_username(), about=f"needs assessment {found.id}", detail=detail)


def _as_file(found: SnaTable, *, by: str) -> HttpResponse:
    response = HttpResponse(table_as_csv(found, by=by), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    return response


def _shown(found: SnaTable) -> dict[str, Any]:
    return {
        "found": found,
        "period": _period(found.first, found.last),
        "sections": [_section(found, section) for section in found.sections],
        "excluded": found.as_json()["excluded"],
        "tier": TIER,
        "low_number": definitions().low_number,
    }


def _period(first: date, last: date) -> str:
    return f"{first:%-d %B %Y} to {last:%-d %B %Y}"


def _section(found: SnaTable, section: Section) -> dict[str, Any]:
    """Headers and cells, with a column for the published figure after each column that has one."""
    given = {key for row in section.all_rows() for key in row.published}
    headers = []
    for column in section.columns:
        headers.append(column.label)
        if column.key in given:
            headers.append(f"{column.label}: {found.published_label}")

    def cells(row: Row) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for column in section.columns:
            made.append({"text": printed_like(row, column)})
            if column.key in given:
                made.append({"text": row.published.get(column.key, ""), "agrees": agrees(row, column)})
        return made

    mark = " (synthetic)" if found.synthetic else ""
    title = f"{found.id} {found.title}: {section.title}, {_period(found.first, found.last)}{mark}"
    return {
        "key": section.key,
        "title": section.title,
        "caption": title,
        "chart": mark_safe(section_chart(section, name=f"chart-{section.key}", title=title)),  # noqa: S308 - escaped
        "headers": headers,
        "rows": [{"label": row.label, "low": row.low_number, "cells": cells(row)} for row in section.rows],
        "total": {"label": section.total.label, "cells": cells(section.total)} if section.total else None,
        "any_low": any(row.low_number for row in section.rows),
    }


urlpatterns = [
    path("police-data/tables/", table_list, name="sna_tables"),
    path("police-data/tables/<slug:name>/", table, name="sna_table"),
]
