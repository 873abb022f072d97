"""A first mapping for a file that none fits: columns guessed from their names, formats and coordinates from all the rows.

A guess is a proposal on a form; somebody looks at it, tries it and saves it. No database here.
"""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from analytics.measures.catalogue import offence_list
from analytics.police_data.cell_text import clean
from analytics.police_data.mapping import FLAG_FIELDS, TIME_FIELDS

# Field -> names of columns that extracts use for it, as ``plain`` writes them.
NAMES: dict[str, tuple[str, ...]] = {
    "crime_reference": ("crimeno", "crimenumber", "crimeref", "crimereference", "reference", "ref", "occurrenceno", "crimeid", "urn"),
    "offence": ("hooffence", "offence", "offencecode", "hocode", "hooffencecode", "offencedescription", "crimetype", "kind"),
    "committed_from": ("fromdate", "committedfrom", "datefrom", "offencedate", "startdate", "datetime", "date", "when", "occurredfrom"),
    "committed_to": ("todate", "committedto", "dateto", "enddate", "occurredto"),
    "month": ("month",),
    "recorded_at": ("recorded", "recordeddate", "daterecorded", "recordedat"),
    "as_at": ("extractdate", "asat"),
    "easting": ("x", "easting", "eastings", "gridx", "east"),
    "northing": ("y", "northing", "northings", "gridy", "north"),
    "lon": ("longitude", "lon", "long", "lng"),
    "lat": ("latitude", "lat"),
    "beat": ("beat", "beatcode", "beatname"),
    "npa": ("npa", "neighbourhoodpolicingarea", "neighbourhood"),
    "district": ("district", "localauthority", "borough", "csp"),
    "lsoa": ("lsoa", "lsoacode"),
    "location_type": ("loctype", "locationtype", "loccat", "premises", "locationcategory"),
    "public_place": ("ppflag", "publicplace", "openspace"),
    "domestic": ("da", "domestic", "domesticabuse", "daflag", "domesticflag"),
    "weapon": ("weapon", "knife", "knifeflag", "weaponflag"),
    "alcohol": ("alcohol", "alcoholflag"),
    "hate": ("hate", "hatecrime", "hateflag"),
}  # fmt: skip
TIMES_OF = {
    "committed_from": ("fromtime", "timefrom", "starttime", "time"),
    "committed_to": ("totime", "timeto", "endtime"),
}
DAYS = ("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%Y/%m/%d", "%Y%m%d")
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p")
DAY_NUMBER = re.compile(r"[345]\d{4}(?:\.\d+)?(?: 0?\.\d+| [01])?")  # 1982 to 2064
MOST_VALUES = 200


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


