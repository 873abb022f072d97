"""robots.txt, security.txt and the web app manifest."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /v/",
        "Disallow: /venues/check-in/",
        f"Sitemap: {settings.WALKAWAY_BASE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116. Expires must lie less than a year ahead; the page is made anew at each request."""
    expires = (datetime.now(UTC) + timedelta(days=180)).replace(microsecond=0, hour=0, minute=0, second=0)
    lines = [
        f"Contact: mailto:{settings.DEFAULT_FROM_EMAIL}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en",
        f"Canonical: {settings.WALKAWAY_BASE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """W3C Web Application Manifest: put on a phone's home screen, the site opens on Tonight."""
    icons = [
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        *(
            {
                "src": static(f"img/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in ((192, "any"), (512, "maskable"))
        ),
    ]
    answer = JsonResponse(
        {
            "id": "/tonight/",
            "name": "Walk Away",
            "short_name": "Walk Away",
            "description": "What to do in the next ten seconds when it gets heated.",
            "lang": "en-GB",
            "dir": "ltr",
            "start_url": "/tonight/",
            "scope": "/",
            "display": "minimal-ui",
            "background_color": "#0b0b16",
            "theme_color": "#0b0b16",
            "icons": icons,
            "shortcuts": [{"name": "Where to get help", "url": "/help/"}],
        },
        content_type="application/manifest+json",
    )
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
