"""An installation of its own, run as processes of its own: SQLite in a folder, or databases beside DATABASE_URL's."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.factories import migrated
from tests.factories.migrated import name_of, on_server

ROOT = Path(__file__).resolve().parents[2]
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
PREFIX = "import json, os, sys\nimport django\ndjango.setup()\n"


@dataclass
class Installation:
    """``var`` holds its files; ``more`` are environment variables on top of the development settings."""

    var: Path
    database: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
            "WALKAWAY_VAR_DIR": str(self.var),
            "DATABASE_URL": self.database,
        } | self.more  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, code: int | None = 0, seconds: float = 250) -> subprocess.CompletedProcess[str]:
        """What Python did with these words. ``code``: what it must end with; None: anything."""
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, text=True, capture_output=True, timeout=seconds,
            check=False,
        )  # fmt: skip
        assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def manage(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        fast = () if words[0] == "restore" else ("--skip-checks",)  # half of a start; `make check` has them
        return self.run("manage.py", *words, *fast, code=code)

    def answer(self, *words: str, code: int = 0) -> dict[str, Any]:
        """The JSON that a command printed as its last line."""
        found: dict[str, Any] = json.loads(self.manage(*words, "--json", code=code).stdout.splitlines()[-1])
        return found

    def python(self, script: str) -> Any:
        """What a script printed last, from JSON; Django is set up before it."""
        done = self.run("-c", PREFIX + script)
        return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


@contextmanager
def databases() -> Iterator[Any]:
    """Gives ``make(var, template="")``, the address of a new database, empty or a copy; all are dropped at the end."""
    made: list[str] = []

    def make(var: Path, template: str = "") -> str:
        if not ON_POSTGRESQL:
            return f"sqlite:///{var / 'walkaway.sqlite3'}"
        name = f"{urlsplit(os.environ['DATABASE_URL']).path[1:]}_own_{os.getpid()}_{len(made)}"
        on_server(f"CREATE DATABASE {name}" + (f" TEMPLATE {name_of(template)}" if template else ""))
        made.append(name)
        return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))

    try:
        yield make
    finally:
        for name in made:
            on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def installed(var: Path, **more: str) -> Iterator[Installation]:
    """One with every migration done. ``more``: environment variables."""
    with databases() as make:
        yield up_to_date(make, var, more)


def up_to_date(make: Any, var: Path, more: dict[str, str]) -> Installation:
    """One with every migration done, in a database of ``databases()``."""
    if ON_POSTGRESQL:
        return Installation(var, make(var, template=migrated.on_postgresql()), more)
    made = Installation(var, make(var), more)
    var.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated.on_sqlite(), var / "walkaway.sqlite3")
    return made
