"""kill -9 at any moment leaves whole files only, and running again gives the totals of a clean run.

Runs on an installation of its own (SQLite in a folder of the test), as separate processes.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories.police import niche_row, write_rows

ROOT = Path(__file__).resolve().parents[2]
ROWS, FILES = 2500, 4
pytestmark = pytest.mark.soak


def manage(var: Path, *arguments: str) -> subprocess.Popen:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
        "WALKAWAY_VAR_DIR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'walkaway.sqlite3'}",
    }
    return subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> str:
    out, error = process.communicate(timeout=250)
    assert process.returncode == 0, error
    return out


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    var = tmp_path_factory.mktemp("installation")
    finish(manage(var, "migrate", "--verbosity", "0"))
    return var


@pytest.fixture
def installation(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path / "var")
    return tmp_path / "var"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "extracts").mkdir()
    for n in range(FILES):
        write_rows(tmp_path / "extracts" / f"{n}.csv", [niche_row(n * ROWS + k) for k in range(ROWS)])
    return tmp_path / "extracts"


def ask(var: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(var / "walkaway.sqlite3")) as database:
        return database.execute(question).fetchall()


def test_killed_at_random_then_run_again(installation, folder):
    chance = random.Random(5)
    for _ in range(5):
        process = manage(installation, "import_police_data", str(folder), "--mapping", "leicestershire_niche")
        time.sleep(1.5 + chance.random() * 3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        ((files,),) = ask(installation, "SELECT COUNT(*) FROM analytics_importedfile WHERE state = 'loaded'")
        ((rows,),) = ask(installation, "SELECT COUNT(*) FROM analytics_offence")
        assert rows == files * ROWS
    finish(manage(installation, "import_police_data", str(folder), "--mapping", "leicestershire_niche"))
    assert ask(installation, "SELECT COUNT(*), COUNT(DISTINCT row_key) FROM analytics_offence") == [
        (ROWS * FILES,) * 2
    ]
    assert ask(
        installation, "SELECT loaded, COUNT(*) FROM analytics_importedfile WHERE state = 'loaded' GROUP BY 1"
    ) == [(ROWS, FILES)]


def test_two_at_once_load_every_row_once(installation, folder):
    both = [manage(installation, "import_police_data", str(folder), "--json") for _ in range(2)]
    found = [finish(process).strip().splitlines()[-1] for process in both]
    assert all(f'"rows_read": {ROWS * FILES}, "loaded"' in line for line in found)
    assert ask(installation, "SELECT COUNT(*) FROM analytics_offence") == [(ROWS * FILES,)]
    assert ask(installation, "SELECT SUM(loaded), SUM(duplicates) FROM analytics_importedfile") == [
        (ROWS * FILES,) * 2
    ]
