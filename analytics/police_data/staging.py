"""The way of a file's rows into the database: a temporary table first, then one short transaction.

The temporary table takes no lock on the real ones, so that a long file holds nobody up and a killed
import leaves nothing behind. COPY on PostgreSQL and executemany on SQLite, columns that are the same in every
row left out until the end. The rules of sameness are set-based SQL that both databases speak.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from analytics.models import ImportedFile, Offence, OffencePerson
from analytics.police_data.narrow_rows import NarrowRows
from analytics.police_data.staged import StagedOffence, StagedPerson
from analytics.police_data.street_months import (
    KEYS,
    MONTHS,
    OLDER,
    StreetMonths,
    in_months,
    look_at_months,
    other_content,
    retire,
)

STAGING, PERSONS, AGAIN = "police_staging", "police_staging_persons", "police_staged_again"
TABLES = (MONTHS, KEYS, AGAIN, PERSONS, STAGING)
ONLY_STAGED = ("row_no", "base_key", "has_reference", "severity")
KEPT = tuple(name for name in StagedOffence._fields if name not in ONLY_STAGED)
OFFENCES, OFFENCE_PERSONS = Offence._meta.db_table, OffencePerson._meta.db_table
PERSON_COLUMNS = tuple(name for name in StagedPerson._fields if name != "row_no")
LOCK_NUMBER = 0x57A11C  # PostgreSQL advisory lock of police imports

KEY = "CASE WHEN n.has_reference THEN 'r' || n.base_key ELSE 'c' || n.base_key || ':' || n.place END"
PRINCIPAL = "(n.place = 1 OR NOT n.has_reference)"  # one row stands for a reference; without one each counts

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
    months: StreetMonths = field(default_factory=StreetMonths)

    def note(self, reason: str, count: int) -> None:
        if count:
            self.duplicates[reason] = self.duplicates.get(reason, 0) + count


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


class Staging:
    """The staging tables of one file, of this connection: fill, rank, merge, drop."""

    def __init__(self, narrow: NarrowRows) -> None:
        self.columns, self.constants = narrow.columns, narrow.constants
        self.persons = False
        with connection.cursor() as cursor:
            _drop_tables(cursor)
            self._create(cursor, STAGING, self.columns, ", place integer DEFAULT 1")
            self._create(cursor, PERSONS, StagedPerson._fields)

    @staticmethod
    def _create(cursor: Any, table: str, columns: Sequence[str], more: str = "") -> None:
        key = (
            " PRIMARY KEY" if table == STAGING and not _is_postgresql() else ""
        )  # of SQLite: it is the row's place
        typed = ", ".join(f"{name} {TYPES.get(name, 'text')}{key if name == 'row_no' else ''}" for name in columns)
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({typed}{more})")

    def fill(self, batches: Iterable[tuple[list[tuple[Any, ...]], list[StagedPerson]]]) -> None:
        """Writes narrow rows and their persons, batch by batch."""
        with connection.cursor() as cursor:
            for offences, persons in batches:
                _write(cursor, STAGING, self.columns, offences)
                if persons:
                    self.persons = True
                    _write(cursor, PERSONS, StagedPerson._fields, persons)

    def rank(self) -> None:
        """Numbers rows of one reference by severity, and rows of one content without a reference, within the file.

        Only what is there more than once is touched; everything else has place 1 from the start.
        """
        with connection.cursor() as cursor:
            if _is_postgresql():
                cursor.execute(f"ANALYZE {STAGING} (row_no, has_reference)")  # how many rows, for the planner
            cursor.execute(
                f"""CREATE TEMPORARY TABLE {AGAIN} AS
                SELECT row_no, has_reference, ROW_NUMBER() OVER
                  (PARTITION BY has_reference, base_key ORDER BY CASE WHEN has_reference THEN severity END, row_no)
                  AS place
                FROM {STAGING} WHERE base_key IN
                  (SELECT base_key FROM {STAGING} GROUP BY base_key HAVING COUNT(*) > 1)"""  # noqa: S608
            )
            cursor.execute(f"DELETE FROM {AGAIN} WHERE place = 1")  # noqa: S608
            cursor.execute(f"CREATE UNIQUE INDEX police_staged_again_row ON {AGAIN} (row_no)")
            cursor.execute(
                f"""UPDATE {STAGING} SET place =
                      (SELECT a.place FROM {AGAIN} a WHERE a.row_no = {STAGING}.row_no)
                    WHERE row_no IN (SELECT row_no FROM {AGAIN})"""  # noqa: S608
            )

    def merge(self, record: ImportedFile, *, any_flags: bool = True) -> MergeResult:
        """Moves ranked rows into the offences of ``record``. Call inside ``one_importer_at_a_time``.

        Same key and content: a duplicate. Same key, other content: a correction that supersedes the older
        version, unless it is older itself (``as_at``). Month-only open data replace whole months (street_months.py);
        elsewhere a reference of theirs that is known stays as it is (republished).
        """
        result = MergeResult()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {STAGING} n WHERE NOT {PRINCIPAL}")  # noqa: S608
            result.note("same_reference_in_file", cursor.fetchone()[0])
            if self.constants.get("open_data") and self.constants.get("precision") == "month":
                result.months = look_at_months(cursor, record, staging=STAGING, key=KEY)
            known = self._supersede(cursor, record, result)
            self._insert(cursor, record, result, known=known)
            retire(cursor, record, result.months)
            if self.persons:
                _merge_persons(cursor, record)
            if any_flags:
                cursor.execute(
                    f"SELECT COUNT(*) FROM {OFFENCES} WHERE file_id = %s AND flags <> ''",  # noqa: S608
                    [record.pk],
                )
                result.flagged = cursor.fetchone()[0]
        return result

    def _column(self, name: str) -> tuple[str, list[Any]]:
        """SQL of a staged column, and its parameter where it is the same in every row."""
        return ("%s", [self.constants[name]]) if name in self.constants else (f"n.{name}", [])

    def _supersede(self, cursor: Any, record: ImportedFile, result: MergeResult) -> bool:
        """Counts the rows whose key is known, and retires what they correct; whether there were any."""
        same = f"FROM {STAGING} n JOIN {OFFENCES} o ON o.row_key = {KEY} AND o.current WHERE {PRINCIPAL}"
        other, given = self._other_content(result.months)
        cursor.execute(
            f"""SELECT found, COUNT(*) FROM (SELECT CASE WHEN n.content_hash = o.content_hash THEN 'already_loaded'
                  ELSE {other} END AS found {same}) AS known GROUP BY found""",  # noqa: S608
            given,
        )
        counts = dict(cursor.fetchall())
        result.corrected = counts.pop("corrected", 0)
        for reason in ("already_loaded", "republished", "older_version"):
            result.note(reason, counts.get(reason, 0))
        if result.corrected:
            cursor.execute(
                f"""UPDATE {OFFENCES} SET current = %s, superseded_by_id = %s WHERE id IN
                    (SELECT o.id {same} AND n.content_hash <> o.content_hash AND {other} = 'corrected')""",  # noqa: S608
                [False, record.pk, *given],
            )
        return bool(counts or result.corrected)

    def _other_content(self, months: StreetMonths) -> tuple[str, list[Any]]:
        """SQL of what a row with a known key and other content is, and its parameters."""
        if self.constants.get("open_data"):
            return other_content() if months.overlap else "'republished'", []
        as_at, given = self._column("as_at")
        older = f"{as_at} <> '' AND o.as_at <> '' AND {as_at} < o.as_at"
        return f"CASE WHEN {older} THEN 'older_version' ELSE 'corrected' END", given * 2

    def _insert(self, cursor: Any, record: ImportedFile, result: MergeResult, *, known: bool) -> None:
        columns = [(name, *self._column(name)) for name in KEPT]
        unknown = f"AND NOT EXISTS (SELECT 1 FROM {OFFENCES} o WHERE o.row_key = {KEY} AND o.current)"  # noqa: S608
        if result.months.any_older:
            late = in_months("n", OLDER)
            cursor.execute(
                f"SELECT COUNT(*) FROM {STAGING} n WHERE {PRINCIPAL} AND {late} {unknown if known else ''}"  # noqa: S608
            )
            result.note("older_issue", cursor.fetchone()[0])
            unknown, known = f"{unknown} AND NOT {late}", True
        in_order = (
            "" if _is_postgresql() and not known else "ORDER BY n.row_no"
        )  # a plain scan is in order as it is
        cursor.execute(
            f"""INSERT INTO {OFFENCES} ({", ".join(name for name, _, _ in columns)}, row_key, file_id, current)
                SELECT {", ".join(sql for _, sql, _ in columns)}, {KEY}, %s, %s FROM {STAGING} n
                WHERE {PRINCIPAL} {unknown if known else ""} {in_order}""",  # noqa: S608
            [*(value for _, _, given in columns for value in given), record.pk, True],
        )
        result.loaded = cursor.rowcount


@contextmanager
def staging_tables(narrow: NarrowRows) -> Iterator[Staging]:
    """Empty staging tables of this connection, gone at the end."""
    tables = Staging(narrow)
    try:
        yield tables
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                _drop_tables(cursor)


def _drop_tables(cursor: Any) -> None:
    for tables in (", ".join(TABLES),) if _is_postgresql() else TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS {tables}")


def _write(cursor: Any, table: str, fields: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    if _is_postgresql():
        with cursor.copy(f"COPY {table} ({', '.join(fields)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    raw = cursor.cursor  # Django's own cursor would turn every "?" into its own marker
    with _deferred_transaction():
        super(type(raw), raw).executemany(
            f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({', '.join(['?'] * len(fields))})",  # noqa: S608
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
                ROW_NUMBER() OVER (PARTITION BY o.id, p.role, p.person_key ORDER BY n.place, n.row_no) AS again
              FROM {PERSONS} p JOIN {STAGING} n ON n.row_no = p.row_no
                JOIN {OFFENCES} o ON o.row_key = {KEY} AND o.file_id = %s AND o.current
              WHERE p.person_key <> '' OR {PRINCIPAL}) AS found
            WHERE again = 1 OR person_key = ''
            ORDER BY row_no, role""",  # noqa: S608
        [record.pk],
    )