@dataclass
class MappingDraft:
    """What the form holds. ``columns``: field -> names of columns, to be joined by a space."""

    name: str = ""
    columns: dict[str, list[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    date_formats: list[str] = field(default_factory=list)
    coordinates: str = "wgs84"
    timezone: str = "Europe/London"
    force: str = ""
    offences: dict[str, str] = field(default_factory=dict)
    location_types: dict[str, str] = field(default_factory=dict)  # a source's own words -> codes
    skip: dict[str, list[str]] = field(default_factory=dict)
    day_numbers: bool = False  # times are a spreadsheet's day numbers, such as 45458.98
    other_format: str = ""  # reads every row as well, with day and month the other way round

    @property
    def serial_columns(self) -> dict[str, list[str]]:
        """Keys of a mapping with the columns of day numbers: a day and its time in two columns, or both in one."""
        found: dict[str, list[str]] = {"excel_dates": [], "excel_times": []}
        for name in TIME_FIELDS if self.day_numbers else ():
            parts = self.columns.get(name, [])
            found["excel_dates" if len(parts) > 1 else "excel_times"] += parts
        twice = found["excel_dates"]
        return {
            "excel_dates": _once(twice),
            "excel_times": _once(x for x in found["excel_times"] if x not in twice),
        }

    def to_toml(self) -> str:
        """The mapping as TOML: the same draft gives the same text."""
        lines = [
            f"name = {_quoted(self.name)}",
            f"timezone = {_quoted(self.timezone)}",
            f"coordinates = {_quoted(self.coordinates)}",
        ]
        if self.date_formats:
            lines.append(f"date_formats = {_listed(self.date_formats)}")
        for key, columns in self.serial_columns.items():
            if columns:
                lines.append(f"{key} = {_listed(columns)}")
        if self.force:
            lines.append(f"force = {_quoted(self.force)}")
        lines += ["", "[columns]"]
        lines += [
            f"{name} = {_quoted(parts[0]) if len(parts) == 1 else _listed(parts)}"
            for name, parts in sorted(self.columns.items())
            if parts
        ]
        tables = (
            ("constants", self.constants, False),
            ("values.offence", self.offences, False),
            # also without a word: an import keeps a source's own words only where there is no table, and could so keep notes
            ("values.location_type", self.location_types, "location_type" in self.columns),
        )
        for title, pairs, always in tables:
            if pairs or always:
                lines += [
                    "",
                    f"[{title}]",
                    *(f"{_quoted(key)} = {_quoted(value)}" for key, value in sorted(pairs.items())),
                ]
        if self.skip:
            lines += [
                "",
                "[skip]",
                *(f"{_quoted(key)} = {_listed(values)}" for key, values in sorted(self.skip.items())),
            ]
        return "\n".join(lines) + "\n"


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _quoted(text: str) -> str:
    """A basic string of TOML 1.0."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else f"\\U{ord(each):08X}" for each in escaped) + '"'


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def draft_for(header: list[str], rows: Iterable[list[str]], *, name: str = "") -> MappingDraft:
    """A draft for a header (cells) and the rows under it; formats are those that fit every row that has a date."""
    by_name = {plain(column): index for index, column in reversed(list(enumerate(header)))}
    draft = MappingDraft(name=name)
    places: dict[str, list[int]] = {}
    for key, names in NAMES.items():
        index = next((by_name[each] for each in names if each in by_name), None)
        if index is not None:
            clock = next((by_name[each] for each in TIMES_OF.get(key, ()) if each in by_name), None)
            places[key] = [index] if clock is None or clock == index else [index, clock]
    if "committed_from" in places:
        places.pop("month", None)
    draft.columns = {key: [clean(header[index]) for index in indexes] for key, indexes in places.items()}
    _look_at_rows(draft, places, rows)
    return draft


def _look_at_rows(draft: MappingDraft, places: dict[str, list[int]], rows: Iterable[list[str]]) -> None:
    formats = [f"{day} {clock}" for day in DAYS for clock in CLOCKS]
    formats += [f"{day}T{clock}" for day in DAYS[2:3] for clock in CLOCKS[:2]] + list(DAYS)
    metres = degrees = 0
    known = offence_list()
    serials = others = 0
    for cells in rows:
        text = _joined(cells, places.get("committed_from", []))
        serial = bool(DAY_NUMBER.fullmatch(text))
        serials, others = serials + serial, others + (bool(text) and not serial)
        if text and formats and not serial:
            still = [form for form in formats if _fits(text, form)]
            formats = still or formats
        first = _joined(cells, places.get("easting") or places.get("lon") or [])
        with contextlib.suppress(ValueError):
            metres, degrees = (metres + 1, degrees) if abs(float(first)) > 180 else (metres, degrees + 1)
        offence = _joined(cells, places.get("offence", []))
        if (
            offence
            and offence not in draft.offences
            and len(draft.offences) < MOST_VALUES
            and known.find(offence) is None
        ):
            draft.offences[offence] = ""
    draft.day_numbers = serials > others
    draft.date_formats = formats[:1] if places.get("committed_from") and not draft.day_numbers else []
    turned = formats[0].replace("%d", "%?").replace("%m", "%d").replace("%?", "%m")
    if draft.date_formats and turned in formats[1:]:
        draft.other_format = turned
    draft.coordinates = "osgb36" if metres > degrees else "wgs84"


def _joined(cells: list[str], indexes: list[int]) -> str:
    return " ".join(filter(None, (clean(cells[index]) for index in indexes if index < len(cells))))


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


WIZARD_FIELDS = (
    "crime_reference", "offence", "committed_from", "committed_to", "month", "recorded_at", "as_at", "easting", "northing", "lon",
    "lat", "beat", "npa", "district", "lsoa", "location_type", *FLAG_FIELDS,
)  # fmt: skip
