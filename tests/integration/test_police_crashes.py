"""kill -9 at fifty points, a full disk and imports side by side: always the totals and rows of a clean run.

Runs on an installation of its own, as processes of their own: SQLite in a folder of the test, or a database of its own
beside the one that DATABASE_URL names.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.installation import ON_POSTGRESQL, Installation, installed
from tests.factories.police import NICHE_HEADER, PERSON_HEADER, niche_row, write_rows

ROWS, FILES, POINTS = 500, 2, 51
pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("installation")) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two files with persons, repeats, rejected rows and rows without a reference; they share some rows."""
    made = tmp_path_factory.mktemp("extracts")
    header = NICHE_HEADER + PERSON_HEADER
    for n in range(FILES):
        rows = []
        for k in range(ROWS):
            row = niche_row(n * (ROWS - 20) + k) | {"Victim No": f"V{k % 40}", "Victim Sex": "MF"[k % 2]}
            if k % 50 == 7:
                row |= {"HO Offence": "zz"}
            if k % 50 == 8:
                row |= {"Crime No": ""}
            rows.append(row)
        write_rows(made / f"{n}.csv", rows, header=header)
    return made


def found(installation: Installation, work: str, folder: Path, points: int = 0, seed: int = 5) -> list[dict]:
    done = installation.run(
        "-m", "tests.integration.crashing_imports", work, str(folder), str(points), str(seed), seconds=550
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def clean(installation, folder) -> dict:
    (one,) = found(installation, "clean", folder)
    assert one["code"] == 0
    assert one["end"]["files"] == FILES
    assert one["end"]["offences"] == one["end"]["said"] > ROWS
    return one["end"]


def test_killed_at_fifty_points_then_run_again(installation, folder, clean):
    points = found(installation, "kill", folder, POINTS)
    assert len(points) == POINTS
    assert sum(each["code"] == -9 for each in points) > POINTS // 2, (
        "most of them must have been killed in the midst"
    )
    assert {each["after"]["files"] for each in points if each["code"] == -9} >= {0, 1}
    for each in points:
        assert each["code"] in (0, -9), each
        assert each["after"]["strays"] == 0, each
        assert each["after"]["offences"] == each["after"]["said"], each
        assert each["again"] == 0, each
        assert each["end"] == clean, each


@pytest.mark.parametrize("at", [ROWS // 2, ROWS + ROWS // 2], ids=["in the first file", "in the second file"])
def test_taken_up_at_the_file_that_was_being_read_and_the_others_are_not_read_again(
    installation, folder, clean, at
):
    (one,) = found(installation, "taken_up", folder, at)
    done = at // ROWS
    assert (one["code"], one["after"]["files"], one["after"]["strays"]) == (-9, done, 0)
    assert one["after"]["offences"] == one["after"]["said"], "nothing of the file that was being read is there"
    assert (one["again"], one["end"]) == (0, clean)
    assert one["read"] == {f"{n}.csv": ROWS for n in range(done, FILES)}


@pytest.mark.parametrize("number", [2, 4])
def test_imports_side_by_side_load_every_row_once(installation, folder, clean, number):
    (one,) = found(installation, "at_once", folder, number)
    assert one["codes"] == [0] * number
    assert one["end"] == clean
    states = [each[0] for each in one["states"]]
    assert (states.count("loaded"), states.count("repeated")) == (FILES, FILES * (number - 1))
    assert all(read == loaded + again + rejected for _, read, loaded, again, rejected in one["states"])


@pytest.mark.parametrize("kilobytes", [1] if ON_POSTGRESQL else [1, 40, 150, 400])
def test_a_full_disk_stops_it_in_words_and_room_takes_it_up(installation, folder, clean, kilobytes):
    """SQLite writes in this process; PostgreSQL in the server's, where only the file of rejected rows can be cut off."""
    done = installation.run(
        "-m", "tests.integration.crashing_imports", "full_disk", str(folder), str(kilobytes), "0"
    )
    one = json.loads(done.stdout.splitlines()[-1])
    assert one["code"] == 1, done.stderr
    assert "CommandError: 0.csv: stopped (" in done.stderr or "CommandError: 1.csv: stopped (" in done.stderr
    assert "nothing of it was loaded" in done.stderr
    assert "Traceback" not in done.stderr
    assert one["after"]["strays"] == 0
    assert one["after"]["offences"] == one["after"]["said"]
    assert one["again"] == 0
    assert one["end"] == clean
