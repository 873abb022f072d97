"""Taking an imported file out again: one person asks with a reason, another confirms.

In one transaction the file's offences and their persons are deleted, older versions that it had corrected count again,
and its record stays with its numbers. Results of evaluations notice by themselves (analytics/evaluation/out_of_date.py).
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from analytics.audit.chain import record
from analytics.models import ImportedFile, Offence, OffencePerson, ReceivedFile, Withdrawal
from analytics.police_data.consent import APPROVE, IMPORT, NotAgreed, may
from analytics.police_data.staging import one_importer_at_a_time
from analytics.police_data.street_months import hand_on, take_back_notes

OFFENCES, PERSONS = Offence._meta.db_table, OffencePerson._meta.db_table
SHARED = ("already_loaded", "older_version", "republished")  # duplicates of rows that another file had brought


class CannotWithdraw(Exception):
    """The file is not loaded, or somebody was faster; the message says which."""


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal did. ``also_affected`` are files whose duplicates may have been rows of this one."""

    withdrawal: Withdrawal
    also_affected: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        done = self.withdrawal
        counts = {name: getattr(done, name) for name in ("offences", "persons", "restored", "not_restored")}
        return {"ok": True, "file": done.file_id, **counts, "also_affected": self.also_affected}


def ask_withdrawal(file: ImportedFile, *, by: Any, reason: str) -> Withdrawal:
    """One person asks. Raises NotAgreed, and CannotWithdraw where the file is not loaded or was asked for already."""
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not withdraw police data (role Data importer).")
    if not reason.strip():
        raise NotAgreed("A reason is needed: why is the file withdrawn?")
    with transaction.atomic():
        held = ImportedFile.objects.select_for_update().get(pk=file.pk)
        if held.state != ImportedFile.State.LOADED:
            raise CannotWithdraw(f"File {file.pk} is not loaded: it is at {held.get_state_display()!r}.")
        if held.withdrawals.filter(confirmed=None).exists():
            raise CannotWithdraw(
                f"The withdrawal of file {file.pk} has been asked for and waits for another person."
            )
        asked = Withdrawal.objects.create(file=held, reason=reason.strip()[:300], asked_by=by)
        _write_down("withdrawal_asked", asked, by, reason=asked.reason)
    return asked


def decline_withdrawal(asked: Withdrawal, *, by: Any) -> Withdrawal:
    """Another person says that the file stays. Raises NotAgreed, and CannotWithdraw where it is decided."""
    with transaction.atomic():
        held = _decide(asked, by, confirmed=False)
        _write_down("withdrawal_declined", held, by)
    return held


def confirm_withdrawal(asked: Withdrawal, *, by: Any) -> Withdrawn:
    """Another person confirms, and the file's rows are gone. Raises NotAgreed and CannotWithdraw."""
    with one_importer_at_a_time():
        held = _decide(asked, by, confirmed=True)
        file = ImportedFile.objects.select_for_update().get(pk=held.file_id)
        if file.state != ImportedFile.State.LOADED:
            raise CannotWithdraw(f"File {file.pk} is not loaded: it is at {file.get_state_display()!r}.")
        handed_on, held.restored = _take_out(file, held)
        held.not_restored = max(0, file.corrected + file.replaced - handed_on - held.restored)
        held.save()
        affected = _others(file)
        take_back_notes(file)
        file.state = ImportedFile.State.WITHDRAWN
        if file.rejects_file:
            path = Path(settings.VAR_DIR) / "private" / file.rejects_file
            transaction.on_commit(partial(path.unlink, missing_ok=True))
            file.rejects_file = ""
        file.save()
        if file.received_id and not _still_loaded(file):
            ReceivedFile.objects.filter(pk=file.received_id, state=ReceivedFile.State.LOADED).update(
                state=ReceivedFile.State.WITHDRAWN, fence=F("fence") + 1
            )
        _write_down(
            "withdrawn", held, by, reason=held.reason, asked_by=held.asked_by.get_username(), offences=held.offences,
            persons=held.persons, restored=held.restored, not_restored=held.not_restored,
        )  # fmt: skip
    return Withdrawn(held, affected)


