"""kill -9 at random moments during a run of 50 due posts: every post is live exactly once, or waits for a person.

The publisher is a process of its own and is killed again and again; the sandbox loses replies, answers with errors
after the fact and hangs. Doubles are counted at the sandbox, from outside.
"""

import collections
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

from campaign_pages.social.models import Dispatch
from campaign_pages.social.sandbox.faults import Fault
from tests.factories import social

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
POSTS, MOST_SECONDS, KILLS = 50, 400, 8  # it ends when every post has; the seconds are for one that hangs
FAULTS = (
    Fault("*", "commit", "drop_after_commit", 0.08),
    Fault("*", "commit", "500_after_commit", 0.08),
    Fault("*", "commit", "hang", 0.04, 0.5),
    Fault("*", "commit", "late_commit", 0.04, 1.0),
    Fault("*", "prepare", "500", 0.03),
    Fault("*", "probe", "html", 0.1),
)
ENDED = {"live", "needs_human"}

PUBLISHER = """
import json, os, sys
import django
from django.conf import settings
os.environ["DJANGO_SETTINGS_MODULE"] = "walkaway.settings.test"
from walkaway.settings import test
test.DATABASES["default"].update(json.loads(os.environ["SOAK_DATABASE"]))
django.setup()
from django.core.management import call_command
call_command("run_publisher", every=0.1)
"""


def environment(tmp_path: Path, address: str, rows: "Rows") -> dict[str, str]:
    where = {key: connection.settings_dict[key] for key in ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")}
    where["NAME"] = str(rows.file or where["NAME"])
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "WALKAWAY_VAR_DIR": str(tmp_path / "var"),
        "WALKAWAY_SANDBOX_URL": address,
        "SOCIAL_LEASE_SECONDS": "2",
        "SOCIAL_SETTLE_SECONDS": "4",  # longer than the latest late commit
        "SOAK_DATABASE": json.dumps(where),
    }


class Rows:
    """The rows that both processes share. SQLite's test database lives in memory, so it is copied to a file first."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "soak.sqlite3" if connection.vendor == "sqlite" else None
        if self.file is not None:
            connection.ensure_connection()
            with contextlib.closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)

    def states(self) -> dict[int, str]:
        if self.file is None:
            return dict(Dispatch.objects.values_list("pk", "state"))
        with contextlib.closing(sqlite3.connect(self.file, timeout=20)) as copy:
            return dict(copy.execute("SELECT id, state FROM social_dispatch").fetchall())

    def unfinished(self) -> bool:
        return not set(self.states().values()) <= ENDED


@pytest.mark.timeout(500)
def test_every_post_is_live_once_although_the_publisher_is_killed(
    tmp_path: Path,
) -> None:
    by, image = social.people(), social.picture()
    draw = random.Random(20261124)
    for number in range(POSTS):
        social.approved(by, words=f"Walk away, number {number}.", image=image)
    rows = Rows(tmp_path)
    with social.sandbox(*FAULTS) as server:
        command = [sys.executable, "-c", PUBLISHER]
        env = environment(tmp_path, social.address_of(server), rows)
        started, kills = time.monotonic(), 0
        while time.monotonic() - started < MOST_SECONDS:
            process = subprocess.Popen(command, env=env, cwd=ROOT, start_new_session=True)
            if kills < KILLS:
                # Start-up takes a while: the kill must hit it at work, so wait for a sign of life first.
                seen = len(server.state.containers) + len(server.state.posts)
                patience = time.monotonic() + 12
                while (
                    len(server.state.containers) + len(server.state.posts) == seen and time.monotonic() < patience
                ):
                    time.sleep(0.01)
                    assert process.poll() is None, "the publisher ended by itself"
                time.sleep(draw.uniform(0.05, 1.5))
            else:
                while time.monotonic() - started < MOST_SECONDS and rows.unfinished():
                    time.sleep(0.5)
                    assert process.poll() is None, "the publisher ended by itself"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            if not rows.unfinished():
                break
        live = collections.Counter(post.dispatch for post in server.state.posts)
    states = rows.states()
    assert kills > KILLS // 2
    assert {number: count for number, count in live.items() if count > 1} == {}, "posted twice"
    assert set(states.values()) <= ENDED, "neither live nor waiting for a person"
    assert all(live[str(pk)] == 1 for pk, state in states.items() if state == "live"), "lost"
    assert list(states.values()).count("live") >= POSTS - 5, "too much was left to people"
