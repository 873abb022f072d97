"""Claims and moves as compare-and-set on the fence: the same on SQLite and PostgreSQL.

A worker that lost its lease can write nothing: every later write filters on the fence it was given.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from campaign_pages.social.dispatch_models import Dispatch, DispatchEvent


class LostLease(Exception):
    """Somebody else has the dispatch now; whatever this worker meant to write is void."""


def claim(
    dispatch_id: int, *, fence: int, states: tuple[str, ...], worker: str, lease: timedelta | None = None
) -> Dispatch | None:
    """Takes the dispatch for `lease`, or None when another worker was faster. Commits before any network work."""
    now = timezone.now()
    with transaction.atomic():
        won = Dispatch.objects.filter(pk=dispatch_id, fence=fence, state__in=states, lease_until__lt=now).update(
            fence=fence + 1,
            lease_owner=worker,
            lease_until=now + (lease or timedelta(seconds=settings.SOCIAL_LEASE_SECONDS)),
        )
    return Dispatch.objects.select_related("account", "post").get(pk=dispatch_id) if won else None


def move(dispatch: Dispatch, state: str, *, by: str, detail: str = "", **changes: Any) -> Dispatch:
    """Changes the state if this worker still holds the dispatch; writes the event in the same transaction.

    Raises LostLease when the fence has moved on. The lease ends with the move unless `lease_until` is given.
    """
    changes.setdefault("lease_until", _long_ago())
    changes.setdefault("lease_owner", "")
    if "last_error" in changes:
        changes["last_error"] = changes["last_error"][:300]
    with transaction.atomic():
        won = Dispatch.objects.filter(pk=dispatch.pk, fence=dispatch.fence, state=dispatch.state).update(
            state=state, **changes
        )
        if not won:
            raise LostLease(f"dispatch {dispatch.pk} was taken over")
        DispatchEvent.objects.create(
            dispatch=dispatch, fence=dispatch.fence, state_before=dispatch.state, state_after=state, by=by,
            detail=detail[:300],
        )  # fmt: skip
    dispatch.state = state
    for name, value in changes.items():
        setattr(dispatch, name, value)
    return dispatch


def postpone(dispatch: Dispatch, next_at: datetime) -> None:
    """Ends the lease and looks again at `next_at`. Nothing happened, so the history says nothing."""
    won = Dispatch.objects.filter(pk=dispatch.pk, fence=dispatch.fence, state=dispatch.state).update(
        next_at=next_at, lease_owner="", lease_until=_long_ago()
    )
    if not won:
        raise LostLease(f"dispatch {dispatch.pk} was taken over")


def due(states: tuple[str, ...], *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """(id, fence) of unleased dispatches whose next step is due, oldest first.

    On PostgreSQL rows that another worker is claiming at this moment are passed over; the claim itself is what
    keeps workers apart.
    """
    rows = Dispatch.objects.filter(state__in=states, next_at__lte=now, lease_until__lt=now).order_by(
        "due_at", "pk"
    )
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        return list(rows.values_list("pk", "fence")[:limit])


def _long_ago() -> datetime:
    return datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))
