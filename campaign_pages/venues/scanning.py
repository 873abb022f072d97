"""`/v/<CODE>`: counts the poster place, then redirects. The redirect never fails because counting does."""

import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from campaign_pages.venues import scan_log
from campaign_pages.venues.codes import normalise
from campaign_pages.venues.models import PosterPlace
from campaign_pages.visitor_choices import objects_to_counting

logger = logging.getLogger(__name__)

LANDING = "/tonight/"
UNKNOWN_LANDING = "/"
CACHE_SECONDS = 60


@csrf_exempt
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """302 to a plain page, without code or query. Nothing about the visitor is written anywhere."""
    place = normalise(code)
    known = place is not None and _is_known(place)
    result = scan_log.result_of(
        request.method or "", request.headers, known=known, objected=objects_to_counting(request)
    )
    try:
        scan_log.append(settings.VAR_DIR / "scans", place if known and place else "", result)
    except OSError:
        logger.exception("A scan could not be written down. The visitor was sent on all the same.")
    response = HttpResponse(status=302)
    response["Location"] = LANDING if known else UNKNOWN_LANDING
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _is_known(code: str) -> bool:
    """Answers from the cache for a minute; when the database is away, believes the code."""
    key = f"place:{code}"
    try:
        known = cache.get(key)
        if known is None:
            known = PosterPlace.objects.filter(code=code, retired=False).exists()
            cache.set(key, known, CACHE_SECONDS)
    except Exception:
        logger.exception("The register of places could not be read.")
        return True
    return bool(known)
