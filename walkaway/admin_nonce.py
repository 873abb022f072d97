"""Lets Wagtail's own inline start-up snippets run under a strict Content-Security-Policy, and nothing else.

Wagtail 7.4 has no nonce support of its own. Only snippets whose body begins like one of Wagtail's known
initialisers get the request's nonce; any other inline script stays blocked, also in the admin.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ADMIN_PATHS = ("/admin/",)
_KNOWN_SNIPPET = re.compile(
    rb'<script(?: type="text/javascript")?>'
    rb"(?=\s*(?:init(?:Date|Time|DateTime)Chooser\(|new \w+Chooser\(|\(function\(\)\s*\{\s*var panel = new \w*Panel\())"
)


class AdminNonceMiddleware:
    """Must sit inside CSPMiddleware, so that the nonce reaches the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(ADMIN_PATHS):
            return response
        # Draftail sets inline styles; previews are data and blob images, and frames of our own. Scripts stay strict.
        response._csp_update = {  # type: ignore[attr-defined]
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:", "blob:"],
            "frame-src": ["'self'"],
        }
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]
        response._csp_update["script-src"] = [f"'nonce-{nonce}'"]  # type: ignore[attr-defined]
        response.content = _KNOWN_SNIPPET.sub(f'<script nonce="{nonce}">'.encode(), response.content)
        if response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))
        return response
