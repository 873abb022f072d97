"""Four eyes, approval bound to words and picture, and limits that stop an approval."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaign_pages.social.models import Dispatch, Post
from campaign_pages.social.posts import PostRefused, approve_post, submit_post, what_is_approved, write_post
from tests.factories import social

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> dict[str, Any]:
    return social.people()


def test_nobody_approves_their_own_post(by: Any) -> None:
    post = submit_post(post=social.draft(by=by["approver"]), by=by["approver"])
    with pytest.raises(PostRefused, match="Somebody else must approve"):
        approve_post(post=post, by=by["approver"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.update(approved_by=by["approver"])
    approve_post(post=post, by=by["second_approver"])


def rewritten(post: Post, by: Any, **changes: Any) -> Post:
    fields = {
        "title": post.title, "caption": post.caption, "accounts": list(post.accounts.all()), "image": post.image,
        "alt_text": post.alt_text, "due_local": social.local(post.due_at) if post.due_at else None,
    } | changes  # fmt: skip
    return write_post(by=by, post=post, **fields)


@pytest.mark.parametrize("change", ["words", "time", "accounts"])
def test_nobody_approves_what_they_changed(by: Any, change: str) -> None:
    other = social.account(handle="other", platform_user_id="2")
    changes = {
        "words": {"caption": "Words of the approver"},
        "time": {"due_local": social.local(timezone.now() + timedelta(hours=3))},
        "accounts": {"accounts": [other]},
    }[change]
    post = rewritten(social.draft(by=by["author"]), by["approver"], **changes)
    post = submit_post(post=post, by=by["author"])
    with pytest.raises(PostRefused, match="wrote or changed"):
        approve_post(post=post, by=by["approver"])
    approve_post(post=post, by=by["second_approver"])


def test_whose_words_they_were_does_not_approve_after_somebody_else_moved_the_time(by: Any) -> None:
    later = social.local(timezone.now() + timedelta(hours=3))
    post = rewritten(social.draft(by=by["approver"]), by["author"], due_local=later)
    with pytest.raises(PostRefused, match="wrote or changed"):
        approve_post(post=submit_post(post=post, by=by["author"]), by=by["approver"])


def test_two_approvals_of_the_same_words_at_once_are_refused_in_words(by: Any, monkeypatch: Any) -> None:
    social.approved(by)
    twin = submit_post(post=social.draft(by=by["author"]), by=by["author"])
    # The other approval commits after this one looked: what the look finds is empty, the constraint is not.
    monkeypatch.setattr(Dispatch, "ENDED_WITHOUT_POST", tuple(Dispatch.State.values))
    with pytest.raises(PostRefused, match="just been approved"):
        approve_post(post=twin, by=by["approver"])
    twin.refresh_from_db()
    assert twin.state == Post.State.IN_REVIEW
    assert Dispatch.objects.count() == 1


def test_saving_without_a_change_does_not_hide_the_writer(by: Any) -> None:
    post = rewritten(social.draft(by=by["approver"]), by["second_approver"], title="Another title")
    with pytest.raises(PostRefused, match="wrote or changed"):
        approve_post(post=submit_post(post=post, by=by["author"]), by=by["approver"])


def test_an_approval_is_for_the_page_that_was_read(by: Any) -> None:
    post = submit_post(post=social.draft(by=by["author"]), by=by["author"])
    read = what_is_approved(post)
    post = submit_post(post=rewritten(post, by["author"], caption="Other words"), by=by["author"])
    with pytest.raises(PostRefused, match="changed while you were reading"):
        approve_post(post=post, by=by["approver"], seen=read)
    approve_post(post=post, by=by["approver"], seen=what_is_approved(post))


def test_an_author_may_not_approve(by: Any) -> None:
    post = submit_post(post=social.draft(by=by["approver"]), by=by["approver"])
    with pytest.raises(PostRefused, match="may not approve"):
        approve_post(post=post, by=by["author"])


def test_a_draft_is_not_approved_unseen(by: Any) -> None:
    with pytest.raises(PostRefused, match="waits for approval"):
        approve_post(post=social.draft(by=by["author"]), by=by["approver"])


def test_changing_the_words_voids_the_approval(by: Any) -> None:
    dispatch = social.approved(by, due=timezone.now() + timedelta(hours=5))
    post = write_post(
        by=by["author"], title="New", caption="New words", accounts=[social.account()],
        image=dispatch.post.image, alt_text="A ring.", due_local=social.local(dispatch.due_at), post=dispatch.post,
    )  # fmt: skip
    dispatch.refresh_from_db()
    assert (post.state, post.approved_hash, post.approved_by) == (Post.State.DRAFT, "", None)
    assert dispatch.state == Dispatch.State.CANCELLED


def test_what_is_on_its_way_cannot_be_changed(by: Any) -> None:
    dispatch = social.approved(by)
    for state in ("committing", "unknown", "needs_human", "live"):
        Dispatch.objects.update(state=state, commit_started_at=timezone.now(), platform_id="1")
        with pytest.raises(PostRefused, match="already on its way"):
            write_post(by=by["author"], title="x", caption="y", accounts=[], post=dispatch.post)


def test_what_was_held_or_expired_may_be_timed_again(by: Any) -> None:
    dispatch = social.approved(by)
    for state in ("held", "expired"):
        Dispatch.objects.update(state=state)
        post = write_post(by=by["author"], title="x", caption="y", accounts=[], post=dispatch.post)
        assert post.state == Post.State.DRAFT


def test_a_picture_swapped_after_submission_is_noticed(by: Any) -> None:
    post = submit_post(post=social.draft(by=by["author"]), by=by["author"])
    Post.objects.update(image=social.picture(1000, 1000, title="Other"))
    with pytest.raises(PostRefused, match="changed since"):
        approve_post(post=post, by=by["approver"])


@pytest.mark.parametrize(
    ("picture", "limit"),
    [((1080, 1350, "PNG"), "JPEG only"), ((300, 300, "JPEG"), "320 to 1440"), ((1080, 400, "JPEG"), "1.91:1")],
)
def test_a_picture_over_the_limits_is_not_submitted_and_the_limit_is_named(
    by: Any, picture: tuple[Any, ...], limit: str
) -> None:
    post = social.draft(by=by["author"], image=social.picture(*picture))
    with pytest.raises(PostRefused, match=limit):
        submit_post(post=post, by=by["author"])


def test_a_file_that_is_no_picture_any_more(by: Any) -> None:
    image = social.picture()
    post = social.draft(by=by["author"], image=image)
    with open(image.file.path, "wb") as file:
        file.write(b"GIF89a not really")
    with pytest.raises(PostRefused, match="cannot be read"):
        submit_post(post=post, by=by["author"])


def test_the_same_words_do_not_go_to_the_same_account_twice(by: Any) -> None:
    image = social.picture()
    social.approved(by, image=image)
    post = submit_post(post=social.draft(by=by["author"], image=image), by=by["author"])
    with pytest.raises(PostRefused, match="already scheduled or live"):
        approve_post(post=post, by=by["approver"])
    approve_post(post=post, by=by["approver"], repeat_reason="every Friday")
    assert Dispatch.objects.count() == 2


def test_other_accounts_beside_it_do_not_make_the_same_words_new(by: Any) -> None:
    image, first = social.picture(), social.account()
    social.approved(by, image=image, to=[first])
    both = [first, social.account(handle="other", platform_user_id="2")]
    post = submit_post(post=social.draft(by=by["author"], image=image, to=both), by=by["author"])
    with pytest.raises(PostRefused, match="already scheduled or live on Instagram @walkaway_test"):
        approve_post(post=post, by=by["approver"])


def test_the_link_that_is_added_counts_towards_the_length(by: Any) -> None:
    with pytest.raises(PostRefused, match=r"at most 2200 characters in the caption; this has 2\d+, \d+ of them"):
        submit_post(post=social.draft(by=by["author"], words="x" * 2190), by=by["author"])
    dispatch = social.approved(by, words="x" * 2100)
    assert len(dispatch.caption) <= 2200
    assert dispatch.caption.endswith(f"utm_content={dispatch.pk}")


def test_every_reason_is_given_at_once(by: Any) -> None:
    post = write_post(by=by["author"], title="Empty", caption=" ", accounts=[])
    with pytest.raises(PostRefused) as refused:
        submit_post(post=post, by=by["author"])
    assert len(refused.value.reasons) == 3
