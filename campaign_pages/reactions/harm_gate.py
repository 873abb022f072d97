"""Counts reactions and stops what winds people up. A flag is raised by the count or by a person; a person clears it."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import ADMINISTRATOR, APPROVER, AUTHOR
from campaign_pages.models import CampaignSettings, Creative, Reaction
from campaign_pages.social.stopping import StopRefused, stop_publishing

logger = logging.getLogger(__name__)


class FlagRefused(Exception):
    """The flag cannot be moved this way; the message says why."""


@dataclass(frozen=True)
class Tally:
    """Answers since a person last looked at this creative."""

    talking: int
    not_for_me: int
    winds_up: int

    @property
    def people(self) -> int:
        return self.talking + self.not_for_me + self.winds_up

    @property
    def share(self) -> float:
        """Share of answers that say "winds me up", 0 to 1; 0 without answers."""
        return self.winds_up / self.people if self.people else 0.0


def tally(creative: Creative) -> Tally:
    rows = (
        Reaction.objects.filter(creative=creative, hour__gte=_hour(creative.counted_from))
        .values_list("answer")
        .annotate(total=Sum("count"))
    )
    counts = dict(rows)
    answer = Reaction.Answer
    return Tally(
        counts.get(answer.TALKING_TO_ME, 0), counts.get(answer.NOT_FOR_ME, 0), counts.get(answer.WINDS_ME_UP, 0)
    )


@transaction.atomic
def react(creative: Creative, answer: str) -> bool:
    """Counts one answer; returns whether it raised the flag. The count and the flag are one transaction."""
    locked = Creative.objects.select_for_update().get(pk=creative.pk)
    row, _ = Reaction.objects.get_or_create(creative=locked, hour=_hour(timezone.now()), answer=answer)
    Reaction.objects.filter(pk=row.pk).update(count=F("count") + 1)
    if locked.flagged_at is not None:
        return False
    now = tally(locked)
    limits = CampaignSettings.for_public_default()
    if now.people < limits.reactions_needed or now.share * 100 < limits.winds_up_percent:
        return False
    _raise_flag(
        locked,
        f"{now.winds_up} of {now.people} people said that it winds them up "
        f"(limit: {limits.winds_up_percent} % of at least {limits.reactions_needed}).",
        by=None,
    )
    return True


@transaction.atomic
def flag(creative: Creative, *, reason: str, by: User) -> int:
    """A comms officer's flag; returns how many posts are held. Anybody who may stop publishing may flag."""
    if not by.has_perm("social.stop_publishing"):
        raise FlagRefused(f"{by} may not flag a creative.")
    if not reason.strip():
        raise FlagRefused("Give a reason: others will ask.")
    locked = Creative.objects.select_for_update().get(pk=creative.pk)
    if locked.flagged_at is not None:
        raise FlagRefused(f"“{locked}” is flagged already: {locked.flag_reason}")
    return _raise_flag(locked, reason.strip(), by=by)


@transaction.atomic
def clear(creative: Creative, *, by: User) -> None:
    """After a person has looked: counting starts anew. Its posts stay held until two people resume them."""
    if not by.has_perm("campaign_pages.flag_creative"):
        raise FlagRefused(f"{by} may not clear a flag.")
    changed = Creative.objects.filter(pk=creative.pk, flagged_at__isnull=False).update(
        flagged_at=None, flag_reason="", counted_from=timezone.now() + timedelta(hours=1)
    )
    if not changed:
        raise FlagRefused(f"“{creative}” is not flagged.")


def _raise_flag(creative: Creative, reason: str, *, by: User | None) -> int:
    creative.flagged_at, creative.flag_reason = timezone.now(), reason[:300]
    creative.save(update_fields=["flagged_at", "flag_reason"])
    try:
        held = stop_publishing(
            reason=f"“{creative}” is flagged: {reason}", scope=f"campaign:{creative.slug}", by=by
        )
    except StopRefused:  # no post carries it
        held = 0
    transaction.on_commit(lambda: _tell_officers(creative, held))
    return held


def _tell_officers(creative: Creative, held: int) -> None:
    to = list(
        User.objects.filter(is_active=True, groups__name__in=[APPROVER, AUTHOR, ADMINISTRATOR])
        .exclude(email="")
        .values_list("email", flat=True)
        .distinct()
    )
    words = (
        f"{creative.flag_reason}\n\n{held} scheduled post(s) are held. Pages that carry it stay up until you change "
        "them. Look at it under Facts and help > Reactions, then clear the flag or take it down.\n"
    )
    try:
        for address in to:
            send_mail(f"Walk Away: “{creative}” is flagged", words, None, [address])
    except OSError:
        logger.exception("Officers could not be told by e-mail that a creative is flagged; the admin says it.")


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
