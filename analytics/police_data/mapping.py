"""Mappings: TOML that says which column of a source is which canonical field. No database here."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.measures.catalogue import offence_list
from analytics.measures.location_types import LOCATION_TYPES

BUILT_IN = Path(__file__).parent / "mappings"
PLACE_FIELDS = ("easting", "northing", "grid_reference", "lon", "lat", "beat", "npa", "district", "lsoa")
FLAG_FIELDS = ("public_place", "domestic", "weapon", "alcohol", "hate")
TEXT_FIELDS = (
    "force", "location_type", "lsoa_name", "lsoa_vintage", "place_label", "venue_hint", "synthetic",
    "placeholder_time",
)  # fmt: skip
TIME_FIELDS = ("committed_from", "committed_to", "reported_at", "recorded_at", "as_at")
ROLES = ("victim", "suspect")
PERSON_PARTS = ("age", "age_band", "sex", "ethnic_group", "npa", "lsoa", "id")
PERSON_FIELDS = tuple(f"{role}_{part}" for role in ROLES for part in PERSON_PARTS)
FIELDS = frozenset(
    {
        "crime_reference", "offence", "month", *PLACE_FIELDS, *FLAG_FIELDS, *TEXT_FIELDS, *TIME_FIELDS,
        *PERSON_FIELDS,
    }
)  # fmt: skip
KEYS = frozenset(
    {
        "name",
        "version",
        "author",
        "checker",
        "header_row",
        "encoding",
        "timezone",
        "local_timezone",
        "date_formats",
    }
    | {
        "coordinates",
        "columns",
        "constants",
        "values",
        "skip",
        "force",
        "open_data",
        "lsoa_2021_from",
        "require_place",
        "bounds",
        "placeholder_times",
        "excel_dates",
        "excel_times",
    }
)
BRITISH_ZONES = frozenset({"Europe/London", "GB", "GB-Eire"})
NO_BOUNDS = "off"
NO_MAPPING_FITS = "no built-in mapping fits the columns"
SEVERAL_MAPPINGS_FIT = "more than one mapping fits"
DEFAULT_FORMATS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


class MappingError(ValueError):
    """The mapping itself is wrong; the message names the key."""


class HeaderError(ValueError):
    """The file's header does not fit the mapping; the message names the column."""


@dataclass(frozen=True)
class Mapping:
    """A checked mapping. Column lists are joined by a space before they are read."""

    name: str
    version: str
    sha256: str
    header_row: int
    timezone: str
    local_timezone: str
    coordinates: str
    date_formats: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str]
    values: dict[str, dict[str, str]]
    skip: dict[str, frozenset[str]]
    force: str = ""
    open_data: bool = False
    lsoa_2021_from: str = ""
    encoding: str = ""
    require_place: bool = False
    bounds: tuple[float, float, float, float] | None = None
    unbounded: bool = False
    placeholder_times: frozenset[time] = frozenset()
    excel_dates: tuple[str, ...] = ()
    excel_times: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def british(self) -> bool:
        """Whether the offences happened in Great Britain, as far as the local time zone tells."""
        return self.local_timezone in BRITISH_ZONES

    def gives(self, name: str) -> bool:
        return name in self.columns or name in self.constants

    @property
    def required_columns(self) -> list[str]:
        """Columns without which no row can be read."""
        names = [column for key in ("offence", "committed_from", "month") for column in self.columns.get(key, ())]
        if "committed_from" in self.columns:
            names = [each for each in names if each not in self.columns.get("month", ())]
        return names


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _zone_name(data: dict[str, Any], key: str, default: str) -> str:
    name = data.get(key, default)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        raise MappingError(f"{key}: {name!r} is not an IANA time zone such as Europe/London") from None
    return str(name)


