"""Spreadsheets: what they lose without a word is found again, or refused with its cell."""

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from analytics.police_data import spreadsheets
from analytics.police_data.cell_text import NEVER_CALCULATED, error_in
from analytics.police_data.serial_dates import day_of_serial, moment_of_serial
from analytics.police_data.spreadsheets import NoSpreadsheet, Sheet


def book(*rows, formats=None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cell, form in (formats or {}).items():
        made.active[cell].number_format = form
    stream = io.BytesIO()
    made.save(stream)
    return stream


def calculated(stream, cell, value):
    """The book with the value that a spreadsheet program would have stored for a formula."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            raw = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                start = raw.index(f'r="{cell}"'.encode())
                empty = next(mark for mark in (b"<v></v>", b"<v />", b"<v/>") if mark in raw[start:])
                raw = raw[:start] + raw[start:].replace(empty, b"<v>" + value + b"</v>", 1)
            new.writestr(entry, raw)
    return made


def rows_of(stream):
    return [cells for _, cells in Sheet(stream).rows()]


def test_midnight_is_a_time_where_its_column_has_times():
    stream = book(
        ["when", "day", "clock"],
        [datetime(2024, 6, 15, 23, 30), date(2024, 6, 15), time(23, 30)],
        [datetime(2024, 6, 16, 0, 0), date(2024, 6, 16), time(0, 0)],
        formats={"A3": "dd/mm/yyyy hh:mm"},
    )
    assert rows_of(stream)[1:] == [
        ["2024-06-15 23:30:00", "2024-06-15", "23:30:00"],
        ["2024-06-16 00:00:00", "2024-06-16", "00:00:00"],
    ]


def test_errors_and_formulas_without_a_value_are_found():
    sheet = Sheet(
        book(["a", "b", "c"], ["x", "#N/A", "=1+1"], [None, None, None], ["y", "#REF!", 3], [None, None, "=A2"])
    )
    assert [cells for _, cells in sheet.rows()] == [
        ["a", "b", "c"],
        ["x", "#N/A", NEVER_CALCULATED],
        ["", "", ""],
        ["y", "#REF!", "3"],
        ["", "", NEVER_CALCULATED],
    ]
    assert sheet.formulas == 2


def test_a_formulas_last_value_is_read_and_counted():
    sheet = Sheet(calculated(book(["a", "b"], ["x", "=1+1"]), "B2", b"2"))
    assert [cells for _, cells in sheet.rows()] == [["a", "b"], ["x", "2"]]
    assert sheet.formulas == 1


def test_a_book_without_formulas_is_read_once(monkeypatch):
    monkeypatch.setattr(Sheet, "_lost_cells", lambda self: pytest.fail("read a second time"))
    assert rows_of(book(["a <f> b", "t=e"], ["x", 1])) == [["a <f> b", "t=e"], ["x", "1"]]


def test_more_digits_than_a_spreadsheet_keeps_are_not_made_up():
    assert rows_of(book(["n"], [240000012345], [24000001234567890]))[1:] == [["240000012345"], ["2.400000E+16"]]


def test_a_bomb_is_stopped_while_it_unpacks(monkeypatch):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (3 << 20))
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1 << 20)
    with pytest.raises(NoSpreadsheet, match="unpacks to far more"):
        rows_of(stream)


@pytest.mark.parametrize(
    ("text", "day", "moment"),
    [
        ("45458", "2024-06-15", "2024-06-15 00:00:00"),
        ("45458.979166667", "2024-06-15 23:30:00", "2024-06-15 23:30:00"),
        ("45458.99999999", "2024-06-16", "2024-06-16 00:00:00"),
        ("45351", "2024-02-29", "2024-02-29 00:00:00"),
        ("61", "1900-03-01", "1900-03-01 00:00:00"),
        ("0.5", "12:00:00", "12:00:00"),
        ("0", "00:00:00", "00:00:00"),
        ("2958466", "2958466", "2958466"),
        ("15/06/2024", "15/06/2024", "15/06/2024"),
        ("-1", "-1", "-1"),
        ("4.5E4", "4.5E4", "4.5E4"),
        ("", "", ""),
    ],
)
def test_day_numbers(text, day, moment):
    assert (day_of_serial(text), moment_of_serial(text)) == (day, moment)


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#NAME?", "####", "#FORMULA!"])
def test_errors_are_said_in_words(text):
    assert error_in(text)


@pytest.mark.parametrize("text", ["", "#", "#1", "##", "N/A", "Flat #3", "#N/A?"])
def test_what_is_no_error(text):
    assert error_in(text) == ""
