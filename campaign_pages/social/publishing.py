"""The publisher's steps: prepare, poll, commit, reap. Each step is one short request outside any transaction.

A kill at any point leaves a row that the next tick can go on from: before COMMITTING nothing was sent; from
COMMITTING on a lapsed lease becomes UNKNOWN, is probed, and is never sent again by time-out.
"""

import logging
import os
import random
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from campaign_pages.social.addressing import account_of, message_of
from campaign_pages.social.claiming import LostLease, claim, due, move, postpone
from campaign_pages.social.dispatch_models import Dispatch, PublisherHeartbeat
from campaign_pages.social.platforms.contract import (
    AlreadyPublished,
    Committed,
    Handle,
    Platform,
    Ready,
    Rejected,
    Unknown,
    Waiting,
)  # fmt: skip
from campaign_pages.social.platforms.registry import client_for
from campaign_pages.social.reconciling import probe_unknown
from campaign_pages.social.stopping import lock_switches, stopped_scopes

logger = logging.getLogger(__name__)

LEAD = timedelta(hours=2)  # containers live for 24 h; two hours leave time to mend a bad picture
MAX_ATTEMPTS = 5
MOST_ATTEMPTS_IN_OUTAGE = 3  # an outage alone never gives a post up; its own time does
PAUSE_LIMIT_SECONDS = 5.0  # a process paused longer than this between commit and send must not send
State = Dispatch.State


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:64]


def tick(*, worker: str | None = None, limit: int = 20, seconds: float = 4.0) -> int:
    """Does every step that is due, for at most `seconds`. Returns how many steps were taken. Safe to run twice."""
    worker = worker or worker_name()
    started = time.monotonic()
    beat("publisher")
    steps: list[tuple[tuple[str, ...], Callable[[Dispatch, str], None]]] = [
        ((State.COMMITTING,), lapse),
        ((State.UNKNOWN,), probe_unknown),
        ((State.READY,), commit),
        ((State.SCHEDULED, State.PREPARING), prepare),
        ((State.HELD,), release_or_expire),
    ]
    done = 0
    for states, step in steps:
        for pk, fence in due(states, now=timezone.now(), limit=limit):
            if time.monotonic() - started > seconds:
                return done
            dispatch = claim(pk, fence=fence, states=states, worker=worker)
            if dispatch is None:
                continue
            try:
                step(dispatch, worker)
            except LostLease as error:
                logger.warning("%s", error)
            except DatabaseError:
                raise  # no other row would fare better
            except Exception:
                # One row must not hold up the others. Its lease stays, so that it is next looked at when that lapses.
                logger.exception("A step of dispatch %s failed", pk)
            done += 1
    return done


def beat(name: str) -> None:
    PublisherHeartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def prepare(dispatch: Dispatch, worker: str) -> None:
    """SCHEDULED -> PREPARING -> READY: everything that can be done before the post is visible to anybody."""
    now = timezone.now()
    if now > dispatch.not_after:
        move(dispatch, State.EXPIRED, by=worker, detail="its time passed before it could be prepared")
        return
    if stopped_scopes(dispatch):
        move(dispatch, State.HELD, by=worker, detail="publishing is stopped", next_at=now)
        return
    if dispatch.due_at - LEAD > now:
        move(dispatch, dispatch.state, by=worker, detail="not yet", next_at=dispatch.due_at - LEAD)
        return
    client = client_for(dispatch.account.platform)
    if dispatch.mode == "handoff" or client is None:
        move(
            dispatch,
            State.READY,
            by=worker,
            detail="for a person to post",
            prepared_at=now,
            next_at=dispatch.due_at,
        )
        return
    if dispatch.attempts >= MAX_ATTEMPTS:
        move(
            dispatch,
            State.FAILED,
            by=worker,
            detail=f"gave up after {dispatch.attempts} tries: {dispatch.last_error}",
        )
        return
    if not dispatch.handle:
        _get_handle(dispatch, client, worker)
    else:
        _poll_handle(dispatch, client, worker)


def _get_handle(dispatch: Dispatch, client: Platform, worker: str) -> None:
    Dispatch.objects.filter(pk=dispatch.pk, fence=dispatch.fence).update(attempts=dispatch.attempts + 1)
    dispatch.attempts += 1
    answer = client.prepare(account_of(dispatch), message_of(dispatch))
    if isinstance(answer, Rejected):
        _reject(dispatch, answer, worker)
        return
    # The handle is saved before anything else is asked of it.
    move(
        dispatch,
        State.PREPARING,
        by=worker,
        detail="prepared at the platform",
        handle=answer.data,
        next_at=timezone.now(),
    )


def _poll_handle(dispatch: Dispatch, client: Platform, worker: str) -> None:
    now = timezone.now()
    match client.poll(account_of(dispatch), Handle(dispatch.handle)):
        case Ready():
            move(
                dispatch,
                State.READY,
                by=worker,
                detail="ready",
                prepared_at=now,
                next_at=dispatch.due_at,
                attempts=0,
            )
        case Waiting(detail=detail):
            move(
                dispatch,
                State.PREPARING,
                by=worker,
                detail=f"platform: {detail}",
                next_at=now + _poll_pause(dispatch),
            )
        case AlreadyPublished():
            move(dispatch, State.UNKNOWN, by=worker, detail="the platform shows it as published", next_at=now,
                 commit_started_at=dispatch.commit_started_at or dispatch.due_at, unknown_probes=0)  # fmt: skip
        case Rejected() as rejected:
            _reject(dispatch, rejected, worker)


