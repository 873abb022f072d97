"""Street files replace by force and month: a later issue of a month takes the place of the rows that counted before.

Rows that both issues have stay where they are, rows of the month that the new one lacks no longer count, and a row
that came with other content is corrected. All of it in the transaction of the file. Superseded rows stay until their
days are over, and count again when the file that replaced them is withdrawn.

Which file speaks for a whole month: one that is named as data.police.uk names it (2024-03-some-force-street.csv), or
one that holds more than half of the rows of the month that count. Any other is taken for a part and only adds.
Which issue is the later one: by the archive that it came in, where both say so; otherwise the one imported later.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from analytics.disclosure.tiers import PARTNER
from analytics.models import ImportedFile, Offence

OFFENCES = Offence._meta.db_table
KEYS, MONTHS = "police_staged_keys", "police_staged_months"
ISSUE_NAME = re.compile(r"(\d{4}-\d{2})-[a-z0-9-]+-street\.csv(?:\.gz)?", re.IGNORECASE)
NAMED = 6  # months whose change is put into words; the record has all of them
WHOLE, PART, OLDER = "whole", "part", "older"
AGAIN = "again"  # in SQL: a whole month that was there before


def month_of_name(name: str) -> str:
    """The month that a street file's own name gives it; empty where it is not named as data.police.uk does."""
    found = ISSUE_NAME.fullmatch(name)
    return found[1] if found else ""


@dataclass
class StreetMonth:
    """One force and month of the file that is imported. ``before``: counted rows by the file that brought them."""

    force: str
    day: str
    rows: int
    fate: str = WHOLE
    before: dict[int, int] = field(default_factory=dict)
    kept: int = 0
    gone: int = 0
    changed: int = 0
    newer: ImportedFile | None = None

    @property
    def month(self) -> str:
        return self.day[:7]

    @property
    def counted(self) -> int:
        return sum(self.before.values())

    def as_json(self) -> dict[str, Any]:
        names = ("force", "month", "rows", "fate", "gone", "changed")
        return {name: getattr(self, name) for name in names}


@dataclass
class StreetMonths:
    """What a file of months does to those that are there. Empty for every other kind of file."""

    months: list[StreetMonth] = field(default_factory=list)
    overlap: bool = False  # whether other loaded files cover any of them; if not, there is nothing to do

    @property
    def any_older(self) -> bool:
        return any(each.fate == OLDER for each in self.months)

    @property
    def gone(self) -> int:
        return sum(each.gone for each in self.months)


def look_at_months(cursor: Any, record: ImportedFile, *, staging: str, key: str) -> StreetMonths:
    """The months of the staged rows, and which of them the file may replace. Call before rows are merged."""
    cursor.execute(f"SELECT force, committed_on, COUNT(*) FROM {staging} n GROUP BY 1, 2 ORDER BY 2, 1")  # noqa: S608
    found = StreetMonths([StreetMonth(force, str(day), rows) for force, day, rows in cursor.fetchall()])
    named = month_of_name(record.name)
    for each in found.months:
        each.fate = WHOLE if named == each.month and each.force == record.force else PART
    others = _others(record)
    found.overlap = bool(others and found.months)
    if not found.overlap:
        return found
    cursor.execute(f"CREATE TEMPORARY TABLE {KEYS} AS SELECT DISTINCT {key} AS row_key FROM {staging} n")  # noqa: S608
    cursor.execute(f"CREATE UNIQUE INDEX police_staged_key ON {KEYS} (row_key)")
    if connection.vendor == "postgresql":
        cursor.execute(f"ANALYZE {KEYS}")
    for each in found.months:
        _look_at(cursor, record, each, others)
    cursor.execute(f"CREATE TEMPORARY TABLE {MONTHS} (force text, committed_on date, fate text)")
    cursor.executemany(
        f"INSERT INTO {MONTHS} VALUES (%s, %s, %s)",  # noqa: S608
        [(each.force, each.day, each.fate) for each in found.months]
        + [(each.force, each.day, AGAIN) for each in found.months if each.fate == WHOLE and each.before],
    )
    return found


