"""What an import would make of a file, found by reading all of it once; nothing is written and no value is kept.

``Preview.as_json`` holds counts and shapes only and may be stored. The first rows, source beside canonical, are for the
screen of somebody who may import, and are gone with the answer.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.utils import timezone

from analytics.disclosure.tiers import PARTNER
from analytics.measures.catalogue import offence_list
from analytics.measures.location_types import LOCATION_TYPES
from analytics.police_data.boundaries import box_of, ground_of
from analytics.police_data.cell_text import shape_of
from analytics.police_data.mapping import HeaderError, Mapping, detect_mapping
from analytics.police_data.rows import RowReader, RowRefused
from analytics.police_data.sources import Rows, Source, UnreadableFile
from analytics.police_data.staged import StagedOffence

FIRST_ROWS = 20
GRID_M = 1000  # of the dot map: no dot says more than which square kilometre
GRID_DEGREES = 0.01
MOST_SQUARES = 20_000
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHOWN = (
    "offence_code", "precision", "committed_on", "hour", "night", "location_type", "public_place", "domestic", "district",
    "npa", "beat", "lsoa", "flags",
)  # fmt: skip


@dataclass
class Preview:
    """Tallies of one source. ``squares`` counts rows by (east, north) of a coarse grid, in kilometres or 0.01 degree."""

    name: str
    mapping: str = ""
    rows_read: int = 0
    good: int = 0
    offences: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    weekdays: Counter[int] = field(default_factory=Counter)
    squares: Counter[tuple[int, int]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)
    first_rows: list[tuple[list[str], dict[str, Any]]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    read: set[int] = field(default_factory=set)  # indexes of the columns that are not ignored
    notes: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    days: tuple[str, str] = ("", "")
    placed: int = 0
    with_kind: int = 0  # of location, one of ours
    timed: int = 0
    at_midnight: int = 0
    at_noon: int = 0
    synthetic: int = 0
    open_data: bool = False
    highest_day: int = 0
    day_month_in_doubt: bool = False

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    @property
    def without_kind(self) -> int:
        return self.good - self.with_kind

    @property
    def is_synthetic(self) -> bool:
        return bool(self.good) and self.synthetic == self.good

    def share(self, count: int) -> float | None:
        """Of the rows that could be read; None where there is none."""
        return round(count / self.good, 4) if self.good else None

    def as_json(self) -> dict[str, Any]:
        """Counts and shapes. Values that the mapping lacks are named only where many rows have them."""
        return {
            "mapping": self.mapping,
            "rows_read": self.rows_read,
            "readable": self.good,
            "reasons": dict(sorted(self.reasons.items())),
            "examples": self.examples,
            "flags": dict(sorted(self.flags.items())),
            "offences": [[code, offence_list().title_of(code), n] for code, n in self.offences.most_common()],
            "hours": [self.hours[hour] for hour in range(24)] if self.hours else [],
            "weekdays": [self.weekdays[day] for day in range(7)] if self.weekdays else [],
            "squares": [[east, north, n] for (east, north), n in sorted(self.squares.items())],
            "first_day": self.days[0],
            "last_day": self.days[1],
            "share_placed": self.share(self.placed),
            "share_timed": self.share(self.timed),
            "share_at_midnight": self.share(self.at_midnight),
            "share_at_noon": self.share(self.at_noon),
            "ignored_columns": self.ignored,
            "notes": self.notes,
            "unknown_values": [
                [_named(key, n), n] for key, n in sorted(self.unknown.items(), key=lambda kv: (-kv[1], kv[0]))
            ],
            "day_month_in_doubt": self.day_month_in_doubt,
        }


def _named(key: str, count: int) -> str:
    name, _, value = key.partition(": ")
    return f"{name} of shape {shape_of(value)}" if PARTNER.is_small(count) else key


def preview(
    source: Source, mapping: Mapping | None = None, *, today: date | None = None, most_rows: int | None = None
) -> Preview:
    """Reads the whole source, or its first ``most_rows``, without writing anything.

    Raises UnreadableFile where an import would refuse the file.
    """
    found = Preview(source.name)
    _, size = source.sha256_and_size()
    lines = Rows(
        source,
        size=size,
        encoding=mapping.encoding if mapping else "",
        header_row=mapping.header_row if mapping else 1,
    )
    iterator = iter(lines)
    _, found.header = next(iterator, (0, []))
    if not found.header:
        raise UnreadableFile("the file is empty; there is not even a header")
    try:
        mapping = mapping or detect_mapping(found.header)
        box = box_of(mapping, ground_of(mapping))
        reader = RowReader(mapping, found.header, pepper=b"preview", today=today or timezone.localdate(), box=box)
    except HeaderError as error:
        raise UnreadableFile(f"header: {error}") from None
    found.mapping, found.open_data = mapping.name, mapping.open_data
    used = {index for indexes in reader.places.values() for index in indexes} | {
        index for index, _, _ in reader.skips
    }
    found.read = used
    found.ignored = [name.strip() for index, name in enumerate(found.header) if index not in used]
    _read_all(found, reader, islice(iterator, most_rows))
    found.notes, found.unknown = [*reader.notes, *lines.notes], dict(reader.unknown_values)
    found.day_month_in_doubt = _in_doubt(mapping, found)
    return found


def _read_all(found: Preview, reader: RowReader, lines: Iterator[tuple[int, list[str]]]) -> None:
    first, last = "9999", ""
    for line, cells in lines:
        found.rows_read += 1
        try:
            row = reader.read(found.rows_read, cells)
        except RowRefused as error:
            found.reasons[error.code] += 1
            found.examples.setdefault(
                error.code,
                {"line": line, "field": error.field, "reason": error.reason, "shape": shape_of(error.value)},
            )
            continue
        found.good += 1
        first, last = min(first, row.committed_on), max(last, row.committed_on)
        _tally(found, row)
        if len(found.first_rows) < FIRST_ROWS:
            found.first_rows.append((list(cells), {name: getattr(row, name) for name in SHOWN}))
    if found.good:
        found.days = (first, last)


def _tally(found: Preview, row: StagedOffence) -> None:
    found.offences[row.offence_code or row.offence_group] += 1
    found.synthetic += row.synthetic
    found.with_kind += row.location_type in LOCATION_TYPES
    found.flags.update(row.flags.split())
    if row.precision == "time" and row.hour is not None:
        found.timed += 1
        found.hours[row.hour] += 1
        found.at_midnight += row.clock_mark in ("0000", "0001")
        found.at_noon += row.clock_mark == "1200"
    if row.precision != "month":
        found.highest_day = max(found.highest_day, int(row.committed_on[8:]))
        found.weekdays[date.fromisoformat(row.committed_on).weekday()] += 1
    square = None
    if row.easting is not None and row.northing is not None:
        square = (int(row.easting // GRID_M), int(row.northing // GRID_M))
    elif row.longitude is not None and row.latitude is not None:
        square = (int(row.longitude // GRID_DEGREES), int(row.latitude // GRID_DEGREES))
    if square is not None:
        found.placed += 1
        if square in found.squares or len(found.squares) < MOST_SQUARES:
            found.squares[square] += 1


def _in_doubt(mapping: Mapping, found: Preview) -> bool:
    """Whether no day of the month is above 12, so that days and months could be the other way round: somebody must say."""
    either_way = any("%d" in form and "%m" in form and not form.startswith("%Y") for form in mapping.date_formats)
    return either_way and 0 < found.highest_day <= 12
