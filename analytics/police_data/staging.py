"""The way of a file's rows into the database: a temporary table first, then one short transaction.

The temporary table takes no lock on the real ones, so that a long file holds nobody up and a killed
import leaves nothing behind. COPY on PostgreSQL and executemany on SQLite: about eight times faster than
``bulk_create``, with flat memory. The rules of sameness are set-based SQL that both databases speak.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from analytics.models import ImportedFile, Offence, OffencePerson
from analytics.police_data.staged import StagedOffence, StagedPerson

BATCH = 5_000
STAGING, PERSONS, RANKED = "police_staging", "police_staging_persons", "police_ranked"
TABLES = (RANKED, PERSONS, STAGING)
ONLY_STAGED = ("row_no", "base_key", "has_reference", "severity")
KEPT = tuple(name for name in StagedOffence._fields if name not in ONLY_STAGED)
OFFENCES, OFFENCE_PERSONS = Offence._meta.db_table, OffencePerson._meta.db_table
PERSON_COLUMNS = tuple(name for name in StagedPerson._fields if name != "row_no")
LOCK_NUMBER = 0x57A11C  # PostgreSQL advisory lock of police imports

TYPES = {
    "row_no": "integer", "severity": "integer", "has_reference": "boolean", "open_data": "boolean",
    "synthetic": "boolean", "committed_on": "date", "night": "date", "recorded_on": "date", "hour": "smallint",
    "from_fold": "smallint", "to_fold": "smallint", "night_weight": "double precision",
    "day_weight": "double precision", "longitude": "double precision", "latitude": "double precision",
    "easting": "double precision", "northing": "double precision", "placed": "boolean", "weight_start": "smallint",
    "weight_middle": "smallint", "weight_whole": "smallint",
}  # fmt: skip


@dataclass
class MergeResult:
    """What became of the staged rows: new and corrected ones were loaded, the others are duplicates."""

    loaded: int = 0
    corrected: int = 0
    flagged: int = 0
    duplicates: dict[str, int] = field(default_factory=dict)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


@contextmanager
def staging_table() -> Iterator[None]:
    """Empty staging tables of this connection, gone at the end."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        for table, fields in ((STAGING, StagedOffence._fields), (PERSONS, StagedPerson._fields)):
            columns = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in fields)
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                for table in TABLES:
                    cursor.execute(f"DROP TABLE IF EXISTS {table}")


def fill_staging(batches: Iterable[tuple[list[StagedOffence], list[StagedPerson]]]) -> None:
    """Writes offences and their persons to the staging tables, batch by batch."""
    with connection.cursor() as cursor:
        for offences, persons in batches:
            _write(cursor, STAGING, StagedOffence._fields, offences)
            if persons:
                _write(cursor, PERSONS, StagedPerson._fields, persons)


