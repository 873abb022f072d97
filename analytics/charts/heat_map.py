"""Rows by columns: how dark and how tall a cell is says how much. It reads in greyscale, as height says it too."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.frame import (
    EDGE,
    FONT,
    LINE,
    WIDTH,
    Words,
    framed,
    line,
    spread_labels,
    text,
    width_of,
    wrapped,
)

ROW = 20
LABEL = 84
STEPS = 5


@dataclass(frozen=True)
class Scale:
    """The lower ends of the steps above nothing, ascending, and what a reader sees for each step."""

    ends: tuple[float, float, float, float]
    labels: tuple[str, str, str, str, str]
    unknown: str = "not known"

    def step(self, value: float) -> int:
        """0 for nothing, then 1 to 4."""
        if value <= 0:
            return 0
        return max(1, sum(value >= end for end in self.ends))


SHARES = Scale((0.0, 0.25, 0.5, 0.75), ("none", "under 25 %", "25 to 49 %", "50 to 74 %", "75 % and over"))


def count_scale(highest: float) -> Scale:
    """Steps for counts up to ``highest``: 1, then thirds of it."""
    third = max(1.0, highest / 4)
    ends = (0.0, *(max(n + 1.0, round(third * n)) for n in (1, 2, 3)))
    labels = (
        "none",
        f"under {ends[1]:g}",
        f"{ends[1]:g} to under {ends[2]:g}",
        f"{ends[2]:g} to under {ends[3]:g}",
        f"{ends[3]:g} and over",
    )
    return Scale(ends, labels)  # type: ignore[arg-type]


def heat_map(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    columns: Sequence[str],
    scale: Scale,
    words: Words,
    *,
    standalone: bool = False,
) -> str:
    """A cell for each row and column: taller and darker is more, an empty box is not known or not shown.

    The numbers of cells are not in the picture, so that nothing that is held back can be read out of it.
    """
    if not rows or not columns:
        return ""
    left, top = LABEL + 6, 6.0
    slot = (WIDTH - EDGE - left) / len(columns)
    drawn: dict[str, list[str]] = {f"cell--{n}": [] for n in range(STEPS)}
    drawn["cell--unknown"] = []
    parts: list[str] = []
    for number, (label, values) in enumerate(rows):
        base = top + ROW * (number + 1) - 2
        parts.append(text(LABEL, base - 3, wrapped(label, LABEL, most=1)[0], anchor="end"))
        for n, value in enumerate(values):
            kind = "cell--unknown" if value is None else f"cell--{scale.step(value)}"
            tall = (ROW - 4) if value is None else max(1.5, (ROW - 4) * scale.step(value) / (STEPS - 1))
            drawn[kind].append(_box(left + slot * n, base, slot * (0.6 if value is None else 0.9), tall))
    parts += [f'<path class="chart__{kind}" d="{"".join(boxes)}"/>' for kind, boxes in drawn.items() if boxes]
    y = top + ROW * len(rows) + 2
    parts.append(line("line", left, y, WIDTH - EDGE, y))
    parts += spread_labels(columns, lambda n: left + slot * (n + 0.5), y + FONT + 2, left=left - 30)
    y += FONT + 12
    labels = (*scale.labels, scale.unknown)
    abreast = 2 if max(map(width_of, labels)) < WIDTH / 2 - 36 else 1
    for n, label in enumerate(labels):
        kind = "cell--unknown" if n == STEPS else f"cell--{n}"
        x, row = (EDGE, WIDTH / 2)[n % abreast], y + LINE * (n // abreast + 1)
        tall = 14 if n == STEPS else max(1.5, 14 * n / (STEPS - 1))
        parts.append(f'<path class="chart__{kind}" d="{_box(x, row, 10, tall)}"/>')
        parts.append(text(x + 18, row, label))
    return framed(words, y + LINE * (len(labels) // abreast) + 10, parts, standalone=standalone)


def _box(x: float, base: float, width: float, tall: float) -> str:
    return f"M{x:.1f} {base:.1f}h{max(width, 0.5):.1f}v{-tall:.1f}h{-max(width, 0.5):.1f}z"
