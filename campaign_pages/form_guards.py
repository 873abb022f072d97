"""What stands between a public form and a script that fills it in. No puzzle (WCAG 3.3.8), no cookie, no address kept.

Public pages set no cookie, so Django's own token cannot be used there: a form that changes nothing but a count, a
preference or a letter box is held by where the request comes from instead (Fetch Metadata, W3C; Origin, RFC 6454).
"""

import hashlib
import hmac
import secrets
import time
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

HONEYPOT = "website"  # hidden from people; a script fills it in
MIN_SECONDS = 2
LONGEST_SECONDS = 24 * 3600
_SALT = "public form"


def comes_from_us(request: HttpRequest) -> bool:
    """Whether a browser says that one of our own pages sent this. A browser that says neither is believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_host()


def way_back(request: HttpRequest, wanted: str) -> str:
    """A path of our own to go back to; the front page where the wanted one is not ours."""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return urlsplit(wanted).path if ours else "/"


def stamp() -> str:
    """Goes into the form when it is shown, so that an answer within two seconds can be told."""
    return signing.dumps(int(time.time()), salt=_SALT)


def filled_in_by_a_person(request: HttpRequest) -> bool:
    """Honeypot empty, and the form was on screen for at least two seconds and at most a day."""
    if request.POST.get(HONEYPOT):
        return False
    try:
        shown = int(signing.loads(request.POST.get("shown", ""), salt=_SALT, max_age=LONGEST_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return time.time() - shown >= MIN_SECONDS


def within_rate(request: HttpRequest, form: str, *, most: int, seconds: int) -> bool:
    """Whether this caller may use the form once more: at most `most` times in `seconds`.

    The caller is a keyed hash of the address with a key that is made anew each hour and lives in the cache only.
    """
    window = int(time.time()) // seconds
    salt_key = f"form-salt:{int(time.time()) // 3600}"
    salt = cache.get(salt_key)
    if salt is None:
        cache.add(salt_key, secrets.token_hex(16), 2 * 3600)
        salt = cache.get(salt_key) or settings.SECRET_KEY
    try:
        address = get_adapter().get_client_ip(request)
    except (ImproperlyConfigured, PermissionDenied):
        address = ""
    caller = hmac.new(str(salt).encode(), str(address).encode(), hashlib.sha256).hexdigest()[:16]
    key = f"form:{form}:{window}:{caller}"
    cache.add(key, 0, seconds * 2)
    try:
        return int(cache.incr(key)) <= most
    except ValueError:  # it expired between the two calls
        return True