def _write(cursor: Any, table: str, fields: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    if _is_postgresql():
        with cursor.copy(f"COPY {table} ({', '.join(fields)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    raw = cursor.cursor  # Django's own cursor would turn every "?" into its own marker
    with _deferred_transaction():
        super(type(raw), raw).executemany(
            f"INSERT INTO {table} VALUES ({', '.join(['?'] * len(fields))})",  # noqa: S608
            rows,
        )


@contextmanager
def _deferred_transaction() -> Iterator[None]:
    """One SQLite transaction for a batch of temporary rows: DEFERRED, so the real tables stay free."""
    if connection.in_atomic_block:
        yield
        return
    raw = connection.connection
    raw.execute("BEGIN DEFERRED")
    try:
        yield
    except BaseException:
        raw.execute("ROLLBACK")
        raise
    raw.execute("COMMIT")


def rank_staging() -> None:
    """Gives every staged row its final key. Rows without a reference are numbered within the file."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY TABLE {RANKED} AS
            SELECT {", ".join(KEPT)}, row_no,
              CASE WHEN has_reference THEN 'r' || base_key
                   ELSE 'c' || base_key || ':' || ROW_NUMBER() OVER (PARTITION BY base_key ORDER BY row_no)
              END AS row_key,
              CASE WHEN has_reference THEN ROW_NUMBER() OVER (PARTITION BY base_key ORDER BY severity, row_no)
                   ELSE 1 END AS place_in_file
            FROM {STAGING}"""  # noqa: S608
        )
        cursor.execute(f"CREATE INDEX police_ranked_key ON {RANKED} (row_key)")
        if _is_postgresql():
            cursor.execute(f"ANALYZE {RANKED}")


@contextmanager
def one_importer_at_a_time() -> Iterator[None]:
    """A transaction that waits for any other import's to end."""
    with transaction.atomic():
        if _is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 0")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])
        yield  # on SQLite the transaction is IMMEDIATE: it has the only write lock already


def merge_staging(record: ImportedFile) -> MergeResult:
    """Moves ranked rows into the offences of ``record``. Call inside ``one_importer_at_a_time``.

    Same key and content: a duplicate. Same key, other content: a correction that supersedes the older
    version, unless it is older itself (``as_at``) or comes from month-only open data (republished).
    """
    result = MergeResult()
    same = f"FROM {RANKED} n JOIN {OFFENCES} o ON o.row_key = n.row_key AND o.current WHERE n.place_in_file = 1"
    older = "n.as_at <> '' AND o.as_at <> '' AND n.as_at < o.as_at"
    corrects = f"n.content_hash <> o.content_hash AND NOT n.open_data AND NOT ({older})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {RANKED} WHERE place_in_file > 1")  # noqa: S608
        _note(result, "same_reference_in_file", cursor.fetchone()[0])
        cursor.execute(
            f"""SELECT CASE WHEN n.content_hash = o.content_hash THEN 'already_loaded'
                            WHEN n.open_data THEN 'republished'
                            WHEN {older} THEN 'older_version'
                            ELSE 'corrected' END, COUNT(*) {same} GROUP BY 1"""
        )
        for reason, count in cursor.fetchall():
            if reason == "corrected":
                result.corrected = count
            else:
                _note(result, reason, count)
        if result.corrected:
            cursor.execute(
                f"""UPDATE {OFFENCES} SET current = %s, superseded_by_id = %s WHERE id IN
                    (SELECT o.id {same} AND {corrects})""",  # noqa: S608
                [False, record.pk],
            )
        columns = ", ".join((*KEPT, "row_key"))
        cursor.execute(
            f"""INSERT INTO {OFFENCES} ({columns}, file_id, current)
                SELECT {columns}, %s, %s FROM {RANKED} n WHERE place_in_file = 1 AND NOT EXISTS
                  (SELECT 1 FROM {OFFENCES} o WHERE o.row_key = n.row_key AND o.current)
                ORDER BY row_no""",  # noqa: S608
            [record.pk, True],
        )
        result.loaded = cursor.rowcount
        _merge_persons(cursor, record)
        cursor.execute(
            f"SELECT COUNT(*) FROM {OFFENCES} WHERE file_id = %s AND flags <> ''",  # noqa: S608
            [record.pk],
        )
        result.flagged = cursor.fetchone()[0]
    return result


def _merge_persons(cursor: Any, record: ImportedFile) -> None:
    """Persons of the offences that were just written.

    Further rows of a reference add their persons, each number once in each role. Persons without a number come
    from the kept row only: nobody could tell them from the same person again.
    """
    columns = ", ".join(PERSON_COLUMNS)
    cursor.execute(
        f"""INSERT INTO {OFFENCE_PERSONS} (offence_id, {columns})
            SELECT offence_id, {columns} FROM (
              SELECT o.id AS offence_id, n.row_no, {", ".join(f"p.{name}" for name in PERSON_COLUMNS)},
                ROW_NUMBER() OVER (PARTITION BY o.id, p.role, p.person_key ORDER BY n.place_in_file, n.row_no) AS again
              FROM {PERSONS} p JOIN {RANKED} n ON n.row_no = p.row_no
                JOIN {OFFENCES} o ON o.row_key = n.row_key AND o.file_id = %s AND o.current
              WHERE p.person_key <> '' OR n.place_in_file = 1) AS found
            WHERE again = 1 OR person_key = ''
            ORDER BY row_no, role""",  # noqa: S608
        [record.pk],
    )


def _note(result: MergeResult, reason: str, count: int) -> None:
    if count:
        result.duplicates[reason] = result.duplicates.get(reason, 0) + count
