"""The language of a public page is in its address (/pl/tonight/), and nowhere else: no cookie, no guess from headers.

Django's own LocaleMiddleware looks at cookies and Accept-Language and answers `Vary: Accept-Language`, which would
give every phone a copy of its own of every page.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

LANGUAGES = frozenset(code for code, _ in settings.WAGTAIL_CONTENT_LANGUAGES if code != settings.LANGUAGE_CODE)


def language_of(path: str) -> str:
    """The language that a path asks for: its first part where that is one of ours, otherwise English."""
    first = path.lstrip("/").split("/", 1)[0]
    return first if first in LANGUAGES else settings.LANGUAGE_CODE


class LanguageFromAddressMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request.path_info)
        with translation.override(language):
            response = self.get_response(request)
        if language != settings.LANGUAGE_CODE:
            response.headers.setdefault("Content-Language", language)
        return response
