"""The types of location that measures and tables know; a mapping's [values.location_type] leads to them."""

UNKNOWN = "unknown"
LOCATION_TYPES = {
    "dwelling": "Dwelling",
    "public_or_open_place": "Public or open place",
    "hospitality": "Hospitality: pub, bar, club, restaurant, hotel",
    "education": "Education",
    "shop": "Shop",
    "transport": "Transport: vehicle, station, stop",
    "other": "Other",
    UNKNOWN: "Location unknown",
}


def title_of(code: str) -> str:
    """For people; a source's own words, where its mapping has no table, as they are."""
    return LOCATION_TYPES.get(code or UNKNOWN) or code.replace("_", " ").capitalize()
