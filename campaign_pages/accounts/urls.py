"""Wagtail's own sign-in and password pages lead to the one sign-in there is; its two trial pages are not there."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import path
from django.views.generic import RedirectView


def not_here(request: HttpRequest) -> NoReturn:
    """Wagtail lets anybody in the admin raise an error on purpose, which would wake whoever watches the logs."""
    raise Http404


urlpatterns = [
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("admin/password_reset/", RedirectView.as_view(pattern_name="account_reset_password")),
    path("admin/failwhale/", not_here),
    path("admin/test404/", not_here),
]
