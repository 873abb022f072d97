"""Published tables in the admin: what is frozen, what waits, and marked copies of both tiers."""

import io
import zipfile
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.disclosure.tiers import TIERS
from analytics.models import PublishedPeriod
from analytics.publication.freezing import freeze_what_is_complete
from analytics.publication.publishing import take_copy
from analytics.publication.series import SERIES
from analytics.publication.tables import AUDIENCE, FROZEN, ROUNDING, rows_of

VIEW, PUBLISH = "analytics.view_publishedperiod", "analytics.publish_tables"


def _allow(request: HttpRequest, *permissions: str) -> None:
    if not any(request.user.has_perm(each) for each in permissions):
        raise PermissionDenied


@never_cache
@require_GET
def published_tables(request: HttpRequest) -> HttpResponse:
    """Every frozen period, with the newest of each table as a preview of one tier."""
    _allow(request, VIEW, PUBLISH)
    tier = request.GET.get("tier", "public")
    if tier not in ROUNDING:
        raise Http404("there is no such tier to look at")
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    context = {
        "page_title": "Published tables",
        "header_title": "Published tables",
        "header_icon": "doc-full",
        "breadcrumbs_items": [home, {"url": "", "label": "Published tables"}],
        "may_publish": request.user.has_perm(PUBLISH),
        "tier": tier,
        "tiers": [{"name": name, "audience": AUDIENCE[name]} for name in ROUNDING],
        "rounding": ROUNDING[tier],
        "frozen_words": FROZEN,
        "series": _series_shown(tier),
    }
    return render(request, "analytics/publication/tables.html", context)


def _series_shown(tier: str) -> list[dict[str, Any]]:
    found = []
    for series in SERIES:
        for synthetic in (False, True):
            periods = PublishedPeriod.objects.filter(series=series.name, synthetic=synthetic)
            newest = periods.order_by("-first_day").first()
            if newest is None:
                continue
            shown = [
                {"title": table.title, "labels": table.labels, "rows": list(rows_of(table, newest, TIERS[tier]))}
                for table in series.tables
            ]
            found.append(
                {
                    "series": series,
                    "synthetic": synthetic,
                    "count": periods.count(),
                    "oldest": periods.order_by("first_day").first(),
                    "newest": newest,
                    "tables": shown,
                }
            )
    return found


@never_cache
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Freezes every complete period; it cannot be undone, so the form asks for a tick."""
    _allow(request, PUBLISH)
    if request.POST.get("sure") != "yes":
        messages.error(request, "Nothing was frozen: tick the box to say that you are sure.")
        return redirect("published_tables")
    frozen, waiting = freeze_what_is_complete(by=request.user.get_username())
    said = f"{len(frozen)} period{'' if len(frozen) == 1 else 's'} frozen."
    reasons = sorted({each.reason for each in waiting})
    messages.success(request, " ".join([said, *(f"Waiting: {reason}." for reason in reasons[:5])]))
    return redirect("published_tables")


@never_cache
@require_http_methods(["POST"])
def download(request: HttpRequest) -> HttpResponse:
    """A marked copy of every table of a tier, as one archive. Taking it is written into the audit log."""
    _allow(request, VIEW, PUBLISH)
    tier = request.POST.get("tier", "")
    if tier not in ROUNDING:
        raise Http404("there is no such tier to take away")
    number, files = take_copy(tier, by=request.user.get_username())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.writestr(each.name, each.content)
    mark = "-synthetic" if any(each.synthetic for each in files) else ""
    response = HttpResponse(stream.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="police-tables-{tier}-copy-{number}{mark}.zip"'
    return response


urlpatterns = [
    path("published-tables/", published_tables, name="published_tables"),
    path("published-tables/freeze/", freeze, name="published_tables_freeze"),
    path("published-tables/copy/", download, name="published_tables_copy"),
]
