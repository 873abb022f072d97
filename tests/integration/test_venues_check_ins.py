"""Two taps at a venue: nothing is used up by looking, nothing counts twice, a spent link stays spent."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaign_pages import activity
from campaign_pages.venues.check_ins import LinkRefused, make_link, open_link
from campaign_pages.venues.models import CheckIn, CheckInLink, PosterPlace
from tests.factories import venues

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: Any) -> PosterPlace:
    return venues.place()


def address(place: PosterPlace, purpose: str = "sticker") -> str:
    return f"/venues/check-in/{make_link(venue=place.venue, purpose=purpose)}/"


@pytest.mark.parametrize("purpose", ["sticker", "invitation"])
def test_looking_uses_nothing_up_and_a_tap_is_saved(place: PosterPlace, purpose: str) -> None:
    path = address(place, purpose)
    for _ in range(3):
        page = Client().get(path)
        assert page.status_code == 200
        assert page["Referrer-Policy"] == "strict-origin"
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex"
    assert not CheckIn.objects.exists()
    answer = Client().post(path, {"state": "up", "place": place.code, "tap": "a"})
    assert answer.status_code == 200
    assert b"Saved. Thank you." in answer.content
    [record] = activity.check_ins()
    assert (record.venue_code, record.place_code, record.zone, record.state) == ("V1", "7K3Q9", "bar", "up")
    assert record.source == ("sticker" if purpose == "sticker" else "link")
    assert Client().get(path).status_code == (200 if purpose == "sticker" else 410)


def test_a_double_tap_counts_once(place: PosterPlace) -> None:
    path = address(place)
    for _ in range(2):
        assert Client().post(path, {"state": "damaged", "place": "", "tap": "same"}).status_code == 200
    assert CheckIn.objects.count() == 1
    Client().post(path, {"state": "damaged", "place": "", "tap": "another"})
    assert CheckIn.objects.count() == 2


@pytest.mark.parametrize("form", [{}, {"state": "stolen"}, {"state": "up", "place": "ZZZZZ"}])
def test_an_unreadable_tap_saves_nothing_and_says_so(place: PosterPlace, form: dict[str, str]) -> None:
    answer = Client().post(address(place), form)
    assert answer.status_code == 400
    assert b"Nothing was saved" in answer.content
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revoked_at": timezone.now()}, "does not work"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "run out"),
        ({"used_at": timezone.now()}, "used already"),
    ],
)
def test_dead_links_are_refused_in_words(place: PosterPlace, change: dict[str, Any], words: str) -> None:
    path = address(place, "invitation")
    CheckInLink.objects.update(**change)
    for answer in (Client().get(path), Client().post(path, {"state": "up", "place": ""})):
        assert answer.status_code == 410
        assert words in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_a_new_sticker_ends_the_old_one_and_no_secret_is_kept(place: PosterPlace) -> None:
    old = make_link(venue=place.venue, purpose="sticker")
    new = make_link(venue=place.venue, purpose="sticker")
    with pytest.raises(LinkRefused):
        open_link(old)
    assert open_link(new).venue == place.venue
    assert not CheckInLink.objects.filter(digest__in=[old, new]).exists()
