"""A recent sign-in for acts that weigh most: raw police data, people and their roles (ASVS 5.0 7.5.1 and 7.5.3).

An open session on a desk that somebody has left is not enough for these. allauth writes the time of each proof (password,
second factor) into the session; here it is read. ``WALKAWAY_FRESH_SIGN_IN_MINUTES`` says how long one is recent; 0 asks nobody.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY

WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Wagtail's own screens of people and of what groups may do: whoever writes there can raise a role.
PEOPLE_NAMESPACES = ("wagtailusers_users", "wagtailusers_groups")
NOTHING_DONE = (
    "Nothing was done yet: this needs a recent sign-in. Now that you have signed in again, do it once more."
)
View = Callable[..., HttpResponse]


def is_recent(request: HttpRequest, *, grace_minutes: int = 0) -> bool:
    """Whether whoever is signed in proved it within the set time, plus ``grace_minutes``."""
    minutes = settings.WALKAWAY_FRESH_SIGN_IN_MINUTES
    if not minutes:
        return True
    proofs = request.session.get(AUTHENTICATION_METHODS_KEY, [])
    latest = max((float(each.get("at", 0)) for each in proofs), default=0.0)
    return time.time() - latest <= 60 * (minutes + grace_minutes)


def sign_in_again(next_path: str) -> str:
    """Address of the page that asks for the password or the second factor, and leads back."""
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': next_path})}"


def needs_recent_sign_in(
    *methods: str, back: Callable[..., str] | None = None, grace_minutes: int = 0
) -> Callable[[View], View]:
    """For a view: requests by these methods (default: those that write) need a recent sign-in.

    Others lead to the sign-in and from there to ``back(**arguments of the view)``, or to the page itself. Nothing of the
    request is read before, so put this outside of what reads an upload; ``grace_minutes`` is for filling in a long form.
    """
    wanted = methods or WRITES

    def decorate(view: View) -> View:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            grace = grace_minutes if request.method in WRITES else 0
            if request.method in wanted and not is_recent(request, grace_minutes=grace):
                return _ask(request, back(**kwargs) if back else request.path)
            return view(request, *args, **kwargs)

        return asking

    return decorate


def _ask(request: HttpRequest, next_path: str) -> HttpResponse:
    if request.method in WRITES:
        messages.warning(request, NOTHING_DONE)
    return redirect(sign_in_again(next_path))


class RecentSignInMiddleware:
    """The same for Wagtail's own screens of people and groups. After the sessions and messages."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        people = match is not None and (
            match.namespace in PEOPLE_NAMESPACES or kwargs.get("app_label") == "accounts"  # a bulk action
        )
        if people and request.method in WRITES and request.user.is_authenticated and not is_recent(request):
            return _ask(request, request.path)
        return None
