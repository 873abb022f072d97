"""A map of catchments in National Grid metres: areas, rings of distance, venues. North is up."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.frame import EDGE, FONT, LETTER, LINE, WIDTH, Words, dot, framed, line, text, width_of

RINGS = (
    (600, "ring", "300 to 600 m"),
    (300, "ring--second", "150 to 300 m"),
    (150, "ring--first", "within 150 m"),
)
HIGH = 330
ROUND_RINGS = 650.0  # metres of room for the outer ring
SMALL = 2.2  # a dot that lets its rings be seen where the map is wide


@dataclass(frozen=True)
class Place:
    """A point in metres (EPSG:27700). ``size`` above 1 draws a larger dot: several venues that share a catchment."""

    label: str
    easting: float
    northing: float
    size: int = 1


@dataclass(frozen=True)
class Outline:
    """An area's border: closed lines of (easting, northing), and the point where its name goes."""

    label: str
    lines: tuple[tuple[tuple[float, float], ...], ...]
    middle: tuple[float, float]


@dataclass(frozen=True)
class Window:
    """What a map shows: its corners in metres, and units of the picture for a metre."""

    west: float
    south: float
    east: float
    north: float
    scale: float
    height: float

    def across(self, easting: float) -> float:
        return WIDTH / 2 + (easting - (self.west + self.east) / 2) * self.scale

    def down(self, northing: float) -> float:
        return EDGE + self.height / 2 - (northing - (self.south + self.north) / 2) * self.scale


def window_of(places: Sequence[Place], *, rings: bool = True) -> Window:
    """The window in which all places lie, with their rings. The corners are those of the picture, not of the places."""
    edge = ROUND_RINGS if rings else 0.0
    west, east = min(p.easting for p in places) - edge, max(p.easting for p in places) + edge
    south, north = min(p.northing for p in places) - edge, max(p.northing for p in places) + edge
    span = max(east - west, north - south, 400.0)
    scale = min((WIDTH - 2 * EDGE) / max(east - west, span * 0.2), HIGH / max(north - south, span * 0.2))
    height = max(80.0, (north - south) * scale)
    middle, centre = (west + east) / 2, (south + north) / 2
    half, tall = (WIDTH / 2 - 2) / scale, height / 2 / scale
    return Window(middle - half, centre - tall, middle + half, centre + tall, scale, height)


def catchment_map(
    places: Sequence[Place],
    words: Words,
    *,
    rings: bool = True,
    outlines: Sequence[Outline] = (),
    standalone: bool = False,
) -> str:
    """Dots with rings drawn to scale, a scale bar, and labels where there is room. Empty without places.

    Rings of venues that stand close join: only their outline outside each other shows, as in the counting, where an
    offence belongs to its nearest venue. Borders lie under the rings and go on over them as dots, cut to ``window_of``.
    """
    if not places:
        return ""
    window = window_of(places, rings=rings)

    def across(place: Place) -> float:
        return window.across(place.easting)

    def down(place: Place) -> float:
        return window.down(place.northing)

    borders = "".join(_path(each, window) for each in outlines)
    parts = [f'<path class="chart__area" d="{borders}"/>'] if borders else []
    if rings:
        for radius, kind, _ in RINGS:
            circles = "".join(_circle(across(p), down(p), radius * window.scale) for p in places)
            # Edges first, then all the insides over them: of circles that overlap the common outline is left.
            parts += [
                f'<path class="chart__ring chart__{kind} chart__ring--{part}" d="{circles}"/>'
                for part in ("edge", "inside")
            ]
    if borders and rings:
        parts.append(f'<path class="chart__area chart__area--over" d="{borders}"/>')
    small = rings and RINGS[-1][0] * window.scale < 4  # the inner ring would vanish under a dot
    parts += [dot(across(p), down(p), SMALL if small else min(9.0, 3.0 + p.size**0.5)) for p in places]
    named = [(across(p), down(p), p.label) for p in places]
    areas = [(window.across(o.middle[0]), window.down(o.middle[1]), o.label) for o in outlines]
    parts += _labels(named, [each for each in areas if FONT <= each[1] <= EDGE + window.height - 8])
    y = EDGE + window.height + LINE
    parts += _scale_bar(window.scale, y)
    if rings:
        for radius, kind, label in reversed(RINGS):
            y += LINE
            parts.append(
                f'<circle class="chart__ring chart__{kind}" cx="{EDGE + 8}" cy="{y - 5:.1f}" r="{3 + radius / 120:.1f}"/>'
            )
            parts.append(text(EDGE + 26, y, label))
    if borders:
        y += LINE
        parts.append(f'<path class="chart__area" d="M{EDGE} {y - 5:.1f}h16"/>')
        parts.append(text(EDGE + 26, y, "border of an area"))
    return framed(words, y + 10, parts, standalone=standalone)


def _circle(x: float, y: float, r: float) -> str:
    return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0z"


def _path(outline: Outline, window: Window) -> str:
    drawn = []
    for points in outline.lines:
        there = [f"{window.across(e):.1f} {window.down(n):.1f}" for e, n in points]
        drawn.append(f"M{' '.join(there)}")
    return "".join(drawn)


def _labels(points: Sequence[tuple[float, float, str]], areas: Sequence[tuple[float, float, str]]) -> list[str]:
    """A label beside its dot where it meets no other label and no dot, then names of areas; the table has the others."""
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y, _ in points]
    parts = []

    def put(begin: float, y: float, label: str) -> bool:
        box = (begin, y - FONT + 4, begin + width_of(label), y + 6)
        if box[0] < 2 or box[2] > WIDTH - 2:
            return False
        if not all(box[2] < t[0] or box[0] > t[2] or box[3] < t[1] or box[1] > t[3] for t in taken):
            return False
        taken.append(box)
        parts.append(text(begin, y + 4, label))
        return True

    for x, y, label in points:
        if label:
            put(x + 10, y, label) or put(x - 10 - width_of(label), y, label)
    for x, y, label in areas:
        put(x - width_of(label) / 2, y, label)
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
