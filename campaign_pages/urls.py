"""Addresses of the public site that are not Wagtail pages."""

from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from campaign_pages import leaving, plain_files

urlpatterns = [
    path("leave/", leaving.leave, name="leave"),
    path("robots.txt", plain_files.robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", plain_files.security, name="security_txt"),
]
