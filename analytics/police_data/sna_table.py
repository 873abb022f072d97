"""What a table of the needs assessment consists of, and how its numbers are printed. No database here."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from analytics.police_data.summary import tidy

COUNT, SHARE, RATE, CHANGE, RATIO, TEXT = "count", "share", "rate", "change", "ratio", "text"
UNKNOWN, TOTAL = "unknown", "total"
DECIMALS = {SHARE: 1, RATE: 1, CHANGE: 1, RATIO: 1}
MINUS = "−"
Value = float | int | str | None


@dataclass(frozen=True)
class Column:
    """``kind`` decides how a value is printed; shares and changes are fractions of one."""

    key: str
    label: str
    kind: str


@dataclass
class Row:
    """``part`` is False for rows that are not a part of the section's total, such as sums of other rows."""

    key: str
    label: str
    values: dict[str, Value]
    part: bool = True
    low_number: bool = False
    published: dict[str, str] = field(default_factory=dict)


@dataclass
class Section:
    """One block of rows under the same columns. Parts sum to ``total`` in the column ``counted``."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None
    counted: str = "count"
    chart: tuple[str, ...] = ()  # columns that are drawn; empty for no chart
    in_time: bool = False  # rows follow each other in time

    def all_rows(self) -> list[Row]:
        return [*self.rows, *([self.total] if self.total else [])]


@dataclass
class SnaTable:
    """One table with everything that has to be read with it. Dates are inclusive."""

    id: str
    title: str
    first: date
    last: date
    definition: str
    denominator: str
    basis: str = ""
    rule: str = ""
    sections: list[Section] = field(default_factory=list)
    excluded: dict[str, float] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)
    published_label: str = ""
    synthetic: bool = False
    refusal: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "table": self.id,
            "title": self.title,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "synthetic": self.synthetic,
            "definition": self.definition,
            "rule": self.rule,
            "basis": self.basis,
            "denominator": self.denominator,
            "refusal": self.refusal or None,
            "published": self.published_label or None,
            "sections": [_section_json(each) for each in self.sections],
            "excluded": {reason: tidy(count) for reason, count in self.excluded.items()},
            "caveats": self.caveats,
        }


def _section_json(section: Section) -> dict[str, Any]:
    return {
        "section": section.key,
        "title": section.title,
        "columns": [vars(each) for each in section.columns],
        "rows": [_row_json(each, section) for each in section.rows],
        "total": _row_json(section.total, section) if section.total else None,
    }


def _row_json(row: Row, section: Section) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "part_of_total": row.part,
        "low_number": row.low_number,
        "values": {each.key: rounded(row.values.get(each.key)) for each in section.columns},
        "printed": {each.key: printed_like(row, each) for each in section.columns},
        "published": row.published,
        "agrees": {key: agrees(row, column(section, key)) for key in row.published},
    }


def column(section: Section, key: str) -> Column:
    return next(each for each in section.columns if each.key == key)


def rounded(value: Value) -> Value:
    return round(value, 6) if isinstance(value, float) else value


def printed(value: Value, kind: str, decimals: int | None = None) -> str:
    """A value as it stands in a table: 44,373 · 46.2% · −9.8% · 55.6; empty for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    places = DECIMALS.get(kind, 0) if decimals is None else decimals
    if kind == COUNT:
        return f"{tidy(value):,}"
    if kind == SHARE:
        return f"{_half_up(100 * value, places)}%"
    if kind == CHANGE:
        text = f"{_half_up(abs(100 * value), places)}%"
        return f"{MINUS if value < 0 else '+'}{text}" if float(text[:-1].replace(",", "")) else text
    return _half_up(value, places)


def _half_up(value: float, places: int) -> str:
    # Binary fractions: 0.125 to two places must not depend on how it is stored.
    return f"{value + 1e-9:,.{places}f}"


def printed_like(row: Row, column: Column) -> str:
    """Printed with as many decimals as the published figure beside it, where there is one."""
    given = row.published.get(column.key, "")
    number = re.search(r"\d[\d,]*(?:\.(\d+))?", given)
    decimals = len(number[1] or "") if number and column.kind != COUNT else None
    return printed(row.values.get(column.key), column.kind, decimals)


def agrees(row: Row, column: Column) -> bool | None:
    """Whether our printed figure is the published one; None where either is missing or in words."""
    given = row.published.get(column.key)
    if (
        given is None
        or row.values.get(column.key) is None
        or not re.fullmatch(r"[+−]?[\d,.]+%?|\d\d:\d\d-\d\d:\d\d|\d+-\d+", given)
    ):
        return None
    return printed_like(row, column) == given
