"""Starting and lifting an incident hold. One person starts it, at any hour; two end it."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from campaign_pages.accounts.models import User
from campaign_pages.models import IncidentHold
from campaign_pages.social.models import PublishingSwitch
from campaign_pages.social.stopping import GLOBAL, StopRefused, resume_publishing, stop_publishing

LONGEST_HOURS = 14 * 24


class HoldRefused(Exception):
    """The hold cannot be started or lifted this way; the message says why."""


def start(*, by: User, reason: str, hours: int = 48) -> tuple[IncidentHold, int]:
    """Stops all posts and turns the site sober, in one transaction. Returns the hold and how many posts are held.

    `hours` until somebody must look again; nothing ends by itself. Raises HoldRefused.
    """
    if not by.has_perm("campaign_pages.start_incident_hold"):
        raise HoldRefused(f"{by} may not start an incident hold.")
    if not reason.strip():
        raise HoldRefused("Give a reason: the person who takes over from you will ask.")
    if not 1 <= hours <= LONGEST_HOURS:
        raise HoldRefused(f"Say within 1 and {LONGEST_HOURS} hours when somebody must look again.")
    now = timezone.now()
    try:
        with transaction.atomic():
            stopped = PublishingSwitch.objects.filter(scope=GLOBAL, on=True).exists()
            hold = IncidentHold.objects.create(
                reason=reason.strip()[:300],
                started_by=by,
                started_at=now,
                look_again_at=now + timedelta(hours=hours),
                stopped_posts=not stopped,
            )
            held = stop_publishing(reason=f"incident hold: {reason.strip()}", by=by) if not stopped else 0
    except IntegrityError as error:
        raise HoldRefused("An incident hold is on already.") from error
    return hold, held


@transaction.atomic
def lift(*, by: User) -> bool:
    """First call asks, a second person's call lifts. Returns True when the site has its ordinary face again.

    Posts that the hold stopped may go on; what is past due stays in the review tray and is never sent late by itself.
    """
    if not by.has_perm("campaign_pages.lift_incident_hold"):
        raise HoldRefused(f"{by} may not lift an incident hold.")
    hold = IncidentHold.objects.select_for_update().filter(lifted_at__isnull=True).first()
    if hold is None:
        raise HoldRefused("No incident hold is on.")
    if hold.lift_asked_by is None or hold.lift_asked_by == by:
        hold.lift_asked_by = by
        hold.save(update_fields=["lift_asked_by"])
        return False
    first = hold.lift_asked_by
    hold.lifted_by, hold.lifted_at = by, timezone.now()
    hold.save(update_fields=["lifted_by", "lifted_at"])
    if hold.stopped_posts and PublishingSwitch.objects.filter(scope=GLOBAL, on=True).exists():
        try:
            resume_publishing(by=first)
            resume_publishing(by=by)
        except StopRefused as error:
            raise HoldRefused(f"The posts cannot go on: {error}") from error
    return True
