"""Police data in the admin: imported files, import by upload. Summaries: summary_views.py."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from analytics.models import ImportedFile
from analytics.police_data.admin_forms import ImportForm
from analytics.police_data.importing import import_paths
from analytics.police_data.sources import UnreadableFile

IMPORT, VIEW = "analytics.import_police_data", "analytics.view_police_summary"


def allow(request: HttpRequest, *permissions: str) -> None:
    if not any(request.user.has_perm(each) for each in permissions):
        raise PermissionDenied


def frame(request: HttpRequest, title: str, *crumbs: dict[str, str]) -> dict[str, Any]:
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
    allow(request, IMPORT, VIEW)
    form = ImportForm()
    if request.method == "POST":
        allow(request, IMPORT)
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            _import_upload(request, form)
            return redirect("police_data")
    pages = Paginator(ImportedFile.objects.all(), 50)
    context = frame(request, "Police data") | {
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
    allow(request, IMPORT)
    record = get_object_or_404(ImportedFile, pk=pk)
    kept = Path(settings.VAR_DIR) / "private" / record.rejects_file
    if not record.rejects_file or not kept.is_file():
        raise Http404("there is no file of rejected rows")
    return FileResponse(
        kept.open("rb"), as_attachment=True, filename=f"rejected-{record.pk}.csv", content_type="text/csv"
    )


urlpatterns = [
    path("police-data/", files, name="police_data"),
    path("police-data/<int:pk>/rejected-rows/", rejects, name="police_rejects"),
]
