"""Template tags for the language of a page. They work on error pages too, without a request or a database."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaign_pages.models.languages import ENGLISH_WORDS, LanguageWords

register = template.Library()


@dataclass(frozen=True)
class PageLanguage:
    """What `<html>` and links to other languages need: code as in HTML, direction, and the name in itself."""

    code: str
    direction: str
    name: str

    @classmethod
    def of(cls, code: str) -> "PageLanguage":
        info = LANG_INFO.get(code, {})
        html = "en-GB" if code == settings.LANGUAGE_CODE else code
        name = "English" if code.startswith("en") else str(info.get("name_local", code)).capitalize()
        return cls(html, "rtl" if info.get("bidi") else "ltr", name)


@register.simple_tag
def page_language() -> PageLanguage:
    """The language that the address asks for."""
    return PageLanguage.of(translation.get_language() or settings.LANGUAGE_CODE)


@register.filter
def language_of(page: Any) -> PageLanguage:
    """The language of a page whose `locale` is loaded."""
    return PageLanguage.of(page.locale.language_code)


@register.simple_tag(takes_context=True)
def word(context: dict[str, Any], key: str) -> SafeString | str:
    """One of the site's fixed words. English, marked as English, where a language has no checked word of its own."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    english = ENGLISH_WORDS[key]
    if code == settings.LANGUAGE_CODE:
        return english
    own = getattr(_words(context.get("request"), code), key, "")
    return own or format_html('<span lang="en" dir="ltr">{}</span>', english)


def _words(request: Any, code: str) -> LanguageWords | None:
    """The checked words of a language, read once a request."""
    if request is None:
        return None
    if not hasattr(request, "_language_words"):
        row = LanguageWords.objects.filter(locale__language_code=code).first()
        request._language_words = row if row is not None and row.is_checked else None
    found: LanguageWords | None = request._language_words
    return found
