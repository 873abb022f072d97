"""Where synthetic offences lie: near venues, or around the centres of areas. Metres, EPSG:27700."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from analytics.police_data.places import metres_of, nearest_within

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

RADIUS_M = 150.0
CENTRAL_M = 1500.0  # how far the middle policing area of a city reaches east and west of its centre


class Places:
    """The venues and areas of one extract. Venues are sorted by code."""

    def __init__(self, data: dict[str, Any], venues: Sequence["VenueFacts"]) -> None:
        self.venues = sorted(venues, key=lambda each: each.code)
        self.names = list(data["areas"])
        self.policing = data.get("areas_of_police", {})
        self.centres = numpy.array([each["centre"] for each in data["areas"].values()], dtype=float)
        self.spreads = numpy.array([each["spread"] for each in data["areas"].values()], dtype=float)
        self.sites = metres_of(
            numpy.array([each.longitude for each in self.venues]),
            numpy.array([each.latitude for each in self.venues]),
        )
        named = {name.casefold(): n for n, name in enumerate(self.names)}
        distance = ((self.sites[:, None, :] - self.centres[None]) ** 2).sum(axis=2)
        self.area_of_venue = numpy.array(
            [
                named.get(venue.area_name.casefold(), int(distance[n].argmin()))
                for n, venue in enumerate(self.venues)
            ],
            dtype=int,
        )

    def near(self, venue: Any, rng: numpy.random.Generator, reach_m: float = 140.0) -> Any:
        """A point at most ``reach_m`` from each venue."""
        radius = reach_m * numpy.sqrt(rng.random(len(venue)))
        angle = 2 * numpy.pi * rng.random(len(venue))
        return self.sites[venue] + numpy.column_stack((radius * numpy.cos(angle), radius * numpy.sin(angle)))

    def ring(self, venue: int, rng: numpy.random.Generator) -> Any:
        """A point 155 to 295 m from a venue, over 150 m from every other where one can be found."""
        for _ in range(60):
            radius = numpy.sqrt(rng.uniform(155.0**2, 295.0**2))
            angle = 2 * numpy.pi * rng.random()
            point = self.sites[venue] + radius * numpy.array((numpy.cos(angle), numpy.sin(angle)))
            if nearest_within(point[None], self.sites, RADIUS_M + 1)[0][0] < 0:
                break
        return point

    def anywhere(self, area: Any, rng: numpy.random.Generator, *, away: bool) -> Any:
        """Points around the centre of each area; ``away`` keeps them over 150 m from every venue."""
        points = self.centres[area] + rng.normal(0, 1, (len(area), 2)) * self.spreads[area][:, None]
        for _ in range(40 if away and len(self.sites) else 0):
            close = nearest_within(points, self.sites, RADIUS_M + 2)[0] >= 0
            if not close.any():
                break
            points[close] = (
                self.centres[area[close]]
                + rng.normal(0, 1.3, (int(close.sum()), 2)) * self.spreads[area[close]][:, None]
            )
        return points

    def policing_area(self, area: int, easting: float) -> str:
        """The neighbourhood policing area of a point; in a city the western, middle or eastern one."""
        names = self.policing.get(self.names[area], [f"{self.names[area]} NPA"])
        if len(names) < 3:
            return str(names[0])
        east = easting - self.centres[area, 0]
        return str(names[0 if east < -CENTRAL_M else 2 if east > CENTRAL_M else 1])
