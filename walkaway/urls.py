"""Every address of the product, in one place. The lists themselves live with their subjects."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from walkaway import health

# Embedded default: pictures lie in a local folder. With a bucket, storage gives signed addresses instead.
local_media = (
    []
    if settings.WALKAWAY_MEDIA_BUCKET
    else [re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})]
)

urlpatterns = [
    path("healthz/live", health.live, name="healthz_live"),
    path("healthz/ready", health.ready, name="healthz_ready"),
    path("", include("campaign_pages.social.health_urls")),
    path("", include("campaign_pages.accounts.urls")),  # before the admin: takes over its sign-in pages
    path("admin/", include(wagtailadmin_urls)),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("campaign_pages.venues.urls")),
    path("", include("campaign_pages.urls")),
    *local_media,
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