def _decide(asked: Withdrawal, by: Any, *, confirmed: bool) -> Withdrawal:
    if not may(by, APPROVE):
        raise NotAgreed(f"{by.get_username()} may not decide on a withdrawal (role Data importer).")
    if by.pk == asked.asked_by_id:
        raise NotAgreed("Nobody decides on a withdrawal that they asked for: another person is needed.")
    held = Withdrawal.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=asked.pk)
    if held.confirmed is not None:
        raise CannotWithdraw(f"The {held} is decided already.")
    held.confirmed, held.decided_by, held.decided_at = confirmed, by, timezone.now()
    held.save()
    return held


def _take_out(file: ImportedFile, done: Withdrawal) -> tuple[int, int]:
    """Deletes the file's rows; returns how many corrected rows went to a later correction, and how many count again."""
    with connection.cursor() as cursor:
        # A correction that was itself corrected since: its predecessor now waits behind the later one.
        cursor.execute(
            f"""UPDATE {OFFENCES} SET superseded_by_id = (SELECT n.superseded_by_id FROM {OFFENCES} n
                  WHERE n.file_id = %s AND n.row_key = {OFFENCES}.row_key AND NOT n.current)
                WHERE superseded_by_id = %s AND NOT current AND row_key IN
                  (SELECT row_key FROM {OFFENCES} WHERE file_id = %s AND NOT current
                     AND superseded_by_id IS NOT NULL)""",  # noqa: S608
            [file.pk] * 3,
        )
        handed_on = cursor.rowcount + hand_on(cursor, file)
        cursor.execute(
            f"DELETE FROM {PERSONS} WHERE offence_id IN (SELECT id FROM {OFFENCES} WHERE file_id = %s)",  # noqa: S608
            [file.pk],
        )
        done.persons = cursor.rowcount
        cursor.execute(f"DELETE FROM {OFFENCES} WHERE file_id = %s", [file.pk])  # noqa: S608
        done.offences = cursor.rowcount
        cursor.execute(
            f"""UPDATE {OFFENCES} SET current = %s, superseded_by_id = NULL
                WHERE id IN (SELECT MAX(id) FROM {OFFENCES} WHERE superseded_by_id = %s AND NOT current GROUP BY row_key)
                  AND NOT EXISTS (SELECT 1 FROM {OFFENCES} n WHERE n.row_key = {OFFENCES}.row_key AND n.current)""",  # noqa: S608
            [True, file.pk],
        )
        return handed_on, cursor.rowcount


def _others(file: ImportedFile) -> list[int]:
    """Later files of the same days that counted rows as duplicates: some may have been this file's, and are gone.

    Which ones is not kept. Each gets a note that says what to do.
    """
    if file.first_day is None or file.last_day is None:
        return []
    found = ImportedFile.objects.filter(
        state=ImportedFile.State.LOADED,
        pk__gt=file.pk,
        synthetic=file.synthetic,
        first_day__lte=file.last_day,
        last_day__gte=file.first_day,
        duplicates__gt=0,
    )
    affected = [each for each in found if any(reason in each.duplicate_reasons for reason in SHARED)]
    for each in affected:
        each.notes = [
            *each.notes,
            f"file {file.pk} was withdrawn: rows of this file that had counted as duplicates of it are gone with it; to "
            "have them back, withdraw this file too and import it again",
        ]
        each.save(update_fields=["notes"])
    return [each.pk for each in affected]


def _still_loaded(file: ImportedFile) -> bool:
    others = ImportedFile.objects.filter(received_id=file.received_id, state=ImportedFile.State.LOADED)
    return bool(others.exclude(pk=file.pk).exists())


def _write_down(action: str, asked: Withdrawal, by: Any, **detail: Any) -> None:
    record(f"police.{action}", by=by.get_username(), about=f"file {asked.file_id}", detail=detail)
