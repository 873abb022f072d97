"""Addresses of the public site that are not Wagtail pages."""

from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from campaign_pages import feedback, leaving, plain_files, visitor_choices
from campaign_pages.reactions.views import reaction

urlpatterns = [
    path("leave/", leaving.leave, name="leave"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/thanks/", feedback.thanks, name="feedback_thanks"),
    path("reaction/", reaction, name="reaction"),
    path("cookies/choose/", visitor_choices.customise, name="cookie_choices"),
    path("cookies/save/", visitor_choices.save_consent, name="save_consent"),
    path("cookies/counting/", visitor_choices.save_counting, name="save_counting"),
    path("robots.txt", plain_files.robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", plain_files.security, name="security_txt"),
]
