"""Putting a backup back: everything is checked before the first byte is written, and counted again afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from analytics.audit.chain import record, verify
from analytics.retention import note_lost_files
from campaign_pages.social.stopping import stop_publishing
from walkaway.backups import manifest, postgresql, sqlite, stored_files
from walkaway.backups.making import database
from walkaway.backups.manifest import BackupError, Manifest
from walkaway.field_keys import CannotRotate, rotate


@dataclass(frozen=True)
class Restored:
    """What was put back. ``keys`` carry their state here; ``unreadable`` values need a key that is not here."""

    manifest: Manifest
    files: int
    migrated: list[str]
    held_posts: int
    lost_from_quarantine: int
    keys: list[dict[str, str]]
    unreadable: int | None
    audit_head: str

    def as_json(self) -> dict[str, Any]:
        made = self.manifest
        return {
            "ok": True,
            "made_at": made.made_at,
            "tables": len(made.tables),
            "rows": sum(table.rows for table in made.tables.values()),
            "files": self.files,
            "media_bucket": made.media_bucket,
            "migrated": self.migrated,
            "publishing_stopped": True,
            "held_posts": self.held_posts,
            "lost_from_quarantine": self.lost_from_quarantine,
            "keys_needed": [{name: key[name] for name in ("name", "id", "for", "state")} for key in self.keys],
            "unreadable_values": self.unreadable,
            "audit_head": self.audit_head,
        }


def restore(
    folder: Path, *, by: str, replace: bool = False, say: Callable[[str], object] = lambda line: None
) -> Restored:
    """Makes this installation what the backup holds. Needs no data in place, not even tables.

    Publishing is stopped afterwards: what went out since the backup is due once more in it, and people must look
    first. Refuses an installation with data unless ``replace``. Raises BackupError; until the checks are passed nothing
    has been written.
    """
    made = manifest.read(folder)
    target = database()
    _fits(made, target)
    say(f"checking {len(made.files)} files")
    stored_files.check(folder, made.files)
    _is_free(target, replace)
    connections.close_all()
    say("restoring the database")
    try:
        _same_tables(made, target.load(folder, replace=replace))
    except sqlite3.DatabaseError as error:
        raise BackupError(f"SQLite could not restore the database: {error}") from None
    say("restoring files")
    try:
        files = stored_files.put_back(folder, made.files)
    except OSError as error:
        raise BackupError(
            f"The database is restored, but not all files ({error.strerror}: {error.filename}). Make room or mend the "
            "folder and run restore again with --replace."
        ) from None
    found = verify(made.audit_head)
    if not found.ok or found.records != made.audit_records:
        raise BackupError(
            f"The audit log of the restored database does not hold: {found.problem or 'its length'}."
        )
    migrated = _migrated()
    cache.clear()
    lost = note_lost_files()
    held = stop_publishing(
        reason=f"Restored from the backup of {made.made_at}. Check what was posted since then before resuming."
    )
    unreadable: int | None = None
    with suppress(CannotRotate):
        unreadable = rotate(by=by, dry_run=True).total("unreadable")
    record(
        "system.restored",
        by=by,
        about=f"backup of {made.made_at}",
        detail={
            "seal": made.seal,
            "files": files,
            "migrated": len(migrated),
            "held_posts": held,
            "replaced": replace,
        },
    )
    states = manifest.key_states(made.keys)
    return Restored(made, files, migrated, held, lost, states, unreadable, verify().head)


def _fits(made: Manifest, target: sqlite.SQLite | postgresql.PostgreSQL) -> None:
    if made.engine != target.engine:
        raise BackupError(
            f"The backup is of {made.engine}, this installation uses {target.engine}. Set DATABASE_URL to a "
            f"{made.engine} database."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    apps = {each.partition(".")[0] for each in known}
    unknown = [each for each in made.migrations if each.partition(".")[0] in apps and each not in known]
    if unknown:
        raise BackupError(
            f"The backup was made by a newer version of Walk Away (this one does not know {unknown[-1]}). Install that "
            "version, then restore."
        )
    dump = sqlite.NAME if made.engine == "sqlite" else postgresql.NAME
    if dump not in made.files:
        raise BackupError(f"The manifest names no {dump}: this is no backup of a database.")


def _is_free(target: sqlite.SQLite | postgresql.PostgreSQL, replace: bool) -> None:
    if replace:
        return
    tables = target.tables_here()
    full = [f"the database has {tables} tables"] if tables else []
    full += [f"{folder} holds files" for folder in stored_files.occupied()]
    if full:
        raise BackupError(
            f"This installation is not empty: {'; '.join(full)}. With --replace all of it is replaced by the backup; "
            "make a backup of it first."
        )


def _same_tables(made: Manifest, here: dict[str, manifest.Table]) -> None:
    wrong = sorted(name for name in made.tables.keys() | here.keys() if made.tables.get(name) != here.get(name))
    if wrong:
        raise BackupError(
            f"After restoring, {len(wrong)} of {len(made.tables)} tables are not as they were when the backup was made: "
            f"{', '.join(wrong[:5])}. Do not use this installation; restore another backup with --replace."
        )


def _migrated() -> list[str]:
    """Brings an older backup up to this version; the migrations that were applied."""
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
