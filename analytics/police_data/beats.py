"""Police beats as clusters: a plan may name them where venues that touch each other chain a whole centre into one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy

from analytics.police_data.boundaries import AreaGround
from analytics.police_data.catchments import catchments
from analytics.police_data.places import metres_of

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts


class NoBeats(ValueError):
    """A venue's beat is not known; the message says which, and what to load."""


def clusters_of(kind: str, venues: Sequence["VenueFacts"], radius_m: float) -> dict[str, str]:
    """Venue code -> cluster. ``kind``: catchment (joined within twice ``radius_m`` metres) or beat (its code).

    Catchments that reach over a border belong whole to the beat of their lowest venue code, so that no unit is torn.
    Raises NoBeats.
    """
    own = catchments(venues, radius_m)
    if kind == "catchment":
        return own
    beats = AreaGround.load().layers.get("beat")
    if beats is None:
        raise NoBeats(
            "No boundaries of beats are loaded, so beats cannot be clusters. Load them (manage.py load_geography), or "
            'lock a plan with clusters = "catchment".'
        )
    first = {each.code: each for each in venues if own[each.code] == each.code}
    points = metres_of(
        numpy.array([each.longitude for each in first.values()], dtype=float),
        numpy.array([each.latitude for each in first.values()], dtype=float),
    )
    found = dict(zip(first, beats.find(points), strict=True))
    lost = sorted(code for code, beat in found.items() if beat is None)
    if lost:
        raise NoBeats(
            f"{len(lost)} venues lie in no beat whose boundary is loaded, among them {', '.join(lost[:5])}. Mend their "
            'places or load the missing beats, or lock a plan with clusters = "catchment".'
        )
    return {code: found[cluster].code for code, cluster in own.items()}  # type: ignore[union-attr]
