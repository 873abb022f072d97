"""Celery only wakes the publisher up. Every task is idempotent: lost or doubled messages do no harm."""

from celery import shared_task

from campaign_pages.social import publishing, watching


@shared_task(name="social.tick")
def tick() -> None:
    publishing.tick()


@shared_task(name="social.watch")
def watch() -> None:
    watching.alert_about_late_posts()
