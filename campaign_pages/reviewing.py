"""What has to be looked at again: pages, facts and help lines whose day has come."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import APPROVER, AUTHOR
from campaign_pages.models import Fact, HelpLine
from campaign_pages.models.review import ReviewReminder

logger = logging.getLogger(__name__)

HELP_LINE_DAYS = 183  # a number that nobody rang for half a year may be dead


@dataclass(frozen=True)
class Due:
    """Something to look at again. `since`: the day it fell due; None where nobody has ever looked."""

    title: str
    what: str
    since: date | None
    address: str


def due_for_review(today: date | None = None) -> list[Due]:
    """Everything due on `today` (local) or before, the oldest first; what nobody ever checked comes before all."""
    day = today or timezone.localdate()
    found = [
        Due(page.title, "page", page.review_by, reverse("wagtailadmin_pages:edit", args=[page.pk]))
        for page in Page.objects.live().specific()
        if getattr(page, "review_by", None) is not None and page.review_by <= day
    ]
    found += [
        Due(fact.text, "fact", fact.review_by, f"/admin/snippets/campaign_pages/fact/edit/{fact.pk}/")
        for fact in Fact.objects.filter(review_by__lte=day)
    ]
    for line in HelpLine.objects.all():
        due = None if line.last_checked is None else line.last_checked + timedelta(days=HELP_LINE_DAYS)
        if due is None or due <= day:
            found.append(
                Due(line.name, "help line", due, f"/admin/snippets/campaign_pages/helpline/edit/{line.pk}/")
            )
    return sorted(found, key=lambda each: (each.since or date.min, each.title))


def send_reminders(today: date | None = None) -> int:
    """One e-mail a week to each author and approver, while anything is due; returns how many were sent."""
    day = today or timezone.localdate()
    year, week, _ = day.isocalendar()
    due = due_for_review(day)
    if not due:
        return 0
    try:
        with transaction.atomic():
            ReviewReminder.objects.create(week=f"{year}-W{week:02d}", pages=len(due))
    except IntegrityError:
        return 0  # this week's went out
    lines = [
        f"- {each.title} ({each.what}, {f'due {each.since:%d %B %Y}' if each.since else 'never checked'})"
        for each in due
    ]
    words = (
        "These have to be looked at again. Open the admin, page “Home”, for links.\n\n" + "\n".join(lines) + "\n"
    )
    people = User.objects.filter(is_active=True, groups__name__in=[AUTHOR, APPROVER]).exclude(email="")
    sent = 0
    for address in people.values_list("email", flat=True).distinct():
        try:
            sent += send_mail(f"Walk Away: {len(due)} to look at again", words, None, [address])
        except OSError:
            logger.exception("A reminder could not be sent; the admin's front page lists what is due.")
    return sent
