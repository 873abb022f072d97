"""The quick way for ordinary rows of month-only open data, twenty times as fast as the general one.

Street files come by the million and repeat themselves: the same months, kinds of crime and map points. A row is
taken in three parts, its place, its reference and the rest; place and rest are checked and turned into columns when
they are first met, and only the reference is new in every row. Whatever is not plain (other alphabets, spaces at an
edge, a value that was never seen to be good) is left to ``RowReader``, which is the definition; a test holds the two
to the same result.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any, NamedTuple

from analytics.police_data.cell_text import is_plain
from analytics.police_data.rows import SYNTHETIC_MARK, UNIT_SEPARATOR, RowReader, RowRefused

PLACE_FIELDS = ("lon", "lat", "place_label", "lsoa", "lsoa_name")
FIELDS = frozenset({"crime_reference", "month", "force", "offence", *PLACE_FIELDS})
COLUMNS = (
    "row_no", "base_key", "has_reference", "severity", "content_hash", "force", "synthetic", "offence_code",
    "offence_group", "committed_on", "lsoa", "lsoa_name", "lsoa_vintage", "longitude", "latitude", "flags",
)  # fmt: skip
MOST_PLACES = 30_000  # kept at once, about 25 MB; a force has about 20,000 map points
MOST_KINDS = 10_000


class Kind(NamedTuple):
    """What a row's cells say apart from its place and its reference."""

    force: str
    code: str
    group: str
    severity: int
    first_day: str
    vintage: str
    content: Any  # blake2b that has seen the content up to the place
    reference: Any  # blake2b that has seen what stands before the reference


class QuickStreetRows:
    """Reads cells into tuples of ``COLUMNS``; None for a row that the general reader must see."""

    def __init__(self, reader: RowReader) -> None:
        self.reader, self.width = reader, reader.width
        where = {name: indexes[0] for name, indexes in reader.places.items()}
        self._reference_at = where["crime_reference"]
        self._place_of: Callable[[list[str]], tuple[str, ...]] = itemgetter(
            *(where[name] for name in PLACE_FIELDS)
        )
        known = {self._reference_at, *(where[name] for name in PLACE_FIELDS)}
        rest = [index for index in range(self.width) if index not in known]
        self._rest_of: Callable[[list[str]], tuple[str, ...]] = itemgetter(*rest)
        self._in_rest = tuple(rest.index(where[name]) for name in ("force", "month", "offence"))
        self._kinds: dict[tuple[str, ...], Kind] = {}

    @staticmethod
    def can_read(reader: RowReader) -> bool:
        """Whether the source is open data with these fields and nothing else that would change a row."""
        mapping = reader.mapping
        return (
            mapping.open_data
            and set(reader.places) == FIELDS
            and all(len(indexes) == 1 for indexes in reader.places.values())
            and len({indexes[0] for indexes in reader.places.values()}) == len(FIELDS)
            and not (
                mapping.constants
                or reader.skips
                or reader.serials
                or mapping.require_place
                or mapping.values.keys() - {"offence"}
            )
        )

    def read(self, row_no: int, cells: list[str]) -> tuple[Any, ...] | None:
        if len(cells) != self.width:
            return None
        rest = self._rest_of(cells)
        kind = self._kinds.get(rest) or self._kind(rest)
        place = _place(self._place_of(cells))
        if kind is None or place is None:
            return None
        force, code, group, severity, first_day, vintage, content, before_reference = kind
        lsoa, lsoa_name, longitude, latitude, place_content = place
        hashing = content.copy()
        hashing.update(place_content)
        content_hash = hashing.hexdigest()
        reference = cells[self._reference_at]
        if reference:
            if not (reference.isalnum() and reference.isascii()) and not _good(reference):
                return None
            if len(reference) > 100:
                return None
            hashing = before_reference.copy()
            hashing.update(reference.upper().encode())
            return (
                row_no, hashing.hexdigest(), True, severity, content_hash, force, False, code, group, first_day, lsoa,
                lsoa_name, vintage if lsoa else "", longitude, latitude, "",
            )  # fmt: skip
        return (
            row_no, content_hash, False, severity, content_hash, force, False, code, group, first_day, lsoa,
            lsoa_name, vintage if lsoa else "", longitude, latitude, "",
        )  # fmt: skip

    def _kind(self, rest: tuple[str, ...]) -> Kind | None:
        """What force, month and kind of crime say together; None where one of them is refused."""
        if not _plain(*rest):
            return None
        reader, mapping = self.reader, self.reader.mapping
        force_name, month, crime = (rest[index] for index in self._in_rest)
        force = (force_name or mapping.force or mapping.name)[:80]
        offence = reader.find_offence(mapping.values.get("offence", {}).get(crime.casefold(), crime))
        try:
            start = reader.month_of(month).start
        except RowRefused:
            return None
        if offence is None:
            return None
        vintage = ("2021" if month >= mapping.lsoa_2021_from else "2011") if mapping.lsoa_2021_from else ""
        before = UNIT_SEPARATOR.join(
            (force, *offence[:2], "month", str(start), "0", "", "", "u", "u", "u", "u", "u", "", "", "", "")
        )
        found = Kind(
            force, *offence, start.date().isoformat(), vintage, self._hashing(before),
            self._hashing(f"reference{UNIT_SEPARATOR}{force}{UNIT_SEPARATOR}"),
        )  # fmt: skip
        if len(self._kinds) >= MOST_KINDS:
            self._kinds.clear()
        self._kinds[rest] = found
        return found

    def _hashing(self, text: str) -> Any:
        return blake2b(text.encode(), key=self.reader.key, digest_size=16)


def _plain(*cells: str) -> bool:
    joined = "|".join(cells)
    return is_plain(joined) and "#" not in joined  # which an error cell of a spreadsheet begins with


def _good(reference: str) -> bool:
    return _plain(reference) and not reference.upper().startswith(SYNTHETIC_MARK)


@lru_cache(maxsize=MOST_PLACES)
def _place(cells: tuple[str, ...]) -> tuple[str, str, float | None, float | None, bytes] | None:
    """LSOA, its name, longitude, latitude and their part of the content; None for the general reader to judge."""
    lon, lat, label, lsoa, lsoa_name = cells
    if len(lsoa) > 12 or len(lsoa_name) > 80 or not _plain(*cells):
        return None
    try:
        longitude, latitude = (float(lon), float(lat)) if lon or lat else (None, None)
    except ValueError:
        return None
    if longitude is not None and latitude is not None and not (-9 < longitude < 3 and 49 < latitude < 61):
        return None  # outside Great Britain, swapped, zero or not a number: it may carry a flag
    content = UNIT_SEPARATOR.join((lsoa, lsoa_name, repr(longitude), repr(latitude), "None", "None", label, ""))
    return lsoa, lsoa_name, longitude, latitude, content.encode()
