"""Two screens beside the register: a new sticker for a venue's back office, and scans by poster place."""

from datetime import timedelta
from typing import Any

import segno
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaign_pages.venues.check_ins import make_link
from campaign_pages.venues.models import CheckInLink, PosterPlace, ScanCount, Venue
from campaign_pages.venues.scan_log import COUNTED

STICKER, SCANS = "venues.change_venue", "venues.view_venue"
PERIODS = {"7": "Last 7 days", "28": "Last 28 days", "all": "Since the start"}
RESULT_LABELS = {
    COUNTED: "Counted as people",
    "head_or_prefetch": "Fetched ahead, not opened",
    "objected": "Asked not to be counted",
    "unknown_code": "Unknown or retired code",
    "link_preview": "Preview of a link",
    "headless": "Browser without a screen",
    "bot": "Robot",
}


@never_cache
@permission_required(STICKER, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sticker(request: HttpRequest, pk: int) -> HttpResponse:
    """GET explains; POST ends the old sticker and shows the new address once. Only its SHA-256 is kept."""
    venue = get_object_or_404(Venue, pk=pk)
    context = _frame(f"Sticker for {venue}", ("Venues", reverse("wagtailsnippets_venues_venue:list"))) | {
        "venue": venue,
        "current": venue.links.filter(purpose=CheckInLink.Purpose.STICKER, revoked_at__isnull=True).first(),
    }
    if request.method == "POST":
        token = make_link(venue=venue, purpose=CheckInLink.Purpose.STICKER)
        address = request.build_absolute_uri(reverse("venues:check_in", args=[token]))
        symbol = segno.make(address, error="m", micro=False)
        context |= {
            "address": address,
            # segno writes numbers and path data only; the address itself is not in the drawing.
            "symbol": mark_safe(symbol.svg_inline(border=4, scale=6, light="#fff")),  # noqa: S308
        }
    return render(request, "venues/admin_sticker.html", context)


@never_cache
@permission_required(SCANS, raise_exception=True)
@require_safe
def scans(request: HttpRequest) -> HttpResponse:
    """Human scans of each poster place, and how every hit was judged. Hits = counted + dropped, always."""
    days = request.GET.get("days", "28")
    days = days if days in PERIODS else "28"
    name = request.GET.get("name", "").strip()[:60]
    hits = ScanCount.objects.all()
    if days != "all":
        hits = hits.filter(hour__gte=timezone.now() - timedelta(days=int(days)))
    judged = {row["result"]: row["hits"] for row in hits.values("result").annotate(hits=Sum("count"))}
    by_code = {
        row["code"]: row["people"]
        for row in hits.filter(result=COUNTED).values("code").annotate(people=Sum("count"))
    }
    places = PosterPlace.objects.select_related("venue").order_by("venue__name", "venue__code", "sort_order", "pk")
    if name:
        places = places.filter(Q(venue__name__icontains=name) | Q(venue__code__iexact=name) | Q(code__iexact=name))
    page = Paginator(places, 50).get_page(request.GET.get("p"))
    context = _frame("Scans by place") | {
        "periods": PERIODS,
        "days": days,
        "name": name,
        "page": page,
        "rows": [(place, by_code.get(place.code, 0)) for place in page],
        "judged": [(label, judged.get(result, 0)) for result, label in RESULT_LABELS.items()],
        "hits": sum(judged.values()),
        "synthetic": Venue.objects.filter(synthetic=True).exists(),
    }
    return render(request, "venues/admin_scans.html", context)


def _frame(title: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "home",
        "breadcrumbs_items": [home, *({"url": u, "label": x} for x, u in crumbs), {"url": "", "label": title}],
    }


urlpatterns = [
    path("venues/scans/", scans, name="venue_scans"),
    path("venues/sticker/<int:pk>/", sticker, name="venue_sticker"),
]
