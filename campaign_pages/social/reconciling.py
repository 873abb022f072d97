"""What became of a commit whose reply was lost: probe until the platform shows it, or a person must look.

"Not there, send again" is safe only when the time since the commit is longer than a request can still take effect,
and the platform's own status is decisive. So: at least MIN_PROBES decisive absences over at least SETTLE.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from campaign_pages.social.addressing import account_of, message_of
from campaign_pages.social.claiming import move
from campaign_pages.social.dispatch_models import Dispatch
from campaign_pages.social.platforms.contract import Absent, Handle, Live, Undecided
from campaign_pages.social.platforms.registry import client_for

logger = logging.getLogger(__name__)

MIN_PROBES = 3
GIVE_UP_AFTER = timedelta(minutes=30)
State = Dispatch.State


def settle_window() -> timedelta:
    return timedelta(seconds=settings.SOCIAL_SETTLE_SECONDS)


def probe_unknown(dispatch: Dispatch, worker: str) -> None:
    """One probe. UNKNOWN -> LIVE when shown; -> READY when proven absent and settled; -> NEEDS_HUMAN at the end."""
    client = client_for(dispatch.account.platform)
    assert client is not None
    assert dispatch.commit_started_at is not None
    now = timezone.now()
    waited = now - dispatch.commit_started_at
    outcome: Live | Absent | Undecided
    try:
        outcome = client.probe(
            account_of(dispatch), Handle(dispatch.handle), message_of(dispatch), dispatch.commit_started_at
        )
    except Exception as error:  # an answer nobody can read proves nothing; after half an hour a person looks
        logger.exception("The probe of dispatch %s failed", dispatch.pk)
        outcome = Undecided(f"the answer could not be read: {type(error).__name__}")
    probes = dispatch.unknown_probes + 1
    pause = settle_window() / (MIN_PROBES + 1)
    match outcome:
        case Live(platform_id=platform_id, permalink=permalink):
            move(dispatch, State.LIVE, by=worker, detail="found live by a probe", platform_id=platform_id,
                 permalink=permalink, live_at=now, unknown_probes=probes)  # fmt: skip
        case Absent(reason=reason) if probes >= MIN_PROBES and waited >= settle_window():
            state = State.READY if now <= dispatch.not_after else State.EXPIRED
            move(dispatch, state, by=worker, detail=f"proven absent: {reason}", unknown_probes=probes, next_at=now)
        case Absent(reason=reason):
            move(dispatch, State.UNKNOWN, by=worker, detail=reason, unknown_probes=probes, next_at=now + pause)
        case Undecided(reason=reason) if waited > GIVE_UP_AFTER:
            move(dispatch, State.NEEDS_HUMAN, by=worker, detail=f"cannot tell: {reason}", unknown_probes=probes)
        case Undecided(reason=reason):
            # An undecided probe is no proof of absence: the count of proofs begins again.
            move(dispatch, State.UNKNOWN, by=worker, detail=reason, unknown_probes=0, next_at=now + pause)
