"""The wizard and a force's own words for kinds of location: from upload to offences that have our codes."""

import re
import tomllib
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.models import Offence, ReceivedFile, SavedMapping
from analytics.police_data import receiving
from analytics.police_data.received_loading import load_due
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles

pytestmark = pytest.mark.django_db
PLACES = (
    ["PUBLIC HOUSE"] * 12 + ["NIGHTCLUB"] * 9 + ["DWELLING"] * 8 + ["KIOSK"] * 6 + ["PARADE"] * 5 + ["NOT RECORDED"] * 3
    + ["JORDAN CANARYSMITH"] * 2 + [""]
)  # fmt: skip
NAMES = {
    "name": "own-force", "timezone": "Europe/London", "coordinates": "osgb36", "date_format": "%d/%m/%Y %H:%M",
    "column_crime_reference": "Ref", "column_offence": "Code", "column_committed_from": "When", "column_easting": "X",
    "column_northing": "Y",
}  # fmt: skip


def extract(places: list[str], column: str) -> bytes:
    rows = [f"R{n},8N,15/06/2024 23:{n % 60:02d},458700,304500,{place}" for n, place in enumerate(places)]
    return "\n".join([f"Ref,Code,When,X,Y,{column}", *rows, ""]).encode()


@pytest.fixture
def give_in(client):
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    client.force_login(User.objects.get(username="importer"))

    def send(places: list[str], column: str = "Premises") -> str:
        upload = SimpleUploadedFile("own.csv", extract(places, column))
        client.post(reverse("police_data"), {"file": upload, "reason": "r"})
        return reverse("mapping_wizard", args=[ReceivedFile.objects.latest("pk").pk])

    return send


def fields_of(page: str) -> dict[str, tuple[str, str, str]]:
    """For each word on the screen its rows, the name of its field, and the kind that stands there."""
    table = page.split('aria-label="Table of words for kinds of location"')[1].split("</table>")[0]
    found = {}
    for row in table.split("<tbody>")[1].split("</tr>")[:-1]:
        word = re.search(r"<th scope=\"row\"><label for=\"([^\"]+)\">([^<]+)</label></th>", row)
        select = re.search(r"<select name=\"([^\"]+)\"[^>]* id=\"([^\"]+)\"", row)
        assert word is not None
        assert select is not None
        assert word[1] == select[2], "the label belongs to the select"
        rows = re.search(r"police-number\">([\d,]+)<", row)[1]
        assert row.count("<option") == 9
        found[word[2]] = (rows, select[1], re.search(r"<option value=\"([^\"]*)\" selected", row)[1])
    return found


def test_words_are_matched_with_kinds_and_the_offences_have_our_codes(give_in, client):
    address = give_in(PLACES)
    words = fields_of(client.get(address).content.decode())
    assert [(word, rows, kind) for word, (rows, _, kind) in words.items()] == [
        ("PUBLIC HOUSE", "12", "hospitality"), ("NIGHTCLUB", "9", "hospitality"), ("DWELLING", "8", "dwelling"),
        ("KIOSK", "6", ""), ("PARADE", "5", ""), ("NOT RECORDED", "3", "unknown"),
    ]  # fmt: skip
    given = NAMES | {"column_location_type": "Premises"} | {name: kind for _, name, kind in words.values()}
    given[words["KIOSK"][1]] = "shop"
    page = client.post(address, given | {"try": "1"}).content.decode()
    assert "35 of the rows that can be loaded have a kind of location; 11 count as unknown." in page
    tried = page.split("still without a kind")[1].split("</ul>")[0]
    assert "<li>PARADE: 5 rows</li>" in tried
    assert tried.count("<li>") == 1
    assert fields_of(page)["KIOSK"][2] == "shop"
    assert not SavedMapping.objects.exists()
    client.post(address, given | {"save": "1"})
    saved = tomllib.loads(SavedMapping.objects.get().text)
    assert saved["values"]["location_type"] == {
        "PUBLIC HOUSE": "hospitality", "NIGHTCLUB": "hospitality", "DWELLING": "dwelling", "KIOSK": "shop", "NOT RECORDED": "unknown",
    }  # fmt: skip
    receiving.approve(ReceivedFile.objects.get(), by=User.objects.get(username="second_importer"))
    assert load_due() == 1
    loaded = Counter(Offence.objects.values_list("location_type", flat=True))
    assert loaded == {"hospitality": 21, "dwelling": 8, "shop": 6, "": 11}


