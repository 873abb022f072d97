"""The rows of one file, read into batches for the staging table, with the tallies of its report."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.conf import settings

from analytics.police_data.boundaries import AreaGround
from analytics.police_data.matching import VenueMatcher, finish_batch
from analytics.police_data.narrow_rows import NarrowRows, constant_columns
from analytics.police_data.rejects import RejectsFile
from analytics.police_data.rows import RowReader, RowRefused
from analytics.police_data.staged import StagedOffence, StagedPerson
from analytics.police_data.street_rows import COLUMNS as STREET_COLUMNS
from analytics.police_data.street_rows import QuickStreetRows

BATCH = 5_000
Lines = Iterator[tuple[int, list[str]]]
Batch = tuple[list[tuple[Any, ...]], list[StagedPerson]]
_force, _first_day = (itemgetter(STREET_COLUMNS.index(name)) for name in ("force", "committed_on"))


@dataclass
class Reading:
    """Tallies of one file while it is read."""

    rows_read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    first_refusal: str = ""
    days: tuple[str, str] = ("9999", "")
    timed: bool = False
    synthetic: int = 0
    forces: Counter[str] = field(default_factory=Counter)
    clock: Counter[str] = field(default_factory=Counter)
    venue_list: str = ""
    open_data: bool = False

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    def see(self, row: StagedOffence) -> None:
        self.days = (min(self.days[0], row.committed_on), max(self.days[1], row.committed_on))
        self.timed = self.timed or row.precision == "time"
        self.synthetic += row.synthetic
        self.forces[row.force] += 1
        if row.flags:
            self.flags.update(row.flags.split())
        if row.night_weight > 0:
            self.clock["night"] += 1
            self.clock[row.clock_mark] += 1

    def see_street_rows(self, rows: list[tuple[Any, ...]]) -> None:
        """As ``see``, for ordinary rows of open data: months without times or flags."""
        if rows:
            days = set(map(_first_day, rows))
            self.days = (min(self.days[0], *days), max(self.days[1], *days))
            self.forces.update(map(_force, rows))

    def refuse(self, line: int, error: RowRefused) -> None:
        self.reasons[error.code] += 1
        where = f", field {error.field}" if error.field else ""
        self.first_refusal = self.first_refusal or f"line {line}{where}: {error.reason}"


class FileReader:
    """Reads a file's rows in batches of narrow tuples (columns: ``narrow.columns``)."""

    def __init__(self, reader: RowReader, rejects: RejectsFile, ground: AreaGround | None = None) -> None:
        self.ground = ground or AreaGround()
        self.reader, self.rejects, self.reading = reader, rejects, Reading()
        given = reader.places.keys() | reader.mapping.constants.keys()
        keep = settings.WALKAWAY_KEEP_EXACT
        self.narrow = NarrowRows(constant_columns(reader.mapping, given, keep_exact=keep))
        self.quick = QuickStreetRows(reader) if QuickStreetRows.can_read(reader) else None
        if self.quick and self.narrow.columns != STREET_COLUMNS:
            self.quick = None

    def batches(self, lines: Lines) -> Iterator[Batch]:
        self.matcher = VenueMatcher()
        self.reading.venue_list = self.matcher.version
        self.reading.open_data = self.reader.mapping.open_data
        yield from self._street_batches(lines) if self.quick else self._general_batches(lines)

    def _general_batches(self, lines: Lines) -> Iterator[Batch]:
        rows: list[StagedOffence] = []
        persons: list[StagedPerson] = []
        for line, cells in lines:
            self.reading.rows_read += 1
            found = self._read(line, cells)
            if found is None:
                continue
            rows.append(found[0])
            persons += found[1]
            if len(rows) >= BATCH:
                yield self.narrow.cut(finish_batch(rows, self.matcher, self.ground)), persons
                rows, persons = [], []
        yield self.narrow.cut(finish_batch(rows, self.matcher, self.ground)), persons

    def _street_batches(self, lines: Lines) -> Iterator[Batch]:
        assert self.quick is not None
        quick = self.quick.read
        rows: list[tuple[Any, ...]] = []
        odd: list[StagedOffence] = []
        row_no = 0
        for row_no, (line, cells) in enumerate(lines, start=1):
            row = quick(row_no, cells)
            if row is not None:
                rows.append(row)
            else:
                self.reading.rows_read = row_no
                other = self._read(line, cells)
                odd += other[:1] if other is not None else ()
            if len(rows) + len(odd) >= BATCH:
                self.reading.rows_read = row_no
                yield self._together(rows, odd), []
                rows, odd = [], []
        self.reading.rows_read = row_no
        yield self._together(rows, odd), []

    def _together(self, rows: list[tuple[Any, ...]], odd: list[StagedOffence]) -> list[tuple[Any, ...]]:
        self.reading.see_street_rows(rows)
        return rows + self.narrow.cut(odd)

    def _read(self, line: int, cells: list[str]) -> tuple[StagedOffence, list[StagedPerson]] | None:
        try:
            found = self.reader.read_all(self.reading.rows_read, cells)
        except RowRefused as error:
            self.reading.refuse(line, error)
            self.rejects.add(line, error)
            return None
        self.reading.see(found[0])
        return found
