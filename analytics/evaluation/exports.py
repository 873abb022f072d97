"""Copies of an evaluation's tables: who took one stands in every row."""

import csv
import io

from campaign_pages.spreadsheet_text import safe_text


def marked(text: str, mark: str) -> str:
    """A CSV with who took this copy in every row: counts by venue and week must not wander about unnamed."""
    header, *rows = list(csv.reader(io.StringIO(text)))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*header, "marking"])
    writer.writerows([*row, safe_text(mark)] for row in rows)
    return stream.getvalue()
