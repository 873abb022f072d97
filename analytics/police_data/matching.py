"""Each offence to its nearest venue while it is staged; then its exact place and time are let go.

One offence, one venue: the nearest that was open in the ISO week of its night, within 600 m on the National Grid,
ties to the lowest code. The nearest within any smaller radius is then the same venue or none, so that the distance
band answers every radius that is the end of a band.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy
from django.conf import settings

from analytics import nights
from analytics.police_data.places import Floats, metres_of, nearest_within
from analytics.police_data.staged import StagedOffence
from campaign_pages import activity

if TYPE_CHECKING:
    from analytics.police_data.boundaries import AreaGround
    from campaign_pages.activity import VenueFacts

BANDS = {100: "0-100", 150: "100-150", 250: "150-250", 300: "250-300", 600: "300-600"}  # metres: the end of each
FARTHEST_M = 600.0


class NoSuchRadius(ValueError):
    """Distances are kept in bands: only the end of a band can be a radius."""


def bands_within(radius_m: float) -> list[str]:
    """The bands inside a radius in metres. Raises NoSuchRadius for any other than 100, 150, 250, 300, 600."""
    if radius_m not in BANDS:
        known = ", ".join(str(each) for each in BANDS)
        raise NoSuchRadius(
            f"A radius of {radius_m:g} m cannot be counted: distances are kept in bands, use {known}."
        )
    return [band for end, band in BANDS.items() if end <= radius_m]


def band_of(distance_m: float) -> str:
    """The band of a distance in metres up to 600; a border belongs to the nearer band."""
    return next(band for end, band in BANDS.items() if distance_m <= end + 1e-9)


class VenueMatcher:
    """The register as it stands now, ready to match many batches."""

    def __init__(self, venues: Sequence["VenueFacts"] | None = None) -> None:
        known = activity.venues() if venues is None else venues
        placed = [each for each in known if each.longitude is not None and each.latitude is not None]
        self.venues = sorted(placed, key=lambda each: each.code)
        self.sites = metres_of(
            numpy.array([each.longitude for each in self.venues], dtype=float),
            numpy.array([each.latitude for each in self.venues], dtype=float),
        )
        self.version = venue_list_version(self.venues)
        self._open_in: dict[str, tuple[int, ...]] = {}

    def match(self, points: Floats, weeks: Sequence[str]) -> list[tuple[str, str]]:
        """(venue code, distance band) for n points (easting, northing in metres); two empty texts where there is none."""
        result = [("", "")] * len(weeks)
        by_open: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for n, week in enumerate(weeks):
            if not numpy.isnan(points[n]).any():
                by_open[self._open(week)].append(n)
        for eligible, rows in by_open.items():
            nearest, distance = nearest_within(points[rows], self.sites[list(eligible)], FARTHEST_M)
            for n, site, metres in zip(rows, nearest, distance, strict=True):
                if site >= 0:
                    result[n] = (self.venues[eligible[site]].code, band_of(float(metres)))
        return result

    def _open(self, week: str) -> tuple[int, ...]:
        if week not in self._open_in:
            self._open_in[week] = tuple(
                k
                for k, venue in enumerate(self.venues)
                if not numpy.isnan(self.sites[k, 0]) and is_open(venue, week)
            )
        return self._open_in[week]


def is_open(venue: "VenueFacts", week: str) -> bool:
    """Whether the venue was there on any day of the ISO week."""
    monday = nights.week_start(week)
    sunday = monday + timedelta(days=6)
    return not (
        (venue.opened_on is not None and venue.opened_on > sunday)
        or (venue.closed_on is not None and venue.closed_on < monday)
    )


def venue_list_version(venues: Sequence["VenueFacts"]) -> str:
    """Sixteen hexadecimal digits that change with any code, place or date of the register; empty without venues."""
    facts = [(v.code, v.longitude, v.latitude, str(v.opened_on), str(v.closed_on)) for v in venues]
    return hashlib.sha256(repr(sorted(facts)).encode()).hexdigest()[:16] if facts else ""


def finish_batch(
    batch: list[StagedOffence], matcher: VenueMatcher, ground: "AreaGround | None" = None
) -> list[StagedOffence]:
    """Rows of a force extract with venue and distance band, and without exact places and times unless they are kept.

    ``ground`` fills areas that the source leaves empty.

    Street files pass through: their points are public, shared by many addresses, and never matched.
    """
    wanted = [n for n, row in enumerate(batch) if not row.open_data]
    if not wanted:
        return batch
    points = _points([batch[n] for n in wanted])
    found = matcher.match(points, [_week(batch[n]) for n in wanted])
    told = ground.areas_of([batch[n] for n in wanted], points) if ground and ground.layers else [{}] * len(wanted)
    keep = settings.WALKAWAY_KEEP_EXACT
    for n, (easting, northing), (code, band), areas in zip(wanted, points.tolist(), found, told, strict=True):
        row = batch[n]
        placed = row.easting is not None or row.longitude is not None
        matched: dict[str, Any] = {
            "placed": placed,
            "venue_code": code,
            "distance_band": band,
            "venue_list": matcher.version,
            **areas,
        }
        if keep:
            grid = {"easting": easting, "northing": northing} if easting == easting else {}
            batch[n] = row._replace(**matched, **grid)
        else:
            batch[n] = row._replace(
                **matched, from_local="", from_fold=0, to_local="", to_fold=0, longitude=None, latitude=None,
                easting=None, northing=None,
            )  # fmt: skip
    return batch


def _points(rows: list[StagedOffence]) -> Floats:
    """Easting and northing (n x 2, metres); NaN where a row has no place in Great Britain."""
    nan = float("nan")
    points = numpy.array(
        [(nan, nan) if row.easting is None else (row.easting, row.northing) for row in rows], dtype=float
    ).reshape(-1, 2)
    degrees = [n for n, row in enumerate(rows) if row.longitude is not None]
    if degrees:
        points[degrees] = metres_of(
            numpy.array([rows[n].longitude for n in degrees], dtype=float),
            numpy.array([rows[n].latitude for n in degrees], dtype=float),
        )
    return points


def _week(row: StagedOffence) -> str:
    return row.week or nights.week_of(date.fromisoformat(row.committed_on))
