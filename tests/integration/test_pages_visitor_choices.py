"""Feedback, consent and the objection to counting: forms that work without script, cookie or account."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from campaign_pages.form_guards import stamp
from campaign_pages.models import CampaignSettings, Feedback

pytestmark = pytest.mark.django_db

NOW = "2026-06-06T12:00:00Z"


@pytest.fixture(autouse=True)
def site(campaign_site: None) -> None:
    cache.clear()


def send(client: Client, after: float = 10, **changes: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        shown = stamp()
    with time_machine.travel(timezone.datetime.fromisoformat(NOW) + timedelta(seconds=after), tick=False):
        data = {"page": "/mates/", "text": "The third tip is hard to read.", "shown": shown, "website": ""}
        return client.post("/feedback/", data | changes)


def test_feedback_keeps_the_place_and_the_words_only(client: Client) -> None:
    html = client.get("/feedback/?page=/mates/").content.decode()
    assert "About the page /mates/" in html
    assert "Not for crimes" in html
    response = send(client)
    assert response.status_code == 302
    row = Feedback.objects.get()
    assert (row.page, row.text) == ("/mates/", "The third tip is hard to read.")
    assert not response.cookies
    assert 'href="/mates/"' in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changes", "after", "said"),
    [
        ({"text": "  "}, 10, "Write what you want to tell us"),
        ({"text": "x" * 2001}, 10, "that is 2001 letters"),
        ({"website": "http://spam.example"}, 10, "Wait a few seconds"),
        ({}, 1, "Wait a few seconds"),
        ({}, 25 * 3600, "Wait a few seconds"),
        ({"shown": "made-up"}, 10, "Wait a few seconds"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, changes: dict[str, str], after: float, said: str
) -> None:
    response = send(client, after, **changes)
    html = response.content.decode()
    assert response.status_code == 400
    assert said in html
    assert not Feedback.objects.exists()
    if "text" not in changes:
        assert "The third tip is hard to read." in html  # what was written is still there


def test_the_sixth_message_in_an_hour_waits(client: Client) -> None:
    assert [send(client).status_code for _ in range(6)] == [302, 302, 302, 302, 302, 400]


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "mates"])
def test_no_way_out_of_our_site(client: Client, page: str) -> None:
    assert "About the page /</p>" in client.get("/feedback/", {"page": page}).content.decode()


def test_another_site_cannot_send_it(client: Client) -> None:
    response = client.post("/feedback/", {"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 400
    assert not Feedback.objects.exists()


def test_nothing_is_asked_while_nothing_is_kept(client: Client) -> None:
    html = client.get("/mates/").content.decode()
    assert "May we keep something" not in html
    assert "there is nothing to choose" in client.get("/cookies/choose/").content.decode()


@pytest.fixture
def offered() -> None:
    row = CampaignSettings.objects.get()
    row.offer_offline_copy = True
    row.save()


@pytest.mark.parametrize(("choice", "kept"), [("accept", "1:offline"), ("reject", "1:")])
def test_yes_and_no_are_kept_and_asked_once(client: Client, offered: None, choice: str, kept: str) -> None:
    before = client.get("/mates/")
    assert "May we keep something" in before.content.decode()
    assert "Cookie" in before["Vary"]
    assert before["Cache-Control"] == "private, no-cache"
    assert not before.cookies
    response = client.post("/cookies/save/", {"choice": choice, "back": "/mates/"})
    assert response.status_code == 303
    assert response["Location"] == "/mates/?cookies=saved#cookies-said"
    cookie = response.cookies["cookie_choice"]
    assert (cookie.value, cookie["max-age"]) == (kept, 365 * 24 * 3600)
    assert 'role="alert"' in client.get("/mates/?cookies=saved").content.decode()
    assert "May we keep something" not in client.get("/mates/").content.decode()


def test_customise_is_no_unless_somebody_says_yes(client: Client, offered: None) -> None:
    html = client.get("/cookies/choose/?back=/mates/").content.decode()
    assert 'name="offline" value="no" checked' in html
    response = client.post("/cookies/save/", {"choice": "custom", "back": "/mates/"})
    assert response.cookies["cookie_choice"].value == "1:"
    response = client.post(
        "/cookies/save/", {"choice": "custom", "offline": "yes", "language": "yes", "back": "/"}
    )
    assert response.cookies["cookie_choice"].value == "1:offline"  # what is not on offer cannot be agreed to


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_what_was_not_saved_says_so(client: Client, offered: None, headers: dict[str, str]) -> None:
    response = client.post("/cookies/save/", {"choice": "perhaps" if not headers else "accept"}, headers=headers)
    assert not response.cookies
    assert "was not saved, and nothing was changed" in client.get(response["Location"]).content.decode()


def test_an_objection_is_one_cookie_and_can_be_taken_back(client: Client) -> None:
    assert "You <strong>are counted</strong>" in client.get("/cookies/").content.decode()
    response = client.post("/cookies/counting/", {"counting": "stop", "back": "/cookies/"})
    assert response.cookies["do_not_count"].value == "1"
    page = client.get("/cookies/")
    assert "You are <strong>not counted</strong>" in page.content.decode()
    assert page["Cache-Control"] == "private, no-cache"
    response = client.post("/cookies/counting/", {"counting": "count", "back": "/cookies/"})
    assert response.cookies["do_not_count"]["max-age"] == 0
    assert "are counted" in client.get("/cookies/").content.decode()


def test_the_browsers_own_signal_needs_no_cookie(client: Client) -> None:
    html = client.get("/cookies/", headers={"Sec-GPC": "1"}).content.decode()
    assert "Your browser tells us not to count you" in html
    assert "<form" not in html.split('id="counting"')[1].split("</section>")[0]
