"""The copy of Tonight that a phone keeps where its owner said yes: a service worker that does this one thing.

A service worker stores on the device, so nothing of it reaches a phone before that yes (campaign_pages/visitor_choices.py).
Without it plain HTTP caching still opens Tonight again until the next switch of day and night. The exit removes it.
"""

import json
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_safe

STYLES_AND_SCRIPTS = ("css/tokens.css", "css/site.css", "js/exit.js", "img/favicon.svg")
FONT = ("build/fonts/fonts.css", "build/fonts/walk-away-display.woff2")


def kept_files() -> list[str]:
    """Addresses of everything that Tonight needs, Tonight itself first."""
    names: tuple[str, ...] = STYLES_AND_SCRIPTS
    if (settings.VAR_DIR / "build" / "fonts" / "fonts.css").exists():
        names += FONT
    return ["/tonight/", *(static(name) for name in names)]


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker's script. Its bytes change with the files it keeps, so that phones fetch new ones."""
    files = kept_files()
    version = sha256("\n".join(files).encode()).hexdigest()[:10]
    script = render_to_string("offline/worker.js", {"files": json.dumps(files), "version": version})
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
