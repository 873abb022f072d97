"""Wake-ups of the site. The database knows what is due; a lost or doubled one changes nothing but lateness."""

from celery import shared_task
from django.core.management import call_command

from campaign_pages import reviewing


@shared_task(name="campaign_pages.publish_scheduled")
def publish_scheduled() -> None:
    """Pages whose time has come go live, expired ones come down (Wagtail's own command)."""
    call_command("publish_scheduled", verbosity=0)


@shared_task(name="campaign_pages.remind_of_reviews")
def remind_of_reviews() -> None:
    reviewing.send_reminders()
