"""A map of catchments in National Grid metres: venues, and rings of distance round them. North is up."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.frame import EDGE, FONT, LETTER, LINE, WIDTH, Words, dot, framed, line, text, width_of

RINGS = (
    (600, "ring", "300 to 600 m"),
    (300, "ring--second", "150 to 300 m"),
    (150, "ring--first", "within 150 m"),
)
HIGH = 330


@dataclass(frozen=True)
class Place:
    """A point in metres (EPSG:27700). ``size`` above 1 draws a larger dot: several venues that share a catchment."""

    label: str
    easting: float
    northing: float
    size: int = 1


def catchment_map(places: Sequence[Place], words: Words, *, rings: bool = True, standalone: bool = False) -> str:
    """Dots with rings drawn to scale, a scale bar, and labels where there is room. Empty without places.

    Rings of venues that stand close join: only their outline outside each other shows, as in the counting, where an
    offence belongs to its nearest venue.
    """
    if not places:
        return ""
    edge = 650.0 if rings else 0.0
    west, east = min(p.easting for p in places) - edge, max(p.easting for p in places) + edge
    south, north = min(p.northing for p in places) - edge, max(p.northing for p in places) + edge
    span = max(east - west, north - south, 400.0)
    room = WIDTH - 2 * EDGE
    scale = min(room / max(east - west, span * 0.2), HIGH / max(north - south, span * 0.2))
    height = max(80.0, (north - south) * scale)

    def across(place: Place) -> float:
        return WIDTH / 2 + (place.easting - (west + east) / 2) * scale

    def down(place: Place) -> float:
        return EDGE + height / 2 - (place.northing - (south + north) / 2) * scale

    parts = []
    if rings:
        for radius, kind, _ in RINGS:
            parts += [
                f'<circle class="chart__ring chart__{kind}" cx="{across(p):.1f}" cy="{down(p):.1f}" r="{radius * scale:.1f}"/>'
                for p in places
            ]
    parts += [dot(across(p), down(p), min(9.0, 3.0 + p.size**0.5)) for p in places]
    parts += _labels([(across(p), down(p), p.label) for p in places])
    y = EDGE + height + LINE
    parts += _scale_bar(scale, y)
    if rings:
        for radius, kind, label in reversed(RINGS):
            y += LINE
            parts.append(
                f'<circle class="chart__ring chart__{kind}" cx="{EDGE + 8}" cy="{y - 5:.1f}" r="{3 + radius / 120:.1f}"/>'
            )
            parts.append(text(EDGE + 26, y, label))
    return framed(words, y + 10, parts, standalone=standalone)


def _labels(points: Sequence[tuple[float, float, str]]) -> list[str]:
    """A label beside its dot where it meets no other label and no dot; the table names the others."""
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y, _ in points]
    parts = []
    for x, y, label in points:
        wide = width_of(label)
        for begin in (x + 10, x - 10 - wide):
            box = (begin, y - FONT + 4, begin + wide, y + 6)
            if box[0] < 2 or box[2] > WIDTH - 2:
                continue
            if all(box[2] < t[0] or box[0] > t[2] or box[3] < t[1] or box[1] > t[3] for t in taken):
                taken.append(box)
                parts.append(text(begin, y + 4, label))
                break
    return parts


def _scale_bar(scale: float, y: float) -> list[str]:
    room = (WIDTH - 2 * EDGE) * 0.4
    metres = next((m for m in (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100) if m * scale <= room), 50)
    label = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    end = EDGE + metres * scale
    return [
        line("one", EDGE, y - 5, end, y - 5),
        text(end + LETTER, y, label),
        text(WIDTH - EDGE, y, "north is up", anchor="end"),
    ]
