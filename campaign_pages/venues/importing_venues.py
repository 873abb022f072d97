"""A list of venues from a CSV file. Rows read = loaded + duplicates + rejected, and nothing is half-loaded."""

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from campaign_pages.venues.models import Area, Venue
from campaign_pages.venues.register_models import WEEKDAYS

NEEDED = {"name"}
UNKNOWN_AREA = ("UNKNOWN", "Area not known yet")


class VenueFileRefused(Exception):
    """The file as a whole cannot be read; the message names file, row and field."""


@dataclass
class VenueImport:
    name: str
    sha256: str = ""
    rows_read: int = 0
    loaded: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        numbers = {key: getattr(self, key) for key in ("rows_read", "loaded", "duplicates", "rejected")}
        row = {
            "name": self.name,
            "sha256": self.sha256,
            "format": "csv",
            **numbers,
            "reasons": dict(self.reasons),
            "rejects_file": None,
        }
        return {"files": [row], **numbers}


def import_venues(path: Path) -> VenueImport:
    """Reads name, latitude, longitude and, where given, code, kind, area_code, area_name, capacity, open_nights."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise VenueFileRefused(f"{path.name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise VenueFileRefused(
            f"{path.name}, line {row}: not UTF-8. Save the file as “CSV UTF-8” and try again."
        ) from error
    if "\x00" in text:
        raise VenueFileRefused(
            f"{path.name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: a zero byte. This is not a CSV file."
        )
    result = VenueImport(path.name, hashlib.sha256(data).hexdigest())
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = NEEDED - set(reader.fieldnames or [])
        if missing:
            raise VenueFileRefused(f"{path.name}, line 1: the column {', '.join(sorted(missing))} is missing.")
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise VenueFileRefused(
            f"{path.name}, near line {reader.line_num}: {error}. Look for a quote that is not closed."
        ) from error
    with transaction.atomic():
        for line, fields in rows:
            result.rows_read += 1
            _take(line, fields, result)
    return result


def _take(line: int, row: dict[str | None, str], result: VenueImport) -> None:
    problem = _problem(row)
    if problem:
        code, field_name, words = problem
        result.rejected += 1
        result.reasons[code] += 1
        result.rejects.append(f"line {line}, {field_name}: {words}")
        return
    code = (row.get("code") or f"OSM{row.get('osm_node_id') or ''}")[:20]
    if code == "OSM":
        code = (
            "V" + hashlib.sha256("|".join(filter(None, map(str, row.values()))).encode()).hexdigest()[:9].upper()
        )
    if Venue.objects.filter(code=code).exists():
        result.duplicates += 1
        return
    area_code, area_name = row.get("area_code") or UNKNOWN_AREA[0], row.get("area_name") or UNKNOWN_AREA[1]
    area, _ = Area.objects.get_or_create(code=area_code, defaults={"name": area_name})
    Venue.objects.create(
        code=code, name=row["name"].strip(), kind=row.get("kind") or "pub", area=area, latitude=_number(row, "latitude"),
        longitude=_number(row, "longitude"), capacity=int(row["capacity"]) if row.get("capacity") else None,
        open_nights=row.get("open_nights") or "Thu,Fri,Sat",
    )  # fmt: skip
    result.loaded += 1


def _number(row: dict[str | None, str], name: str) -> float | None:
    return float(row[name]) if row.get(name) else None


def _problem(row: dict[str | None, str]) -> tuple[str, str, str] | None:
    if None in row or None in row.values():
        return "wrong_number_of_fields", "row", "it has more or fewer fields than the first line."
    name = row["name"].strip()
    if not name:
        return "name_missing", "name", "empty. Give the venue's name."
    if len(name) > 60:
        return "name_too_long", "name", "longer than 60 characters: it would not fit a poster."
    for field_name, limit in (("latitude", 90), ("longitude", 180)):
        try:
            value = _number(row, field_name)
        except ValueError:
            return "number_unreadable", field_name, "not a number."
        if value is not None and not -limit <= value <= limit:
            return "place_outside", field_name, f"must lie between -{limit} and {limit}."
    if row.get("kind") and row["kind"] not in Venue.Kind.values:
        return "kind_unknown", "kind", f"must be one of {', '.join(Venue.Kind.values)}."
    if bool(row.get("latitude")) != bool(row.get("longitude")):
        return "half_a_point", "latitude", "give both latitude and longitude, or neither."
    if row.get("capacity") and not re.fullmatch(r"[0-9]{1,6}", row["capacity"]):
        return "number_unreadable", "capacity", "must be a whole number of people, up to 999999."
    for field_name, limit in (("code", 20), ("area_code", 20), ("area_name", 100)):
        if len(row.get(field_name) or "") > limit:
            return "field_too_long", field_name, f"longer than {limit} characters."
    if set(filter(None, re.split(r", ?", row.get("open_nights") or ""))) - set(WEEKDAYS):
        return "nights_unreadable", "open_nights", "use Mon,Tue,Wed,Thu,Fri,Sat,Sun with commas."
    return None
