"""Writes synthetic offences as a force would send them: in the columns of a mapping, as CSV or XLSX.

Same rows, same mapping, same bytes: no clock, no locale, no file times.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy

from analytics.police_data.mapping import Mapping
from analytics.police_data.places import degrees_of
from analytics.police_data.synthetic_offences import OffenceMaker, Rows
from analytics.police_data.synthetic_persons import People

OTHER_PLACES = ("dwelling", "dwelling", "dwelling", "education", "shop", "other")
STREETS = ("public_or_open_place", "public_or_open_place", "hospitality", "transport", "shop")
STATUS = "status"
EXTRACTED_AFTER = timedelta(
    weeks=10
)  # the extract is drawn when the last offences of its window are long recorded
Cells = dict[str, Any]


def cells_of(rows: Rows, people: dict[str, People], maker: OffenceMaker, *, codes: bool) -> Iterator[Cells]:
    """Canonical fields of each row, in order of time. ``codes`` adds made-up area codes."""
    rng, data, count = maker.rngs["details"], maker.data["window"], len(rows.code)
    minute = rng.integers(0, 60, count)
    # A range stays inside its clock hour where the night-time margins depend on it.
    ranged = rng.random(count) < data["ranges_share"]
    narrow = rows.public | (rows.hour >= 16) | (rows.hour < 5)
    length = numpy.where(narrow, 59 - minute, rng.integers(30, 360, count))
    weapon = rng.random(count) < 0.07
    alcohol = rng.random(count) < numpy.where(rows.night, 0.6, 0.15)
    place, beat = rng.integers(0, 60, count), rng.integers(1, 7, count)
    lag = numpy.minimum(rng.exponential(3.0, count), 60.0)  # most within a week, a tail to 60 days
    degrees = degrees_of(rows.x, rows.y)
    as_at = datetime.combine(maker.days[-1] + EXTRACTED_AFTER, time())
    kinds = numpy.where(
        rows.public,
        numpy.array(STREETS)[place % len(STREETS)],
        numpy.array(OTHER_PLACES)[place % len(OTHER_PLACES)],
    )
    order = numpy.lexsort((minute, rows.hour, rows.day))
    ready = numpy.column_stack((rows.x, rows.y, degrees))[order].tolist()
    flags = [
        [("N", "Y")[each] for each in column[order].astype(int).tolist()]
        for column in (rows.public, rows.domestic, weapon, alcohol)
    ]
    whole = [
        column[order].tolist()
        for column in (rows.code, rows.area, rows.day, rows.hour, minute, ranged, length, lag * 1440, kinds, beat)
    ]
    persons = {
        role: [column[order].tolist() for column in (each.there, each.person, each.age, each.sex, each.home)]
        for role, each in people.items()
    }
    for n, (code, area, day, hour, past, is_range, minutes, late, kind, patch) in enumerate(
        zip(*whole, strict=True)
    ):
        begins = datetime.combine(maker.days[day], time(hour, past))
        ends = begins + timedelta(minutes=minutes) if is_range else None
        name = maker.places.names[area] if area >= 0 else ""
        east, north, lon, lat = ready[n] if name else (None, None, None, None)
        cells: Cells = {
            "crime_reference": f"SYN-{n + 1:07d}",
            "offence": code,
            "committed_from": begins,
            "committed_to": ends,
            "recorded_at": (ends or begins) + timedelta(minutes=int(late) + 20),
            "month": begins,
            "as_at": as_at,
            "easting": east,
            "northing": north,
            "lon": lon,
            "lat": lat,
            "location_type": kind,
            "public_place": flags[0][n],
            "domestic": flags[1][n],
            "weapon": flags[2][n],
            "alcohol": flags[3][n],
            "district": name,
            "npa": maker.places.policing_area(area, east or 0.0) if name else "",
            "beat": f"{name[:3].upper()}{patch}" if name else "",
            "lsoa": f"E0199{area + 1:02d}{patch:02d}" if name and codes else "",
            STATUS: "Recorded",
        }
        for role, (there, person, age, sex, home) in persons.items():
            if there[n]:
                cells[f"{role}_id"], cells[f"{role}_age_band"] = person[n], age[n]
                cells[f"{role}_sex"], cells[f"{role}_npa"] = sex[n].upper(), home[n]
        yield cells


class Layout:
    """The columns of a mapping in order, and how each row's canonical fields fill them."""

    def __init__(self, mapping: Mapping) -> None:
        self.format = mapping.date_formats[0]
        self.fields = [name for name in mapping.columns if not name.endswith("_age")]
        if mapping.open_data or "month" in mapping.columns:
            raise ValueError(f"{mapping.name}: months only; ask for street files instead")
        self.header: list[str] = []
        self.parts: list[tuple[str, int, int]] = []  # (field, part, parts)
        for name in self.fields:
            columns = mapping.columns[name]
            for part, column in enumerate(columns):
                if column not in self.header:
                    self.header.append(column)
                    self.parts.append((name, part, len(columns)))
        for column in mapping.skip:
            if column not in self.header:
                self.header.append(column)
                self.parts.append((STATUS, 0, 1))

    def line(self, cells: Cells) -> list[str]:
        line = []
        for name, part, parts in self.parts:
            value = cells.get(name, "")
            if type(value) is not str:
                value = self._text(name, value)
            if parts > 1:
                pieces = value.split(" ", parts - 1)
                value = pieces[part] if part < len(pieces) else ""
            line.append(value)
        return line

    def _text(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime):
            return _moment(value, self.format)
        return f"{value:.6f}" if name in ("lon", "lat") else f"{value:.0f}"


@lru_cache(maxsize=64)
def _moment(value: datetime, form: str) -> str:
    return value.strftime(form)


def write_table(path: Path, header: list[str], lines: Iterable[list[str]], *, encoding: str = "utf-8") -> int:
    """Writes CSV or, for a name ending in .xlsx, a workbook; whole or not at all. Returns the number of rows."""
    draft = path.with_name(f".{path.name}.part")
    count = 0
    if path.suffix.lower() == ".xlsx":
        count = _write_workbook(draft, header, lines)
    else:
        with draft.open("w", newline="", encoding=encoding) as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(header)
            for line in lines:
                writer.writerow(line)
                count += 1
    draft.replace(path)
    return count


# The least that a workbook needs (ECMA-376): one sheet, every cell a text of its own.
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships"><sheets><sheet name="Synthetic extract" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _write_workbook(path: Path, header: list[str], lines: Iterable[list[str]]) -> int:
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_entry(name), _DECLARATION + text)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as raw:
            stream = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            stream.write(f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetData>')
            stream.write(_sheet_row(header))
            for line in lines:
                stream.write(_sheet_row(line))
                count += 1
            stream.write("</sheetData></worksheet>")
            stream.flush()
            stream.detach()
    return count


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _sheet_row(cells: list[str]) -> str:
    inside = "".join(
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' if cell else "<c/>"
        for cell in cells
    )
    return f"<row>{inside}</row>"
