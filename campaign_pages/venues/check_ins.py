"""Two taps: what happened, and where. A secret address opens it; a GET never uses the secret up."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from campaign_pages.venues.models import CheckIn, CheckInLink, PosterPlace, Venue

INVITATION_LIFE = timedelta(days=7)


class LinkRefused(Exception):
    """The address does not work (any more); the message says what to do."""


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(*, venue: Venue, purpose: str) -> str:
    """A new secret (256 bits) for the venue. The secret is returned once and never stored."""
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + INVITATION_LIFE if purpose == CheckInLink.Purpose.INVITATION else None
    if purpose == CheckInLink.Purpose.STICKER:
        venue.links.filter(purpose=purpose, revoked_at__isnull=True).update(revoked_at=timezone.now())
    CheckInLink.objects.create(venue=venue, purpose=purpose, digest=digest_of(token), expires_at=expires)
    return token


def open_link(token: str) -> CheckInLink:
    """The link of this secret, if it works now. Uses nothing up."""
    link = CheckInLink.objects.select_related("venue").filter(digest=digest_of(token)).first()
    if link is None or link.revoked_at is not None:
        raise LinkRefused("This link does not work. Scan the newest sticker, or ask us for a new one.")
    if link.expires_at is not None and link.expires_at < timezone.now():
        raise LinkRefused("This link has run out. Ask us for a new one.")
    if link.purpose == CheckInLink.Purpose.INVITATION and link.used_at is not None:
        raise LinkRefused("This link was used already. Thank you! Ask us for a new one if you need it.")
    return link


def check_in(
    *, token: str, state: str, place: PosterPlace | None, tap: str, at: datetime | None = None
) -> CheckIn:
    """Records one tap. The same tap twice is one check-in; a single-use link works once, whoever is faster."""
    with transaction.atomic():
        link = open_link(token)
        if link.purpose == CheckInLink.Purpose.INVITATION:
            won = CheckInLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=timezone.now())
            if not won:
                raise LinkRefused("This link was used already. Thank you! Ask us for a new one if you need it.")
        try:
            with transaction.atomic():
                return CheckIn.objects.create(
                    venue=link.venue,
                    place=place,
                    state=state,
                    at=at or timezone.now(),
                    source=_source(link),
                    tap=tap[:40],
                )
        except IntegrityError:
            return CheckIn.objects.get(venue=link.venue, tap=tap[:40])


def _source(link: CheckInLink) -> str:
    if link.purpose == CheckInLink.Purpose.STICKER:
        return CheckIn.Source.STICKER
    return CheckIn.Source.LINK
