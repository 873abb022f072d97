"""Charts as SVG text from our own templates: no script, no colours of their own, every word escaped.

They are 360 units wide, so that their letters are full size on a phone. In a page, colours come from the style
sheet; ``standalone`` puts the style inside for files and print. A table with the same numbers always follows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
TICKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
STYLE = (
    "<style>.chart{background:#fff}.chart__text{fill:#16151f;font:12px 'Red Hat Display',sans-serif}"
    ".chart__strong{font-weight:700}.chart__line{stroke:#c9c7d3;stroke-width:1}"
    ".chart__one{stroke:#16151f;stroke-width:1.5;stroke-dasharray:4 3}"
    ".chart__interval{stroke:#b32a04;stroke-width:3}.chart__dot{fill:#b32a04}.chart__bar{fill:#8a88a0}"
    ".chart__path{fill:none;stroke:#b32a04;stroke-width:2}.chart__path--second{stroke:#3d3b57}"
    ".chart__observed{stroke:#b32a04;stroke-width:3}</style>"
)


@dataclass(frozen=True)
class Interval:
    """One row of a dot-and-interval chart: a rate ratio with its ends."""

    label: str
    ratio: float
    low: float
    high: float


def _frame(name: str, height: float, title: str, description: str, parts: list[str], standalone: bool) -> str:
    size = f' width="{WIDTH * 2}" height="{height * 2:.0f}"' if standalone else ""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}"{size} role="img" '
        f'aria-labelledby="{name}-title {name}-desc" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        + (STYLE if standalone else "")
        + "".join(parts)
        + "</svg>"
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", strong: bool = False) -> str:
    classes = "chart__text chart__strong" if strong else "chart__text"
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="chart__{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def interval_chart(
    rows: Sequence[Interval], *, title: str, description: str, name: str = "interval", standalone: bool = False
) -> str:
    """Rate ratios on a logarithmic axis with 1 marked; no interval is ever cropped. Empty without rows."""
    if not rows:
        return ""
    low = min(0.8, *(row.low for row in rows)) / 1.04
    high = max(1.25, *(row.high for row in rows)) * 1.04
    left, right, top, step = 14, WIDTH - 14, 14, 64

    def across(value: float) -> float:
        return left + (math.log(value) - math.log(low)) / (math.log(high) - math.log(low)) * (right - left)

    bottom = top + step * len(rows)
    parts: list[str] = []
    last = -1e9
    for tick in TICKS:
        if low <= tick <= high and (
            tick == 1.0 or (across(tick) - last > 34 and abs(across(tick) - across(1)) > 34)
        ):
            parts.append(_line("one" if tick == 1.0 else "line", across(tick), top, across(tick), bottom))
            parts.append(_text(across(tick), bottom + 17, f"{tick:g}", anchor="middle", strong=tick == 1.0))
            last = across(tick)
    parts.append(_text(left, bottom + 36, "fewer assaults"))
    parts.append(_text(right, bottom + 36, "more assaults", anchor="end"))
    for n, row in enumerate(rows):
        y = top + step * n + 46
        parts.append(_text(left, y - 30, row.label, strong=True))
        parts.append(_text(left, y - 14, f"{row.ratio:.2f} (95 % interval {row.low:.2f} to {row.high:.2f})"))
        parts.append(_line("interval", across(row.low), y, across(row.high), y))
        for end in (row.low, row.high):
            parts.append(_line("interval", across(end), y - 5, across(end), y + 5))
        parts.append(f'<circle class="chart__dot" cx="{across(row.ratio):.1f}" cy="{y}" r="6"/>')
    return _frame(name, bottom + 46, title, description, parts, standalone)


def weeks_chart(
    weeks: Sequence[str],
    reach: Sequence[float | None],
    assaults: Sequence[float],
    *,
    title: str,
    description: str,
    name: str = "weeks",
    standalone: bool = False,
) -> str:
    """Two lines over the same weeks, each on its own axis from 0, one above the other: never on two scales at once."""
    if not weeks:
        return ""
    left, right, height = 40, WIDTH - 10, 96
    parts: list[str] = []

    def across(n: int) -> float:
        return left + (right - left) * (n / max(1, len(weeks) - 1))

    highest = max(1.0, *assaults)
    for top, words, values, most, kind in (
        (28, "Mean share of trading nights live", reach, 1.0, ""),
        (174, "Recorded assaults a week", assaults, highest, " chart__path--second"),
    ):
        parts.append(_text(4, top - 12, words, strong=True))
        for share in (0, 0.5, 1):
            y = top + height * (1 - share)
            parts.append(_line("line", left, y, right, y))
            label = f"{share:.0%}" if most == 1.0 and not kind else f"{most * share:.0f}"
            parts.append(_text(left - 6, y + 4, label, anchor="end"))
        path, drawing = [], False
        for n, value in enumerate(values):
            if value is None:
                drawing = False
                continue
            path.append(f"{'L' if drawing else 'M'}{across(n):.1f} {top + height * (1 - value / most):.1f}")
            drawing = True
        parts.append(f'<path class="chart__path{kind}" d="{" ".join(path)}"/>')
    for n, anchor in ((0, "start"), (len(weeks) // 2, "middle"), (len(weeks) - 1, "end")):
        parts.append(_text(across(n), 290, weeks[n], anchor=anchor))
    return _frame(name, 300, title, description, parts, standalone)


def histogram(
    counts: Sequence[int],
    edges: Sequence[float],
    observed: float,
    *,
    title: str,
    description: str,
    name: str = "null",
    standalone: bool = False,
) -> str:
    """Statistics of shuffled roll-outs as bars, with the one that was observed as a line. Empty without draws."""
    if not counts or max(counts) == 0:
        return ""
    left, right, top, height = 14, WIDTH - 14, 34, 130
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
    parts.append(_line("line", left, top + height, right, top + height))
    parts.append(_line("observed", across(observed), top - 8, across(observed), top + height))
    side = "start" if across(observed) < WIDTH / 2 else "end"
    parts.append(_text(across(observed), top - 14, f"observed: {observed:.2f}", anchor=side, strong=True))
    for value, anchor in ((edges[0], "start"), (0.0, "middle"), (edges[-1], "end")):
        if low <= value <= high:
            parts.append(_text(across(value), top + height + 17, f"{value:.1f}", anchor=anchor))
    return _frame(name, top + height + 26, title, description, parts, standalone)
