"""Things in order: ratios with intervals and a band, one or more lines over the same weeks, bars around nought."""

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
    nice_top,
    ratio_limits,
    ratio_ticks,
    spread_labels,
    text,
    width_of,
    wrapped,
)  # fmt: skip

PLOT = 190
PANEL = 96


@dataclass(frozen=True)
class RatioPoint:
    """A ratio at a place in an order. The band holds all points together, the interval only this one."""

    label: str
    ratio: float
    low: float | None = None
    high: float | None = None
    band_low: float | None = None
    band_high: float | None = None

    @property
    def values(self) -> list[float]:
        ends = (self.ratio, self.low, self.high, self.band_low, self.band_high)
        return [each for each in ends if each is not None and each > 0]


@dataclass(frozen=True)
class Panel:
    """One line over the weeks, on its own axis from 0. ``share``: the axis ends at 100 %."""

    title: str
    values: Sequence[float | None]
    share: bool = False
    bars: bool = False


@dataclass(frozen=True)
class Line:
    """One of several lines on one axis: its words and a value for each period."""

    title: str
    values: Sequence[float]


def ratio_series(
    points: Sequence[RatioPoint],
    words: Words,
    *,
    under: str,
    split_before: int | None = None,
    standalone: bool = False,
) -> str:
    """Ratios in order on a logarithmic axis with 1 marked, intervals as bars and the joint band behind them.

    ``under`` names the order ("weeks since the start"); a line of dots stands before point ``split_before``.
    """
    if not points:
        return ""
    low, high = ratio_limits([value for point in points for value in point.values])
    top, left = 10, 52
    upward = logarithmic(low, high, top + PLOT, top)
    slot = (WIDTH - EDGE - left) / len(points)

    def across(n: int) -> float:
        return left + slot * (n + 0.5)

    parts: list[str] = []
    for tick in ratio_ticks(low, high, upward, 24):
        y = upward(tick)
        parts.append(line("one" if tick == 1 else "line", left, y, WIDTH - EDGE, y))
        parts.append(
            text(left - 6, min(max(y + 5, 12), top + PLOT + 5), f"{tick:g}", anchor="end", strong=tick == 1)
        )
    banded = [n for n, point in enumerate(points) if point.band_low and point.band_high]
    if len(banded) > 1:
        there = " ".join(f"{across(n):.1f} {upward(points[n].band_high or 1):.1f}" for n in banded)
        back = " ".join(f"{across(n):.1f} {upward(points[n].band_low or 1):.1f}" for n in reversed(banded))
        parts.insert(0, f'<path class="chart__band" d="M{there} L{back} Z"/>')
    if split_before is not None and 0 < split_before < len(points):
        x = left + slot * split_before
        parts.append(line("path", x, top, x, top + PLOT, "path--second"))
    for n, point in enumerate(points):
        x = across(n)
        if point.low and point.high:
            parts.append(line("interval", x, upward(point.low), x, upward(point.high)))
            parts += [line("interval", x - 4, upward(end), x + 4, upward(end)) for end in (point.low, point.high)]
        parts.append(dot(x, upward(point.ratio), 5))
    bottom = top + PLOT + LINE + 2
    parts += spread_labels([point.label for point in points], across, bottom, left=left - 20)
    parts.append(text(WIDTH / 2, bottom + LINE, under, anchor="middle"))
    return framed(words, bottom + LINE + 8, parts, standalone=standalone)


def stacked_lines(
    labels: Sequence[str], panels: Sequence[Panel], words: Words, *, standalone: bool = False
) -> str:
    """Lines over the same weeks, one above the other, each on its own axis from 0: never two scales at once.

    A missing value breaks the line; a value alone between gaps is a dot.
    """
    if not labels or not panels:
        return ""
    right, top = WIDTH - EDGE, 0.0
    tops = [
        1.0 if panel.share else nice_top(max((v for v in panel.values if v is not None), default=0.0))
        for panel in panels
    ]
    steps = [
        [(share, f"{share:.0%}" if panel.share else _step(most * share)) for share in (0.0, 0.5, 1.0)]
        for panel, most in zip(panels, tops, strict=True)
    ]
    left = max(52.0, *(width_of(label) + 8 for each in steps for _, label in each))
    parts: list[str] = []

    def across(n: int) -> float:
        return left + (right - left) * (n / max(1, len(labels) - 1))

    for number, (panel, most) in enumerate(zip(panels, tops, strict=True)):
        top += 4
        for words_of in wrapped(panel.title, (WIDTH - 8) / 1.1):  # bold letters are wider
            top += LINE
            parts.append(text(4, top - 4, words_of, strong=True))
        top += 10
        for share, label in steps[number]:
            y = top + PANEL * (1 - share)
            parts.append(line("line", left, y, right, y))
            parts.append(text(left - 6, y + 5, label, anchor="end"))
        parts += _drawn(panel, most, across, top, second=number > 0)
        top += PANEL + 12
    parts += spread_labels(labels, across, top + FONT, left=4, right=WIDTH - 4)
    return framed(words, top + FONT + 10, parts, standalone=standalone)


