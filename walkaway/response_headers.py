"""Headers that every answer carries and that no package sets for us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PRIVATE_PATHS = ("/admin/", "/accounts/", "/venues/check-in/")


class ResponseHeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(PRIVATE_PATHS):
            response.setdefault("Cache-Control", "no-store")
            response.setdefault("X-Robots-Tag", "noindex")
        return response
