"""Which columns of the staging table vary in one file; the others are written once, as constants.

A source that never gives, say, a weapon flag would otherwise carry the same 30 values through every row twice.
"""

from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any

from analytics.police_data.mapping import FLAG_FIELDS, Mapping
from analytics.police_data.staged import StagedOffence

TIMES = ("committed_from", "committed_to")
AREAS, GRID = ("district", "npa", "beat"), ("easting", "northing", "grid_reference")
# Staged column -> (fields of the mapping that it is read from, its value where the source has none of them)
WITHOUT: dict[str, tuple[tuple[str, ...], Any]] = {
    "hour": (TIMES, None), "from_fold": (TIMES, 0), "to_fold": (TIMES, 0), "span": (TIMES, ""),
    "night": (TIMES, None), "week": (TIMES, ""), "night_weight": (TIMES, 0.0), "day_weight": (TIMES, 0.0),
    "clock_mark": (TIMES, ""), "hour_shares": (TIMES, ""), "weight_start": (TIMES, 0), "weight_middle": (TIMES, 0),
    "weight_whole": (TIMES, 0), "from_local": (TIMES, ""), "to_local": (TIMES, ""),
    "recorded_on": (("recorded_at",), None), "as_at": (("as_at",), ""), "location_type": (("location_type",), ""),
    **{name: ((name,), "u") for name in FLAG_FIELDS},
}  # fmt: skip
OPEN_DATA_HAS_NO = {"placed": False, "venue_code": "", "distance_band": "", "venue_list": ""}
NOT_KEPT: dict[str, Any] = {
    "from_local": "", "from_fold": 0, "to_local": "", "to_fold": 0,
    "longitude": None, "latitude": None, "easting": None, "northing": None,
}  # fmt: skip


def constant_columns(mapping: Mapping, given: Collection[str], *, keep_exact: bool) -> dict[str, Any]:
    """Staged columns with the value that every row of the source has in them.

    ``given`` are the fields that the file has, constants of the mapping included.
    """
    found: dict[str, Any] = {"open_data": mapping.open_data, "zone": mapping.local_timezone}
    for column, (fields, value) in WITHOUT.items():
        if not any(name in given for name in fields):
            found[column] = value
    if not any(name in given for name in TIMES):
        found["precision"] = "month"
    if mapping.open_data:
        found |= OPEN_DATA_HAS_NO  # nor areas and metres, unless it gives them itself: its points are not matched
        found |= {name: "" for name in AREAS if name not in given}
        if not any(name in given for name in GRID):
            found |= {"easting": None, "northing": None}
    elif not keep_exact:
        found |= NOT_KEPT
    return found


class ColumnMismatch(AssertionError):
    """A row differs from what was taken for constant: a fault of the program, and nothing is loaded."""


class NarrowRows:
    """Cuts staged offences down to the columns that vary in their file."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self.constants = constants
        self.columns = tuple(name for name in StagedOffence._fields if name not in constants)
        self._vary = itemgetter(*(StagedOffence._fields.index(name) for name in self.columns))
        self._same = itemgetter(*(StagedOffence._fields.index(name) for name in constants))
        self._expected = tuple(constants.values())

    def cut(self, rows: Iterable[StagedOffence]) -> list[tuple[Any, ...]]:
        """The rows without their constant columns. Raises ColumnMismatch where one is not constant after all."""
        narrow = []
        for row in rows:
            if self._same(row) != self._expected:
                wrong = [name for name, value in self.constants.items() if getattr(row, name) != value]
                raise ColumnMismatch(f"row {row.row_no}: {', '.join(wrong)} vary although the mapping gives none")
            narrow.append(self._vary(row))
        return narrow
