"""Sessions of staff end: half an hour after the last thing that somebody did, and twelve hours after the sign-in.

ASVS 5.0 7.3.1 and 7.3.2. The session is written at most once a minute, so that reading costs next to nothing.
``WALKAWAY_IDLE_MINUTES`` is the half hour; 0 switches both off.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY, STAFF_PATHS

SEEN = "staff_seen_at"
TOUCH_SECONDS = 60
LONGEST_SECONDS = 12 * 3600
# What an open page sends by itself, with nobody in front of it.
BY_ITSELF = ("/admin/editing-sessions/",)


class IdleSessionMiddleware:
    """After sessions, sign-in and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        minutes = settings.WALKAWAY_IDLE_MINUTES
        if minutes and request.path.startswith(STAFF_PATHS) and request.user.is_authenticated:
            now = time.time()
            if _over(request, now, 60 * minutes):
                logout(request)
                messages.info(
                    request, "You were signed out, because nothing was done for a while. Sign in to go on."
                )
                path = request.get_full_path() if request.method == "GET" else reverse("wagtailadmin_home")
                return redirect(f"{reverse('account_login')}?{urlencode({'next': path})}")
            if now - request.session.get(SEEN, 0.0) > TOUCH_SECONDS and not request.path.startswith(BY_ITSELF):
                request.session[SEEN] = now
        return self.get_response(request)


def _over(request: HttpRequest, now: float, idle_seconds: float) -> bool:
    proofs = [float(each.get("at", now)) for each in request.session.get(AUTHENTICATION_METHODS_KEY, [])]
    seen = float(request.session.get(SEEN, max(proofs, default=now)))
    return (
        now - max(seen, max(proofs, default=0.0)) > idle_seconds
        or now - min(proofs, default=now) > LONGEST_SECONDS
    )
