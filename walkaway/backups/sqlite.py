"""SQLite: a consistent copy while others write (VACUUM INTO), and its way back under whoever has the file open."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from walkaway.backups.manifest import BackupError, Table

NAME = "database.sqlite3"
BUSY_TRIES = 240  # a quarter of a second each
PAGES = 5000  # copied at a time, all in one transaction of the target


class SQLite:
    """The installation's database file. ``left_out`` are tables whose rows do not go into a backup."""

    engine = "sqlite"

    def __init__(self, settings_dict: dict[str, Any], left_out: tuple[str, ...]) -> None:
        self.path, self.left_out = Path(str(settings_dict["NAME"])), left_out

    def version(self) -> str:
        return sqlite3.sqlite_version

    def save(self, folder: Path, queries: Sequence[str]) -> dict[str, Table]:
        """Writes ``database.sqlite3`` and hashes its tables; ``rows`` answers any query of it. Raises BackupError."""
        if not self.path.is_file():
            raise BackupError(f"There is no database at {self.path}. Run manage.py migrate, or set DATABASE_URL.")
        copy = folder / NAME
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path, timeout=20, isolation_level=None)) as database:
            database.execute("VACUUM INTO ?", [str(copy)])
        with closing(sqlite3.connect(copy, isolation_level=None)) as made:
            made.execute("PRAGMA journal_mode=DELETE")
            made.execute("PRAGMA secure_delete=ON")
            for table in self.left_out:
                made.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name of ours
            (verdict,) = made.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BackupError(f"SQLite finds the database damaged: {verdict}. Keep the last good backup.")
            return hashes(made)

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        """Answers from the copy that was made."""
        with closing(sqlite3.connect(folder / NAME)) as made:
            return made.execute(query).fetchall()

    def tables_here(self) -> int:
        if not self.path.is_file():
            return 0
        with closing(sqlite3.connect(self.path, timeout=20)) as database:
            return int(database.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])

    def load(self, folder: Path, *, replace: bool) -> dict[str, Table]:
        """Copies the backup over the database in one transaction and hashes what is there then.

        Other connections wait and then see the new content; killed in between, the old one is still there.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(f"file:{folder / NAME}?mode=ro&immutable=1", uri=True)) as source,
            closing(sqlite3.connect(self.path, timeout=20)) as target,
        ):
            source.backup(target, pages=PAGES, progress=_patience(self.path))
            return hashes(target)


def _patience(path: Path) -> Callable[[int, int, int], None]:
    """Waits for other writers about a minute."""
    busy = 0

    def waited(status: int, remaining: int, total: int) -> None:
        nonlocal busy
        busy = busy + 1 if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else 0
        if busy > BUSY_TRIES:
            raise BackupError(f"{path} is in use. Stop the website and the publisher, then restore again.")

    return waited


def hashes(database: sqlite3.Connection) -> dict[str, Table]:
    """Every table but SQLite's own and those inside a search index, which is built from the others."""
    names = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    virtual = [name for name, sql in names if sql and sql.upper().startswith("CREATE VIRTUAL")]
    own = ("sqlite_", *virtual)
    return {name: _hash(database, name) for name, _ in names if not name.startswith(own)}


def _hash(database: sqlite3.Connection, table: str) -> Table:
    described = database.execute(f'PRAGMA table_info("{table}")').fetchall()
    columns = sorted(f'"{row[1]}"' for row in described)
    key = [f'"{row[1]}"' for row in sorted(described, key=lambda row: row[5]) if row[5]] or columns
    digest, count = hashlib.sha256(",".join(columns).encode()), 0
    query = f'SELECT {",".join(columns)} FROM "{table}" ORDER BY {",".join(key)}'  # noqa: S608 - names of the schema
    for count, row in enumerate(database.execute(query), start=1):  # noqa: B007
        digest.update(repr(row).encode())
    return Table(count, digest.hexdigest())
