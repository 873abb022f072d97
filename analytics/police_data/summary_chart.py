"""The chart of a summary, drawn like those of the needs assessment: legible at 360 px, the table beside it says the same."""

from collections.abc import Sequence

from analytics.police_data.sna_chart import section_chart
from analytics.police_data.sna_table import COUNT, Column, Row, Section
from analytics.police_data.summary import Summary, SummaryRow

MOST_BARS, MOST_COLUMNS = 20, 800
IN_TIME = ("hour", "date", "month")
READINGS = {"weekday": "By the calendar", "night": "By night"}


def summary_chart(found: Summary, *, title: str) -> str:
    """SVG markup of a summary; both readings of its weekdays where it has two. Empty without rows."""
    rows = found.rows[: most_drawn(found.by)]
    if not found.beside:
        return count_chart(rows, name="police-chart", title=title, in_time=found.by in IN_TIME)
    other = {row.key: row.count for row in found.beside.rows}
    section = Section(
        "readings",
        title,
        (
            Column("count", READINGS[found.by], COUNT),
            Column("beside", READINGS[found.beside.by], COUNT),
        ),
        [
            Row(row.key, row.label.removesuffix(" night"), {"count": row.count, "beside": other.get(row.key, 0)})
            for row in rows
        ],
        chart=("count", "beside"),
    )
    return section_chart(section, name="police-chart", title=title)


def most_drawn(by: str) -> int:
    """So many rows a chart has at most."""
    return MOST_COLUMNS if by in IN_TIME else MOST_BARS


def count_chart(rows: Sequence[SummaryRow], *, name: str, title: str, in_time: bool = False) -> str:
    """SVG markup of counts. ``name`` begins the ids of its title and description: each chart of a page needs its own."""
    drawn = [Row(row.key, row.label, {"count": row.count}) for row in rows]
    section = Section(
        "counts", title, (Column("count", "Count", COUNT),), drawn, chart=("count",), in_time=in_time
    )
    return section_chart(section, name=name, title=title)
