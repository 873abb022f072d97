"""Making a backup: media, the database's snapshot, media again, scan files; and at the very end the manifest."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from analytics.audit.chain import record
from walkaway.backups import manifest, postgresql, sqlite, stored_files
from walkaway.backups.manifest import BackupError, Manifest, Table

MARK = "backup-in-progress"
# A session's key is as good as a password for its twelve hours.
SESSIONS = ("django_session",)
OF_THE_DATABASE = (
    "SELECT app, name FROM django_migrations ORDER BY app, name",
    "SELECT number, seal FROM analytics_auditrecord ORDER BY number DESC LIMIT 1",
)
MOST_SNAPSHOTS = 5
LEFT_OUT = [
    "keys: WALKAWAY_FIELD_KEYS, WALKAWAY_REFERENCE_PEPPER, DJANGO_SECRET_KEY",
    "sessions: everybody signs in again",
    "police files in quarantine: they are given in again",
    "caches, fonts, share pictures and static files: made again when they are needed",
    "the broker's messages: the database is the queue",
]


@dataclass(frozen=True)
class Made:
    """What a backup holds. ``bytes`` counts the database and all files."""

    manifest: Manifest
    seal: str

    def as_json(self) -> dict[str, Any]:
        made = self.manifest
        return {
            "ok": True,
            "made_at": made.made_at,
            "engine": made.engine,
            "tables": len(made.tables),
            "rows": sum(table.rows for table in made.tables.values()),
            "files": len(made.files),
            "bytes": sum(kept.bytes for kept in made.files.values()),
            "media_bucket": made.media_bucket,
            "audit_head": made.audit_head,
            "keys_needed": [{"name": key["name"], "id": key["id"]} for key in made.keys],
            "left_out": made.left_out,
            "seal": self.seal,
        }


def database() -> sqlite.SQLite | postgresql.PostgreSQL:
    """The installation's database. Raises BackupError for one that cannot be backed up."""
    given = settings.DATABASES["default"]
    if "sqlite" in given["ENGINE"]:
        return sqlite.SQLite(given, SESSIONS)
    if "postgresql" in given["ENGINE"]:
        return postgresql.PostgreSQL(given, SESSIONS)
    raise BackupError(f"{given['ENGINE']}: backups are made of SQLite and PostgreSQL.")


def make_backup(folder: Path, *, by: str, say: Callable[[str], object] = lambda line: None) -> Made:
    """Makes a whole backup in an empty or new folder, readable by its owner only, while everybody works on.

    Until the manifest is there the folder is no backup; one that was broken off is cleared away by the next try.
    Leaves a row in the audit log. Raises BackupError.
    """
    source = database()
    before = os.umask(0o077)
    try:
        with _claimed(folder):
            copying = stored_files.Copying(folder)
            media = {name: path for name, path in stored_files.folders().items() if name == "media"}
            for name, path in media.items():
                say(f"copying {name}")
                copying.look(name, path)
            made_at, tables, (migrations, last, _) = _snapshot(source, folder, copying, say)
            dump = sqlite.NAME if source.engine == "sqlite" else postgresql.NAME
            number, head = last[0] if last else (0, "")
            made = Manifest(
                made_at=made_at.isoformat(timespec="seconds"),
                engine=source.engine,
                versions={name: version(name) for name in ("django", "wagtail")} | {"database": source.version()},
                migrations=[f"{app}.{name}" for app, name in migrations],
                audit_records=number,
                audit_head=head,
                tables=tables,
                files={dump: stored_files.hashed(folder / dump)} | dict(sorted(copying.kept.items())),
                media_bucket=settings.WALKAWAY_MEDIA_BUCKET,
                keys=manifest.keys_needed(),
                left_out=LEFT_OUT,
            )
            os.sync()  # every byte is on the disk before the manifest says so
            seal = made.write(folder)
    finally:
        os.umask(before)
    done = Made(made, seal)
    found = done.as_json()
    record(
        "system.backed_up",
        by=by,
        about=f"backup of {made.made_at}",
        detail={name: found[name] for name in ("tables", "rows", "files", "bytes", "seal")},
    )
    return done


def _snapshot(
    source: sqlite.SQLite | postgresql.PostgreSQL,
    folder: Path,
    copying: stored_files.Copying,
    say: Callable[[str], object],
) -> tuple[datetime, dict[str, Table], list[list[tuple[Any, ...]]]]:
    """The database, then every file; once more where the database names a file that was made and deleted meanwhile.

    Gives when it was, the tables' hashes, and the answers to OF_THE_DATABASE and to which files are named.
    """
    queries = (*OF_THE_DATABASE, stored_files.files_named())
    lost: set[str] = set()
    for _ in range(MOST_SNAPSHOTS):
        say("copying and hashing the database")
        made_at = datetime.now(UTC)
        tables = source.save(folder, queries)
        answers = [source.rows(folder, query) for query in queries]
        for name, path in stored_files.folders().items():
            say(f"copying {name}")
            copying.look(name, path)
        missing = copying.lacks_media(name for (name,) in answers[-1])
        if missing == lost:  # nothing, or files that were not there before the backup either
            break
        lost = missing
    return made_at, tables, answers


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """The folder for this run alone. Raises BackupError where there is anything that is not ours to clear away."""
    sources = [path.resolve() for path in stored_files.folders().values()]
    if any(folder.resolve().is_relative_to(path) for path in sources):
        raise BackupError(f"{folder} lies inside a folder that is backed up. Choose another place.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = {path.name for path in folder.iterdir()}
        if manifest.NAME in there:
            raise BackupError(f"{folder} holds a backup already. Give a new folder for each backup.")
        if there and MARK not in there:
            raise BackupError(f"{folder} is not empty. Give a new or an empty folder.")
        folder.chmod(0o700)
        with (folder / MARK).open("a") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"Another backup is being written to {folder}.") from None
            for left in (stored_files.FILES, sqlite.NAME, f"{sqlite.NAME}-journal", postgresql.NAME):
                path = folder / left
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            yield
            (folder / MARK).unlink()
    except OSError as error:
        raise BackupError(f"The backup was not finished ({error.strerror}: {error.filename or folder}).") from None
