"""The file of refused rows: where, why, and the shape of the value, never the value."""

import csv
import os
import tempfile
from pathlib import Path

from django.conf import settings

from analytics.police_data.cell_text import shape_of
from analytics.police_data.rows import RowRefused
from campaign_pages.spreadsheet_text import safe_cell

REJECT_COLUMNS = ("file", "line", "code", "field", "reason", "shape_of_value")


class RejectsFile:
    """Refused rows, values reduced to their shape, mode 600 below var/private; kept only with the record."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(settings.VAR_DIR) / "private" / "rejects"
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=".rejects-", suffix=".csv", dir=self.folder)
        self.path: Path | None = Path(path)
        self.stream = os.fdopen(handle, "w", newline="", encoding="utf-8")
        self.writer = csv.writer(self.stream)
        self.writer.writerow(REJECT_COLUMNS)

    def add(self, line: int, error: RowRefused) -> None:
        cells = (self.name, line, error.code, error.field, error.reason, shape_of(error.value))
        self.writer.writerow([safe_cell(cell) for cell in cells])

    def keep(self, stem: str) -> str:
        self.stream.close()
        assert self.path is not None
        kept = self.folder / f"{stem}.csv"
        self.path.replace(kept)
        self.path = None
        return f"rejects/{kept.name}"

    def drop(self) -> None:
        self.stream.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)
