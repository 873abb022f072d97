"""What the police data screens share, and the rejected rows. Files on their way in: intake_views.py."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.models import ImportedFile
from analytics.police_data.consent import APPROVE, IMPORT

VIEW = "analytics.view_police_summary"


__all__ = ["APPROVE", "IMPORT", "VIEW", "allow", "frame", "urlpatterns"]


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
    path("police-data/<int:pk>/rejected-rows/", rejects, name="police_rejects"),
]
