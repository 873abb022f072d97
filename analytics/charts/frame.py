"""The frame that all charts share: size, accessible name, letters that do not meet, axes, the style of files."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
FONT = 15
LINE = 19  # from one line of letters to the next
EDGE = 12
# Common system fonts measure 0.50 to 0.64 em a letter on average, bold ones a tenth more; too wide is the safe side.
LETTER = 0.64 * FONT
NICE = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0, 10_000.0)
STYLE = (
    "<style>.chart{background:#fff}.chart__text{fill:#16151f;font:15px 'Red Hat Display',sans-serif;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}"
    ".chart__strong{font-weight:700}.chart__line{stroke:#8a8896;stroke-width:1}"
    ".chart__one{stroke:#16151f;stroke-width:1.5;stroke-dasharray:4 3}"
    ".chart__interval,.chart__observed{stroke:#b32a04;stroke-width:3}"
    ".chart__interval--second,.chart__path--second{stroke:#3d3b57}.chart__interval--second{stroke-width:2}"
    ".chart__dot{fill:#b32a04}.chart__dot--second{fill:#fff;stroke:#3d3b57;stroke-width:2}"
    ".chart__bar{fill:#6b697e}.chart__arrow{fill:#16151f}.chart__band{fill:#e4e2ea;stroke:#6b697e;stroke-width:1;stroke-dasharray:2 2}"
    ".chart__path{fill:none;stroke:#b32a04;stroke-width:2}.chart__path--second{stroke-dasharray:6 3}"
    ".chart__cell--0{fill:#b9b7c4}.chart__cell--1{fill:#8f8ca3}.chart__cell--2{fill:#66637f}"
    ".chart__cell--3{fill:#3d3b57}.chart__cell--4{fill:#16151f}"
    ".chart__cell--unknown{fill:none;stroke:#6b697e;stroke-width:1}"
    ".chart__ring{fill:#e4e2ea;stroke:#6b697e;stroke-width:1}.chart__ring--second{fill:#c9c7d3;stroke-dasharray:5 3}"
    ".chart__ring--first{fill:#f6d9cf;stroke:#b32a04}"
    ".chart__area{fill:none;stroke:#6b697e;stroke-width:1.5;stroke-linejoin:round}"
    ".chart__ring--edge{fill:none;stroke-width:2.5}.chart__ring--inside{stroke:none}"
    ".chart__area--over{stroke-dasharray:1 3}</style>"
)


@dataclass(frozen=True)
class Words:
    """What a chart says of itself: its name to a screen reader and the longer description. ``name`` makes ids."""

    name: str
    title: str
    description: str


def framed(words: Words, height: float, parts: Sequence[str], *, standalone: bool = False) -> str:
    """The whole picture: role, title and description for those who hear it, then the parts."""
    size = f' width="{WIDTH * 2}" height="{height * 2:.0f}"' if standalone else ""
    name = escape(words.name)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {math.ceil(height)}"{size} role="img" '
        f'aria-labelledby="{name}-title {name}-desc" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{escape(words.title)}</title>'
        f'<desc id="{name}-desc">{escape(words.description)}</desc>'
        + (STYLE if standalone else "")
        + "".join(parts)
        + "</svg>"
    )


def standing_alone(svg: str) -> str:
    """A picture that was drawn for a page as one that needs no style sheet: for a file, or for print."""
    height = int(svg.partition(f'viewBox="0 0 {WIDTH} ')[2].partition('"')[0])
    sized = svg.replace(' role="img"', f' width="{WIDTH * 2}" height="{height * 2}" role="img"', 1)
    return sized.replace("</desc>", f"</desc>{STYLE}", 1)


def text(x: float, y: float, words: str, *, anchor: str = "start", strong: bool = False) -> str:
    """Letters on a base line ``y``."""
    classes = "chart__text chart__strong" if strong else "chart__text"
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    """A straight line of a kind of the style sheet."""
    extra = f" chart__{more}" if more else ""
    return f'<line class="chart__{kind}{extra}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def dot(x: float, y: float, radius: float = 6, *, second: bool = False) -> str:
    """A filled dot, or an empty ring for the second kind: told apart without colour."""
    kind = "chart__dot chart__dot--second" if second else "chart__dot"
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'


def width_of(words: str, *, strong: bool = False) -> float:
    """Width of letters in units, on the safe side."""
    return LETTER * len(words) * (1.1 if strong else 1)


def wrapped(words: str, width: float, *, most: int = 2) -> list[str]:
    """Words on lines of at most ``width`` units; what does not fit ends in an ellipsis (the table has all of it)."""
    room = max(4, int(width / LETTER))
    lines: list[str] = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [each if len(each) <= room else f"{each[: room - 1]}…" for each in lines]
    if len(lines) > most:
        last = lines[most - 1]
        lines = [*lines[: most - 1], f"{last[: room - 1]}…"]
    return lines


def logarithmic(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """The place of a ratio on a logarithmic axis from ``low`` at ``begin`` to ``high`` at ``end``."""
    span = math.log(high) - math.log(low)
    return lambda value: begin + (math.log(value) - math.log(low)) / span * (end - begin)


def ratio_limits(values: Sequence[float]) -> tuple[float, float]:
    """Ends of a ratio axis that holds every value and 1, with a little room: no interval is ever cropped."""
    return min(0.8, *values) / 1.05, max(1.25, *values) * 1.05


def ratio_ticks(low: float, high: float, place: Callable[[float], float], room: float) -> list[float]:
    """Ratios to mark, 1 always among them and never two nearer than ``room`` units."""
    candidates = sorted({*NICE, *(float(f"{1 / each:.1g}") for each in NICE), 0.7, 0.8, 0.9})
    kept = [1.0]
    for tick in sorted(
        candidates, key=lambda each: (abs(math.log(each)) % math.log(2) > 1e-9, -abs(math.log(each)))
    ):
        if low <= tick <= high and all(abs(place(tick) - place(other)) >= room for other in kept):
            kept.append(tick)
    return sorted(kept)


def nice_top(highest: float) -> float:
    """The smallest of 1, 2, 4, 5, 10 times a power of ten that holds the highest value; 1 for nothing."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= highest * (1 - 1e-12))


def spread_labels(
    labels: Sequence[str], place: Callable[[int], float], y: float, *, left: float = 0, right: float = WIDTH - 4
) -> list[str]:
    """As many labels under an axis as fit without meeting: the first, the last, then those between, evenly."""
    if not labels:
        return []

    def box(n: int) -> tuple[float, float, float]:
        half = width_of(labels[n]) / 2
        middle = min(max(place(n), left + half), right - half)
        return middle - half, middle, middle + half

    last = len(labels) - 1
    widest = max(width_of(each) for each in labels) + 10
    step = next((n for n in range(1, last) if abs(place(n) - place(0)) >= widest), max(1, last))
    chosen = [0]
    for n in range(step, last, step):
        if box(n)[0] >= box(chosen[-1])[2] + 6 and box(n)[2] + 6 <= box(last)[0]:
            chosen.append(n)
    if last and box(last)[0] >= box(chosen[-1])[2] + 6:
        chosen.append(last)
    return [text(box(n)[1], y, labels[n], anchor="middle") for n in chosen]
