"""What a report is made of: sections of words and figures, each figure with the table of its very numbers."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.charts.frame import Words
from analytics.shown_numbers import p_shown, ratio_shown
from campaign_pages.spreadsheet_text import safe_text

Draw = Callable[[Words, bool], str]  # (what it says of itself, standalone) -> SVG text


def _count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


SHOWN: dict[str, Callable[[Any], str]] = {
    "text": str,
    "ratio": ratio_shown,
    "p": p_shown,
    "count": _count,
    "share": lambda value: f"{100 * value:.1f} %",
    "number": lambda value: f"{value:.4g}",
}


@dataclass(frozen=True)
class Column:
    """A column: its name in the CSV, its words on the page, and how its values are shown (a key of SHOWN)."""

    key: str
    label: str
    kind: str = "text"

    def shown(self, value: Any) -> str:
        """The cell on the page. Missing is said, never 0."""
        if value is None or value == "":
            return "not known" if self.kind != "text" else ""
        return SHOWN[self.kind](value)


@dataclass(frozen=True)
class Table:
    """Rows as raw values; the page shows them rounded, the CSV exactly. ``file`` is the CSV's name."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    caption: str
    file: str
    folded: bool = False  # long: behind a "show table" on the page, in full in print

    @property
    def cells(self) -> list[list[dict[str, Any]]]:
        """Rows for a template: what each cell shows and whether it is a number."""
        return [
            [
                {"shown": column.shown(value), "number": column.kind != "text"}
                for column, value in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]

    def as_csv(self, *, synthetic: bool) -> str:
        """The same table as CSV text; "synthetic" stands in every row, so that no copy of it loses that."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*(column.key for column in self.columns), "synthetic"])
        for row in self.rows:
            cells = ["" if cell is None else safe_text(cell) if isinstance(cell, str) else cell for cell in row]
            writer.writerow([*cells, "yes" if synthetic else "no"])
        return stream.getvalue()


@dataclass(frozen=True)
class Figure:
    """A picture with its headline, its statistical subtitle and the table that follows it; or a table alone."""

    name: str
    title: str
    subtitle: str
    table: Table | None = None
    draw: Draw | None = None
    description: str = ""

    def svg(self, *, mark: str = "", standalone: bool = False) -> str:
        """The picture as SVG text, empty where there is nothing to draw. ``mark`` ends its title."""
        if self.draw is None:
            return ""
        says = f"{self.subtitle} {self.description}".strip()
        if self.table is not None:
            says += " The table after it has the same numbers."
        return self.draw(Words(self.name, f"{self.title}{mark}", says), standalone)


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs and figures. ``key`` is its anchor. ``points`` are shown as a list."""

    key: str
    heading: str
    says: Sequence[str] = ()
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    facts: Sequence[tuple[str, str]] = field(default=())


def columns(*named: tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns from (key, label, kind)."""
    return tuple(Column(*each) for each in named)


def table_of(rows: Iterable[dict[str, Any]], *, caption: str, file: str, folded: bool = False) -> Table:
    """A table of whatever keys the rows have, in the order in which they first appear."""
    kept = [flat(row) for row in rows]
    keys = list(dict.fromkeys(key for row in kept for key in row))
    made = tuple(Column(key, words_of(key), _kind(kept, key)) for key in keys)
    return Table(made, [tuple(row.get(key) for key in keys) for row in kept], caption, file, folded)


BETTER = {
    "singleton": "Alone in its place or week: nothing to be compared with",
    "irr": "Rate ratio",
    "ci_low": "Interval from",
    "ci_high": "Interval to",
    "p": "p",
    "se": "Standard error",
    "mde_irr": "Largest rate ratio below 1 that would have been seen",
    "detectable_fall_percent": "That is a fall of (per cent)",
    "target_fall_percent": "The fall that the plan wants to see (per cent)",
    "units": "Units now",
    "weeks": "Weeks now",
    "units_needed": "Units needed for that",
    "weeks_needed": "Or weeks needed with the same units",
    "venues_needed": "Venues needed, at as many for each unit",
    "live_share": "Share of trading nights live",
    "likely_seen_share": "Share of people who are likely to have seen it",
}


def words_of(key: str) -> str:
    """A key of the result as words: ci_low -> "Ci low"; a few have better ones."""
    words = key.replace(".", ": ").replace("_", " ")
    return BETTER.get(key, words[:1].upper() + words[1:])


def flat(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Nested tables as one level, keys joined by points; lists as words."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= flat(value, f"{before}{key}.")
        elif isinstance(value, list):
            found[f"{before}{key}"] = "; ".join(str(each) for each in value)
        elif isinstance(value, bool):
            found[f"{before}{key}"] = "yes" if value else "no"
        else:
            found[f"{before}{key}"] = value
    return found


def _kind(rows: Sequence[dict[str, Any]], key: str) -> str:
    values = [row[key] for row in rows if row.get(key) is not None]
    return "number" if values and all(isinstance(value, int | float) for value in values) else "text"
