"""Staff sessions end half an hour after the last act and twelve hours after the sign-in."""

import time
from typing import Any

import pytest
from django.test import Client

from campaign_pages.accounts import demo_people
from campaign_pages.accounts.idle_sessions import SEEN
from campaign_pages.accounts.models import User
from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def half_an_hour(settings: Any) -> None:
    settings.WALKAWAY_IDLE_MINUTES = 30
    demo_people.load(seed=1, say=lambda line: None)


def signed_in(*, signed_in_hours: float, seen_minutes: float | None) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="author"))
    session = client.session
    session[AUTHENTICATION_METHODS_KEY] = [{"method": "password", "at": time.time() - 3600 * signed_in_hours}]
    if seen_minutes is not None:
        session[SEEN] = time.time() - 60 * seen_minutes
    session.save()
    return client


@pytest.mark.parametrize(
    ("hours", "minutes", "goes_on"),
    [(1, 29, True), (1, 31, False), (11.9, 1, True), (12.1, 1, False), (0.4, None, True), (0.6, None, False)],
)
def test_a_session_ends_when_it_should(hours: float, minutes: float | None, goes_on: bool) -> None:
    client = signed_in(signed_in_hours=hours, seen_minutes=minutes)
    answer = client.get("/admin/pages/?x=1")
    if goes_on:
        assert answer.status_code == 200
        return
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2Fpages%2F%3Fx%3D1"
    assert "_auth_user_id" not in client.session
    assert "You were signed out" in client.get(answer["Location"]).content.decode()


def test_only_what_somebody_does_keeps_it_open() -> None:
    client = signed_in(signed_in_hours=1, seen_minutes=29)
    client.post("/admin/editing-sessions/999/")
    assert time.time() - client.session[SEEN] > 28 * 60, "an open page that reports by itself is nobody"
    client.get("/admin/pages/")
    assert time.time() - client.session[SEEN] < 60


def test_it_is_written_once_a_minute_at_most() -> None:
    client = signed_in(signed_in_hours=1, seen_minutes=0.5)
    before = client.session[SEEN]
    client.get("/admin/pages/")
    assert client.session[SEEN] == before


def test_the_public_site_is_left_alone_and_nought_switches_it_off(settings: Any) -> None:
    client = signed_in(signed_in_hours=1, seen_minutes=500)
    client.get("/healthz/live")
    assert "_auth_user_id" in client.session
    settings.WALKAWAY_IDLE_MINUTES = 0
    assert client.get("/admin/pages/").status_code == 200
