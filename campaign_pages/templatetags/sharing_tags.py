"""Template tags for links sent to mates and for search engines: the share card and structured data."""

import json
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from campaign_pages.share_cards import version_of

register = template.Library()
# What could end a script element, or start one, inside JSON.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def _origin(page: Any) -> str:
    parts = page.get_url_parts()
    return str(parts[1] or "") if parts else ""


@register.simple_tag
def share_card(page: Any) -> str:
    """Address of the page's picture, absolute, as chats want it."""
    version = version_of(page.seo_title or page.title)
    return f"{_origin(page)}{reverse('share_card', args=[page.pk or 0, version])}"


@register.simple_tag
def structured_data(page: Any) -> SafeString | str:
    """JSON-LD of schema.org, and only what is true: the site on the home page, an article where there is a date."""
    data: dict[str, Any] = {"@context": "https://schema.org"}
    if hasattr(page, "happened_on") and page.first_published_at:
        data |= {
            "@type": "NewsArticle",
            "headline": page.title,
            "datePublished": page.first_published_at.date().isoformat(),  # on this site, not when it happened
            "description": page.summary,
            "mainEntityOfPage": page.full_url,
        }
        if page.last_published_at:
            data["dateModified"] = page.last_published_at.date().isoformat()
    elif page.depth == 2:
        data |= {
            "@type": "WebSite",
            "name": "Walk Away",
            "url": page.full_url,
            "description": page.summary,
            "potentialAction": {
                "@type": "SearchAction",
                "target": f"{_origin(page)}{reverse('search')}?q={{search_term_string}}",
                "query-input": "required name=search_term_string",
            },
        }
    else:
        return ""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308
