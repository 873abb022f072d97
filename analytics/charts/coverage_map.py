"""Where something is on show: points in National Grid metres with the grid behind them. North is up.

Four states, told apart by shape: a full dot, a half-filled dot, an empty ring, a cross.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.frame import EDGE, LINE, WIDTH, Words, dot, framed, line, text

SHOWN, PARTLY, NOT_SHOWN, UNKNOWN = "shown", "partly", "not shown", "not known"
HIGH = 420
STEPS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


@dataclass(frozen=True)
class Spot:
    """A point in metres (EPSG:27700) and its state."""

    easting: float
    northing: float
    state: str


def coverage_map(spots: Sequence[Spot], words: Words, labels: dict[str, str], *, standalone: bool = False) -> str:
    """Spots to scale on the National Grid, with a key of the states in ``labels``. Empty without spots.

    Grid lines are named by their kilometre, as on an Ordnance Survey map.
    """
    if not spots:
        return ""
    left, top = 44.0, 8.0
    west, east = _ends([spot.easting for spot in spots])
    south, north = _ends([spot.northing for spot in spots])
    room = WIDTH - EDGE - left
    scale = min(room / (east - west), HIGH / (north - south))
    wide, height = room, max(120.0, (north - south) * scale)
    # The map fills its frame: what is left over is shared out on both sides.
    east, west = (east + west) / 2 + wide / scale / 2, (east + west) / 2 - wide / scale / 2
    north, south = (north + south) / 2 + height / scale / 2, (north + south) / 2 - height / scale / 2
    step = next((each for each in STEPS if each * scale >= 70), STEPS[-1])
    parts: list[str] = []
    for metres in _marks(west, east, step):
        x = left + (metres - west) * scale
        parts.append(line("line", x, top, x, top + height))
        parts.append(
            text(min(max(x, left + 8), WIDTH - EDGE - 16), top + height + LINE, _km(metres, step), anchor="middle")
        )
    for metres in _marks(south, north, step):
        y = top + (north - metres) * scale
        parts.append(line("line", left, y, WIDTH - EDGE, y))
        parts.append(text(left - 6, min(max(y + 5, 14), top + height), _km(metres, step), anchor="end"))
    order = (UNKNOWN, NOT_SHOWN, PARTLY, SHOWN)
    for spot in sorted(spots, key=lambda each: order.index(each.state)):
        parts.append(
            _mark(left + (spot.easting - west) * scale, top + (north - spot.northing) * scale, spot.state)
        )
    y = top + height + 2 * LINE
    parts.append(text(left, y, f"National Grid, lines {_words(step)} apart"))
    for state in reversed(order):
        y += LINE
        parts += [_mark(EDGE + 8, y - 5, state), text(EDGE + 24, y, labels[state])]
    return framed(words, y + 10, parts, standalone=standalone)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    edge = max(150.0, (high - low) * 0.05)
    return low - edge, high + edge


def _marks(low: float, high: float, step: int) -> list[int]:
    return list(range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step))


def _km(metres: int, step: int) -> str:
    return f"{metres / 1000:.0f}" if step >= 1000 else f"{metres / 1000:.1f}"


def _words(step: int) -> str:
    return f"{step // 1000} km" if step >= 1000 else f"{step} m"


def _mark(x: float, y: float, state: str) -> str:
    if state == SHOWN:
        return dot(x, y, 5)
    if state == NOT_SHOWN:
        return dot(x, y, 5, second=True)
    if state == PARTLY:
        half = f'<path class="chart__dot" d="M{x:.1f} {y - 5:.1f}a5 5 0 0 0 0 10z"/>'
        return dot(x, y, 5, second=True) + half
    cross = f"M{x - 4:.1f} {y - 4:.1f}l8 8M{x - 4:.1f} {y + 4:.1f}l8 -8"
    return f'<path class="chart__path chart__path--cross" d="{cross}"/>'
