"""The editors' side: facts, help lines, and a little of the campaign's look."""

from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from campaign_pages.models import Fact, HelpLine


class FactViewSet(SnippetViewSet):
    model = Fact
    icon = "info-circle"
    menu_label = "Facts"
    list_display = ["text", "figure", "strength", "as_of", "review_by"]
    list_filter = ["strength", "review_by"]
    search_fields = ["text", "source"]
    ordering = ["review_by"]
    list_export = ["figure", "text", "source", "as_of", "strength", "review_by"]


class HelpLineViewSet(SnippetViewSet):
    model = HelpLine
    icon = "help"
    menu_label = "Help lines"
    list_display = ["name", "number", "hours", "emergency", "last_checked"]
    list_filter = ["emergency", "last_checked"]
    list_export = ["name", "number", "link", "hours", "what_for", "last_checked"]


class EvidenceAndHelp(SnippetViewSetGroup):
    menu_label = "Facts and help"
    menu_icon = "info-circle"
    menu_order = 250
    items = (FactViewSet, HelpLineViewSet)


register_snippet(EvidenceAndHelp)


@hooks.register("insert_global_admin_css")
def campaign_colours() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("construct_settings_menu")
def plain_settings(request: Any, menu_items: list[Any]) -> None:
    """One installation serves one site: lists of sites and languages only confuse."""
    menu_items[:] = [item for item in menu_items if item.name not in {"locales"}]
