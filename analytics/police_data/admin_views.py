"""Police data in the admin: imported files, import by upload, summaries with chart, table and CSV."""

import csv
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from analytics.measures.catalogue import measure_named
from analytics.models import ImportedFile
from analytics.police_data.admin_forms import ImportForm, SummaryForm
from analytics.police_data.importing import import_paths, visible_offences
from analytics.police_data.selection import NoSuchData, source_of
from analytics.police_data.sources import UnreadableFile
from analytics.police_data.summaries import Summary, summarise
from analytics.police_data.summary_chart import MOST_BARS, bar_chart

IMPORT, VIEW = "analytics.import_police_data", "analytics.view_police_summary"
RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "＝", "＋", "－", "＠")


def _allow(request: HttpRequest, *permissions: str) -> None:
    if not any(request.user.has_perm(each) for each in permissions):
        raise PermissionDenied


def _frame(request: HttpRequest, title: str, *crumbs: dict[str, str]) -> dict[str, Any]:
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "table",
        "breadcrumbs_items": [home, *crumbs, {"url": "", "label": title}],
        "may_import": request.user.has_perm(IMPORT),
        "may_view": request.user.has_perm(VIEW),
    }


@never_cache
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Imported files with their numbers; a form to import another."""
    _allow(request, IMPORT, VIEW)
    form = ImportForm()
    if request.method == "POST":
        _allow(request, IMPORT)
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            _import_upload(request, form)
            return redirect("police_data")
    pages = Paginator(ImportedFile.objects.all(), 50)
    context = _frame(request, "Police data") | {
        "form": form,
        "page": pages.get_page(request.GET.get("p")),
        "synthetic": ImportedFile.objects.filter(synthetic=True, state=ImportedFile.State.LOADED).exists(),
    }
    return render(request, "analytics/police/files.html", context, status=422 if form.errors else 200)


def _import_upload(request: HttpRequest, form: ImportForm) -> None:
    """Imports an uploaded file from a private folder that is gone afterwards, whatever happens."""
    upload = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory(dir=Path(settings.VAR_DIR) / "quarantine") as folder:
        kept = Path(folder) / Path(upload.name).name
        with kept.open("wb") as stream:
            for block in upload.chunks():
                stream.write(block)
        kept.chmod(0o600)
        mapping = form.cleaned_data["mapping_file"] or form.cleaned_data["mapping"] or None
        try:
            report = import_paths([kept], mapping=mapping, by=request.user)
        except UnreadableFile as error:
            messages.error(request, str(error))
            return
    for each in report.files:
        if each.error:
            messages.error(request, each.error)
        else:
            messages.success(
                request,
                f"{each.name}: {each.rows_read:,} rows read, {each.loaded:,} loaded, {each.duplicates:,} duplicates, "
                f"{each.rejected:,} rejected.",
            )


@never_cache
@require_GET
def rejects(request: HttpRequest, pk: int) -> FileResponse:
    """The refused rows of one file, values reduced to their shape."""
    _allow(request, IMPORT)
    record = get_object_or_404(ImportedFile, pk=pk)
    kept = Path(settings.VAR_DIR) / "private" / record.rejects_file
    if not record.rejects_file or not kept.is_file():
        raise Http404("there is no file of rejected rows")
    return FileResponse(
        kept.open("rb"), as_attachment=True, filename=f"rejected-{record.pk}.csv", content_type="text/csv"
    )


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
    _allow(request, VIEW)
    asked = bool(request.GET.keys() & {"measure", "first", "last", "by"})
    form = SummaryForm(request.GET if asked else None, initial=_suggested() if not asked else None)
    context = _frame(request, "Summary of police data", {"url": reverse("police_data"), "label": "Police data"})
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
            if request.GET.get("format") == "csv":
                return _as_csv(found)
            context |= _shown(request, found)
    return render(request, "analytics/police/summary.html", context)


def _shown(request: HttpRequest, found: Summary) -> dict[str, Any]:
    period = f"{found.first:%-d %B %Y} to {found.last:%-d %B %Y}"
    title = f"{found.title}, {period}" + (" (synthetic)" if found.synthetic else "")
    chart = bar_chart(
        found.rows, title=title, description="Bars show the counts of the table below, in the same order."
    )
    query = request.GET.copy()
    query["format"] = "csv"
    return {
        "found": found,
        "figures": found.as_json(),
        "period": period,
        "chart": mark_safe(chart),  # noqa: S308 - summary_chart escapes every text
        "left_out_of_chart": max(0, len(found.rows) - MOST_BARS),
        "csv_query": query.urlencode(),
        "has_rates": any(row.rate_per_1000 is not None for row in found.rows),
    }


def _safe(text: str) -> str:
    """Text that a spreadsheet will not run as a formula."""
    return f"'{text}" if text.strip().startswith(RISKY_STARTS) or text.startswith(RISKY_STARTS) else text


def _as_csv(found: Summary) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    mark = "-synthetic" if found.synthetic else ""
    name = f"{found.measure}-{found.by}-{found.first}-{found.last}{mark}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(["key", "label", "count", "share", "rate_per_1000", "synthetic"])
    for row in found.rows:
        share = "" if row.share is None else row.share
        rate = "" if row.rate_per_1000 is None else row.rate_per_1000
        writer.writerow(
            [_safe(row.key), _safe(row.label), row.count, share, rate, "yes" if found.synthetic else "no"]
        )
    writer.writerow(["total", "", found.as_json()["total"], "", "", ""])
    writer.writerow([])
    writer.writerow(["definition", _safe(found.rule)])
    writer.writerow(["basis", found.basis])
    for reason, count in found.as_json()["excluded"].items():
        writer.writerow([f"left out: {reason}", "", count])
    for caveat in found.caveats:
        writer.writerow(["note", _safe(caveat)])
    return response


urlpatterns = [
    path("police-data/", files, name="police_data"),
    path("police-data/summary/", summary, name="police_summary"),
    path("police-data/<int:pk>/rejected-rows/", rejects, name="police_rejects"),
]
