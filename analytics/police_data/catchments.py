"""Which venues share their surroundings: clusters in which one venue's effect cannot be told from another's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analytics.police_data.places import metres_of

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

RADIUS_M = 150.0


def catchments(venues: Sequence["VenueFacts"], radius_m: float = RADIUS_M) -> dict[str, str]:
    """Venue code -> cluster id, the lowest venue code of its cluster.

    Venues nearer to each other than twice the radius (metres, EPSG:27700) are joined by single link. A
    venue without a place in Great Britain is a cluster of its own.
    """
    ordered = sorted(venues, key=lambda each: each.code)
    if not ordered:
        return {}
    points = metres_of(
        numpy.array([each.longitude for each in ordered], dtype=float),
        numpy.array([each.latitude for each in ordered], dtype=float),
    )
    placed = numpy.flatnonzero(~numpy.isnan(points[:, 0]))
    pairs = numpy.empty((0, 2), dtype=int)
    if len(placed) > 1:
        near = cKDTree(points[placed]).query_pairs(2 * radius_m, output_type="ndarray")
        apart = numpy.linalg.norm(points[placed[near[:, 0]]] - points[placed[near[:, 1]]], axis=1)
        pairs = placed[near[apart < 2 * radius_m]]
    links = coo_matrix((numpy.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ordered), len(ordered)))
    _, label = connected_components(links, directed=False)
    first: dict[int, str] = {}
    for each, cluster in zip(ordered, label, strict=True):
        first.setdefault(int(cluster), each.code)
    return {each.code: first[int(cluster)] for each, cluster in zip(ordered, label, strict=True)}
