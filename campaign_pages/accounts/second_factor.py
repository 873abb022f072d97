"""Staff pages need an account that may see them, and the second factor. allauth offers it; this middleware insists."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.defaults import permission_denied

STAFF_PATHS = ("/admin/", "/documents/")
SIGNING_IN_AND_OUT = ("/admin/login/", "/admin/logout/", "/admin/password_reset/")
AUTHENTICATION_METHODS_KEY = "account_authentication_methods"  # written by allauth at each step


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.path.startswith("/admin/")
            and not request.path.startswith(SIGNING_IN_AND_OUT)
            and request.user.is_authenticated
            and not request.user.has_perm("wagtailadmin.access_admin")
        ):
            # Wagtail would send them to sign in, and allauth back again, for ever.
            return permission_denied(request, PermissionDenied())
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
