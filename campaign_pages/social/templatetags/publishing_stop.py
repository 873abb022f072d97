"""The banner of a stop, on every page of the admin."""

from typing import Any

from django import template

from campaign_pages.social.post_models import PublishingSwitch

register = template.Library()


@register.inclusion_tag("social/stopped_banner.html", takes_context=True)
def stopped_banner(context: dict[str, Any]) -> dict[str, Any]:
    """Which scopes are stopped, since when and why; nothing for people who are not signed in."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return {"switches": []}
    switches = list(PublishingSwitch.objects.filter(on=True).select_related("by"))
    return {"switches": switches, "may_see": request.user.has_perm("social.view_post")}
