"""Writing the audit log, and checking that nobody changed it afterwards.

Each row carries the SHA-256 of the seal before it and of its own canonical text (RFC 8785 in spirit: JSON
with sorted keys, no spaces, UTC to the microsecond). So an edited, removed or reordered row breaks every
seal after it. A cut tail breaks none: keep the head outside the database and give it to ``verify``.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from analytics.audit.guards import are_up
from analytics.disclosure.redaction import redacted
from analytics.models import AuditRecord

LOCK_NUMBER = 0x57A11D  # PostgreSQL advisory lock: one writer of the log at a time
LONGEST_WAIT = "60s"  # a large import may hold the log while it commits; other writers wait so long
LONGEST_TEXT = 500  # characters of one value in ``detail``


@dataclass(frozen=True)
class Verification:
    """What a check of the whole log found. ``broken_at`` is the first number where it does not hold."""

    ok: bool
    records: int
    broken_at: int | None
    head: str
    guarded: bool
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def record(action: str, *, by: str, about: str = "", detail: dict[str, Any] | None = None) -> AuditRecord:
    """Adds one row to the log, in the caller's transaction: act and row appear together or not at all.

    ``action`` is dotted words such as "police.loaded", ``by`` a user name or the name of a job, ``about``
    what it was done to (an id or a title). ``detail`` holds JSON values, never names, references or
    coordinates; what looks like an e-mail address, a telephone number or a place is taken out of both. Writers wait for each other until they commit, so call this last in a long transaction.
    Raises ValueError for an action without a dot and TypeError for what JSON cannot hold.
    """
    if "." not in action:
        raise ValueError(f"{action!r}: an action is dotted words such as police.loaded")
    sealed_detail = canonical(_plain(detail or {}, redacted))
    with transaction.atomic():
        _wait_for_other_writers()
        last = AuditRecord.objects.order_by("-number").values_list("number", "seal").first()
        number, previous = last or (0, "")
        row = AuditRecord(
            number=number + 1,
            at=timezone.now(),
            action=_plain(action)[:60],
            by=_plain(by)[:150],
            about=_plain(about, redacted)[:200],
            detail_json=sealed_detail,
            previous=previous,
        )
        row.seal = seal_of(previous, row)
        row.save(force_insert=True)
    return row


def seal_of(previous: str, row: AuditRecord) -> str:
    """SHA-256, in hex, of the seal before and the canonical row."""
    at: datetime = row.at.astimezone(UTC)
    content = [row.number, at.isoformat(timespec="microseconds"), row.action, row.by, row.about, row.detail_json]
    return hashlib.sha256(f"{previous}\n{canonical(content)}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def verify(expect_head: str = "") -> Verification:
    """Reads the log from the beginning and compares every seal; memory does not grow with the log.

    ``expect_head`` is a head that was printed earlier and kept outside the database: it must still be there.
    """
    seal, expected, known_head = "", 0, not expect_head
    for row in AuditRecord.objects.order_by("number").iterator(chunk_size=2000):
        expected += 1
        problem = ""
        if row.number != expected:
            problem = f"row {expected} is missing: the next one is {row.number}"
        elif row.previous != seal:
            problem = f"row {row.number} does not follow the row before it"
        elif row.seal != seal_of(seal, row):
            problem = f"row {row.number} was changed after it was written"
        if problem:
            return Verification(False, AuditRecord.objects.count(), expected, seal, are_up(), problem)
        seal = row.seal
        known_head = known_head or seal == expect_head
    if not known_head:
        return Verification(
            False,
            expected,
            expected + 1,
            seal,
            are_up(),
            f"the head that was kept is not in the log: rows after {expected} were cut, or the log was rewritten",
        )
    return Verification(True, expected, None, seal, are_up())


def _wait_for_other_writers() -> None:
    """Until the transaction ends nobody else adds a row. On SQLite a transaction has the only write lock."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        # One statement, each step waiting for the one before: a short patience, the lock, the old patience again.
        cursor.execute(
            "WITH before AS MATERIALIZED (SELECT current_setting('lock_timeout') AS value), "
            "patient AS MATERIALIZED (SELECT value, set_config('lock_timeout', %s, true) AS now FROM before), "
            "held AS MATERIALIZED (SELECT value, now, pg_advisory_xact_lock(%s) AS got FROM patient) "
            "SELECT set_config('lock_timeout', value, true), now, got FROM held",
            [LONGEST_WAIT, LOCK_NUMBER],
        )


def _plain(value: Any, redact: Callable[[str], str] = str) -> Any:
    """The same without control characters and half characters, which PostgreSQL refuses; long texts are cut."""
    if isinstance(value, str):
        text = redact(value.encode("utf-8", "replace").decode())
        return "".join(c if c.isprintable() else " " for c in text)[:LONGEST_TEXT]
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(each, redact) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, redact) for each in value]
    return value