def test_what_may_be_a_name_is_on_no_screen_and_the_screen_says_why(give_in, client):
    address = give_in(["JORDAN CANARYSMITH"] * 2 + PLACES)
    for page in (
        client.get(address).content.decode(),
        client.post(address, NAMES | {"column_location_type": "Premises", "try": "1"}).content.decode(),
    ):
        assert "CANARYSMITH" not in page.upper()
        assert "AAAAAA AAAAAAAAAAA" in page, "its shape stands among the first rows"
        assert "Not listed: 1 value in 4 rows." in page
        assert "about one person" in page
        assert "1 row says nothing and counts as unknown." in page


def test_a_column_that_no_name_gave_away_shows_its_words_before_anything_is_saved(give_in, client):
    address = give_in(PLACES, column="Scene")
    assert "Table of words for kinds of location" not in client.get(address).content.decode()
    given = NAMES | {"column_location_type": "Scene"}
    answer = client.post(address, given | {"save": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "look at them, then save" in " ".join(page.split())
    assert not SavedMapping.objects.exists()
    words = fields_of(page)
    assert words["PUBLIC HOUSE"][2] == "hospitality"
    page = client.post(address, given | {"try": "1"}).content.decode()
    assert "29 of the rows that can be loaded have a kind of location" in page, "what is proposed is tried"
    client.post(address, given | {name: "" for _, name, _ in words.values()} | {"save": "1"})
    assert tomllib.loads(SavedMapping.objects.get().text)["values"]["location_type"] == {
        "DWELLING": "unknown"  # it is our code too, and would be taken as that if it were not named
    }


def test_a_word_that_is_a_code_can_be_left_as_unknown(give_in, client):
    address = give_in(["hospitality"] * 9 + ["dwelling"] * 8)
    words = fields_of(client.get(address).content.decode())
    assert {word: kind for word, (_, _, kind) in words.items()} == {
        "hospitality": "hospitality",
        "dwelling": "dwelling",
    }
    given = NAMES | {
        "column_location_type": "Premises",
        words["hospitality"][1]: "",
        words["dwelling"][1]: "dwelling",
    }
    page = client.post(address, given | {"try": "1"}).content.decode()
    assert "8 of the rows that can be loaded have a kind of location; 9 count as unknown." in page
    assert "<li>hospitality: 9 rows</li>" in page


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ([f"{n} Canary Street" for n in range(40)], "addresses and notes"),
        ([f"Canary{chr(97 + n // 26)}{chr(97 + n % 26)} Smith" for n in range(60)], "names, addresses and notes"),
        ([f"canary {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(320)], "more than 300 different values"),
    ],
)
def test_a_column_of_free_text_is_refused_and_none_of_it_is_shown_or_saved(give_in, client, places, why):
    address = give_in(places)
    page = client.get(address).content.decode()
    assert '<option value="Premises" selected>' not in page, "a guess that turned out wrong is not made"
    assert "is not used as the kind of location" in page
    assert why in page
    assert "canary" not in page.casefold()
    answer = client.post(address, NAMES | {"column_location_type": "Premises", "save": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "cannot be the kind of location" in page
    assert why in page
    assert "canary" not in page.casefold()
    assert not SavedMapping.objects.exists()
    page = client.post(address, NAMES | {"save": "1"}, follow=True).content.decode()
    assert "own-force, version 1 is saved" in page


def test_a_kind_that_is_none_of_ours_is_not_taken(give_in, client):
    address = give_in(PLACES)
    words = fields_of(client.get(address).content.decode())
    given = NAMES | {"column_location_type": "Premises"} | {name: kind for _, name, kind in words.values()}
    answer = client.post(address, given | {words["KIOSK"][1]: "kiosk", "save": "1"})
    assert answer.status_code == 422
    assert "not one of the available choices" in answer.content.decode()
    assert not SavedMapping.objects.exists()
