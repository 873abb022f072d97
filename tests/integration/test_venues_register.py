"""Lists of venues: rows read = loaded + already there + rejected, and a broken file loads nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaign_pages.venues.importing_venues import VenueFileRefused, import_venues
from campaign_pages.venues.models import Venue
from tests.factories import venues

pytestmark = pytest.mark.django_db


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "venues.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'code,name\nV1,"The Open\nV2,Other\n', "quote"),
        (b"code,name\nV1,The \x00Zero\n", "line 2: a zero byte"),
        (b"code,title\nV1,The Fox\n", "column name is missing"),
        (b"code,name\nV1,The Fox\nV2,Caf\xe9\n", "line 3: not UTF-8"),
        (b"", "column name is missing"),
    ],
)
def test_a_broken_file_is_refused_as_a_whole(tmp_path: Path, data: bytes, words: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(VenueFileRefused, match=words):
        import_venues(path)
    with pytest.raises(CommandError, match=r"venues\.csv"):
        call_command("import_venues", str(path))
    assert not Venue.objects.exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("V2,The Fox", "wrong_number_of_fields"),
        ("V2,The Fox,1,1,pub,10,Fri,extra", "wrong_number_of_fields"),
        ("V2, ,1,1,pub,10,Fri", "name_missing"),
        (f"V2,{'x' * 61},1,1,pub,10,Fri", "name_too_long"),
        ("V2,The Fox,north,1,pub,10,Fri", "number_unreadable"),
        ("V2,The Fox,91,1,pub,10,Fri", "place_outside"),
        ("V2,The Fox,nan,1,pub,10,Fri", "place_outside"),
        ("V2,The Fox,,1,pub,10,Fri", "half_a_point"),
        ("V2,The Fox,1,1,palace,10,Fri", "kind_unknown"),
        ("V2,The Fox,1,1,pub,²,Fri", "number_unreadable"),
        ("V2,The Fox,1,1,pub,99999999999,Fri", "number_unreadable"),
        ("V2,The Fox,1,1,pub,10,Friday", "nights_unreadable"),
        (f"{'V' * 21},The Fox,1,1,pub,10,Fri", "field_too_long"),
    ],
)
def test_a_bad_row_is_rejected_and_the_others_load(tmp_path: Path, row: str, reason: str) -> None:
    head = "code,name,latitude,longitude,kind,capacity,open_nights\n"
    path = written(
        tmp_path, f'{head}V1,"O\'Neill\'s, Ümlaut & Söhne",52.6,-1.1,club,300,"Fri,Sat"\n{row}\n'.encode()
    )
    result = import_venues(path)
    assert (result.rows_read, result.loaded, result.duplicates, result.rejected) == (2, 1, 0, 1)
    assert dict(result.reasons) == {reason: 1}
    assert result.rejects[0].startswith("line 3, ")
    assert Venue.objects.get().open_weekdays == {4, 5}


def test_the_real_list_of_pubs_loads_once(shared_data: Path, capsys: Any) -> None:
    path = shared_data / "venues" / "osm_pubs_llr.csv"
    answers = []
    for _ in range(2):
        call_command("import_venues", str(path), "--json")
        answers.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    for answer in answers:
        assert answer["rows_read"] == 694 == answer["loaded"] + answer["duplicates"] + answer["rejected"]
    assert answers[1]["loaded"] == 0
    assert answers[1]["rejected"] == answers[0]["rejected"]
    assert Venue.objects.count() == answers[0]["loaded"] > 600


def test_the_venues_command_lists_codes(capsys: Any) -> None:
    place = venues.place()
    call_command("venues", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "venues": [
            {
                "code": "V1", "name": "The Lamplighter", "area": "E06000016", "synthetic": False,
                "places": [{"code": place.code, "zone": "bar"}],
            }
        ]
    }  # fmt: skip


def test_admin_pages_of_the_register_open(admin_client: Any) -> None:
    place = venues.place()
    for path in ("", "add/", f"edit/{place.venue.pk}/"):
        assert admin_client.get(f"/admin/snippets/venues/venue/{path}").status_code == 200, path
    for model in ("area", "checkin", "download"):
        assert admin_client.get(f"/admin/snippets/venues/{model}/").status_code == 200, model
