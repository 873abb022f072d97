"""Dot and interval: one ratio a row on a logarithmic axis (forest plot), roomy or compact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analytics.charts.frame import (
    EDGE,
    FONT,
    LINE,
    WIDTH,
    Words,
    dot,
    framed,
    line,
    logarithmic,
    ratio_limits,
    ratio_ticks,
    text,
    width_of,
    wrapped,
)  # fmt: skip
from analytics.shown_numbers import ratio_shown

BAR = 22
COMPACT = 22
COMPACT_LABEL = 200  # at most; the letters of most fonts need less


@dataclass(frozen=True)
class Interval:
    """A rate ratio with its ends; ends may be missing together. ``second``: drawn as an empty ring, not a dot."""

    label: str
    ratio: float
    low: float | None = None
    high: float | None = None
    second: bool = False

    @property
    def values(self) -> list[float]:
        return [each for each in (self.ratio, self.low, self.high) if each is not None]


def interval_chart(
    rows: Sequence[Interval],
    words: Words,
    *,
    sides: tuple[str, str] = ("fewer assaults", "more assaults"),
    compact: bool = False,
    standalone: bool = False,
) -> str:
    """Ratios on a logarithmic axis with 1 marked; no interval is ever cropped. Empty without rows.

    Roomy rows carry their numbers; compact ones (many rows) a short label, and the table has the numbers.
    """
    if not rows:
        return ""
    low, high = ratio_limits([value for row in rows for value in row.values])
    beside = min(COMPACT_LABEL, max(width_of(row.label) for row in rows) + 4)
    left, right = (beside + 8 if compact else EDGE), WIDTH - EDGE
    across = logarithmic(low, high, left, right)
    parts: list[str] = []
    y = 10.0
    marks: list[str] = []
    bars: list[tuple[float, float]] = []  # where the axis is drawn: beside the letters, never through them
    for row in rows:
        if compact:
            label = wrapped(row.label, beside, most=1)[0]
            parts.append(text(beside, y + FONT, label, anchor="end"))
            marks += _mark(row, across, y + COMPACT / 2, radius=4)
            bars.append((y, y + COMPACT))
            y += COMPACT
            continue
        for words_of in wrapped(row.label, WIDTH - 2 * EDGE):
            y += LINE
            parts.append(text(EDGE, y, words_of, strong=True))
        y += LINE
        parts.append(text(EDGE, y, _numbers(row)))
        marks += _mark(row, across, y + BAR / 2 + 4, radius=6)
        bars.append((y + 5, y + BAR + 3))
        y += BAR + 8
    axis: list[str] = []
    for tick in ratio_ticks(low, high, across, 42):
        x = across(tick)
        axis += [line("one" if tick == 1 else "line", x, begin, x, end) for begin, end in bars]
        half = width_of(f"{tick:g}") / 2
        axis.append(
            text(min(max(x, half), WIDTH - half), y + 4 + FONT, f"{tick:g}", anchor="middle", strong=tick == 1)
        )
    y += 4 + FONT + LINE
    axis += _sides(sides, y, EDGE if not compact else 4)
    return framed(words, y + 8, [*axis, *parts, *marks], standalone=standalone)


def _numbers(row: Interval) -> str:
    if row.low is None or row.high is None:
        return f"{ratio_shown(row.ratio, 2)} (no interval)"
    return f"{ratio_shown(row.ratio, 2)} (95 % interval {ratio_shown(row.low, 2)} to {ratio_shown(row.high, 2)})"


def _mark(row: Interval, across: Callable[[float], float], y: float, *, radius: float) -> list[str]:
    parts = []
    if row.low is not None and row.high is not None:
        more = "interval--second" if row.second else ""
        parts.append(line("interval", across(row.low), y, across(row.high), y, more))
        parts += [line("interval", across(end), y - 5, across(end), y + 5, more) for end in (row.low, row.high)]
    return [*parts, dot(across(row.ratio), y, radius, second=row.second)]


def _sides(sides: tuple[str, str], y: float, left: float) -> list[str]:
    """What lies on either side of 1, in words with arrows: the direction is never left to a colour."""
    right = WIDTH - EDGE
    arrow = '<path class="chart__arrow" d="M{} {}l{} -5v10z"/>'
    return [
        arrow.format(left, y - 5, 9),
        text(left + 14, y, sides[0]),
        text(right - 14, y, sides[1], anchor="end"),
        arrow.format(right, y - 5, -9),
    ]
