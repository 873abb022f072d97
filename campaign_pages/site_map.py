"""The site map: every live page of every language, each with its translations (hreflang)."""

from typing import Any

from django.conf import settings
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from campaign_pages.templatetags.language_tags import PageLanguage


class LanguagesSitemap(Sitemap):
    """As Google documents localised versions: each address lists all of its languages, itself included."""

    def items(self) -> Any:
        root = self.get_wagtail_site().root_page
        homes = root.get_translations(inclusive=True).live()
        below = Page.objects.none()
        for home in homes:
            below = below | Page.objects.descendant_of(home, inclusive=True)
        return below.live().public().select_related("locale").order_by("path")

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict[str, Any]]:
        rows = super()._urls(page, protocol, domain)
        pages = list(self.paginator.page(page).object_list)
        versions: dict[Any, list[tuple[str, str]]] = {}
        for item in pages:
            code = PageLanguage.of(item.locale.language_code).code
            versions.setdefault(item.translation_key, []).append((code, item.full_url))
        keys = {item.full_url: item.translation_key for item in pages}
        english = PageLanguage.of(settings.LANGUAGE_CODE).code
        for row in rows:
            others = versions.get(keys.get(row["location"]), [])
            if len(others) > 1:
                row["alternates"] = [{"lang_code": code, "location": place} for code, place in others]
                row["alternates"] += [
                    {"lang_code": "x-default", "location": place} for code, place in others if code == english
                ]
        return rows
