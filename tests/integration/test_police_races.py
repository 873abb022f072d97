"""Two approvals, an approval and a refusal, two workers, a withdrawal and a load: at the same moment, on one database.

Real threads and connections in a process of its own; on SQLite on a copy of the test database in a file.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.integration.racing_imports import ROWS

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 6


@pytest.fixture
def race(tmp_path):
    kept = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")
    where = {key: connection.settings_dict[key] for key in kept}
    if connection.vendor == "sqlite":
        where["NAME"] = str(tmp_path / "race.sqlite3")
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(where["NAME"])) as copy:
            connection.connection.backup(copy)
    environment = os.environ | {
        "WALKAWAY_VAR_DIR": str(tmp_path / "var"),
        "RACE_DATABASE": json.dumps({key: str(value) for key, value in where.items()}),
    }
    (tmp_path / "var" / "private").mkdir(parents=True)

    def run(name: str) -> list[dict]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.integration.racing_imports", name, str(ROUNDS), str(tmp_path)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rounds = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(rounds) == ROUNDS
        return rounds

    return run


def test_of_two_approvals_one_wins_and_the_other_is_told_who(race):
    for each in race("approvals"):
        lost = [words for words in each["found"] if words.startswith("MovedOn: ")]
        assert len(lost) == 1, each["found"]
        winner = ("second_importer", "third_importer")[1 - each["found"].index(lost[0])]
        assert (each["state"], each["approved_by"]) == ("approved", winner)
        assert each["acts"] == [["police.received", "importer"], ["police.approved", winner]]
        assert f"is at 'Approved, waiting to be loaded' now, by {winner}. Nothing more was done" in lost[0]


def test_a_file_is_approved_or_refused_and_its_bytes_are_there_or_not(race):
    for each in race("approval_and_refusal"):
        lost = [words.startswith("MovedOn: ") for words in each["found"]]
        assert sorted(lost) == [False, True], each["found"]
        assert len(each["acts"]) == 2
        assert (each["state"], each["sealed"]) == (("refused", False) if not lost[1] else ("approved", True))


def test_of_three_workers_one_loads(race):
    for each in race("workers"):
        assert sorted(each["found"]) == ["", "", f"loaded {ROWS}"]
        assert each["files"] == [["loaded", ROWS, ROWS, 0]]
        assert (each["state"], each["offences"], each["strays"]) == ("loaded", ROWS, 0)


def test_a_withdrawal_beside_a_load_is_before_or_after_it(race):
    """Withdrawn first: the other file brings all of its rows. Loaded first: it brings only what the first had not."""
    for each in race("withdrawal_and_load"):
        assert each["found"][0] == str(ROWS)
        loaded = int(each["found"][1])
        assert loaded in (2, ROWS + 2)
        assert each["files"] == [["loaded", ROWS + 2, loaded, ROWS + 2 - loaded]]
        assert (each["offences"], each["strays"], each["state"]) == (loaded, 0, "loaded")
        assert (each["first"]["state"], each["first"]["offences"]) == ("withdrawn", 0)


def test_of_two_confirmations_of_a_withdrawal_one_wins(race):
    for each in race("withdrawals"):
        (lost,) = [words for words in each["found"] if words != str(ROWS)]
        assert lost.startswith("CannotWithdraw: The withdrawal of file ")
        assert "decided already" in lost
        assert (each["state"], each["offences"]) == ("withdrawn", 0)
