"""Staff pages need the second factor. allauth offers it; this middleware insists on it."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

STAFF_PATHS = ("/admin/", "/documents/")
AUTHENTICATION_METHODS_KEY = "account_authentication_methods"  # written by allauth at each step


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.WALKAWAY_REQUIRE_MFA
            and request.path.startswith(STAFF_PATHS)
            and request.user.is_authenticated
        ):
            if not is_mfa_enabled(request.user):
                return redirect(reverse("mfa_activate_totp"))
            methods = request.session.get(AUTHENTICATION_METHODS_KEY, [])
            if not any(method.get("method") == "mfa" for method in methods):
                return redirect(f"{reverse('account_reauthenticate')}?next={request.path}")
        return self.get_response(request)