def _step(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def _drawn(panel: Panel, most: float, across: Callable[[int], float], top: float, *, second: bool) -> list[str]:
    path, alone, drawing = [], [], False
    values = list(panel.values)
    for n, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        x, y = across(n), top + PANEL * (1 - value / most)
        after = values[n + 1] if n + 1 < len(values) else None
        if not drawing and after is None:
            alone.append(dot(x, y, 3))
        path.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        drawing = True
    kind = " chart__path--second" if second else ""
    return [f'<path class="chart__path{kind}" d="{" ".join(path)}"/>' if path else "", *alone]


def overlaid(
    labels: Sequence[str], points: Sequence[float], line_of: Line, other: Line, words: Words, *, split_before: int,
    standalone: bool = False,
) -> str:  # fmt: skip
    """Dots with two lines over the same periods, on one axis from 0; a line of dots stands before ``split_before``.

    The second line is broken and drawn from the split on: before it the two are one. Words under the chart name all three.
    """
    if not labels:
        return ""
    most = nice_top(max([*points, *line_of.values, *other.values]))
    steps = [(share, _step(most * share)) for share in (0.0, 0.5, 1.0)]
    left, right, top = max(52.0, *(width_of(label) + 8 for _, label in steps)), WIDTH - EDGE, 12

    def across(n: float) -> float:
        return left + (right - left) * (n / max(1, len(labels) - 1))

    def upward(value: float) -> float:
        return top + PLOT * (1 - value / most)

    parts: list[str] = []
    for share, label in steps:
        parts.append(line("line", left, upward(most * share), right, upward(most * share)))
        parts.append(text(left - 6, upward(most * share) + 5, label, anchor="end"))
    split = across(split_before - 0.5)
    parts.append(line("one", split, top, split, top + PLOT))
    parts += [dot(across(n), upward(value), 2) for n, value in enumerate(points)]
    for values, first, kind in ((line_of.values, 0, ""), (other.values, split_before, " chart__path--second")):
        path = " ".join(
            f"{'M' if n == first else 'L'}{across(n):.1f} {upward(values[n]):.1f}"
            for n in range(first, len(values))
        )
        parts.append(f'<path class="chart__path{kind}" d="{path}"/>')
    bottom = top + PLOT + LINE + 2
    parts += spread_labels(labels, across, bottom, left=4, right=WIDTH - 4)
    for said in (
        f"Dots: recorded. Line: {line_of.title}.",
        f"Broken line: {other.title}.",
        "Upright line: the step.",
    ):
        for words_of in wrapped(said, WIDTH - 8):
            bottom += LINE
            parts.append(text(4, bottom, words_of))
    return framed(words, bottom + 8, parts, standalone=standalone)


def bars_around_nought(
    labels: Sequence[str], values: Sequence[float], words: Words, *, under: str, standalone: bool = False
) -> str:
    """Signed values as standing bars around 0, on an axis that is the same up and down; the number by each bar."""
    if not values:
        return ""
    most = nice_top(max(abs(value) for value in values))
    left, top, half = 52, 26, 70
    middle = top + half
    slot = (WIDTH - EDGE - left) / len(values)
    parts = []
    for share in (-1, 0, 1):
        y = float(middle - half * share)
        parts.append(line("one" if share == 0 else "line", left, y, WIDTH - EDGE, y))
        parts.append(text(left - 6, y + 5, f"{most * share:g}", anchor="end"))
    for n, value in enumerate(values):
        height = half * abs(value) / most
        x = left + slot * (n + 0.2)
        y = middle - height if value >= 0 else middle
        parts.append(
            f'<rect class="chart__bar" x="{x:.1f}" y="{y:.1f}" width="{slot * 0.6:.1f}" height="{height:.1f}"/>'
        )
    bottom = middle + half + LINE + 4
    parts += spread_labels(labels, lambda n: left + slot * (n + 0.5), bottom, left=left - 10)
    parts.append(text(WIDTH / 2, bottom + LINE, under, anchor="middle"))
    return framed(words, bottom + LINE + 8, parts, standalone=standalone)


def histogram(
    counts: Sequence[int],
    edges: Sequence[float],
    observed: float,
    words: Words,
    *,
    mark: str = "observed",
    standalone: bool = False,
) -> str:
    """Counts of draws between edges as bars, with what was observed as a marked line. Empty without draws."""
    if not counts or max(counts) == 0:
        return ""
    left, right, top, height = 14, WIDTH - 14, 34, 140
    low, high = min(edges[0], observed), max(edges[-1], observed)
    low, high = low - 0.03 * (high - low), high + 0.03 * (high - low)

    def across(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = []
    for n, count in enumerate(counts):
        tall = height * count / max(counts)
        x = across(edges[n])
        parts.append(
            f'<rect class="chart__bar" x="{x:.1f}" y="{top + height - tall:.1f}" '
            f'width="{max(0.5, across(edges[n + 1]) - x - 1):.1f}" height="{tall:.1f}"/>'
        )
    parts.append(line("line", left, top + height, right, top + height))
    parts.append(line("observed", across(observed), top - 8, across(observed), top + height))
    label = f"{mark}: {observed:.2f}"
    half = width_of(label, strong=True) / 2 + 2
    parts.append(
        text(min(max(across(observed), half), WIDTH - half), top - 14, label, anchor="middle", strong=True)
    )
    taken = -1e9
    for value in (edges[0], 0.0, edges[-1]):
        x = across(value)
        if low <= value <= high and x - taken > 50:
            edge = width_of(f"{value:.1f}") / 2
            parts.append(
                text(min(max(x, edge), WIDTH - edge), top + height + LINE, f"{value:.1f}", anchor="middle")
            )
            taken = x
    return framed(words, top + height + LINE + 10, parts, standalone=standalone)
