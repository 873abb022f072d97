"""Venues in the admin: the register with its poster places, stickers, check-ins, scans and downloads."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from campaign_pages.record_choosers import RecordViewSet
from campaign_pages.venues import admin_views
from campaign_pages.venues.models import Area, CheckIn, Download, Venue


class ScansMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(admin_views.SCANS)


@hooks.register("register_admin_urls")
def venue_urls() -> list[Any]:
    return admin_views.urlpatterns


@hooks.register("register_snippet_listing_buttons")
def venue_buttons(snippet: Any, user: Any, next_url: str | None = None) -> list[Button]:
    """In a venue's row of the register."""
    if not isinstance(snippet, Venue):
        return []
    buttons = [
        Button(
            "Page and files", reverse("venues:venue_pack", args=[snippet.code]), icon_name="download", priority=60
        )
    ]
    if user.has_perm(admin_views.STICKER):
        address = reverse("venue_sticker", args=[snippet.pk])
        buttons.insert(0, Button("Sticker for check-ins", address, icon_name="tick", priority=50))
    return buttons


class AreaViewSet(RecordViewSet):
    model = Area
    icon = "globe"
    list_display = ["name", "code", "kind"]
    search_fields = ["name", "code"]


class VenueViewSet(RecordViewSet):
    model = Venue
    icon = "home"
    list_display = ["name", "code", "kind", "area", Column("synthetic", label="Synthetic"), "capacity"]
    list_filter = ["kind", "area", "synthetic"]
    list_export = ["code", "name", "kind", "area", "longitude", "latitude", "capacity", "open_nights", "synthetic"]
    ordering = ["name"]


class CheckInViewSet(RecordViewSet):
    model = CheckIn
    icon = "tick"
    list_display = ["venue", "place", "state", "at", "source"]
    list_filter = ["state", "source"]
    list_export = ["venue", "place", "asset", "state", "count", "at", "source"]
    inspect_view_enabled = True


class DownloadViewSet(RecordViewSet):
    model = Download
    icon = "download"
    list_display = ["path", "kind", "venue", "version", "at"]
    list_filter = ["kind"]
    list_export = ["path", "kind", "venue", "version", "sha256", "bytes", "at"]
    inspect_view_enabled = True


class VenuesGroup(SnippetViewSetGroup):
    menu_label = "Venues"
    menu_icon = "home"
    menu_order = 250
    items = (VenueViewSet, AreaViewSet, CheckInViewSet, DownloadViewSet)

    def get_submenu_items(self) -> list[MenuItem]:
        scans = ScansMenuItem("Scans", reverse("venue_scans"), name="venue-scans", icon_name="view", order=900)
        return [*super().get_submenu_items(), scans]


register_snippet(VenuesGroup)
