"""Borders of areas for the explorer's maps: of the kind that fits the map's width, cut to it and simplified."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from analytics.charts.catchment_map import Outline, Window
from analytics.models import Area
from analytics.police_data.boundaries import BoundaryError, checked_polygon
from analytics.police_data.places import metres_of

WIDE_M = 8_000  # from here on local authorities, below the smaller areas
NEAR = (Area.Kind.BEAT, Area.Kind.NPA, Area.Kind.WARD, Area.Kind.MSOA)
MEMBERS = (
    Area.Kind.MSOA,
    Area.Kind.WARD,
)  # a local authority without a border of its own is what these make together
KIND_WORDS = {
    Area.Kind.BEAT: "beats", Area.Kind.NPA: "neighbourhood policing areas", Area.Kind.WARD: "wards",
    Area.Kind.MSOA: "middle layer super output areas (MSOA)", Area.Kind.LOCAL_AUTHORITY: "local authorities",
}  # fmt: skip


@dataclass(frozen=True)
class DrawnArea:
    """An area that reaches into a map. ``shape`` in metres (EPSG:27700), whole."""

    code: str
    name: str
    vintage: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Borders:
    """The areas of a map, by name; ``kind`` in words, empty where no border is loaded."""

    kind: str
    areas: tuple[DrawnArea, ...]

    def outlines(self, window: Window) -> list[Outline]:
        """Cut to the window, and with nothing finer than half a unit of the picture."""
        frame = shapely.box(window.west, window.south, window.east, window.north)
        found = []
        for area in self.areas:
            seen = shapely.intersection(area.shape, frame)
            edge = shapely.intersection(shapely.boundary(area.shape), frame)  # not the frame's own edge
            pieces = [each for each in shapely.get_parts(edge) if each.geom_type == "LineString"]
            merged = shapely.line_merge(shapely.multilinestrings(pieces)) if pieces else shapely.MultiLineString()
            plain = shapely.get_parts(shapely.simplify(merged, 0.5 / window.scale))
            lines = tuple(tuple((float(e), float(n)) for e, n in shapely.get_coordinates(each)) for each in plain)
            if not lines or seen.is_empty:
                continue
            middle = shapely.get_coordinates(shapely.point_on_surface(seen))[0]
            found.append(Outline(area.name, lines, (float(middle[0]), float(middle[1]))))
        return found

    def holding(self, easting: float, northing: float) -> DrawnArea | None:
        """The area of a point; the first by name on a border."""
        point = shapely.points(easting, northing)
        return next((area for area in self.areas if shapely.intersects(area.shape, point)), None)


def borders_in(window: Window) -> Borders:
    """The areas that reach into the window, of the newest vintage whose borders are loaded. One query."""
    frame = shapely.box(window.west, window.south, window.east, window.north)
    loaded = list(Area.objects.filter(kind__in=(Area.Kind.LOCAL_AUTHORITY, *NEAR)).order_by("vintage", "code"))
    newest = {row.kind: row.vintage for row in loaded if row.boundary is not None}
    wide = window.east - window.west > WIDE_M
    for kind in (Area.Kind.LOCAL_AUTHORITY, *NEAR) if wide else NEAR:
        if kind in newest:
            found = [
                DrawnArea(row.code, row.name, row.vintage, shape) for row, shape in _drawn(loaded, kind, newest)
            ]
        else:
            found = _joined(loaded, newest) if kind == Area.Kind.LOCAL_AUTHORITY else []
        inside = [each for each in found if shapely.intersects(each.shape, frame)]
        if inside:
            return Borders(KIND_WORDS[kind], tuple(sorted(inside, key=lambda each: each.name)))
    return Borders("", ())


def _drawn(loaded: list[Area], kind: str, newest: dict[str, str]) -> list[tuple[Area, shapely.Geometry]]:
    """Areas of a kind with their shapes, of the newest vintage that has any."""
    rows = [row for row in loaded if (row.kind, row.vintage) == (kind, newest[kind]) and row.boundary is not None]
    return [(row, shape) for row in rows if (shape := _on_the_grid(row.boundary)) is not None]


def _joined(loaded: list[Area], newest: dict[str, str]) -> list[DrawnArea]:
    """Local authorities as what their areas make together."""
    kind = next((each for each in MEMBERS if each in newest), None)
    if kind is None:
        return []
    names = {row.code: row.name for row in loaded if row.kind == Area.Kind.LOCAL_AUTHORITY}
    members: dict[str, list[shapely.Geometry]] = {}
    for row, shape in _drawn(loaded, kind, newest):
        if row.parent_code in names:
            members.setdefault(row.parent_code, []).append(shape)
    return [
        DrawnArea(code, names[code], newest[kind], shapely.union_all(shapes, grid_size=1.0))
        for code, shapes in members.items()
    ]


def _on_the_grid(boundary: Any) -> shapely.Geometry | None:
    """Metres; None for what cannot be drawn, as a map without one border is better than no map."""
    try:
        shape = checked_polygon(boundary)
    except BoundaryError:
        return None
    flat = shapely.transform(shape, lambda points: metres_of(points[:, 0], points[:, 1]))
    return None if np.isnan(shapely.get_coordinates(flat)).any() else flat
