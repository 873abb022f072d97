"""Gzip for what the public gets: pages, style sheets, scripts and drawings, in production and in the demo alike.

Private pages are left out: they carry secrets (forms' tokens, links of venues), and compressing a secret beside words that
a stranger can choose tells its letters by its length (BREACH). Whatever is compressed already (static files in production)
passes through.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from walkaway.response_headers import PRIVATE_PATHS

WORTH_IT = (
    "text/", "application/javascript", "application/json", "application/ld+json", "application/manifest+json",
    "application/xml", "image/svg+xml",
)  # fmt: skip


class PublicGzipMiddleware(GZipMiddleware):
    """Stands outside WhiteNoise, so that the demo's static files are compressed too."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if (
            response.status_code != 200
            or response.cookies
            or request.path.startswith(PRIVATE_PATHS)
            or not response.get("Content-Type", "").startswith(WORTH_IT)
        ):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
