"""The commands and the health address as outside scripts use them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from campaign_pages.social.demo_posts import add_posts, load
from campaign_pages.social.models import Dispatch, PublisherHeartbeat
from tests.factories import social

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> dict[str, Any]:
    return social.people()


def answer(capsys: Any, *words: str) -> dict[str, Any]:
    call_command(*words, "--json")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return json.loads(lines[0])


def test_stop_posts_and_resume(by: Any, capsys: Any) -> None:
    dispatch = social.approved(by, due=timezone.now() + timedelta(hours=4))
    assert answer(capsys, "stop_publishing", "--reason", "a bad night") == {
        "on": True,
        "scope": "global",
        "held": 1,
    }
    rows = answer(capsys, "posts", "--state", "held")["dispatches"]
    assert [(row["id"], row["platform"], row["account"]) for row in rows] == [
        (dispatch.pk, "instagram", "walkaway_test")
    ]
    assert answer(capsys, "posts", "--state", "live") == {"dispatches": []}
    both = ["--by", "approver", "--second", "second_approver"]
    assert answer(capsys, "resume_publishing", *both)["on"] is False


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["stop_publishing", "--reason", "x", "--scope", "platform:myspace"], 2),
        (["stop_publishing", "--reason", " "], 2),
        (["resume_publishing", "--by", "approver", "--second", "approver"], 2),
        (["resume_publishing", "--by", "approver", "--second", "nobody"], 2),
        (["resume_publishing", "--by", "approver", "--second", "second_approver"], 1),
    ],
)
def test_wrong_use_is_refused(by: Any, words: list[str], code: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(*words)
    assert refused.value.returncode == code


def test_people_without_the_right_cannot_resume(by: Any) -> None:
    call_command("stop_publishing", "--reason", "x")
    with pytest.raises(CommandError, match="may not resume"):
        call_command("resume_publishing", "--by", "author", "--second", "approver")


def test_health_tells_how_late_the_oldest_post_is(by: Any, client: Client) -> None:
    assert client.get("/healthz/publisher").json()["tick"] == "never"
    social.approved(by, due=timezone.now() - timedelta(minutes=4))
    assert client.get("/healthz/publisher").status_code == 200
    Dispatch.objects.update(due_at=timezone.now() - timedelta(minutes=6))
    PublisherHeartbeat.objects.create(name="publisher", at=timezone.now() - timedelta(minutes=6))
    response = client.get("/healthz/publisher")
    assert response.status_code == 503
    assert response.json()["oldest_overdue_seconds"] >= 360
    assert response.json()["tick"] == "stale"


def test_the_demo_is_simulated_and_repeatable(by: Any) -> None:
    for _ in range(2):
        load(seed=1, say=lambda line: None)
    assert Dispatch.objects.count() == 3
    assert not Dispatch.objects.filter(simulated=False).exists()
    added = add_posts(count=3, due_within=5, seed=1)
    assert Dispatch.objects.count() == 6
    assert all(Dispatch.objects.get(pk=row["dispatch"]).account.handle == row["account"] for row in added)
    social.account("youtube", handle="real", simulated=False)
    with pytest.raises(ValueError, match="real account"):
        add_posts(count=1, due_within=5, seed=1)
