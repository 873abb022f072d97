"""Dirt for a synthetic extract, off by default: each kind on rows of its own, counted in a side file.

So a test knows the right answer: ``EXPECTED`` says what an import must make of each kind.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy

from analytics import nights

Cells = dict[str, Any]
EXPECTED = {
    "clock_spring": "loaded, flagged time_not_on_clock",
    "clock_autumn": "loaded, flagged time_twice",
    "midnight": "loaded, counted as exactly 00:00",
    "long_span": "loaded, flagged span_over_limit, out of measures about hours",
    "reversed_span": "loaded, flagged range_reversed, out of measures about hours",
    "missing_place": "loaded without a place",
    "swapped_place": "loaded, coordinates given the wrong way round",
    "cp1252": "loaded when the mapping names the encoding, else the file is refused",
    "repeated_reference": "one duplicate for each, same_reference_in_file",
    "corrected": "a second file, -corrected; each of its rows replaces one of the first",
    "unknown_offence": "rejected, offence_unknown",
    "cancelled": "rejected, skipped_by_mapping",
    "totals_row": "rejected, one row at the end of the file",
    "old_area_code": "loaded, with a 2011 area code among codes of 2021",
}
LONG = timedelta(hours=30)


def quirk_counts(wanted: Mapping[str, int]) -> dict[str, int]:
    """Checked numbers of rows by kind. Raises ValueError for a kind that does not exist or a number below 0."""
    unknown = wanted.keys() - EXPECTED.keys()
    if unknown:
        raise ValueError(f"no such quirk: {', '.join(sorted(unknown))}; quirks are {', '.join(EXPECTED)}")
    if any(count < 0 for count in wanted.values()):
        raise ValueError("the number of rows with a quirk cannot be negative")
    return {name: int(wanted[name]) for name in EXPECTED if wanted.get(name)}


class Quirks:
    """Chooses rows for each kind and spoils them while they are written."""

    def __init__(
        self, wanted: Mapping[str, int], rows: int, rng: numpy.random.Generator, days: list[date]
    ) -> None:
        self.counts = quirk_counts(wanted)
        need = sum(self.counts.values())
        if need > rows:
            raise ValueError(f"quirks on {need} rows do not fit into {rows}")
        order = rng.permutation(rows)[:need]
        self.kind_of: dict[int, str] = {}
        at = 0
        for name, count in self.counts.items():
            self.kind_of |= dict.fromkeys(map(int, order[at : at + count]), name)
            at += count
        clocks = {nights.clock_doubt(datetime.combine(day, time(1, 30))): day for day in reversed(days)}
        self.spring, self.autumn = clocks.get("time_not_on_clock"), clocks.get("time_twice")
        for name, day in (("clock_spring", self.spring), ("clock_autumn", self.autumn)):
            if self.counts.get(name) and day is None:
                raise ValueError(f"{name}: the clock does not change between {days[0]} and {days[-1]}")
        self.references: dict[str, list[str]] = {name: [] for name in self.counts}
        self.corrections: list[Cells] = []

    def spoil(self, cells: Cells, number: int) -> Iterator[Cells]:
        """The row as it goes into the file, and any row that follows it because of its quirk."""
        kind = self.kind_of.get(number, "")
        if kind:
            self.references[kind].append(cells["crime_reference"])
            getattr(self, f"_{kind}", self._nothing)(cells)
        yield cells
        if kind == "repeated_reference":
            yield cells | {"offence": "3B", "victim_id": f"{cells.get('victim_id', 'SYN-V')}B"}

    def rows_at_the_end(self, fields: list[str]) -> Iterator[Cells]:
        for _ in range(self.counts.get("totals_row", 0)):
            yield dict.fromkeys(fields, "") | {"crime_reference": "Total"}

    def _nothing(self, cells: Cells) -> None:
        """Totals rows and repeated references leave their row as it is."""

    def _clock_spring(self, cells: Cells) -> None:
        assert self.spring is not None
        cells["committed_from"], cells["committed_to"] = datetime.combine(self.spring, time(1, 30)), None

    def _clock_autumn(self, cells: Cells) -> None:
        assert self.autumn is not None
        cells["committed_from"], cells["committed_to"] = datetime.combine(self.autumn, time(1, 30)), None

    def _midnight(self, cells: Cells) -> None:
        cells["committed_from"], cells["committed_to"] = datetime.combine(cells["committed_from"], time(0)), None

    def _long_span(self, cells: Cells) -> None:
        cells["committed_to"] = cells["committed_from"] + LONG
        cells["recorded_at"] = cells["committed_to"] + timedelta(hours=1)

    def _reversed_span(self, cells: Cells) -> None:
        cells["committed_to"] = cells["committed_from"] - timedelta(minutes=30)

    def _missing_place(self, cells: Cells) -> None:
        cells["easting"] = cells["northing"] = None

    def _swapped_place(self, cells: Cells) -> None:
        cells["easting"], cells["northing"] = cells["northing"], cells["easting"]

    def _cp1252(self, cells: Cells) -> None:
        cells["location_type"] = "café – terrace"

    def _corrected(self, cells: Cells) -> None:
        later = cells | {"as_at": cells["as_at"] + timedelta(days=1)}
        later["alcohol"] = "N" if cells["alcohol"] == "Y" else "Y"
        self.corrections.append(later)

    def _unknown_offence(self, cells: Cells) -> None:
        cells["offence"] = "ZZ9"

    def _cancelled(self, cells: Cells) -> None:
        cells["status"] = "Cancelled"

    def _old_area_code(self, cells: Cells) -> None:
        cells["lsoa"] = cells["lsoa"].replace("E0199", "E0198")
