"""Writing, submitting and approving a post. Four eyes: nobody approves their own work."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaign_pages.accounts.models import User
from campaign_pages.models import CampaignImage
from campaign_pages.social.captions import counting_link
from campaign_pages.social.dispatch_models import Dispatch, DispatchEvent
from campaign_pages.social.media_checks import broken_limits_of
from campaign_pages.social.post_models import Post, SocialAccount
from campaign_pages.social.timetable import instant_of

LATEST_AFTER_DUE = timedelta(minutes=60)
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


class PostRefused(Exception):
    """The step cannot be taken; `reasons` say why, in words for an officer."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(reasons))


def content_hash(post: Post) -> str:
    """SHA-256 of what would be published: words, picture, description.

    Not of the accounts: the same words are a repetition on an account whatever other accounts they also go to.
    """
    content = {
        "caption": post.caption,
        "image": post.image.file_hash or post.image.get_file_hash() if post.image else "",
        "alt_text": post.alt_text,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def what_is_approved(post: Post) -> str:
    """SHA-256 of all that an approval covers: what is published, where and when."""
    covered = {
        "content": content_hash(post),
        "accounts": sorted(post.accounts.values_list("pk", flat=True)),
        "due": post.due_at.isoformat() if post.due_at else "",
    }
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def write_post(
    *,
    by: User,
    title: str,
    caption: str,
    accounts: Sequence[SocialAccount],
    image: CampaignImage | None = None,
    alt_text: str = "",
    due_local: datetime | None = None,
    time_zone: str = "Europe/London",
    campaign: str = "walk-away",
    second: bool | None = None,
    post: Post | None = None,
) -> Post:
    """Makes or changes a draft. A change voids any approval; what is already being published cannot be changed.

    Everybody who changes words, picture, accounts or time becomes one of its writers, and so cannot approve it.
    `due_local` is wall time in `time_zone`; `second` says which, on the night when a time happens twice.
    """
    before = ""
    if post is None:
        post = Post(written_by=by)
    else:
        post = Post.objects.select_for_update().get(pk=post.pk)  # an approval at this moment waits, or came first
        before = what_is_approved(post)
        dispatches = list(post.dispatches.select_for_update())
        changeable = {*Dispatch.OPEN, Dispatch.State.HELD, *Dispatch.ENDED_WITHOUT_POST}
        if any(dispatch.state not in changeable for dispatch in dispatches):
            raise PostRefused("This post is already on its way or live. Write a new one.")
        for dispatch in dispatches:
            if dispatch.state in Dispatch.ENDED_WITHOUT_POST:
                continue
            _cancel(dispatch, by=by, detail="the post was changed")
    post.title, post.caption, post.image, post.alt_text = title, caption, image, alt_text
    post.due_local = due_local.replace(tzinfo=timezone.get_fixed_timezone(0)) if due_local else None
    post.time_zone, post.campaign = time_zone, campaign
    post.due_at = instant_of(due_local, time_zone, second=second) if due_local else None
    post.state, post.approved_by, post.approved_hash = Post.State.DRAFT, None, ""
    post.save()
    post.accounts.set(accounts)
    post.content_hash = content_hash(post)
    if what_is_approved(post) != before:
        post.written_by = by
        post.writers.add(by)
    post.save(update_fields=["content_hash", "written_by"])
    return post


@transaction.atomic
def submit_post(*, post: Post, by: User) -> Post:
    """Asks for approval. Refused with every broken limit at once."""
    post = Post.objects.select_for_update().get(pk=post.pk)
    reasons = _reasons_against(post)
    if post.state != Post.State.DRAFT:
        reasons.insert(0, "Only a draft can be submitted.")
    if reasons:
        raise PostRefused(*reasons)
    post.state = Post.State.IN_REVIEW
    post.save(update_fields=["state"])
    return post


@transaction.atomic
def approve_post(*, post: Post, by: User, repeat_reason: str = "", seen: str | None = None) -> Post:
    """Approves exactly what stands there now, and schedules one dispatch for each account.

    `seen` is what_is_approved() of the page that the approver read; when given, anything else is refused.
    """
    post = Post.objects.select_for_update().get(pk=post.pk)
    reasons = _reasons_against(post)
    if post.state != Post.State.IN_REVIEW:
        reasons.insert(0, "Only a post that waits for approval can be approved.")
    if post.writers.filter(pk=by.pk).exists():
        reasons.insert(0, "You wrote or changed this post. Somebody else must approve it.")
    if not by.has_perm("social.approve_post"):
        reasons.insert(0, "You may not approve posts.")
    now_hash = content_hash(post)
    if now_hash != post.content_hash:
        reasons.append("The picture or the words changed since the post was submitted. Submit it again.")
    if seen is not None and seen != what_is_approved(post):
        reasons.append("The post was changed while you were reading it. Read it again, then approve it.")
    for account in post.accounts.all():
        if (
            not repeat_reason
            and Dispatch.objects.filter(account=account, content_hash=now_hash)
            .exclude(state__in=Dispatch.ENDED_WITHOUT_POST)
            .exists()
        ):
            reasons.append(f"The same words and picture are already scheduled or live on {account}.")
    if reasons:
        raise PostRefused(*reasons)
    post.state, post.approved_by, post.approved_hash = Post.State.APPROVED, by, now_hash
    post.save(update_fields=["state", "approved_by", "approved_hash"])
    try:
        with transaction.atomic():
            for account in post.accounts.all():
                _schedule(post, account, by=by, repeat_reason=repeat_reason)
    except IntegrityError:  # approved at the same moment as another post with the same words
        raise PostRefused(
            "The same words and picture have just been approved for one of these accounts."
        ) from None
    return post


@transaction.atomic
def cancel_dispatch(*, dispatch: Dispatch, by: User) -> None:
    """Takes a dispatch off the timetable, as long as nothing may have been sent."""
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    if dispatch.state not in Dispatch.CANCELLABLE:
        raise PostRefused("It is too late to cancel: it is being published, live, or already ended.")
    _cancel(dispatch, by=by, detail="cancelled")


@transaction.atomic
def confirm_by_hand(*, dispatch: Dispatch, by: User, permalink: str) -> None:
    """A person says that it is live and where (hand-off, or after an unknown outcome)."""
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    if dispatch.state not in {Dispatch.State.AWAITING_HUMAN, Dispatch.State.NEEDS_HUMAN}:
        raise PostRefused("This one does not wait for a person.")
    before, dispatch.state = dispatch.state, Dispatch.State.LIVE
    dispatch.permalink, dispatch.confirmed_by, dispatch.live_at = permalink, by.get_username(), timezone.now()
    dispatch.fence += 1
    dispatch.save()
    _event(dispatch, before, by=by.get_username(), detail="confirmed by a person")


@transaction.atomic
def declare_not_live(*, dispatch: Dispatch, by: User) -> None:
    """A person looked at the account and it is not there. It ends; sending again means writing and approving again."""
    dispatch = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    if dispatch.state != Dispatch.State.NEEDS_HUMAN:
        raise PostRefused("This one does not wait for a person's word.")
    before, dispatch.state = dispatch.state, Dispatch.State.FAILED
    dispatch.last_error, dispatch.confirmed_by = "a person looked: it is not live", by.get_username()
    dispatch.fence += 1
    dispatch.save(update_fields=["state", "last_error", "confirmed_by", "fence"])
    _event(dispatch, before, by=by.get_username(), detail="a person looked: it is not live")


def _reasons_against(post: Post) -> list[str]:
    reasons = [issue.message for issue in broken_limits_of(post)]
    if not post.caption.strip():
        reasons.append("The post has no words.")
    if not post.accounts.exists():
        reasons.append("Choose at least one account.")
    if post.due_at is None:
        reasons.append("Say when the post is due.")
    elif post.due_at + LATEST_AFTER_DUE < timezone.now():
        reasons.append("The time it was due has passed. Choose a new one.")
    return reasons


def _schedule(post: Post, account: SocialAccount, *, by: User, repeat_reason: str) -> Dispatch:
    assert post.due_at is not None
    dispatch = Dispatch.objects.create(
        post=post, account=account, mode=account.mode, simulated=account.simulated, due_at=post.due_at,
        not_after=post.due_at + LATEST_AFTER_DUE, content_hash=post.approved_hash, caption=post.caption,
        alt_text=post.alt_text, lease_until=EPOCH, next_at=timezone.now(), repeat_reason=repeat_reason,
        image_url=_public_address(post.image) if post.image else "",
    )  # fmt: skip
    dispatch.caption = post.caption + counting_link(dispatch.pk)
    dispatch.save(update_fields=["caption"])
    _event(dispatch, "", by=by.get_username(), detail="approved and scheduled")
    return dispatch


def _public_address(image: CampaignImage) -> str:
    url = image.file.url
    return url if url.startswith("http") else f"{settings.WALKAWAY_BASE_URL}{url}"


def _cancel(dispatch: Dispatch, *, by: User, detail: str) -> None:
    before, dispatch.state = dispatch.state, Dispatch.State.CANCELLED
    dispatch.fence += 1  # whoever holds the old fence can write nothing any more
    dispatch.save(update_fields=["state", "fence"])
    _event(dispatch, before, by=by.get_username(), detail=detail)


def _event(dispatch: Dispatch, before: str, *, by: str, detail: str) -> None:
    DispatchEvent.objects.create(
        dispatch=dispatch,
        fence=dispatch.fence,
        state_before=before,
        state_after=dispatch.state,
        by=by,
        detail=detail[:300],
    )
