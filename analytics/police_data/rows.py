"""One row of a source in, one canonical offence out; or a refusal with a code, a field and a reason."""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from analytics import nights
from analytics.measures.catalogue import offence_list
from analytics.measures.location_types import LOCATION_TYPES, UNKNOWN
from analytics.police_data.cell_text import CONTROL, CellText, clean, error_in, is_plain
from analytics.police_data.mapping import FLAG_FIELDS, PERSON_FIELDS, HeaderError, Mapping, normal_header
from analytics.police_data.moments import Moment, MomentReader, Span, TimeRefused, span_of
from analytics.police_data.persons import PersonReader
from analytics.police_data.place_reading import ForceBox, Place, PlaceReader
from analytics.police_data.serial_dates import day_of_serial, moment_of_serial
from analytics.police_data.staged import StagedOffence, StagedPerson

COORDINATES = frozenset({"easting", "northing", "grid_reference", "lon", "lat"})
ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+")  # 2.40001E+11: many references are written like that
WHOLE = re.compile(r"^(\d+)\.0$")  # a number that passed through a column of decimals
SPACES = re.compile(r"\s+")
YES = frozenset({"y", "yes", "true", "1", "t", "x"})
NO = frozenset({"n", "no", "false", "0", "f"})
SYNTHETIC_MARK = "SYN-"
MOST_LOCATION_TYPES = 200  # of a source's own words, kept to be counted
UNIT_SEPARATOR = "\x1f"