def _columns(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for key, value in data.get("columns", {}).items():
        if key not in FIELDS:
            raise MappingError(f"columns.{key}: not a field of an offence; fields are {', '.join(sorted(FIELDS))}")
        parts = [value] if isinstance(value, str) else value
        if not isinstance(parts, list) or not parts or not all(isinstance(each, str) and each for each in parts):
            raise MappingError(f"columns.{key}: give the name of a column, or a list of names")
        columns[key] = tuple(parts)
    return columns


def _constants(data: dict[str, Any]) -> dict[str, str]:
    constants = {}
    for key, value in data.get("constants", {}).items():
        if key not in FIELDS:
            raise MappingError(f"constants.{key}: not a field of an offence")
        constants[key] = _text(value)
    return constants


def _values(data: dict[str, Any]) -> dict[str, dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    for key, pairs in data.get("values", {}).items():
        if key not in FIELDS or not isinstance(pairs, dict):
            raise MappingError(f"values.{key}: not a field of an offence, or not a table of pairs")
        values[key] = {str(source).strip().casefold(): _text(target) for source, target in pairs.items()}
    for source, target in values.get("offence", {}).items():
        if offence_list().find(target) is None:
            raise MappingError(f"values.offence.{source!r}: {target!r} is neither a code nor a group of the list")
    for source, target in values.get("location_type", {}).items():
        if target not in LOCATION_TYPES:
            raise MappingError(
                f"values.location_type.{source!r}: {target!r} is not a type of location; they are "
                f"{', '.join(LOCATION_TYPES)}"
            )
    return values


def _bounds(data: dict[str, Any]) -> tuple[float, float, float, float] | None:
    given = data.get("bounds")
    if given is None or given == NO_BOUNDS:
        return None
    numbers = isinstance(given, list) and len(given) == 4 and all(type(each) in (int, float) for each in given)
    if not numbers or not (given[0] < given[2] and given[1] < given[3]) or max(map(abs, given)) > 1e7:
        raise MappingError(
            "bounds: give [west, south, east, north] as numbers, in metres for easting and northing and in degrees "
            f'for lon and lat; or "{NO_BOUNDS}"'
        )
    in_metres = any(
        name in data.get(part, {}) for part in ("columns", "constants") for name in ("easting", "grid_reference")
    )
    if not in_metres and not (abs(given[0]) <= 180 and abs(given[2]) <= 180 and max(map(abs, given[1::2])) <= 90):
        raise MappingError("bounds: these are no degrees, and the places of this mapping are in degrees")
    return float(given[0]), float(given[1]), float(given[2]), float(given[3])


def _placeholder_times(data: dict[str, Any]) -> frozenset[time]:
    given = data.get("placeholder_times", [])
    try:
        if not isinstance(given, list):
            raise TypeError
        return frozenset(each if isinstance(each, time) else time.fromisoformat(each) for each in given)
    except (TypeError, ValueError):
        raise MappingError("placeholder_times: give a list of clock times such as ['00:00', '00:01']") from None


def _serial_columns(data: dict[str, Any], key: str) -> tuple[str, ...]:
    given = data.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, str) and each for each in given):
        raise MappingError(f"{key}: give a list of columns such as ['From Date']")
    if both := [each for each in given if key == "excel_times" and each in data.get("excel_dates", [])]:
        raise MappingError(f"excel_times: {both[0]!r} is under excel_dates as well; a column is one or the other")
    return tuple(given)


def _check_needed(mapping: Mapping) -> None:
    if not mapping.gives("offence"):
        raise MappingError("columns.offence: needed, as a column or under [constants]")
    if not (mapping.gives("committed_from") or mapping.gives("month")):
        raise MappingError("columns.committed_from: needed, or columns.month where the source has months only")
    place = {key for key in PLACE_FIELDS if mapping.gives(key)}
    if not (
        place & {"grid_reference", "beat", "npa", "district", "lsoa"}
        or {"easting", "northing"} <= place
        or {"lon", "lat"} <= place
    ):
        raise MappingError(
            "columns: a place is needed: easting and northing, grid_reference, lon and lat, or beat, npa, district, lsoa"
        )
    constant = mapping.constants.get("offence")
    if constant is not None and offence_list().find(constant) is None:
        raise MappingError(f"constants.offence: {constant!r} is neither a code nor a group of the offence list")
    if mapping.header_row < 1:
        raise MappingError("header_row: count lines from 1")


