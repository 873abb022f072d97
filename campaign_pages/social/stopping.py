"""Stop everything: one click by one person. Going on takes two."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from campaign_pages.accounts.models import User
from campaign_pages.social.dispatch_models import Dispatch, DispatchEvent
from campaign_pages.social.platforms.registry import PLATFORM_NAMES
from campaign_pages.social.post_models import Post, PublishingSwitch, SocialAccount

GLOBAL = "global"


class StopRefused(Exception):
    """The switch cannot be moved this way; the message says why."""


def ensure_switches() -> None:
    """A row for every scope: a lock on a missing row would lock nothing."""
    campaigns = Post.objects.values_list("campaign", flat=True).distinct()
    for scope in (
        GLOBAL,
        *(f"platform:{name}" for name in PLATFORM_NAMES),
        *(f"campaign:{slug}" for slug in campaigns),
    ):
        PublishingSwitch.objects.get_or_create(scope=scope)


def lock_switches() -> None:
    """Inside the commit's transaction: waits for a stop that is being written. SQLite is serial already."""
    list(PublishingSwitch.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def stopped_scopes(dispatch: Dispatch) -> list[str]:
    """Scopes of this dispatch that are stopped, its account among them; empty when it may go out."""
    scopes = [GLOBAL, f"platform:{dispatch.account.platform}", f"campaign:{dispatch.post.campaign}"]
    stopped = list(PublishingSwitch.objects.filter(scope__in=scopes, on=True).values_list("scope", flat=True))
    if SocialAccount.objects.filter(pk=dispatch.account_id, paused=True).exists():
        stopped.append(f"account:{dispatch.account_id}")
    return stopped


@transaction.atomic
def stop_publishing(*, reason: str, scope: str = GLOBAL, by: User | None = None) -> int:
    """Stops the scope at once; returns how many dispatches are held. A request already sent cannot be called back."""
    if not reason.strip():
        raise StopRefused("Give a reason: others will ask.")
    if not _is_scope(scope):
        names = ", ".join(f"platform:{name}" for name in PLATFORM_NAMES)
        raise StopRefused(
            f"There is no scope {scope}. Use global, {names} or campaign:SLUG of an existing campaign."
        )
    ensure_switches()
    lock_switches()
    PublishingSwitch.objects.filter(scope=scope).update(
        on=True, reason=reason[:300], by=by, at=timezone.now(), resume_asked_by=None
    )
    held = 0
    for dispatch in Dispatch.objects.select_related("post", "account").filter(state__in=Dispatch.OPEN):
        if not stopped_scopes(dispatch):
            continue
        before = dispatch.state
        moved = Dispatch.objects.filter(pk=dispatch.pk, state=before, fence=dispatch.fence).update(
            state=Dispatch.State.HELD, fence=dispatch.fence + 1, next_at=timezone.now(), lease_owner="",
            lease_until=timezone.now() - timedelta(days=1),
        )  # fmt: skip
        if moved:
            held += 1
            DispatchEvent.objects.create(
                dispatch=dispatch, fence=dispatch.fence + 1, state_before=before, state_after=Dispatch.State.HELD,
                by=by.get_username() if by else "command line", detail=f"stopped: {reason}"[:300],
            )  # fmt: skip
    return held


@transaction.atomic
def resume_publishing(*, by: User, scope: str = GLOBAL) -> bool:
    """First call asks, a second person's call resumes. Returns True when publishing goes on.

    What is past due stays held: it goes to the review tray and is never sent late by itself.
    """
    if not by.has_perm("social.resume_publishing"):
        raise StopRefused(f"{by} may not resume publishing.")
    switch = PublishingSwitch.objects.select_for_update().filter(scope=scope).first()
    if switch is None or not switch.on:
        raise StopRefused(f"Publishing is not stopped for {scope}.")
    if switch.resume_asked_by_id in {None, by.pk}:
        switch.resume_asked_by = by
        switch.save(update_fields=["resume_asked_by"])
        return False
    switch.on, switch.resume_asked_by, switch.at = False, None, timezone.now()
    switch.save(update_fields=["on", "resume_asked_by", "at"])
    return True


def _is_scope(scope: str) -> bool:
    kind, _, name = scope.partition(":")
    if scope == GLOBAL:
        return True
    if kind == "platform":
        return name in PLATFORM_NAMES
    return kind == "campaign" and Post.objects.filter(campaign=name).exists()
