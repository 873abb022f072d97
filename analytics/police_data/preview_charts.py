"""Pictures of a stored preview: hours, weekdays and a coarse dot map. Each stands beside its table."""

from typing import Any

from analytics.police_data.preview import DAYS
from analytics.police_data.summary import SummaryRow
from analytics.police_data.summary_chart import count_chart

MAP_WIDTH = 640
FEWEST = 12  # squares across that a map shows, however few have rows
BIGGEST, SMALLEST = 0.48, 0.12  # radius of a dot, in squares


def hour_rows(preview: dict[str, Any]) -> list[SummaryRow]:
    return [
        SummaryRow(f"{hour:02d}", f"{hour:02d}:00", count) for hour, count in enumerate(preview.get("hours", []))
    ]


def weekday_rows(preview: dict[str, Any]) -> list[SummaryRow]:
    return [
        SummaryRow(name[:3], name, count) for name, count in zip(DAYS, preview.get("weekdays", []), strict=False)
    ]


def charts(preview: dict[str, Any]) -> dict[str, str]:
    """SVG markup by name; empty texts where there is nothing to draw."""
    return {
        "hours": count_chart(
            hour_rows(preview),
            name="preview-hours",
            title="Rows by the hour in which the offence began",
            in_time=True,
        ),
        "weekdays": count_chart(
            weekday_rows(preview),
            name="preview-weekdays",
            title="Rows by the calendar day on which the offence began",
        ),
        "map": dot_map(preview.get("squares", [])),
    }


def dot_map(squares: list[list[int]]) -> str:
    """One dot for each square of the coarse grid, by area of the dot; squares far from all the others included."""
    if not squares:
        return ""
    west, east = min(s[0] for s in squares), max(s[0] for s in squares)
    south, north = min(s[1] for s in squares), max(s[1] for s in squares)
    across, up = east - west + 1, north - south + 1
    wide = across
    most = max(count for *_, count in squares)
    # Not fewer than twelve squares across: a file of one place is a dot on a map, not a disc.
    west, across = west - max(0, FEWEST - across) // 2, max(FEWEST, across)
    north, rows = north + max(0, FEWEST // 2 - up) // 2, max(FEWEST // 2, up)
    height = max(2, min(2 * across, rows)) if across >= rows else rows
    dots = "".join(
        f'<circle class="police-map__dot" cx="{x - west + 0.5:g}" cy="{north - y + 0.5:g}" '
        f'r="{SMALLEST + (BIGGEST - SMALLEST) * (count / most) ** 0.5:.3f}"/>'
        for x, y, count in squares
    )
    return (
        f'<svg class="police-map" viewBox="0 0 {across} {height}" role="img" aria-labelledby="preview-map-title" '
        'preserveAspectRatio="xMidYMin meet" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="preview-map-title">Where the rows lie: {len(squares):,} squares of a coarse grid, {wide:,} by '
        f"{up:,}; the larger the dot, the more rows. A lone dot far away is often a mistyped place.</title>{dots}</svg>"
    )
