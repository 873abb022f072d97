"""The same synthetic offences as month-only street files, so that both routes of import can be compared.

Twelve columns as data.police.uk writes them; points snapped to a coarse grid in place of its map points.
Area codes and names are made up: codes E0199…, names numbered from 901.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy

from analytics.measures.catalogue import offence_list
from analytics.police_data.places import degrees_of

HEADER = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip
FORCE = "Synthetic Police"
GRID_M = 120.0
SQUARE_M = 2000.0


def write_street_files(folder: Path, cells: Iterable[dict[str, Any]], types: dict[str, str]) -> list[Path]:
    """One file for each month, YYYY-MM-synthetic-street.csv. ``types``: crime type by offence group."""
    months: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    known = offence_list().by_code
    rows = [(each, known[each["offence"]].group) for each in cells if each["offence"] in known]
    points = numpy.array([_snapped(each) for each, _ in rows], dtype=float).reshape(-1, 2)
    degrees = degrees_of(points[:, 0], points[:, 1])
    for (each, group), (lon, lat), (east, north) in zip(rows, degrees, points, strict=True):
        placed = each["easting"] is not None
        area = f"{int(east // SQUARE_M) % 90 + 1:02d}{int(north // SQUARE_M) % 90 + 1:02d}" if placed else ""
        months[each["committed_from"].strftime("%Y-%m")].append(
            (
                each["crime_reference"],
                each["committed_from"].strftime("%Y-%m"),
                FORCE,
                FORCE,
                f"{lon:.6f}" if placed else "",
                f"{lat:.6f}" if placed else "",
                f"On or near Synthetic Street {area}" if placed else "No Location",
                f"E0199{area}" if placed else "",
                f"{each['district']} 9{area[:2]}A" if placed else "",
                types.get(group, types["other"]),
                "",
                "",
            )
        )
    written = []
    for month, lines in sorted(months.items()):
        path = folder / f"{month}-synthetic-street.csv"
        draft = path.with_name(f".{path.name}.part")
        with draft.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(lines)
        draft.replace(path)
        written.append(path)
    return written


def _snapped(cells: dict[str, Any]) -> tuple[float, float]:
    if cells["easting"] is None:
        return numpy.nan, numpy.nan
    return round(cells["easting"] / GRID_M) * GRID_M, round(cells["northing"] / GRID_M) * GRID_M
