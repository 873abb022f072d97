"""Areas of an offence by its coordinates: the stored boundaries, on the National Grid (EPSG:27700).

Used while rows are staged, since exact places are let go afterwards. What the source itself says of an area stands;
where its coordinates say something else, that is counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
import shapely
from shapely.geometry import shape

from analytics.models import Area
from analytics.police_data.mapping import Mapping
from analytics.police_data.place_reading import ForceBox, Rectangle
from analytics.police_data.places import Floats, metres_of
from analytics.police_data.staged import StagedOffence
from analytics.police_data.vintages import vintage_with_residents

# Field of an offence -> kind of area whose boundaries can tell it
TOLD_BY = {"lsoa": "lsoa", "npa": "npa", "beat": "beat", "district": "local_authority"}
IN_WORDS = {"lsoa": "LSOA", "npa": "NPA", "beat": "beat", "district": "district"}


class BoundaryError(ValueError):
    """A boundary that cannot be used; the message says why."""


def checked_polygon(boundary: Any) -> shapely.Geometry:
    """A GeoJSON boundary in WGS84 degrees as valid polygons. Raises BoundaryError."""
    try:
        polygon = shape(boundary)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, shapely.errors.ShapelyError):
        raise BoundaryError("is not a GeoJSON geometry") from None
    if polygon.geom_type not in ("Polygon", "MultiPolygon") or polygon.is_empty:
        raise BoundaryError(f"is not a polygon but {polygon.geom_type}")
    west, south, east, north = polygon.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BoundaryError("is not in degrees; export it as GeoJSON in WGS84 (EPSG:4326)")
    return shapely.make_valid(polygon, method="structure", keep_collapsed=False)


def _on_the_grid(coordinates: Floats) -> Floats:
    return metres_of(coordinates[:, 0], coordinates[:, 1])


@dataclass(frozen=True)
class Layer:
    """Areas of one kind and vintage that do not overlap, in order of their codes."""

    areas: tuple[Area, ...]
    tree: shapely.STRtree

    def find(self, points: Floats) -> list[Area | None]:
        """The area of each point (n x 2, metres); None outside all, and where a point is not a number.

        A point on a border, or where boundaries overlap, belongs to the lowest code.
        """
        found: list[Area | None] = [None] * len(points)
        known = numpy.flatnonzero(~numpy.isnan(points).any(axis=1))
        if not len(known):
            return found
        which, area = self.tree.query(shapely.points(points[known]), predicate="intersects")
        for point, number in sorted(zip(known[which].tolist(), area.tolist(), strict=True), reverse=True):
            found[point] = self.areas[number]  # the last that is written is the lowest
        return found


@dataclass
class AreaGround:
    """The stored boundaries, and tallies of what they told about one file."""

    layers: dict[str, Layer] = field(default_factory=dict)
    authorities: dict[str, Area] = field(default_factory=dict)
    box: ForceBox | None = None
    filled: Counter[str] = field(default_factory=Counter)
    differ: Counter[str] = field(default_factory=Counter)
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "AreaGround":
        """From the database. Of several vintages of an area the one with residents is taken, else the newest."""
        stored = list(Area.objects.exclude(boundary=None).order_by("code"))
        if not stored:
            return cls()
        shapes = {area.pk: checked_polygon(area.boundary) for area in stored}
        degrees = shapely.total_bounds(list(shapes.values())).tolist()
        ground = cls(box=ForceBox.of_degrees(tuple(degrees), british=True))
        preferred = vintage_with_residents()
        for kind in TOLD_BY.values():
            of_kind = [area for area in stored if area.kind == kind]
            vintage = max(
                (area.vintage for area in of_kind), key=lambda each: (each == preferred, each), default=""
            )
            chosen = tuple(area for area in of_kind if area.vintage == vintage)
            if chosen:
                flat = shapely.transform(numpy.array([shapes[area.pk] for area in chosen]), _on_the_grid)
                ground.layers[kind] = Layer(chosen, shapely.STRtree(flat))
        if "local_authority" not in ground.layers:
            ground.authorities = _authorities_above(ground.layers.get("lsoa"))
        return ground

    def areas_of(self, rows: Sequence[StagedOffence], points: Floats) -> list[dict[str, str]]:
        """For each row the fields that its point (metres) tells and its source left empty."""
        layers = {kind: layer.find(points) for kind, layer in self.layers.items()}
        told: list[dict[str, str]] = []
        for n, row in enumerate(rows):
            fields: dict[str, str] = {}
            for name, kind in TOLD_BY.items():
                area = layers[kind][n] if kind in layers else None
                if area is None and name == "district" and layers.get("lsoa"):
                    lsoa = layers["lsoa"][n]
                    area = self.authorities.get(lsoa.code) if lsoa else None
                if area is not None:
                    fields |= self._told(row, name, area)
            told.append(fields)
        return told

    def _told(self, row: StagedOffence, name: str, area: Area) -> dict[str, str]:
        given = row.lsoa or row.lsoa_name if name == "lsoa" else getattr(row, name)
        if given:
            self.differ[name] += self._says_otherwise(row, name, given, area)
            return {}
        self.filled[name] += 1
        if name == "lsoa":
            return {"lsoa": area.code, "lsoa_name": area.name[:80], "lsoa_vintage": area.vintage}
        return {name: area.name[:80]}

    def _says_otherwise(self, row: StagedOffence, name: str, given: str, area: Area) -> bool:
        """Whether the source names another area of the same layer; a name that is not in it says nothing."""
        if name == "lsoa" and row.lsoa_vintage not in ("", area.vintage):
            return False
        if given.casefold() in (area.code.casefold(), area.name.casefold()):
            return False
        return given.casefold() in self._names(name)

    def _names(self, name: str) -> frozenset[str]:
        if name not in self._known:
            layer = self.layers.get(TOLD_BY[name])
            areas: Iterable[Area] = layer.areas if layer else self.authorities.values()
            self._known[name] = frozenset(text.casefold() for area in areas for text in (area.code, area.name))
        return self._known[name]

    def notes(self, flags: Counter[str]) -> list[str]:
        """What the boundaries told about the rows so far, in words for the record of the import."""
        notes = []
        if flags["place_outside"]:
            notes.append(
                f"{flags['place_outside']} rows lie more than 5 km outside the force, or nowhere on the National Grid: "
                "loaded, but without a place. If the force is larger, give its bounds in the mapping"
            )
        if self.filled:
            parts = ", ".join(f"{IN_WORDS[name]} {count}" for name, count in sorted(self.filled.items()))
            vintages = ", ".join(sorted({layer.areas[0].vintage for layer in self.layers.values()}))
            notes.append(
                f"areas that the source leaves empty were told by coordinates and the boundaries of {vintages}: {parts}"
            )
        differ = {name: count for name, count in sorted(self.differ.items()) if count}
        if differ:
            parts = ", ".join(f"{IN_WORDS[name]} {count}" for name, count in differ.items())
            notes.append(
                f"rows whose own area is not where their coordinates lie: {parts}; the source's area stands, the "
                "coordinates were used for the nearest venue"
            )
        return notes


def _authorities_above(layer: Layer | None) -> dict[str, Area]:
    """Code of an LSOA -> its local authority, by the parents that are stored."""
    if layer is None:
        return {}
    by_code = {area.code: area for area in Area.objects.defer("boundary").exclude(kind=Area.Kind.LSOA)}
    found = {}
    for lsoa in layer.areas:
        area = by_code.get(lsoa.parent_code)
        while area is not None and area.kind != Area.Kind.LOCAL_AUTHORITY:
            area = by_code.get(area.parent_code)
        if area is not None:
            found[lsoa.code] = area
    return found


def ground_of(mapping: Mapping) -> AreaGround:
    """The boundaries that a source can be held to: of Great Britain, and not for open data, whose points are shared."""
    return AreaGround.load() if mapping.british and not mapping.open_data else AreaGround()


def box_of(mapping: Mapping, ground: AreaGround) -> ForceBox | None:
    """Where the source's offences can be: by the mapping's bounds, else by the stored boundaries; None for anywhere."""
    if mapping.unbounded or mapping.open_data:
        return None
    if mapping.bounds is None:
        return ground.box
    rectangle: Rectangle = mapping.bounds
    if mapping.gives("easting") or mapping.gives("grid_reference"):
        return ForceBox.of_metres(rectangle)
    return ForceBox.of_degrees(rectangle, british=mapping.british)
