"""Metres in the National Grid (EPSG:27700) and the nearest venue. Nothing is ever measured in degrees."""

from functools import lru_cache

import numpy
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

Floats = NDArray[numpy.float64]


@lru_cache(maxsize=1)
def _to_grid() -> Transformer:
    return Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


@lru_cache(maxsize=1)
def _to_degrees() -> Transformer:
    return Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def metres_of(longitude: Floats, latitude: Floats) -> Floats:
    """Easting and northing (n x 2) of WGS84 degrees; NaN outside Great Britain's box."""
    lon, lat = numpy.asarray(longitude, dtype=float), numpy.asarray(latitude, dtype=float)
    result = numpy.full((len(lon), 2), numpy.nan)
    inside = (lon > -9) & (lon < 3) & (lat > 49) & (lat < 61.5)
    if inside.any():
        result[inside, 0], result[inside, 1] = _to_grid().transform(lon[inside], lat[inside])
    return result


def degrees_of(easting: Floats, northing: Floats) -> Floats:
    """Longitude and latitude (n x 2, WGS84) of National Grid metres."""
    return numpy.column_stack(_to_degrees().transform(easting, northing))


def degrees_around(
    rectangle: tuple[float, float, float, float], margin_m: float
) -> tuple[float, float, float, float]:
    """A rectangle of degrees (west, south, east, north) with ``margin_m`` metres of the ellipsoid on every side."""
    west, south, east, north = rectangle
    earth = Geod(ellps="WGS84")
    _, low, _ = earth.fwd(west, south, 180, margin_m)
    _, high, _ = earth.fwd(west, north, 0, margin_m)
    nearest_pole = max(abs(low), abs(high))  # where a degree of longitude is shortest
    _, _, per_degree = earth.inv(0, nearest_pole, 1, nearest_pole)
    return west - margin_m / per_degree, float(low), east + margin_m / per_degree, float(high)


def nearest_within(points: Floats, sites: Floats, radius_m: float) -> tuple[NDArray[numpy.int64], Floats]:
    """For each point the index of the nearest site within ``radius_m`` metres (-1: none) and its distance.

    Ties, to a millimetre, go to the site that comes first, so sort the sites by code.
    """
    if not len(points) or not len(sites):
        return numpy.full(len(points), -1, dtype=numpy.int64), numpy.full(len(points), numpy.inf)
    tree = cKDTree(sites)
    distance, index = tree.query(points, k=min(2, len(sites)), distance_upper_bound=radius_m + 1e-9)
    distance, index = distance.reshape(len(points), -1), index.reshape(len(points), -1)
    best, first = distance[:, 0].copy(), index[:, 0].astype(numpy.int64)
    if index.shape[1] > 1:
        tied = numpy.isclose(distance[:, 1], best, rtol=0, atol=1e-3) & (index[:, 1] < first)
        first[tied] = index[tied, 1]
    first[~numpy.isfinite(best)] = -1
    return first, best
