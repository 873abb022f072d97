"""A database with every migration done, made once for a whole run of the tests; all others begin as copies of it.

Migrating an empty database takes most of half a minute of processor time, nearly all of it Django's own book-keeping of
240 migrations, and a run of the tests needs some twenty of them.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
RUN = os.environ.setdefault(
    "WALKAWAY_TESTS_RUN", str(os.getpid())
)  # processes of one run inherit it from its first
FOLDER = Path(tempfile.gettempdir()) / f"walkaway-tests-{RUN}"


def on_postgresql() -> str:
    """The address of the database to copy on the server of DATABASE_URL."""
    with _one_at_a_time():
        if not (FOLDER / "postgresql").exists():
            _make()
            (FOLDER / "postgresql").touch()
    return _address()


def on_sqlite() -> Path:
    """The file to copy, whatever database the tests themselves run on."""
    file = FOLDER / "var" / "walkaway.sqlite3"
    with _one_at_a_time():
        if not (FOLDER / "sqlite").exists():
            _migrate(f"sqlite:///{file}")
            (FOLDER / "sqlite").touch()
    return file


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The first process of a run that asks makes what is asked for; others wait."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def put_away() -> None:
    """At the very end of a run."""
    if (FOLDER / "postgresql").exists():
        on_server(f"DROP DATABASE IF EXISTS {name_of(_address())} WITH (FORCE)")
    shutil.rmtree(FOLDER, ignore_errors=True)


def name_of(address: str) -> str:
    return urlsplit(address).path[1:]


def on_server(statement: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        found = server.execute(statement)
        return found.fetchall() if found.description else []


def _address() -> str:
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    return urlunsplit(url._replace(path=f"{url.path}_migrated_{RUN}"))


def _make() -> None:
    address = _address()
    on_server(f"CREATE DATABASE {name_of(address)}")
    _migrate(address)
    for _ in range(100):  # a database that somebody is still connected to cannot be copied
        if on_server(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name_of(address)}'") == [(0,)]:
            return
        time.sleep(0.1)
    raise TimeoutError(f"Somebody is still connected to {name_of(address)}.")


def _migrate(address: str) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
        "WALKAWAY_VAR_DIR": str(FOLDER / "var"),
        "DATABASE_URL": address,
    }
    words = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(words, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
