"""Loads areas, boundaries, lookups and populations from ONS-style files. Running it again changes nothing.

Understood: GeoJSON (.json, .geojson, also .gz) whose properties carry a code and a name such as LSOA11CD
and LSOA11NM, and CSV with a header that names codes, a population or a lookup between vintages.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.models import Area, AreaPopulation
from analytics.police_data.boundaries import BoundaryError, checked_polygon
from analytics.police_data.lookup_files import LookupColumns, UnfitLookup, load_lookup

CODE_KEY = re.compile(r"^(LSOA|MSOA|WD|LAD|LTLA|CTYUA|NPA|BEAT)(\d\d)CD$", re.IGNORECASE)
KIND_OF = {"LSOA": "lsoa", "MSOA": "msoa", "WD": "ward", "NPA": "npa", "BEAT": "beat"}
COLUMN = re.compile(r"^(lsoa|msoa)(\d\d)_?(code|cd)$", re.IGNORECASE)
SUFFIXES = (".json", ".geojson", ".json.gz", ".geojson.gz", ".csv", ".csv.gz")
BEST_FIT_NAME = re.compile(r"best[ _-]*fit", re.IGNORECASE)
COUNT_COLUMNS = ("usual_residents", "residents", "population", "all_ages", "total")
NUMBERS = ("areas", "boundaries", "populations", "lookups", "best_fits")


class GeographyError(Exception):
    """A file that cannot be used; the message names the file, the row and what to do."""


@dataclass
class GeographyReport:
    files: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        names = NUMBERS
        return {"files": self.files, **{name: sum(each[name] for each in self.files) for name in names}}


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Files to load, boundaries before tables. Raises FileNotFoundError."""
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            found += [each for each in path.rglob("*") if each.name.lower().endswith(SUFFIXES)]
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    return sorted(found, key=lambda each: (".csv" in each.name.lower(), each.name))


def load_geography(paths: Iterable[str | Path]) -> GeographyReport:
    """Loads every file, each in one transaction. Raises FileNotFoundError and GeographyError."""
    report = GeographyReport()
    for path in find_files(paths):
        with transaction.atomic():
            numbers = dict.fromkeys(NUMBERS, 0)
            try:
                text = _text_of(path)
                load = _load_table if ".csv" in path.name.lower() else _load_boundaries
                load(path, text, numbers)
            except (UnicodeDecodeError, OSError, EOFError, csv.Error) as error:
                raise GeographyError(f"{path.name}: cannot be read ({error})") from None
            report.files.append({"name": path.name, **numbers})
    if not report.files:
        raise GeographyError("there is no .json, .geojson or .csv file in what was named")
    return report


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        raw = gzip.decompress(raw)
    return raw.decode("utf-8-sig")


def _load_boundaries(path: Path, text: str, numbers: dict[str, int]) -> None:
    try:
        features = json.loads(text)["features"]
    except (ValueError, KeyError, TypeError):
        raise GeographyError(f"{path.name}: not GeoJSON with a list of features") from None
    found = re.search(r"_([EWSN]\d{8})\.", path.name)
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {}
        key = next((key for key in properties if CODE_KEY.match(key)), None)
        if key is None:
            raise GeographyError(
                f"{path.name}: feature {number} has no code such as LSOA11CD among its properties"
            )
        match = CODE_KEY.match(key)
        assert match is not None
        kind = KIND_OF.get(match[1].upper(), "local_authority")
        vintage = f"20{match[2]}"
        name = properties.get(key[:-2] + "NM") or properties.get(key[:-2] + "nm") or properties[key]
        parent = found[1] if found and kind in ("msoa", "ward") else ""
        try:
            checked_polygon(feature.get("geometry"))
        except BoundaryError as error:
            raise GeographyError(f"{path.name}: feature {number} ({properties[key]}) {error}") from None
        _area(properties[key], vintage, kind, name, parent, numbers, boundary=feature["geometry"])


def _area(
    code: str,
    vintage: str,
    kind: str,
    name: str,
    parent: str,
    numbers: dict[str, int],
    *,
    boundary: dict[str, Any] | None = None,
) -> None:
    values: dict[str, Any] = {"kind": kind, "name": name}
    if parent:
        values["parent_code"] = parent
    if boundary is not None:
        values["boundary"] = boundary
        numbers["boundaries"] += 1
    _, made = Area.objects.update_or_create(code=code, vintage=vintage, defaults=values)
    numbers["areas"] += made


def _load_table(path: Path, text: str, numbers: dict[str, int]) -> None:
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    header = {name.strip().lower(): name for name in (rows[0] if rows else {}) if name}
    lsoas = [name for name in header if COLUMN.match(name) and name.startswith("lsoa")]
    if not lsoas:
        raise GeographyError(
            f"{path.name}: no column such as lsoa11_code; columns found: {', '.join(header)[:200]}"
        )
    if len({_vintage(name) for name in lsoas}) >= 2:
        columns = LookupColumns.of(header, [(name, _vintage(name)) for name in lsoas])
        try:
            made, fitted = load_lookup(rows, columns, best_fit_file=bool(BEST_FIT_NAME.search(path.name)))
        except UnfitLookup as error:
            raise GeographyError(f"{path.name}: {error}") from None
        numbers["lookups"] += made
        numbers["best_fits"] += fitted
        return
    _load_population(path, rows, header, lsoas[0], numbers)


def _vintage(column: str) -> str:
    match = COLUMN.match(column)
    assert match is not None
    return f"20{match[2]}"


def _load_population(
    path: Path, rows: list[dict[str, str]], header: dict[str, str], column: str, numbers: dict[str, int]
) -> None:
    vintage = _vintage(column)
    count = next((header[name] for name in COUNT_COLUMNS if name in header), None)
    year_in_name = re.search(r"(?:19|20)\d\d", path.name)
    year = int(year_in_name[0]) if year_in_name else int(vintage)
    prefix = re.sub(r"_?(code|cd)$", "", column)
    msoa = prefix.replace("lsoa", "msoa")

    def cell(row: dict[str, str], *names: str) -> str:
        return next((row[header[name]].strip() for name in names if name in header and row[header[name]]), "")

    # Population tables repeat the areas above on every line: write each of those once.
    above: dict[str, tuple[str, str, str]] = {}
    for number, row in enumerate(rows, start=2):
        code = row[header[column]].strip()
        parent = cell(row, f"{msoa}_code", f"{msoa}cd")
        authority = cell(row, "local_authority_code", "lad_code", "ladcd")
        name = cell(row, f"{prefix}_name", f"{prefix}nm")
        _area(code, vintage, "lsoa", name or code, parent or authority, numbers)
        if parent:
            above[parent] = ("msoa", cell(row, f"{msoa}_name", f"{msoa}nm") or parent, authority)
        if authority:
            label = re.sub(r" UA$", "", cell(row, "local_authority_name", "lad_name", "ladnm")) or authority
            above[authority] = ("local_authority", label, "")
        if count:
            people = row[count].replace(",", "").strip()
            if not people.isdecimal():
                raise GeographyError(
                    f"{path.name}: line {number}, field {count}: {people!r} is not a whole number"
                )
            _, made = AreaPopulation.objects.update_or_create(
                code=code,
                vintage=vintage,
                year=year,
                age_band="all",
                source=path.name[:120],
                defaults={"residents": int(people)},
            )
            numbers["populations"] += made
    for code, (kind, name, parent) in above.items():
        _area(code, vintage, kind, name, parent, numbers)
