"""Template tags of the public site. All of them work without a request, a site or a database row."""

from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaign_pages.models import CampaignSettings

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
