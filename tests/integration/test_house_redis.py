"""The publisher woken up by Celery over a real Redis, as in production. (The demo test does the same over files.)"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from tests.conftest import skip_or_fail
from tests.factories import migrated

ROOT = Path(__file__).resolve().parents[2]
BROKER = "redis://127.0.0.1:6379/9"
PATIENCE_SECONDS = 90


@pytest.fixture
def broker() -> str:
    client = redis.Redis.from_url(BROKER, socket_connect_timeout=2)
    try:
        client.flushdb()
    except redis.ConnectionError:
        skip_or_fail("no Redis on 127.0.0.1:6379: apt-get install redis-server")
    finally:
        client.close()
    return BROKER


def ticks(database: Path) -> list[str]:
    with sqlite3.connect(database, timeout=20) as connection:
        rows = connection.execute("SELECT at FROM social_publisherheartbeat").fetchall()
    connection.close()
    return [row[0] for row in rows]


@pytest.mark.redis
@pytest.mark.once
@pytest.mark.timeout(300)
def test_beat_and_worker_tick_over_redis_and_survive_a_flush(broker: str, tmp_path: Path) -> None:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("WALKAWAY_", "DJANGO_"))
    } | {
        "WALKAWAY_VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'walkaway.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
        "CELERY_BROKER_URL": broker,
        "CACHE_URL": broker,
    }
    shutil.copyfile(migrated.on_sqlite(), tmp_path / "walkaway.sqlite3")
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "walkaway", "worker", "-B", "-Q", "default,publish", "-c", "1"],
        cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        first = wait_for_another(tmp_path / "walkaway.sqlite3", [])
        with redis.Redis.from_url(broker) as client:
            client.flushdb()  # the broker may be emptied at any time: nothing of ours lives in it
        wait_for_another(tmp_path / "walkaway.sqlite3", first)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(20)


def wait_for_another(database: Path, before: list[str]) -> list[str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        now = ticks(database)
        if now and now != before:
            return now
        time.sleep(0.5)
    pytest.fail(f"the publisher did not tick within {PATIENCE_SECONDS} s (last: {before})")
