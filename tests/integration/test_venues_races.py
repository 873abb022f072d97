"""Real processes and threads on one database: counting that is killed -9, two counters at once, 50 taps at once."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from campaign_pages.venues.check_ins import make_link
from campaign_pages.venues.models import CheckIn, ScanCount, ScanFile
from tests.factories import venues

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
LINES, HOUR, KILLS = 60_000, 1_732_406_400, 8

START = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "walkaway.settings.test"
from walkaway.settings import test
test.DATABASES["default"].update(json.loads(os.environ["RACE_DATABASE"]))
django.setup()
"""
COUNT = (
    START
    + """
from campaign_pages.venues import scan_counts
scan_counts.BLOCK_BYTES = 4096  # many transactions, so that a kill falls inside one
print("ready", flush=True)
scan_counts.count_scans()
"""
)
TAP = (
    START
    + """
import threading
from django.db import connections
from campaign_pages.venues.check_ins import LinkRefused, check_in
start, results = threading.Barrier(50), []
def tap(number):
    start.wait()
    try:
        check_in(token=sys.argv[1], state="up", place=None, tap=f"tap-{number}")
        results.append("saved")
    except LinkRefused:
        results.append("refused")
    except Exception as error:
        results.append(repr(error))
    finally:
        connections.close_all()
threads = [threading.Thread(target=tap, args=(number,)) for number in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(results))
"""
)


class Shared:
    """The database that the processes share. SQLite's test database lives in memory: a copy in a file is shared."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "race.sqlite3" if connection.vendor == "sqlite" else None
        if self.file is not None:
            connection.ensure_connection()
            with contextlib.closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)
        kept = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")
        where = {key: connection.settings_dict[key] for key in kept}
        where["NAME"] = str(self.file or where["NAME"])
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "WALKAWAY_VAR_DIR": str(folder / "var"),
            "RACE_DATABASE": json.dumps(where),
        }

    def start(self, script: str, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", script, *words], env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def bring_back(self) -> None:
        if self.file is not None:
            with contextlib.closing(sqlite3.connect(self.file)) as copy:
                copy.backup(connection.connection)


def write_scans(folder: Path) -> Path:
    file = folder / "var" / "scans" / "2024-11-24.web1.scans"
    file.parent.mkdir(parents=True)
    file.write_text("".join(f"1 7K3Q9 {HOUR + second % 7200} counted\n" for second in range(LINES)))
    return file


def hours() -> list[int]:
    return list(ScanCount.objects.order_by("hour").values_list("count", flat=True))


def expected() -> list[int]:
    early = sum(second % 7200 < 3600 for second in range(LINES))
    return [early, LINES - early]


def test_counting_killed_at_random_moments_is_exact(tmp_path: Path) -> None:
    file, shared, draw, inside = write_scans(tmp_path), Shared(tmp_path), random.Random(7), 0
    for _ in range(KILLS):
        process = shared.start(COUNT)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0.01, 0.25))
        process.send_signal(signal.SIGKILL)
        inside += process.wait() == -signal.SIGKILL
        process.stdout.close()
    assert inside, "no kill fell inside the counting: give it more lines"
    last = shared.start(COUNT)
    last.communicate(timeout=90)
    assert last.returncode == 0
    shared.bring_back()
    assert hours() == expected()
    kept = ScanFile.objects.get()
    assert (kept.offset, kept.lines, kept.malformed) == (file.stat().st_size, LINES, 0)


def test_two_counters_at_once_are_exact(tmp_path: Path) -> None:
    write_scans(tmp_path)
    shared = Shared(tmp_path)
    both = [shared.start(COUNT), shared.start(COUNT)]
    for process in both:
        process.communicate(timeout=90)
    assert [process.returncode for process in both] == [0, 0]
    shared.bring_back()
    assert hours() == expected()


def test_fifty_taps_at_once_use_a_single_link_once(tmp_path: Path) -> None:
    token = make_link(venue=venues.place().venue, purpose="invitation")
    shared = Shared(tmp_path)
    process = shared.start(TAP, token)
    out, _ = process.communicate(timeout=90)
    results = json.loads(out.splitlines()[-1])
    assert sorted(results) == ["refused"] * 49 + ["saved"]
    shared.bring_back()
    assert CheckIn.objects.count() == 1
