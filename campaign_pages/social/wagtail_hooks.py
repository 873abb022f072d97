"""What social adds to the admin: its menu item and addresses, and the accounts for administrators."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from campaign_pages.social import admin_views


class SocialMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(admin_views.VIEW)


@hooks.register("register_admin_urls")
def social_urls() -> list[Any]:
    return admin_views.urlpatterns


@hooks.register("register_admin_menu_item")
def social_item() -> MenuItem:
    return SocialMenuItem("Social", reverse("social_posts"), name="social", icon_name="calendar", order=230)


@hooks.register("insert_global_admin_css")
def social_colours() -> SafeString:
    """On every page: the banner of a stop is seen wherever somebody works."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/social-admin.css"))
