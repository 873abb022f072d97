"""Moves everything that is encrypted with ``WALKAWAY_FIELD_KEYS`` to the newest key, so that an older one may go.

What is encrypted with them: the columns of type EncryptedTextField, found from the models, and the police files in
quarantine. Nothing is remembered between runs: each value says by itself which key it is under, so a run that was killed
is simply begun again. Rows are locked in small batches, in the order of their keys; readers are never stopped and see
the value under one key or the other, both of which are listed.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from analytics.audit.chain import record
from analytics.police_data.quarantine import QuarantineError, key_id_of
from analytics.police_data.resealing import files_in_quarantine, reseal
from campaign_pages.social.encrypted_field import CannotDecrypt, EncryptedTextField

BATCH = 200  # rows locked at a time: some milliseconds
QUARANTINE = "files in quarantine"


class CannotRotate(Exception):
    """Nothing was done; the message says why."""


@dataclass
class Kind:
    """One column, or the quarantine. ``gone`` counts records whose bytes are no longer there."""

    what: str
    reencrypted: int = 0
    already: int = 0
    unreadable: int = 0
    gone: int = 0


@dataclass
class Rotation:
    """What one run found. ``problems`` name rows and files, never what is in them."""

    key: str
    kinds: list[Kind] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def total(self, name: str) -> int:
        return sum(getattr(kind, name) for kind in self.kinds)

    def as_json(self, *, dry_run: bool) -> dict[str, Any]:
        totals = {name: self.total(name) for name in ("reencrypted", "already", "unreadable", "gone")}
        kinds = [vars(kind) for kind in self.kinds]
        return (
            {"ok": self.ok, "dry_run": dry_run, "key": self.key}
            | totals
            | {
                "kinds": kinds,
                "problems": self.problems,
            }
        )


def rotate(*, by: str, dry_run: bool = False, say: Callable[[str], object] = lambda line: None) -> Rotation:
    """Re-encrypts all that is not under the newest key yet. ``dry_run`` opens everything and writes nothing.

    A value that no listed key opens is left as it is and reported. Raises CannotRotate without usable keys, or while
    another run is at it.
    """
    keys = usable_keys()
    rotation = Rotation(key=key_id_of(keys[0]))
    with _only_one():
        for model, column in encrypted_columns():
            kind = Kind(what=f"{model._meta.label}.{column.name}")
            rotation.kinds.append(kind)
            for done in _rotate_column(model, column, kind, rotation.problems, dry_run):
                say(f"{kind.what}: {done}")
        kind = Kind(what=QUARANTINE)
        rotation.kinds.append(kind)
        for pk in files_in_quarantine():
            try:
                result = reseal(pk, dry_run=dry_run)
                setattr(kind, result, getattr(kind, result) + 1)
            except QuarantineError as error:
                kind.unreadable += 1
                rotation.problems.append(f"received file {pk}: {error}")
            say(f"{kind.what}: {kind.reencrypted + kind.already + kind.unreadable + kind.gone}")
        if not dry_run:
            detail = {kind.what: {k: v for k, v in vars(kind).items() if k != "what"} for kind in rotation.kinds}
            record("system.field_keys_rotated", by=by, about=f"key {rotation.key}", detail=detail)
    return rotation


def usable_keys() -> list[str]:
    """The keys, newest first. Raises CannotRotate, naming the place of a bad one and never the key."""
    keys: list[str] = settings.WALKAWAY_FIELD_KEYS
    if not keys:
        raise CannotRotate("WALKAWAY_FIELD_KEYS is not set: there is no key to encrypt with.")
    for place, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise CannotRotate(
                f"Key {place} of WALKAWAY_FIELD_KEYS is not 32 bytes in URL-safe base64. Make one with "
                "Fernet.generate_key(); see docs/deployment.md."
            ) from None
    return keys


def encrypted_columns() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every column of type EncryptedTextField in the installation."""
    return [
        (model, column)
        for model in apps.get_models()
        for column in model._meta.local_fields
        if isinstance(column, EncryptedTextField)
    ]


def _rotate_column(
    model: type[models.Model], column: EncryptedTextField, kind: Kind, problems: list[str], dry_run: bool
) -> Iterator[int]:
    """Yields the number of rows that were looked at, after each batch is committed."""
    # Cast gives the column as it is stored; read as the field it would be decrypted.
    rows = model._base_manager.annotate(stored=Cast(column.name, TextField())).exclude(stored="").order_by("pk")
    last, seen = None, 0
    while True:
        batch = rows.filter(pk__gt=last) if last is not None else rows
        began = time.monotonic()
        with transaction.atomic():
            locked = batch if dry_run else batch.select_for_update(of=("self",))
            pairs = list(locked.values_list("pk", "stored")[:BATCH])
            for pk, stored in pairs:
                newest = column.has_newest_key(stored)
                try:
                    text = column.opened(stored)
                except CannotDecrypt as error:
                    kind.unreadable += 1
                    problems.append(f"{model._meta.label} {pk}: {error}")
                    continue
                if newest:
                    kind.already += 1
                    continue
                if not dry_run:
                    model._base_manager.filter(pk=pk).update(**{column.name: text})
                kind.reencrypted += 1
        if not pairs:
            return
        if (
            not dry_run
        ):  # others get the lock as often as this does: SQLite has no queue, and who waits 20 s gives up
            time.sleep(min(time.monotonic() - began, 1.0))
        last, seen = pairs[-1][0], seen + len(pairs)
        yield seen


@contextmanager
def _only_one() -> Iterator[None]:
    """Two runs would not harm the columns, but they would write the same file of the quarantine."""
    with (Path(settings.VAR_DIR) / "private" / "rotation.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRotate("Another rotation is running on this machine; wait until it has ended.") from None
        yield
