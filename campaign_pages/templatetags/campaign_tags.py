"""Template tags of the public site. All of them work without a request, a site or a database row."""

from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from campaign_pages.content_checks import reading_level, text_of, warnings_of
from campaign_pages.models import CampaignSettings, IncidentHold
from campaign_pages.resting import hold_of
from campaign_pages.story_map import key_of
from campaign_pages.visitor_choices import Choices, asked_by_browser, choices_of, objects_to_counting

register = template.Library()


@register.simple_tag(takes_context=True)
def campaign_settings(context: dict[str, Any]) -> CampaignSettings:
    """The site's settings; defaults on error pages, where there is no request or site."""
    request = context.get("request")
    return CampaignSettings.for_public(request) if request is not None else CampaignSettings()


@register.simple_tag
def built_fonts() -> SafeString | str:
    """The display font's style sheet, where `manage.py build_fonts` has made it; pages are fine without."""
    if not (settings.VAR_DIR / "build" / "fonts" / "fonts.css").exists():
        return ""
    return format_html('<link rel="stylesheet" href="{}">', static("build/fonts/fonts.css"))


@register.simple_tag(takes_context=True)
def visitor_choices(context: dict[str, Any]) -> Choices:
    """What the visitor chose; marks the page as depending on it where there is something to choose."""
    request = context.get("request")
    if request is None:
        return Choices((), frozenset(), made=False)
    choices = choices_of(request)
    if choices.asked:
        request.page_depends_on_choices = True
    return choices


@register.simple_tag(takes_context=True)
def counting_choice(context: dict[str, Any]) -> str:
    """ "browser", "stopped" or "counted"; the page then depends on the visitor's cookie."""
    request = context.get("request")
    if request is None:
        return "counted"
    request.page_depends_on_choices = True
    if asked_by_browser(request):
        return "browser"
    return "stopped" if objects_to_counting(request) else "counted"


@register.simple_tag(takes_context=True)
def step_address(context: dict[str, Any], name: str) -> str:
    """Address of a step of the page being shown, by the name an editor typed."""
    page, request = context.get("page"), context.get("request")
    if page is None or not hasattr(page, "steps_of_map"):
        return "#"
    return f"{page.get_url(request)}{key_of(name)}/"


@register.simple_tag
def scene(name: str) -> SafeString:
    """One of our own drawings, inline: no request, follows the page's colours."""
    return mark_safe(render_to_string(f"includes/scenes/{name}.svg"))  # noqa: S308 -- our own files, chosen from a list


@register.simple_tag(takes_context=True)
def incident_hold(context: dict[str, Any]) -> IncidentHold | None:
    """The incident hold that is on; None where there is none, and in previews of an ordinary day."""
    request = context.get("request")
    return hold_of(request) if request is not None else None


@register.simple_tag(takes_context=True)
def on_an_ordinary_day(context: dict[str, Any]) -> str:
    """What follows is shown as if no incident hold were on: an example of a block is not what visitors get."""
    if context.get("request") is not None:
        context["request"]._incident_hold = None
    return ""


@register.inclusion_tag("includes/preview_notes.html", takes_context=True)
def preview_checks(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """What would stop this draft from being published, and what should be looked at; for previews only.

    During an incident hold it also says what visitors get in place of what the preview shows.
    """
    if page is None or not hasattr(page, "publish_problems"):
        return {}
    return {
        "checked": True,
        "held": incident_hold(context) is not None,
        "rests": getattr(page, "rests_in_hold", False),
        "problems": page.publish_problems(),
        "warnings": warnings_of(page),
        "lix": reading_level(text_of(page)).lix,
    }


@register.filter
def shown(page: Any, hold: IncidentHold | None) -> bool:
    """Whether a link to the page may stand: it is live, and does not rest while an incident hold is on."""
    return bool(page.live) and (hold is None or page.pk not in hold.resting)
