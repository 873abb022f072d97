"""Addresses of the public site that are not Wagtail pages."""

from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from campaign_pages import feedback, leaving, offline_copy, plain_files, searching, share_cards, visitor_choices
from campaign_pages.reactions.views import reaction
from campaign_pages.site_map import LanguagesSitemap

urlpatterns = [
    path("leave/", leaving.leave, name="leave"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/thanks/", feedback.thanks, name="feedback_thanks"),
    path("reaction/", reaction, name="reaction"),
    path("cookies/choose/", visitor_choices.customise, name="cookie_choices"),
    path("cookies/save/", visitor_choices.save_consent, name="save_consent"),
    path("cookies/counting/", visitor_choices.save_counting, name="save_counting"),
    path("search/", searching.search, name="search"),
    path("share/<int:pk>-<slug:version>.png", share_cards.share_card, name="share_card"),
    path("manifest.webmanifest", plain_files.manifest, name="manifest"),
    path("tonight-worker.js", offline_copy.worker, name="offline_worker"),
    path("robots.txt", plain_files.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": LanguagesSitemap}}, name="sitemap"),
    path(".well-known/security.txt", plain_files.security, name="security_txt"),
]
