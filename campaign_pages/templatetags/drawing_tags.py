"""Our own drawings, by name."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from campaign_pages.blocks.text import PICTURES

register = template.Library()
NAMES = frozenset(name for name, _ in PICTURES)


@register.simple_tag
def art(name: str) -> SafeString | str:
    """The drawing as inline SVG, in the colours of where it stands; nothing for a name that is not ours."""
    return render_to_string(f"art/{name}.html") if name in NAMES else ""
