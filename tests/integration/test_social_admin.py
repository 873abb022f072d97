"""The social screens: write, submit, approve, stop, resume, review; who may do what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaign_pages.social.models import Dispatch, Post, PublishingSwitch
from tests.factories import social

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> dict[str, Any]:
    return social.people()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Friday", "caption": "Walk away.", "image": social.picture().pk, "alt_text": "A ring.",
        "accounts": [social.account().pk], "due_local": "2027-07-02T21:30", "campaign": "walk-away",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("name", "status"),
    [("author", 200), ("approver", 200), ("administrator", 200), ("importer", 302), ("evaluator", 302)],
)
def test_who_sees_the_timetable(by: Any, name: str, status: int) -> None:
    for address in (reverse("social_posts"), reverse("social_review")):
        assert signed_in(by[name]).get(address).status_code == status


def test_from_draft_to_schedule_by_two_people(by: Any) -> None:
    author, approver = signed_in(by["author"]), signed_in(by["approver"])
    assert author.post(reverse("social_write"), form()).status_code == 302
    post = Post.objects.get()
    assert post.due_at is not None
    assert post.due_at.isoformat() == "2027-07-02T20:30:00+00:00"
    author.post(reverse("social_submit", args=[post.pk]))
    author.post(reverse("social_approve", args=[post.pk]))
    assert not Dispatch.objects.exists(), "an author may not approve"
    page = approver.get(reverse("social_post", args=[post.pk])).content.decode()
    assert "Approve exactly this" in page
    assert "SIMULATED" in page
    approver.post(reverse("social_approve", args=[post.pk]))
    assert Dispatch.objects.get().state == "scheduled"
    listed = approver.get(reverse("social_posts"), {"state": "scheduled"}).content.decode()
    assert "Friday 2 July 2027" in listed
    assert "21:30" in listed
    assert "Friday 2 July 2027" not in approver.get(reverse("social_posts"), {"state": "live"}).content.decode()


def test_an_approver_cannot_approve_what_they_wrote(by: Any) -> None:
    client = signed_in(by["approver"])
    client.post(reverse("social_write"), form())
    pk = Post.objects.get().pk
    client.post(reverse("social_submit", args=[pk]))
    assert "Approve exactly this" not in client.get(reverse("social_post", args=[pk])).content.decode()
    page = client.post(reverse("social_approve", args=[pk]), follow=True).content.decode()
    assert "Somebody else must approve it" in page


def test_an_approver_cannot_approve_what_they_changed(by: Any) -> None:
    signed_in(by["author"]).post(reverse("social_write"), form())
    pk = Post.objects.get().pk
    client = signed_in(by["approver"])
    client.post(reverse("social_change", args=[pk]), form(caption="Words of the approver"))
    client.post(reverse("social_submit", args=[pk]))
    client.post(reverse("social_approve", args=[pk]))
    assert Post.objects.get().state == "in_review"


def test_a_post_changed_under_the_readers_eyes_is_not_approved(by: Any) -> None:
    author, approver = signed_in(by["author"]), signed_in(by["approver"])
    author.post(reverse("social_write"), form())
    pk = Post.objects.get().pk
    author.post(reverse("social_submit", args=[pk]))
    seen = approver.get(reverse("social_post", args=[pk])).context["seen"]
    author.post(reverse("social_change", args=[pk]), form(caption="Other words"))
    author.post(reverse("social_submit", args=[pk]))
    page = approver.post(reverse("social_approve", args=[pk]), {"seen": seen}, follow=True).content.decode()
    assert "changed while you were reading" in page
    assert Post.objects.get().state == "in_review"


def test_a_broken_limit_is_shown_and_stops_the_approval(by: Any) -> None:
    client = signed_in(by["author"])
    client.post(reverse("social_write"), form(image=social.picture(300, 300).pk))
    pk = Post.objects.get().pk
    page = client.post(reverse("social_submit", args=[pk]), follow=True).content.decode()
    assert "instagram takes widths from 320 to 1440 pixels" in page
    assert Post.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_local": "2027-03-28T01:30"}, "does not exist"),
        ({"due_local": "2027-10-31T01:30"}, "happens twice"),
        ({"due_local": "soon"}, "valid date"),
        ({"accounts": []}, "required"),
    ],
)
def test_a_form_that_cannot_be_saved_says_why(by: Any, changes: dict[str, Any], words: str) -> None:
    response = signed_in(by["author"]).post(reverse("social_write"), form(**changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Post.objects.exists()


def test_the_hour_that_happens_twice_can_be_chosen(by: Any) -> None:
    signed_in(by["author"]).post(reverse("social_write"), form(due_local="2027-10-31T01:30", second="second"))
    due = Post.objects.get().due_at
    assert due is not None
    assert due.isoformat() == "2027-10-31T01:30:00+00:00"


def test_one_stops_two_resume_and_the_banner_is_everywhere(by: Any) -> None:
    dispatch = social.approved(by, due=timezone.now() + timedelta(hours=3))
    author, first, second = (signed_in(by[name]) for name in ("author", "approver", "second_approver"))
    author.post(reverse("social_stop"), {"reason": "a bad <night>", "scope": "global"})
    dispatch.refresh_from_db()
    assert dispatch.state == "held"
    for address in (reverse("wagtailadmin_home"), reverse("social_posts")):
        page = author.get(address).content.decode()
        assert "PUBLISHING IS STOPPED" in page
        assert "a bad &lt;night&gt;" in page
    assert "PUBLISHING IS STOPPED" in signed_in(by["importer"]).get(reverse("wagtailadmin_home")).content.decode()
    author.post(reverse("social_resume"), {"scope": "global"})
    for _ in range(2):
        first.post(reverse("social_resume"), {"scope": "global"})
    assert PublishingSwitch.objects.get(scope="global").on
    assert "A second person must confirm" in second.get(reverse("social_posts")).content.decode()
    second.post(reverse("social_resume"), {"scope": "global"})
    assert not PublishingSwitch.objects.get(scope="global").on
    assert "PUBLISHING IS STOPPED" not in author.get(reverse("wagtailadmin_home")).content.decode()


def test_the_tray_holds_what_only_a_person_can_move(by: Any) -> None:
    client = signed_in(by["author"])
    dispatch = social.approved(by, to=[social.account("tiktok", "handoff")])
    assert "Nothing waits" in client.get(reverse("social_review")).content.decode()
    Dispatch.objects.update(state="awaiting_human")
    assert "Post it in the app" in client.get(reverse("social_review")).content.decode()
    decide = reverse("social_decide", args=[dispatch.pk])
    page = client.post(decide, {"what": "live", "permalink": "not an address"}, follow=True).content.decode()
    assert "beginning with https://" in page
    client.post(decide, {"what": "live", "permalink": "https://example.org/v/1"})
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.permalink) == ("live", "https://example.org/v/1")
    page = client.post(decide, {"what": "cancel"}, follow=True).content.decode()
    assert "too late to cancel" in page
    assert "no such action" in client.post(decide, {"what": "dance"}, follow=True).content.decode()


def test_steps_need_a_post_request(by: Any) -> None:
    client = signed_in(by["approver"])
    pk = social.draft(by=by["author"]).pk
    for name in ("social_submit", "social_approve"):
        assert client.get(reverse(name, args=[pk])).status_code == 405
    assert client.get(reverse("social_stop")).status_code == 405
