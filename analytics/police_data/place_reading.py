"""The place of one row: degrees or National Grid metres, or a flag that says why there is none.

A place that cannot be right is flagged and let go; nothing is put right by guessing. What is right depends on the
country: numbers that are swapped for Britain are a place elsewhere, so a source from elsewhere is judged only by the
bounds that its mapping gives.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from analytics.police_data.grid_references import GridReferenceError, has_letters, square_of
from analytics.police_data.places import degrees_around, metres_of

Rectangle = tuple[float, float, float, float]  # west, south, east, north
MARGIN_M = 5_000.0
COARSE_M = 1_000  # a square of this side cannot say which venue is nearest, nor which area of a town it is
EDGE_POINTS = 33


class Place(NamedTuple):
    """WGS84 degrees or EPSG:27700 metres, never both; nothing but ``flags`` where what is written cannot be used."""

    lon: float | None = None
    lat: float | None = None
    easting: float | None = None
    northing: float | None = None
    flags: tuple[str, ...] = ()
    let_go: tuple[float | None, ...] = ()

    @property
    def identity(self) -> tuple[float | None, ...]:
        """What tells rows without a reference apart: also a place that was let go.

        Which those are depends on the boundaries that are loaded; whether a row was seen before must not.
        """
        return self.let_go or self[:4]


NOWHERE = Place()
UNREADABLE = Place(flags=("place_unreadable",))
SWAPPED = Place(flags=("axes_swapped",))
OUTSIDE = Place(flags=("place_outside",))
COARSE = Place(flags=("place_coarse",))


def _inside(rectangle: Rectangle, across: float, up: float) -> bool:
    return rectangle[0] <= across <= rectangle[2] and rectangle[1] <= up <= rectangle[3]


@dataclass(frozen=True)
class ForceBox:
    """Where the offences of a force can be: a rectangle with 5 km around it.

    ``metres`` (EPSG:27700) decides, with its margin in it. ``degrees`` lies wholly inside it and saves most points
    the way onto the grid; outside Britain there is no grid, and it decides alone.
    """

    metres: Rectangle | None
    degrees: Rectangle | None = None

    @classmethod
    def of_metres(cls, rectangle: Rectangle) -> "ForceBox":
        """From west, south, east, north in metres, without the margin."""
        west, south, east, north = rectangle
        return cls((west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M))

    @classmethod
    def of_degrees(cls, rectangle: Rectangle, *, british: bool) -> "ForceBox":
        """From west, south, east, north in degrees of WGS84, without the margin."""
        if not british:
            return cls(None, degrees_around(rectangle, MARGIN_M))
        west, south, east, north = rectangle
        steps = numpy.linspace(0, 1, EDGE_POINTS)  # edges of degrees are bent on the grid: their middles count too
        along, over = west + steps * (east - west), south + steps * (north - south)
        points = metres_of(
            numpy.concatenate([along, along, numpy.full(EDGE_POINTS, west), numpy.full(EDGE_POINTS, east)]),
            numpy.concatenate([numpy.full(EDGE_POINTS, south), numpy.full(EDGE_POINTS, north), over, over]),
        )
        if numpy.isnan(points).all():
            return cls(None, degrees_around(rectangle, MARGIN_M))
        low, high = numpy.nanmin(points, axis=0), numpy.nanmax(points, axis=0)
        around = cls.of_metres((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
        return cls(around.metres, rectangle)

    def holds_metres(self, easting: float, northing: float) -> bool:
        return self.metres is None or _inside(self.metres, easting, northing)

    def holds_degrees(self, lon: float, lat: float) -> bool:
        if self.degrees is not None and _inside(self.degrees, lon, lat):
            return True
        if self.metres is None:
            return self.degrees is None
        easting, northing = metres_of(numpy.array([lon]), numpy.array([lat]))[0].tolist()
        return _inside(self.metres, easting, northing)  # not a number, and so outside, off the grid


class PlaceReader:
    """Reads the place of a row. ``text(cells, name)`` gives the text of a canonical field."""

    def __init__(
        self,
        fields: Collection[str],
        *,
        text: Callable[[list[str], str], str],
        british: bool = True,
        open_data: bool = False,
        box: ForceBox | None = None,
    ) -> None:
        self.letters, self.in_metres = "grid_reference" in fields, "easting" in fields
        self._text, self.british, self.box = text, british, None if open_data else box
        self.only_britain = british and not open_data

    def read(self, cells: list[str]) -> Place:
        """The place of one row; never raises."""
        reference = self._text(cells, "grid_reference") if self.letters else ""
        if reference:
            return self._letters(reference)
        if self.in_metres:
            one, two = self._text(cells, "easting"), self._text(cells, "northing")
            if has_letters(one):
                return self._letters(one if one == two else f"{one} {two}")
            return self._metres(one, two)
        return self._degrees(self._text(cells, "lon"), self._text(cells, "lat"))

    @staticmethod
    def _pair(one: str, two: str) -> tuple[float, float] | None:
        """Two numbers that could be a place; None for anything else."""
        try:
            across, up = float(one), float(two)
        except ValueError:
            return None
        if not (abs(across) < 1e7 and abs(up) < 1e7) or (across == 0 and up == 0):  # also NaN and infinities
            return None
        return across, up

    def _letters(self, reference: str) -> Place:
        try:
            square = square_of(reference)
        except GridReferenceError:
            return UNREADABLE
        if square.side >= COARSE_M:
            return COARSE
        return self._on_the_grid(*square.middle)

    def _metres(self, one: str, two: str) -> Place:
        if not one and not two:
            return NOWHERE
        pair = self._pair(one, two)
        if pair is None:
            return UNREADABLE
        if not (0 < pair[0] < 7e5 and 0 < pair[1] < 1.3e6) or (pair[0] <= 180 and pair[1] <= 90):  # degrees
            return OUTSIDE
        return self._on_the_grid(*pair)

    def _on_the_grid(self, easting: float, northing: float) -> Place:
        if self.box is not None and not self.box.holds_metres(easting, northing):
            why = SWAPPED if self.box.holds_metres(northing, easting) else OUTSIDE
            return why._replace(let_go=(None, None, easting, northing))
        return Place(easting=easting, northing=northing)

    def _degrees(self, one: str, two: str) -> Place:
        if not one and not two:
            return NOWHERE
        pair = self._pair(one, two)
        if pair is None:
            return UNREADABLE
        lon, lat = pair
        if self.british and 49 < lon < 61 and -9 < lat < 3:
            return SWAPPED
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            turned = -90 <= lon <= 90 and -180 <= lat <= 180
            return SWAPPED if turned else OUTSIDE  # grid metres, most often
        if self.only_britain and not (-9 < lon < 3 and 49 < lat < 61.5):
            return OUTSIDE._replace(let_go=(lon, lat, None, None))
        if self.box is not None and not self.box.holds_degrees(lon, lat):
            turned = -90 <= lon <= 90 and self.box.holds_degrees(lat, lon)
            return (SWAPPED if turned else OUTSIDE)._replace(let_go=(lon, lat, None, None))
        return Place(lon=lon, lat=lat)
