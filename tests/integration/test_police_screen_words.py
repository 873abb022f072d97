"""Screens of police data say in words what files and commands say in codes."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.models import ReceivedFile
from analytics.police_data.preview_charts import dot_map
from analytics.templatetags.police_words import IN_WORDS, in_words
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from tests.factories.police import niche_row, write_rows

GUIDE = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text()


def test_every_reject_code_of_the_guide_has_words():
    table = GUIDE.split("## Why a row is rejected")[1].split("## Flags")[0]
    codes = {
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z_]+)`", line.split("|")[1])
    }
    assert len(codes) > 10
    assert codes - IN_WORDS.keys() == {"skipped_by_mapping"}
    assert in_words("skipped_by_mapping:Status=Cancelled") == "Left out by the mapping: Status = Cancelled"


def test_what_a_measure_leaves_out_has_words():
    source = (Path(__file__).parents[2] / "analytics" / "police_data" / "summaries.py").read_text()
    split = source.split("def _split")[1].split("def _exclude")[0]
    reasons = set(re.findall(r'"([a-z]+(?:_[a-z]+)+|domestic)"', split)) - {
        "night_weight",
        "public_place",
        "location_types",
    }
    assert "outside_night_time" in reasons
    assert reasons - IN_WORDS.keys() == set()


@pytest.fixture
def as_(client, settings, db):
    settings.WALKAWAY_TWO_PERSON_IMPORT = True
    demo_people.load(seed=1, say=lambda line: None)

    def sign_in(name):
        client.force_login(User.objects.get(username=name))
        return client

    return sign_in


def give_in(client, data: bytes):
    client.post(reverse("police_data"), {"file": SimpleUploadedFile("x.csv", data), "reason": "spring"})
    return ReceivedFile.objects.get()


def test_a_file_that_could_not_be_read_says_so_and_is_not_offered_for_approval(as_):
    received = give_in(as_("importer"), b"Ref;When;Kind\n1;2;3\n")
    here = reverse("received_file", args=[received.pk])
    page = as_("second_importer").get(here).content.decode()
    assert "It could not be read, or nobody has read it yet" in page
    assert "Approve and load" not in page
    assert reverse("mapping_wizard", args=[received.pk]) in page


def test_first_rows_say_yes_and_no(as_, tmp_path):
    received = give_in(as_("importer"), write_rows(tmp_path / "x.csv", [niche_row(1)]).read_bytes())
    page = as_("second_importer").get(reverse("received_rows", args=[received.pk])).content.decode()
    assert "<td>yes</td>" in page
    assert "<td>y</td>" not in page
    assert ">NPA</th>" in page
    approve = as_("second_importer").get(reverse("received_file", args=[received.pk])).content.decode()
    assert "Approve and load" in approve


def test_a_map_of_one_place_is_a_dot_and_not_a_disc():
    svg = dot_map([[5, 7, 40]])
    assert 'viewBox="0 0 12 6"' in svg
    assert "1 squares of a coarse grid, 1 by 1;" in svg
    x, y = (float(value) for value in re.search(r'cx="([\d.]+)" cy="([\d.]+)"', svg).groups())
    assert 4 < x < 8
    assert 2 < y < 4
    wide = dot_map([[0, 0, 1], [39, 9, 1]])
    assert 'viewBox="0 0 40 10"' in wide


def test_an_empty_form_says_what_each_field_needs(as_):
    answer = as_("importer").post(reverse("police_data"), {})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose the file that you give in." in page
    assert "Say why these data are loaded." in page
    assert "This field is required" not in page