def parse_mapping(raw: bytes, *, where: str) -> Mapping:
    """A mapping from TOML bytes. Raises MappingError naming the key that is wrong."""
    try:
        data = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{where} is not TOML: {error}") from None
    unknown = sorted(data.keys() - KEYS)
    if unknown:
        raise MappingError(f"{unknown[0]}: not a key of a mapping; keys are {', '.join(sorted(KEYS))}")
    zone = _zone_name(data, "timezone", "Europe/London")
    coordinates = data.get("coordinates", "wgs84")
    if coordinates not in ("osgb36", "wgs84"):
        raise MappingError(f"coordinates: {coordinates!r} is neither osgb36 nor wgs84")
    formats = data.get("date_formats", list(DEFAULT_FORMATS))
    if (
        not isinstance(formats, list)
        or not formats
        or not all(isinstance(each, str) and "%" in each for each in formats)
    ):
        raise MappingError("date_formats: give a list such as ['%d/%m/%Y %H:%M']")
    skip = {}
    for column, wanted in data.get("skip", {}).items():
        if not isinstance(wanted, list):
            raise MappingError(f"skip.{column}: give a list of values")
        skip[column] = frozenset(str(each).strip().casefold() for each in wanted)
    try:
        header_row = int(data.get("header_row", 1))
    except (TypeError, ValueError):
        raise MappingError("header_row: give a number") from None
    mapping = Mapping(
        name=str(data.get("name") or where),
        version=str(data.get("version", "")),
        sha256=hashlib.sha256(raw).hexdigest(),
        header_row=header_row,
        timezone=zone,
        local_timezone=_zone_name(data, "local_timezone", zone),
        coordinates=coordinates,
        date_formats=tuple(formats),
        columns=_columns(data),
        constants=_constants(data),
        values=_values(data),
        skip=skip,
        force=str(data.get("force", "")),
        open_data=bool(data.get("open_data", False)),
        lsoa_2021_from=str(data.get("lsoa_2021_from", "")),
        encoding=str(data.get("encoding", "")),
        require_place=bool(data.get("require_place", False)),
        bounds=_bounds(data),
        unbounded=data.get("bounds") == NO_BOUNDS,
        placeholder_times=_placeholder_times(data),
        excel_dates=_serial_columns(data, "excel_dates"),
        excel_times=_serial_columns(data, "excel_times"),
    )
    _check_needed(mapping)
    return mapping


def built_in_mappings() -> dict[str, Mapping]:
    """The mappings that come with the product, by name."""
    found = [parse_mapping(path.read_bytes(), where=path.name) for path in sorted(BUILT_IN.glob("*.toml"))]
    return {each.name: each for each in found}


def mapping_named(name_or_file: str) -> Mapping:
    """A built-in mapping, or one from a TOML file. Raises MappingError when there is neither."""
    known = built_in_mappings()
    if name_or_file in known:
        return known[name_or_file]
    path = Path(name_or_file)
    if path.is_file():
        return parse_mapping(path.read_bytes(), where=path.name)
    raise MappingError(f"{name_or_file!r} is neither a built-in mapping ({', '.join(known)}) nor a file")


def normal_header(cells: list[str]) -> list[str]:
    """Column names as they are compared: trimmed, without a byte order mark, case-folded."""
    return [cell.strip().lstrip("\ufeff").strip().casefold() for cell in cells]


def detect_mapping(header: list[str]) -> Mapping:
    """The one built-in mapping whose needed columns are all there. Raises HeaderError otherwise."""
    have = set(normal_header(header))
    fitting = []
    for mapping in built_in_mappings().values():
        wanted = {
            column.casefold()
            for field, columns in mapping.columns.items()
            if field not in PERSON_FIELDS  # many extracts have none of them
            for column in columns
        }
        needed = {column.casefold() for column in mapping.required_columns}
        if needed <= have and len(wanted & have) * 2 >= len(wanted):
            fitting.append(mapping)
    if len(fitting) == 1:
        return fitting[0]
    shown = ", ".join(cell.strip() for cell in header[:20])
    if not fitting:
        raise HeaderError(
            f"{NO_MAPPING_FITS} ({shown}): match the columns and make a mapping, or choose one that fits"
        )
    names = ", ".join(each.name for each in fitting)
    raise HeaderError(f"{SEVERAL_MAPPINGS_FIT} ({names}): choose one of them")
