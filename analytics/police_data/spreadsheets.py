"""The first sheet of an XLSX workbook as rows of text, without the three silent losses of spreadsheets.

Values come from python-calamine, which is fast but gives an error cell and a formula that was never calculated as
empty, and a time of exactly midnight as a date alone. A workbook that holds errors or formulas is therefore read a
second time, by openpyxl, to find those cells; a date in a column that has times is midnight, as it is when the same
sheet is saved as CSV.
"""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from analytics.police_data.cell_text import NEVER_CALCULATED

MAX_UNPACKED = 4 * 1024**3  # bytes of all parts of one workbook
MARKS = (
    b"<f>",
    b"<f ",
    b"<f/",
    b":f>",
    b":f ",
    b' t="e"',
    b" t='e'",
)  # formulas and errors, as XML (ECMA-376 18.3.1.4)
LONGEST_MARK = max(map(len, MARKS))
EXACT = 10**15  # a spreadsheet keeps 15 digits; the rest of a longer number is made up
Cells = list[Any]


class NoSpreadsheet(ValueError):
    """The workbook cannot be read; the message says why."""


class Sheet:
    """The rows of a workbook's first sheet. ``formulas`` counts the cells that are calculated, once it was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.formulas = stream, 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number, texts) of every row, empty ones too. Raises NoSpreadsheet."""
        suspicious = _has_formulas_or_errors(self.stream)
        table = self._values()
        lost = self._lost_cells() if suspicious else {}
        timed = _columns_with_times(table)
        table += [[] for _ in range(max(lost, default=0) - len(table))]
        for number, cells in enumerate(table, start=1):
            texts = [_text(cell, midnight=index in timed) for index, cell in enumerate(cells)]
            for index, text in lost.get(number, ()):
                if index < len(texts):
                    texts[index] = text
                else:
                    texts += [""] * (index - len(texts)) + [text]
            yield number, texts

    def _values(self) -> list[Cells]:
        import python_calamine

        self.stream.seek(0)
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(self.stream)
            return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, OSError) as error:
            raise NoSpreadsheet(f"not a spreadsheet that can be opened ({error})") from None

    def _lost_cells(self) -> dict[int, list[tuple[int, str]]]:
        """Row number -> (column from 0, text) of errors and of formulas without a value."""
        import openpyxl

        found: dict[int, list[tuple[int, str]]] = {}
        books = []
        try:
            for data_only in (True, False):
                self.stream.seek(0)
                books.append(openpyxl.load_workbook(self.stream, read_only=True, data_only=data_only))
            shown, written = (book.worksheets[0].iter_rows() for book in books)
            for number, (values, sources) in enumerate(zip(shown, written, strict=True), start=1):
                for index, (value, source) in enumerate(zip(values, sources, strict=True)):
                    calculated = source.data_type == "f"
                    self.formulas += calculated
                    if value.data_type == "e":
                        found.setdefault(number, []).append((index, str(value.value)))
                    elif calculated and value.value is None:
                        found.setdefault(number, []).append((index, NEVER_CALCULATED))
        except Exception as error:
            # openpyxl raises many kinds for a damaged part; whatever it is, the cells cannot be told apart.
            raise NoSpreadsheet(
                f"not a spreadsheet whose formulas can be read ({error}); save its values without formulas"
            ) from None
        return found


def _has_formulas_or_errors(stream: IO[bytes]) -> bool:
    """Whether any sheet may have such cells. Raises NoSpreadsheet for one that unpacks to too much."""
    total, found = 0, False
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            for entry in archive.infolist():
                in_sheet, tail = entry.filename.startswith("xl/worksheets/"), b""
                with archive.open(entry) as part:
                    while block := part.read(1 << 20):
                        total += len(block)
                        if total > MAX_UNPACKED:
                            raise NoSpreadsheet(
                                "unpacks to far more than a spreadsheet should; it was not read further"
                            )
                        if in_sheet and not found:
                            found = any(mark in tail + block for mark in MARKS)
                            tail = block[-LONGEST_MARK:]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise NoSpreadsheet(f"not a spreadsheet that can be opened ({error})") from None
    return found


def _columns_with_times(table: list[Cells]) -> set[int]:
    """Columns from 0 that have at least one moment of a day: there, a date alone is its midnight."""
    return {index for cells in table for index, cell in enumerate(cells) if type(cell) is datetime}


def _text(value: object, *, midnight: bool) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00" if midnight else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < EXACT else f"{value:E}"
    return "" if value is None else str(value)
