"""Health of the publisher: age of the oldest overdue post, time of the last tick."""

from django.urls import path

from campaign_pages.social import watching

urlpatterns = [path("healthz/publisher", watching.health, name="healthz_publisher")]
