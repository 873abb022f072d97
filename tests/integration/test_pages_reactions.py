"""One tap is one more on a number; past the limit the creative is flagged and its posts are held."""

from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import models
from django.test import Client

from campaign_pages.models import CampaignSettings, Creative, Reaction
from campaign_pages.reactions import harm_gate
from campaign_pages.social.models import Dispatch, Post, PublishingSwitch
from tests.factories.social import approved, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(campaign_site: None) -> None:
    cache.clear()


def tap(client: Client, answer: str = "talking", **headers: str) -> Any:
    return client.post(
        "/reaction/",
        {"creative": "walk-away", "answer": answer, "back": "/which-mate/the-anchor/"},
        headers=headers,
    )


def total() -> int:
    return Reaction.objects.aggregate(total=models.Sum("count"))["total"] or 0


def test_a_tap_is_counted_once_and_nothing_else_is_kept(client: Client) -> None:
    response = tap(client)
    assert response.status_code == 303
    assert response["Location"] == "/which-mate/the-anchor/?thanks=yes#pulse"
    assert not response.cookies
    row = Reaction.objects.get()
    assert (row.count, row.hour.minute) == (1, 0)
    assert {field.name for field in Reaction._meta.fields} == {"id", "creative", "hour", "answer", "count"}
    assert "We counted one tap" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("headers", "thanks"),
    [({"Sec-GPC": "1"}, "uncounted"), ({"DNT": "1"}, "uncounted"), ({"Origin": "https://evil.example"}, "none")],
)
def test_objections_and_other_sites_are_not_counted(client: Client, headers: dict[str, str], thanks: str) -> None:
    assert f"thanks={thanks}" in tap(client, **headers)["Location"]
    assert total() == 0


def test_the_objection_cookie_is_honoured(client: Client) -> None:
    client.post("/cookies/counting/", {"counting": "stop", "back": "/cookies/"})
    assert "thanks=uncounted" in tap(client)["Location"]
    assert total() == 0


def test_wrong_answers_and_outside_addresses_lead_nowhere(client: Client) -> None:
    assert "thanks=none" in tap(client, "great")["Location"]
    answer = client.post("/reaction/", {"creative": "walk-away", "answer": "talking", "back": "//evil.example/x"})
    assert answer["Location"].startswith("/?thanks=")
    assert client.get("/reaction/").status_code == 405


def test_a_script_is_slowed_down(client: Client) -> None:
    with time_machine.travel("2026-06-06T22:03:00Z", tick=False):
        places = [tap(client)["Location"] for _ in range(13)]
    assert "thanks=later" in places[-1]
    assert total() == 12


def react(answer: str, times: int) -> list[bool]:
    creative = Creative.objects.get()
    return [harm_gate.react(creative, answer) for _ in range(times)]


def test_the_gate_falls_at_a_quarter_of_forty_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    by = people()
    dispatch, other = approved(by), approved(by, words="Another campaign.")
    Post.objects.filter(pk=other.post_id).update(campaign="another")
    react("talking", 30)
    with django_capture_on_commit_callbacks(execute=True):
        assert react("winds-up", 9) == [False] * 9  # 39 people
        assert react("winds-up", 1) == [True]
    creative = Creative.objects.get()
    assert creative.flag_reason.startswith("10 of 40 people")
    dispatch.refresh_from_db()
    other.refresh_from_db()
    assert dispatch.state == Dispatch.State.HELD
    assert other.state != Dispatch.State.HELD
    assert PublishingSwitch.objects.get(scope="campaign:walk-away").on
    assert by["approver"].email in [address for message in mail.outbox for address in message.to]
    assert all(len(message.to) == 1 for message in mail.outbox)  # nobody sees who else was told
    assert react("winds-up", 1) == [False]  # told once


def test_just_below_a_quarter_nothing_happens() -> None:
    react("talking", 31)
    assert react("winds-up", 10) == [False] * 10  # 10 of 41
    assert Creative.objects.get().flagged_at is None


def test_limits_are_settings() -> None:
    row = CampaignSettings.objects.get()
    row.reactions_needed, row.winds_up_percent = 4, 50
    row.save()
    assert react("talking", 2) + react("winds-up", 2) == [False, False, False, True]


def test_a_person_flags_and_a_person_clears(client: Client) -> None:
    by = people()
    author, approver = by["author"], by["approver"]
    creative = Creative.objects.get()
    with pytest.raises(harm_gate.FlagRefused, match="reason"):
        harm_gate.flag(creative, reason=" ", by=author)
    harm_gate.flag(creative, reason="Comments say it mocks them.", by=author)
    with pytest.raises(harm_gate.FlagRefused, match="may not clear"):
        harm_gate.clear(creative, by=author)
    react("winds-up", 3)
    harm_gate.clear(creative, by=approver)
    creative.refresh_from_db()
    assert creative.flagged_at is None
    assert harm_gate.tally(creative).people == 0  # what was said before is dealt with
    client.force_login(approver)
    html = client.get("/admin/reactions/").content.decode()
    assert "Four beats" in html
    assert "Synthetic" in html or "synthetic" in html


def test_who_may_see_reactions(client: Client) -> None:
    client.force_login(people()["importer"])
    assert client.get("/admin/reactions/").status_code in {302, 403}