class RowRefused(Exception):
    """The row is not loaded: reject code, canonical field, reason in words and the value."""

    def __init__(self, code: str, field: str, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.code, self.field, self.reason, self.value = code, field, reason, value


class RowReader:
    """Turns the cells of one source into staged offences. Raises HeaderError for an unfit header."""

    def __init__(
        self, mapping: Mapping, header: list[str], *, pepper: bytes, today: date, box: ForceBox | None = None
    ) -> None:
        self.mapping, self.width, self.header = mapping, len(header), normal_header(header)
        self.key = hashlib.blake2b(pepper, digest_size=32).digest()
        self.notes: list[str] = []
        self.places = self._find_columns()
        self.skips = self._find_skips()
        self.serials = self._find_serials()
        self._text = CellText(mapping, self.places)
        self.place = PlaceReader(
            self.places.keys() | mapping.constants.keys(),
            text=self._text,
            british=mapping.british,
            open_data=mapping.open_data,
            box=box,
        )
        self.times = MomentReader(
            mapping.date_formats,
            zone=mapping.timezone,
            local=mapping.local_timezone,
            latest=today + timedelta(days=1),
            placeholders=mapping.placeholder_times,
        )
        self.latest_month = today.strftime("%Y-%m")
        self.known_offences: dict[str, tuple[str, str, int] | None] = {}
        self.own_location_types: set[str] = set()
        self.known_flags: dict[tuple[str, str], str] = {}
        self.unknown_values: dict[str, int] = {}
        self.persons = PersonReader(
            self.places.keys() | mapping.constants.keys(), text=self._text, hashed=self._hash
        )
        self.persons.note_unknown = self._note_unknown

    # --- the header

    def _index_of(self, column: str) -> int | None:
        wanted = column.strip().casefold()
        if self.header.count(wanted) > 1:
            raise HeaderError(f"the column {column!r} is there more than once; rename or remove one")
        return self.header.index(wanted) if wanted in self.header else None

    def _find_columns(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        required = {"offence", "committed_from" if "committed_from" in self.mapping.columns else "month"}
        missing = []
        for name, columns in self.mapping.columns.items():
            indexes = [self._index_of(column) for column in columns]
            absent = [column for column, index in zip(columns, indexes, strict=True) if index is None]
            if absent and name in required:
                raise HeaderError(
                    f"the column {absent[0]!r} ({name}) is missing; columns found: {', '.join(self.header[:30])}"
                )
            if absent and name not in PERSON_FIELDS:
                missing.append(f"{name} ({', '.join(absent)})")
            elif not absent:
                found[name] = tuple(index for index in indexes if index is not None)
        if missing:
            self.notes.append(
                f"columns not in the file, so these fields stay unknown and measures that need them are off: "
                f"{', '.join(missing)}"
            )
        placed = {"grid_reference", "beat", "npa", "district", "lsoa"} & (
            found.keys() | self.mapping.constants.keys()
        )
        if not (placed or {"easting", "northing"} <= found.keys() or {"lon", "lat"} <= found.keys()):
            raise HeaderError(
                "no column of a place is in the file (coordinates or an area); see the mapping's [columns]"
            )
        return found

    def _find_skips(self) -> list[tuple[int, str, frozenset[str]]]:
        found = []
        for column, values in self.mapping.skip.items():
            index = self._index_of(column)
            if index is None:
                self.notes.append(f"the column {column!r}, which marks rows to be left out, is not in the file")
            else:
                found.append((index, column, values))
        return found

    def _find_serials(self) -> dict[int, Callable[[str], str]]:
        """Columns of spreadsheets' day numbers, each with what reads them."""
        found: dict[int, Callable[[str], str]] = {}
        for columns, read in (
            (self.mapping.excel_dates, day_of_serial),
            (self.mapping.excel_times, moment_of_serial),
        ):
            for column in columns:
                index = self._index_of(column)
                if index is None:
                    self.notes.append(f"the column {column!r}, of day numbers, is not in the file")
                else:
                    found[index] = read
        return found

    # --- cells

    def _flag(self, cells: list[str], name: str) -> str:
        text = self._text(cells, name)
        known = self.known_flags.get((name, text))
        if known is None:
            folded = text.casefold()
            known = "y" if folded in YES else "n" if folded in NO else "u"
            self.known_flags[name, text] = known
        if known == "u" and text and text.casefold() not in ("u", "unknown", "not known"):
            self._note_unknown(name, text)
        return known

    def _note_unknown(self, name: str, text: str) -> None:
        key = f"{name}: {text[:40]}"
        if key in self.unknown_values or len(self.unknown_values) < 200:
            self.unknown_values[key] = self.unknown_values.get(key, 0) + 1

    def _location_type(self, cells: list[str]) -> str:
        """Its code, empty for unknown; where the mapping has no table of them, the source's own words."""
        text = self._text(cells, "location_type")
        words = SPACES.sub("_", text.casefold())[:60]
        if words in LOCATION_TYPES:
            return "" if words == UNKNOWN else words
        if words and "location_type" in self.mapping.values:
            self._note_unknown("location_type", text)
            return ""
        if words and len(self.own_location_types) < MOST_LOCATION_TYPES:
            self.own_location_types.add(words)
        return words

    def find_offence(self, text: str) -> tuple[str, str, int] | None:
        """Code, group and severity of what the source calls an offence, as it stands after [values.offence]."""
        if text in self.known_offences:
            return self.known_offences[text]
        found = offence_list().find(text) if text else None
        if len(self.known_offences) < 10_000:
            self.known_offences[text] = found
        return found

    def _offence(self, cells: list[str]) -> tuple[str, str, int]:
        text = self._text(cells, "offence")
        known = self.find_offence(text)
        if known is None:
            self._note_unknown("offence", text)
            raise RowRefused(
                "offence_unknown",
                "offence",
                "not in the offence list; add it to [values.offence] of the mapping",
                text,
            )
        return known

    def _moment(self, cells: list[str], name: str) -> Moment:
        text = self._text(cells, name)
        try:
            return self.times.read(text)
        except TimeRefused as error:
            raise RowRefused(error.code, name, str(error), text) from None

    def _optional_moment(self, cells: list[str], name: str) -> Moment | None:
        return self._moment(cells, name) if self._text(cells, name) else None

    def month_of(self, text: str) -> Span:
        """The span of a month such as 2024-06. Raises RowRefused."""
        try:
            first = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise RowRefused(
                "date_unreadable", "month", "does not read as a month such as 2024-06", text
            ) from None
        if text > self.latest_month:
            raise RowRefused("date_in_future", "month", "the month lies in the future", text)
        if first.year < 1990:
            raise RowRefused("date_too_old", "month", "the month lies before 1990", text)
        return Span("month", datetime.combine(first, time()), None, "", None, 0.0, 0.0)

    def _span(self, cells: list[str]) -> tuple[Span, tuple[str, ...], Moment | None, Moment | None]:
        if "committed_from" not in self.places and not self.mapping.constants.get("committed_from"):
            return self.month_of(self._text(cells, "month")), (), None, None
        start = self._moment(cells, "committed_from")
        end = self._optional_moment(cells, "committed_to")
        placeholder = self._flag(cells, "placeholder_time") == "y"
        span, flags = span_of(start, end, self.mapping.local_timezone, placeholder=placeholder)
        return span, flags, start, end

    # --- the row

    def _check_shape(self, cells: list[str]) -> None:
        if len(cells) != self.width:
            first = cells[0].strip().casefold() if cells else ""
            if first.startswith(("total", "grand total", "sum of")):
                raise RowRefused("total_row", "", "a line of totals, not an offence")
            few = len(cells) < self.width
            raise RowRefused(
                "too_few_fields" if few else "too_many_fields",
                "",
                f"{len(cells)} fields where the header has {self.width}",
            )
        if any(map(CONTROL.search, cells)):
            index = next((n for n, cell in enumerate(cells) if CONTROL.search(cell)), 0)
            raise RowRefused("control_character", self.header[index], "a control character inside the field")

    def _check_kind(self, cells: list[str]) -> None:
        if normal_header(cells) == self.header:
            raise RowRefused("repeated_header", "", "the header again")
        if cells[0].strip().casefold().startswith(("total", "grand total")) and sum(map(bool, cells)) <= 2:
            raise RowRefused("total_row", "", "a line of totals, not an offence")

    def _check_skips(self, cells: list[str]) -> None:
        for index, column, values in self.skips:
            if cells[index].casefold() in values:
                raise RowRefused(
                    f"skipped_by_mapping:{column}={cells[index]}",
                    column,
                    "left out by the mapping's [skip]",
                )

    def _check_errors(self, cells: list[str]) -> None:
        for name, indexes in self.places.items():
            for index in () if name in COORDINATES else indexes:  # those are flagged place_unreadable
                if wrong := error_in(cells[index]):
                    raise RowRefused("cell_error", name, wrong)

    def read(self, row_no: int, cells: list[str]) -> StagedOffence:
        """The offence of one row. Raises RowRefused."""
        return self.read_all(row_no, cells)[0]

    def read_all(self, row_no: int, cells: list[str]) -> tuple[StagedOffence, list[StagedPerson]]:
        """The offence of one row with its victim and suspect. Raises RowRefused."""
        joined = "|".join(cells)
        if len(cells) != self.width or not is_plain(joined):
            self._check_shape(cells)
            cells = [clean(cell) for cell in cells]
        self._check_skips(cells)
        if "#" in joined:
            self._check_errors(cells)
        if self.serials:
            cells = [self.serials[n](cell) if n in self.serials else cell for n, cell in enumerate(cells)]
        offence = self._read(row_no, cells)
        return offence, self.persons.read(row_no, offence.force, cells) if self.persons.roles else []

    def _read(self, row_no: int, cells: list[str]) -> StagedOffence:
        try:
            code, group, severity = self._offence(cells)
            span, flags, start, end = self._span(cells)
        except RowRefused:
            self._check_kind(cells)
            raise
        place = self.place.read(cells)
        recorded = self._optional_moment(cells, "recorded_at")
        as_at = self._optional_moment(cells, "as_at")
        return self._staged(
            row_no, cells, (code, group, severity), span, (start, end, recorded, as_at),
            place, (*flags, *place.flags),
        )  # fmt: skip

    def _reference(self, cells: list[str]) -> str:
        reference = self._text(cells, "crime_reference").upper()
        wrong = "longer than 100 characters" if len(reference) > 100 else ""
        if (
            not self.mapping.open_data
        ):  # published identifiers are hexadecimal, and never came through a spreadsheet
            reference = WHOLE.sub(r"\1", reference)
            if ROUNDED.fullmatch(reference):
                wrong = "a spreadsheet has rounded this number: keep the column as text when the file is made"
        if wrong:
            raise RowRefused("reference_malformed", "crime_reference", wrong, reference)
        return reference

    def _staged(
        self,
        row_no: int,
        cells: list[str],
        offence: tuple[str, str, int],
        span: Span,
        times: tuple[Moment | None, Moment | None, Moment | None, Moment | None],
        place: Place,
        flags: tuple[str, ...],
    ) -> StagedOffence:
        mapping = self.mapping
        code, group, severity = offence
        recorded, as_at = times[2], times[3]
        reference = self._reference(cells)
        areas = {name: self._text(cells, name)[:80] for name in ("district", "npa", "beat", "lsoa", "lsoa_name")}
        placed = any(each is not None for each in place.identity)
        if mapping.require_place and not placed and not any(areas.values()):
            raise RowRefused(
                "place_missing", "easting" if "easting" in self.places else "lon", "there is no place"
            )
        has_time = span.precision == "time"
        force = (self._text(cells, "force") or mapping.force or mapping.name)[:80]
        tri: dict[str, Any] = {name: self._flag(cells, name) for name in FLAG_FIELDS}
        location = self._location_type(cells)
        synthetic = reference.startswith(SYNTHETIC_MARK) or self._text(cells, "synthetic").casefold() in YES
        flags = tuple(dict.fromkeys(flags))
        from_local = span.start.replace(fold=0).isoformat() if has_time else ""
        to_local = span.end.replace(fold=0).isoformat() if has_time and span.end else ""
        vintage = self._text(cells, "lsoa_vintage") or (
            ("2021" if span.start.strftime("%Y-%m") >= mapping.lsoa_2021_from else "2011")
            if mapping.lsoa_2021_from and areas["lsoa"]
            else ""
        )
        content = UNIT_SEPARATOR.join(
            (
                force, code, group, span.precision, str(span.start), str(span.start.fold), to_local, location,
                *tri.values(), *areas.values(), *(repr(each) for each in place.identity), self._text(cells, "place_label"),
                str(recorded.local) if recorded else "", *self.persons.content(cells),
            )
        )  # fmt: skip
        content_hash = self._hash(content)
        return StagedOffence(
            row_no=row_no,
            base_key=self._hash(f"reference{UNIT_SEPARATOR}{force}{UNIT_SEPARATOR}{reference}")
            if reference
            else content_hash,
            has_reference=bool(reference),
            severity=severity,
            content_hash=content_hash,
            force=force,
            open_data=mapping.open_data,
            synthetic=synthetic,
            offence_code=code,
            offence_group=group,
            precision=span.precision,
            committed_on=span.start.date().isoformat(),
            hour=span.start.hour if has_time and span.kind != "unknown" else None,
            from_local=from_local,
            from_fold=span.start.fold,
            to_local=to_local,
            to_fold=span.end.fold if span.end else 0,
            zone=mapping.local_timezone,
            span=span.kind,
            night=span.night.isoformat() if span.night else None,
            week=nights.week_of(span.night) if span.night else "",
            night_weight=span.night_weight,
            day_weight=span.day_weight,
            recorded_on=recorded.local.date().isoformat() if recorded else None,
            as_at=as_at.local.isoformat() if as_at else "",
            location_type=location,
            **tri,
            district=areas["district"],
            npa=areas["npa"],
            beat=areas["beat"],
            lsoa=areas["lsoa"][:12],
            lsoa_name=areas["lsoa_name"],
            lsoa_vintage=vintage[:4],
            longitude=place.lon,
            latitude=place.lat,
            easting=place.easting,
            northing=place.northing,
            flags=" ".join(flags),
            clock_mark=span.clock_mark,
            hour_shares=span.hour_shares,
            weight_start=span.weight_start,
            weight_middle=span.weight_middle,
            weight_whole=span.weight_whole,
        )

    def _hash(self, text: str) -> str:
        # Keyed, because a plain hash of a crime number can be found by trying all numbers.
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=16).hexdigest()