def _poll_pause(dispatch: Dispatch) -> timedelta:
    waited = dispatch.events.filter(state_after=State.PREPARING).count()
    return timedelta(seconds=min(60, 1.5**waited))


def _reject(dispatch: Dispatch, rejected: Rejected, worker: str) -> None:
    if not rejected.retry:
        move(dispatch, State.FAILED, by=worker, detail=rejected.reason, last_error=rejected.reason)
        return
    pause = timedelta(seconds=min(300, 2**dispatch.attempts) * random.uniform(0.7, 1.3))  # noqa: S311 - only spreads load
    handle = {} if rejected.prepare_again else dispatch.handle
    most = MOST_ATTEMPTS_IN_OUTAGE if rejected.outage else MAX_ATTEMPTS
    move(dispatch, State.SCHEDULED, by=worker, detail=rejected.reason, last_error=rejected.reason,
         next_at=timezone.now() + pause, handle=handle, attempts=min(dispatch.attempts, most))  # fmt: skip


def commit(dispatch: Dispatch, worker: str) -> None:
    """READY -> COMMITTING -> LIVE. The one request that cannot be taken back."""
    now = timezone.now()
    if now < dispatch.due_at:
        move(dispatch, State.READY, by=worker, detail="not yet due", next_at=dispatch.due_at)
        return
    if now > dispatch.not_after:
        move(dispatch, State.EXPIRED, by=worker, detail="its time passed")
        return
    client = client_for(dispatch.account.platform)
    handoff = dispatch.mode == "handoff" or client is None
    started = time.monotonic()
    with transaction.atomic():
        lock_switches()  # read again inside this transaction: a stop that came first wins
        if stopped_scopes(dispatch):
            move(dispatch, State.HELD, by=worker, detail="publishing is stopped", next_at=now)
            return
        post = dispatch.post
        if post.state != "approved" or post.approved_hash != dispatch.content_hash:
            move(dispatch, State.CANCELLED, by=worker, detail="the approval is not valid any more")
            return
        if handoff:
            move(
                dispatch,
                State.AWAITING_HUMAN,
                by=worker,
                detail="to be posted by hand",
                next_at=dispatch.not_after,
            )
            return
        move(dispatch, State.COMMITTING, by=worker, detail="sending", commit_started_at=now, unknown_probes=0,
             lease_owner=worker, lease_until=dispatch.lease_until, next_at=now)  # fmt: skip
    if time.monotonic() - started > PAUSE_LIMIT_SECONDS:
        return  # this process was paused: let the lease lapse, the probe will find nothing and it is sent again
    assert client is not None
    outcome = client.commit(account_of(dispatch), Handle(dispatch.handle), message_of(dispatch))
    settle(dispatch, outcome, worker)


def settle(dispatch: Dispatch, outcome: Committed | Rejected | Unknown, worker: str) -> None:
    """Writes down what became of the commit."""
    now = timezone.now()
    match outcome:
        case Committed(platform_id=platform_id, permalink=permalink):
            move(
                dispatch,
                State.LIVE,
                by=worker,
                detail="live",
                platform_id=platform_id,
                permalink=permalink,
                live_at=now,
            )
        case Rejected(retry=True) as rejected:
            tries = dispatch.attempts + 1
            if rejected.outage:
                tries = min(tries, MOST_ATTEMPTS_IN_OUTAGE)
            if tries >= MAX_ATTEMPTS:
                move(dispatch, State.FAILED, by=worker, detail=rejected.reason, last_error=rejected.reason)
                return
            state = State.SCHEDULED if rejected.prepare_again else State.READY
            handle = {} if rejected.prepare_again else dispatch.handle
            move(dispatch, state, by=worker, detail=rejected.reason, last_error=rejected.reason, handle=handle,
                 attempts=tries, next_at=now + timedelta(seconds=2**dispatch.attempts))  # fmt: skip
        case Rejected(reason=reason):
            move(dispatch, State.FAILED, by=worker, detail=reason, last_error=reason)
        case Unknown(reason=reason):
            move(dispatch, State.UNKNOWN, by=worker, detail=reason, last_error=reason, next_at=now)


def lapse(dispatch: Dispatch, worker: str) -> None:
    """A lease ran out in COMMITTING: it may have been sent. Only a probe can tell."""
    move(dispatch, State.UNKNOWN, by=worker, detail="the worker stopped while sending", next_at=timezone.now(),
         last_error="the worker stopped while sending")  # fmt: skip


def release_or_expire(dispatch: Dispatch, worker: str) -> None:
    """HELD: goes on when publishing does and its time is still ahead; what is past due waits in the review tray."""
    now = timezone.now()
    if now > dispatch.not_after:
        move(dispatch, State.EXPIRED, by=worker, detail="publishing was stopped when it was due")
    elif not stopped_scopes(dispatch) and now <= dispatch.due_at:
        move(dispatch, State.SCHEDULED, by=worker, detail="publishing goes on", next_at=now)
    else:
        postpone(dispatch, now + timedelta(seconds=30))


def overdue_seconds(now: datetime | None = None) -> float:
    """Age of the oldest dispatch that should be live by now and has not ended."""
    now = now or timezone.now()
    waiting = (*Dispatch.OPEN, State.COMMITTING, State.UNKNOWN)
    oldest = (
        Dispatch.objects.filter(state__in=waiting, due_at__lt=now)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return (now - oldest).total_seconds() if oldest else 0.0