def _others(record: ImportedFile) -> list[ImportedFile]:
    """Loaded files of months that cover any of the same, the oldest first."""
    return list(
        ImportedFile.objects.filter(
            state=ImportedFile.State.LOADED, timed=False, synthetic=record.synthetic,
            first_day__lte=record.last_day, last_day__gte=record.first_day,
        ).exclude(pk=record.pk).order_by("pk")
    ) if record.first_day and record.last_day else []  # fmt: skip


def _look_at(cursor: Any, record: ImportedFile, month: StreetMonth, others: Sequence[ImportedFile]) -> None:
    for other in others:
        if record.issue and other.issue > record.issue and _speaks_for(other, month.force, month.month):
            month.fate, month.newer = OLDER, other
            return
    cursor.execute(
        f"""SELECT o.file_id, COUNT(*), COUNT(k.row_key) FROM {OFFENCES} o
            LEFT JOIN {KEYS} k ON k.row_key = o.row_key WHERE {_OF_MONTH} AND o.current AND o.file_id <> %s
            GROUP BY o.file_id ORDER BY o.file_id""",  # noqa: S608
        [*_given(record, month), record.pk],
    )
    for file, rows, kept in cursor.fetchall():
        month.before[file] = rows
        month.kept += kept
    if month.kept * 2 > month.counted:
        month.fate = WHOLE


_OF_MONTH = "o.open_data AND o.synthetic = %s AND o.force = %s AND o.committed_on = %s"


def _given(record: ImportedFile, month: StreetMonth) -> list[Any]:
    return [record.synthetic, month.force, month.day]


def _speaks_for(file: ImportedFile, force: str, month: str) -> bool:
    return any(
        each["force"] == force and each["month"] == month and each["fate"] == WHOLE for each in file.street_months
    )


def in_months(rows: str, fate: str) -> str:
    """SQL: whether a row (``o`` of the offences, ``n`` of the staged ones) is of a month with this fate."""
    return (
        f"EXISTS (SELECT 1 FROM {MONTHS} m WHERE m.fate = '{fate}' AND m.force = {rows}.force "  # noqa: S608
        f"AND m.committed_on = {rows}.committed_on)"
    )


def other_content() -> str:
    """SQL of what a row with a known ID and other content is, where other files cover its month.

    An ID stays in the month where it was first seen, unless a later issue says otherwise: of that month, or of an
    earlier month that now has it (else the ID would be lost when the month that it left comes again).
    """
    moved = f"({in_months('n', AGAIN)} AND n.committed_on < o.committed_on)"
    return (
        f"CASE WHEN {in_months('n', OLDER)} THEN 'older_version' WHEN {in_months('o', WHOLE)} OR {moved} THEN 'corrected' "
        "ELSE 'republished' END"
    )


def retire(cursor: Any, record: ImportedFile, found: StreetMonths) -> None:
    """Rows of replaced months that the file does not have count no longer. Call after rows are merged."""
    for month in found.months:
        if month.fate != WHOLE or not month.before:
            continue
        cursor.execute(
            f"""SELECT COUNT(*) FROM {OFFENCES} o JOIN {KEYS} k ON k.row_key = o.row_key
                WHERE {_OF_MONTH} AND NOT o.current AND o.superseded_by_id = %s""",  # noqa: S608
            [*_given(record, month), record.pk],
        )
        month.changed = cursor.fetchone()[0]
        if month.kept < month.counted:
            cursor.execute(
                f"""UPDATE {OFFENCES} SET current = %s, superseded_by_id = %s WHERE id IN (SELECT o.id FROM {OFFENCES} o
                    WHERE {_OF_MONTH} AND o.current AND o.file_id <> %s
                      AND NOT EXISTS (SELECT 1 FROM {KEYS} k WHERE k.row_key = o.row_key))""",  # noqa: S608
                [False, record.pk, *_given(record, month), record.pk],
            )
            month.gone = cursor.rowcount
    record.replaced = found.gone


