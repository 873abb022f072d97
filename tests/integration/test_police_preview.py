"""A preview says what an import would do, writes nothing and keeps no value."""

import json
import random
from pathlib import Path

import pytest

from analytics.models import ImportedFile, Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import mapping_named
from analytics.police_data.preview import preview
from analytics.police_data.sources import Source, UnreadableFile
from tests.factories.police import NICHE_HEADER, niche_row, write_rows

pytestmark = pytest.mark.django_db
NICHE = mapping_named("leicestershire_niche")


def rows(count=40):
    dice = random.Random(3)
    made = []
    for n in range(count):
        day = dice.randrange(1, 29)
        made.append(
            niche_row(n, **{"From Date": f"{day:02d}/06/2024", "From Time": f"{dice.randrange(24):02d}:30"})
        )
    made[3] |= {"HO Offence": "Zebedee Smith"}
    made[4] |= {"From Date": "yesterday"}
    made[5] |= {"From Time": "00:00"}
    made[6] |= {"From Time": "12:00"}
    made[7] |= {"X": "", "Y": ""}
    made[8] |= {"PP Flag": "perhaps"}
    return made


def test_it_agrees_with_the_import_and_writes_nothing(tmp_path):
    path = write_rows(tmp_path / "a.csv", rows())
    found = preview(Source(path))
    assert not ImportedFile.objects.exists()
    assert not Offence.objects.exists()
    (report,) = import_paths([path]).files
    assert (found.rows_read, found.rejected, dict(found.reasons)) == (40, 2, report.reasons)
    assert found.good == report.loaded == 38
    said = found.as_json()
    assert sum(said["hours"]) == sum(said["weekdays"]) == 38
    assert said["offences"] == [["8N", "Assault with injury", 38]]
    assert sum(count for *_, count in said["squares"]) == found.placed == 37
    assert (found.at_midnight, found.at_noon) == (1, 1)
    assert said["examples"]["offence_unknown"]["line"] == 5
    dates = [str(day) for day in Offence.objects.order_by("committed_on").values_list("committed_on", flat=True)]
    assert (said["first_day"], said["last_day"]) == (dates[0], dates[-1])


def test_what_is_stored_names_nobody(tmp_path):
    text = json.dumps(preview(Source(write_rows(tmp_path / "a.csv", rows()))).as_json())
    for value in ("Zebedee", "Smith", "24*0000", "458700", "304500", "perhaps"):
        assert value not in text, value
    assert "AAAAAAA" in text


def test_the_first_rows_stand_beside_what_they_become(tmp_path):
    header = (*NICHE_HEADER, "Officer")
    path = write_rows(tmp_path / "a.csv", [row | {"Officer": "x"} for row in rows()], header=header)
    found = preview(Source(path), NICHE)
    assert len(found.first_rows) == 20
    cells, canonical = found.first_rows[0]
    assert cells[1] == "8N" == canonical["offence_code"]
    assert found.ignored == ["Officer"]


@pytest.mark.parametrize(("days", "doubt"), [(("01", "12"), True), (("01", "13"), False)])
def test_a_file_whose_days_could_be_months_asks(tmp_path, days, doubt):
    path = write_rows(
        tmp_path / "a.csv", [niche_row(n, **{"From Date": f"{day}/06/2024"}) for n, day in enumerate(days)]
    )
    assert preview(Source(path)).day_month_in_doubt is doubt


def test_a_street_file_has_months_and_nothing_to_doubt(tmp_path):
    street = Path(__file__).resolve().parents[1] / "factories" / "police.py"
    with pytest.raises(UnreadableFile, match="header"):
        preview(Source(street))


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", 'Crime No,"HO'])
def test_what_an_import_refuses_a_preview_refuses(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(UnreadableFile):
        preview(Source(tmp_path / "a.csv"))
