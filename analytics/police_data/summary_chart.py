"""A bar chart of a summary as SVG text: no script, colours from the page, the table beside it says the same."""

from collections.abc import Sequence
from html import escape

from analytics.police_data.summary import SummaryRow, tidy

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 300, 56, 48, 20
MOST_BARS = 60


def _nice_top(highest: float) -> float:
    """The smallest of 1, 2, 4, 5, 10 times a power of ten that holds the highest bar."""
    if highest <= 0:
        return 1.0
    power = 1.0
    while power < highest:
        power *= 10
    while power / 10 >= highest:
        power /= 10
    return next(step * power / 10 for step in (1, 2, 4, 5, 10) if step * power / 10 >= highest)


def bar_chart(rows: Sequence[SummaryRow], *, title: str, description: str, name: str = "police-chart") -> str:
    """SVG markup of at most 60 bars; every text in it is escaped. Empty when there is nothing to draw.

    ``name`` begins the ids of its title and description: each chart of a page needs its own.
    """
    shown = list(rows[:MOST_BARS])
    if not shown:
        return ""
    top = _nice_top(max(row.count for row in shown))
    plot_height = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT) / len(shown)
    parts = [
        f'<svg class="police-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-description" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-description">{escape(description)}</desc>',
    ]
    for quarter in range(5):
        y = TOP + plot_height * (1 - quarter / 4)
        parts.append(f'<line class="police-chart__line" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="police-chart__text" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tidy(top * quarter / 4):,}</text>"
        )
    # With many bars every label would cover the next: then only some are written, the table has them all.
    every = max(1, -(-len(shown) * 44 // (WIDTH - LEFT)))
    for n, row in enumerate(shown):
        height = plot_height * row.count / top
        x = LEFT + n * slot + slot * 0.12
        parts.append(
            f'<rect class="police-chart__bar" x="{x:.1f}" y="{TOP + plot_height - height:.1f}" '
            f'width="{slot * 0.76:.1f}" height="{height:.1f}"><title>{escape(row.label)}: {row.count:,}</title></rect>'
        )
        if n % every == 0:
            label = row.key if len(row.key) <= 10 else f"{row.key[:9]}…"
            parts.append(
                f'<text class="police-chart__text" x="{x + slot * 0.38:.1f}" y="{HEIGHT - BOTTOM + 20}" '
                f'text-anchor="middle">{escape(label)}</text>'
            )
    parts.append("</svg>")
    return "".join(parts)
