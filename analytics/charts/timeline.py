"""Nights in a row: for each display how much it is believed to be up, with a mark for each report; counts below."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.frame import EDGE, FONT, LINE, WIDTH, Words, framed, line, nice_top, spread_labels, text

HIGH = 34
COUNTS = 60
MARKS = {"up": "▲", "down": "▼", "damaged": "◆", "more": "✉"}


@dataclass(frozen=True)
class Track:
    """One display: a share from 0 to 1 for each night, None where nobody knows; reports as (night number, state)."""

    label: str
    shares: Sequence[float | None]
    reports: Sequence[tuple[int, str]] = ()


def timeline(
    tracks: Sequence[Track], counts: Sequence[float], nights: Sequence[str], words: Words, *, under: str
) -> str:
    """One strip for each display, all over the same nights; bars of ``counts`` by night at the bottom. Empty without nights.

    Taller is fresher; a thin line at half height means that nobody knows.
    """
    if not nights:
        return ""
    left, right = 8.0, float(WIDTH - EDGE)
    slot = (right - left) / len(nights)
    parts: list[str] = []
    y = 0.0
    for track in tracks:
        y += LINE + 2
        parts.append(text(left, y - 4, track.label, strong=True))
        base = y + LINE + HIGH
        parts += _bars(track.shares, left, slot, base, HIGH)
        parts.append(line("line", left, base, right, base))
        taken = -99.0
        for night, state in track.reports:
            x = left + slot * (night + 0.5)
            if x - taken >= 11 or state == "down":
                parts.append(text(x, base - HIGH - 4, MARKS[state], anchor="middle"))
                taken = x
        y = base
    y += LINE + 4
    most = nice_top(max(counts, default=0.0))
    parts.append(text(left, y, f"{under} (top of the strip: {most:g})", strong=True))
    base = y + 8 + COUNTS
    parts += _bars([each / most for each in counts], left, slot, base, COUNTS, kind="bar")
    parts.append(line("line", left, base, right, base))
    parts += spread_labels(nights, lambda n: left + slot * (n + 0.5), base + FONT + 4, left=2, right=WIDTH - 2)
    y = base + FONT + 4 + LINE
    parts.append(text(left, y, "▲ up  ▼ gone  ◆ damaged  ✉ more"))
    return framed(words, y + 10, parts)


def _bars(
    values: Sequence[float | None], left: float, slot: float, base: float, high: float, *, kind: str = "cell--3"
) -> list[str]:
    """Runs of equal nights become one box each, so that years of nights stay a small picture."""
    boxes, unknown = [], []
    start = 0
    for n in range(1, len(values) + 1):
        if n < len(values) and values[n] == values[start]:
            continue
        x, wide, value = left + slot * start, slot * (n - start), values[start]
        if value is None:
            unknown.append(f"M{x:.1f} {base - high / 2:.1f}h{wide:.1f}")
        elif value > 0:
            boxes.append(f"M{x:.1f} {base:.1f}h{wide:.1f}v{-high * value:.1f}h{-wide:.1f}z")
        start = n
    drawn = f'<path class="chart__{kind}" d="{"".join(boxes)}"/>' if boxes else ""
    lines = f'<path class="chart__path chart__path--second" d="{"".join(unknown)}"/>' if unknown else ""
    return [drawn + lines]
