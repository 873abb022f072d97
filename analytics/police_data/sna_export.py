"""Tables of the needs assessment as CSV: numbers, printed text, published figure, and everything to be read with it.

The first lines say who took it out, when, and for whom it is meant. Exact counts are of the evaluator tier.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from analytics.police_data.sna_table import SnaTable, agrees, printed_like, rounded
from campaign_pages.spreadsheet_text import safe_cell

TIER = "evaluator: exact counts, not for publication"


def watermark(by: str, *, synthetic: bool, at: datetime | None = None) -> list[tuple[str, str]]:
    """The lines that open every export."""
    lines = [
        ("taken out by", by),
        ("taken out at", (at or timezone.now()).isoformat(timespec="seconds")),
        ("tier", TIER),
    ]
    return [*lines, ("data", "SYNTHETIC: invented rows" if synthetic else "police recorded crime")]


def file_name(table: SnaTable) -> str:
    mark = "-synthetic" if table.synthetic else ""
    return f"sna-{table.id.lower()}-{table.first}-{table.last}{mark}.csv"


def table_as_csv(table: SnaTable, *, by: str) -> str:
    """One table as CSV text with LF line ends."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")

    def write(cells: Iterable[object]) -> None:
        writer.writerow([safe_cell(each) for each in cells])

    for name, text in watermark(by, synthetic=table.synthetic):
        write((f"# {name}", text))
    write(("# table", table.id, table.title, f"{table.first} to {table.last}"))
    write(("section", "key", "label", "column", "value", "printed", "published", "agrees", "low_number"))
    for section in table.sections:
        for row in section.all_rows():
            for column in section.columns:
                value = row.values.get(column.key)
                if value is None and column.key not in row.published:
                    continue
                same = agrees(row, column)
                write(
                    (
                        section.key,
                        row.key,
                        row.label,
                        column.key,
                        "" if value is None else rounded(value),
                        printed_like(row, column),
                        row.published.get(column.key, ""),
                        "" if same is None else "yes" if same else "no",
                        "under 20" if row.low_number else "",
                    )
                )
    writer.writerow([])
    for name, text in (
        ("definition", table.definition),
        ("rule", table.rule),
        ("basis", table.basis),
        ("denominator", table.denominator),
        ("published", table.published_label),
        ("refused", table.refusal),
    ):
        if text:
            write((name, text))
    for reason, count in table.excluded.items():
        write((f"left out: {reason}", rounded(count)))
    for caveat in table.caveats:
        write(("note", caveat))
    return stream.getvalue()
