"""A venue with one place, made in one line."""

from campaign_pages.venues.models import Area, PosterPlace, Venue


def place(code: str = "7K3Q9", *, venue_code: str = "V1", name: str = "The Lamplighter") -> PosterPlace:
    area, _ = Area.objects.get_or_create(code="E06000016", defaults={"name": "Leicester"})
    venue, _ = Venue.objects.get_or_create(code=venue_code, defaults={"name": name, "area": area})
    return PosterPlace.objects.create(venue=venue, code=code, zone="bar")
