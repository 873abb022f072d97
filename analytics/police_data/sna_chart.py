"""Charts of the needs assessment's tables as SVG text: no script, colours from the page, legible at 360 px.

The drawing is as wide as a small phone. Labels stand above their bars, so that no text meets another, and a
long one is cut; the table beside the chart has all of it.
"""

from html import escape

from analytics.police_data.sna_table import Row, Section, column, printed_like

WIDTH, BAR, LINE, GAP, TOP = 360, 14, 17, 12, 6
MOST_LABEL = 37
PLOT_HEIGHT, AXIS = 150, 24
SUMMING_UP = ("peak", "ratio", "total")


def _drawn(section: Section) -> list[Row]:
    key = section.chart[0]
    return [
        row for row in section.rows if row.key not in SUMMING_UP and isinstance(row.values.get(key), int | float)
    ]


def section_chart(section: Section, *, name: str, title: str) -> str:
    """SVG markup of a section, empty where it has nothing to draw. ``name`` makes its ids unique on a page."""
    rows = _drawn(section) if section.chart else []
    if not rows:
        return ""
    draw = _columns if section.in_time and len(rows) > 12 else _bars
    height, parts = draw(section, rows)
    drawn = ", ".join(column(section, key).label for key in section.chart)
    return "".join(
        (
            f'<svg class="sna-chart" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="{name}-title {name}-desc" xmlns="http://www.w3.org/2000/svg">',
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-desc">{escape(drawn)}. The table below has the same figures.</desc>',
            *parts,
            "</svg>",
        )
    )


def _number(row: Row, key: str) -> float:
    value = row.values.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text class="sna-chart__text" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _bars(section: Section, rows: list[Row]) -> tuple[int, list[str]]:
    """Lying bars, one for each drawn column; the second is hatched by its outline."""
    parts, y = [], TOP
    top = max(_number(row, key) for row in rows for key in section.chart) or 1.0
    if len(section.chart) > 1:
        for n, key in enumerate(section.chart):
            parts.append(
                f'<rect class="sna-chart__bar sna-chart__bar--{n}" x="1" y="{y}" width="24" height="{BAR}"/>'
            )
            parts.append(_text(32, y + 12, column(section, key).label))
            y += LINE + 4
        y += GAP
    for row in rows:
        label = row.label if len(row.label) <= MOST_LABEL else f"{row.label[: MOST_LABEL - 1]}…"
        parts.append(_text(0, y + 12, label))
        parts.append(
            _text(
                WIDTH, y + 12, " / ".join(printed_like(row, column(section, key)) for key in section.chart), "end"
            )
        )
        y += LINE
        for n, key in enumerate(section.chart):
            width = (WIDTH - 2) * max(_number(row, key), 0.0) / top
            parts.append(
                f'<rect class="sna-chart__bar sna-chart__bar--{n}" x="1" y="{y}" width="{width:.1f}" height="{BAR}"/>'
            )
            y += BAR + 2
        y += GAP
    return y, parts


def _columns(section: Section, rows: list[Row]) -> tuple[int, list[str]]:
    """Standing columns for a series in time, from nought; every sixth is labelled, of long series at most four."""
    key = section.chart[0]
    top = max(_number(row, key) for row in rows) or 1.0
    slot = WIDTH / len(rows)
    base = TOP + LINE + PLOT_HEIGHT
    every = max(6, -(-len(rows) // 4))
    best = max(rows, key=lambda row: _number(row, key))
    parts = [_text(0, TOP + 12, f"Highest: {printed_like(best, column(section, key))} in {best.label}")]
    for n, row in enumerate(rows):
        height = (PLOT_HEIGHT - 6) * _number(row, key) / top
        parts.append(
            f'<rect class="sna-chart__bar sna-chart__bar--0" x="{n * slot + slot * 0.12:.1f}" '
            f'y="{base - height:.1f}" width="{slot * 0.76:.1f}" height="{height:.1f}">'
            f"<title>{escape(row.label)}: {escape(printed_like(row, column(section, key)))}</title></rect>"
        )
        if n % every == 0:
            parts.append(_text(n * slot, base + 16, row.key))
    parts.append(f'<line class="sna-chart__line" x1="0" y1="{base}" x2="{WIDTH}" y2="{base}"/>')
    return base + AXIS, parts