def write_notes(record: ImportedFile, found: StreetMonths) -> None:
    """Says in words what was replaced and what was not, on the record and on those of the files that it touches."""
    record.street_months = [each.as_json() for each in found.months]
    several = len({each.force for each in found.months}) > 1
    files = ImportedFile.objects.in_bulk({pk for each in found.months for pk in each.before})
    said = [text for each in found.months if (text := _words(each, files, record, several=several))]
    more = [f"and {len(said) - NAMED} more months in the same way"] if len(said) > NAMED else []
    record.notes = [*record.notes, *said[:NAMED], *more]
    lost: dict[int, list[str]] = defaultdict(list)
    for each in found.months:
        if each.gone or each.changed:
            for pk in each.before:
                lost[pk].append(each.month)
    for pk, months in lost.items():
        file = files[pk]
        file.notes = [
            *file.notes,
            f"file {record.pk} replaced rows of this one on {_day(timezone.now())}: {', '.join(months[:NAMED])}"
            + (f" and {len(months) - NAMED} more months" if len(months) > NAMED else ""),
        ]
        file.save(update_fields=["notes"])


def _words(month: StreetMonth, files: dict[int, ImportedFile], record: ImportedFile, *, several: bool) -> str:
    force = f" ({month.force})" if several and not PARTNER.is_small(month.rows) else ""
    if month.newer:
        return (
            f"{month.month}{force}: this file is of the archive {record.issue}, and file {month.newer.pk} of the later "
            f"archive {month.newer.issue} is loaded: nothing was replaced, and rows that only this file has are not counted"
        )
    if month.fate == PART and month.counted > month.kept:
        return (
            f"{month.month}{force}: {month.kept:,} of the {month.counted:,} rows that count are in this file, and its name "
            "does not say that it is the whole month; it was taken for a part of it, and nothing was replaced. If it is the "
            "whole month, withdraw it, name it as data.police.uk does (2024-03-some-force-street.csv) and import it again"
        )
    if not (month.gone or month.changed):
        return ""
    came = " and ".join(
        f"the {rows:,} rows of {month.month}{force} loaded on {_day(files[pk].imported_at)} from {_name(files[pk])}"
        for pk, rows in month.before.items()
    )
    rejected = (
        f" ({record.rejected:,} rows of this file were rejected; some of those may be among them)"
        if month.gone and record.rejected
        else ""
    )
    return (
        f"replaced {came}: {month.gone:,} are not in this file and no longer count{rejected}, {month.changed:,} came with "
        f"other content, {month.kept - month.changed:,} are the same"
    )


def _name(file: ImportedFile) -> str:
    """A name stands on its own record only, as it may hold anything; one of data.police.uk cannot."""
    return f"{file.name} (file {file.pk})" if month_of_name(file.name) else f"file {file.pk}"


def _day(at: Any) -> str:
    day = timezone.localtime(at)
    return f"{day.day} {day:%B %Y}"


def hand_on(cursor: Any, file: ImportedFile) -> int:
    """Before a file is withdrawn: what it had retired stays so where a later file replaced the month again.

    Returns how many rows wait behind such a file now. Those that it had corrected are not among them.
    """
    handed = 0
    if not file.replaced:
        return handed
    later = list(
        ImportedFile.objects.filter(
            state=ImportedFile.State.LOADED, timed=False, synthetic=file.synthetic, pk__gt=file.pk,
            first_day__lte=file.last_day, last_day__gte=file.first_day,
        ).order_by("pk")
    )  # fmt: skip
    for each in file.street_months:
        if not each["gone"]:
            continue
        then = next((one for one in later if _speaks_for(one, each["force"], each["month"])), None)
        if then is None:
            continue
        cursor.execute(
            f"""UPDATE {OFFENCES} SET superseded_by_id = %s WHERE id IN (SELECT o.id FROM {OFFENCES} o
                WHERE {_OF_MONTH} AND NOT o.current AND o.superseded_by_id = %s AND o.row_key NOT IN
                  (SELECT row_key FROM {OFFENCES} WHERE file_id = %s))""",  # noqa: S608
            [then.pk, file.synthetic, each["force"], f"{each['month']}-01", file.pk, file.pk],
        )
        handed += cursor.rowcount
    return handed


def take_back_notes(file: ImportedFile) -> None:
    """After a file was withdrawn: others no longer say that it replaced rows of theirs."""
    start = f"file {file.pk} replaced "
    if not file.street_months:
        return
    for other in ImportedFile.objects.filter(timed=False, pk__lt=file.pk, last_day__gte=file.first_day):
        if any(note.startswith(start) for note in other.notes):
            other.notes = [note for note in other.notes if not note.startswith(start)]
            other.save(update_fields=["notes"])
