"""Odd spreadsheets, and files that come after another: repeated, overlapping, corrected, late."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl

from tests.factories.bad_files.cases import Case, Loads, Refused, case, line, table, written
from tests.factories.police import NICHE_HEADER, niche_row

Edit = Callable[[Any], None]


def book(*rows: dict[str, Any], header: tuple[str, ...] = NICHE_HEADER, edit: Edit | None = None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(list(header))
    for row in rows:
        sheet.append([row.get(name) for name in header])
    if edit:
        edit(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _without(raw: bytes, name: str) -> bytes:
    """The same package without one of its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry.filename))
    return stream.getvalue()


def _spreadsheets() -> list[Case]:
    one, two = niche_row(1), niche_row(2)
    good = book(one, two)
    found = [
        case(f"xlsx_cut_at_{n}", good[: len(good) * n // 8], Refused(("spreadsheet",)), suffix=".xlsx")
        for n in range(8)
    ]
    dated = two | {
        "From Date": date(2024, 6, 15),
        "From Time": time(23, 30),
        "Recorded": datetime(2024, 6, 16, 9, 0),
    }
    return [
        *found,
        case("xlsx_good", good, Loads(2, 2), suffix=".xlsx"),
        case("xlsx_capital_suffix", good, Loads(2, 2), suffix=".XLSX"),
        case("xlsx_real_dates", book(one, dated), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_numbers", book(one | {"X": 458700, "Y": 304500.5}, two), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_empty", book(header=()), Refused(("empty",)), suffix=".xlsx"),
        case("xlsx_header_only", book(), Loads(0, 0), suffix=".xlsx"),
        case("xlsx_blank_rows", book(one, {}, two, {}), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_not_one", table(line(1)), Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_empty_file", b"", Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_is_a_plain_zip", _plain_zip(), Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_without_its_sheet", _without(good, "xl/worksheets/sheet1.xml"), Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_without_its_workbook", _without(good, "xl/workbook.xml"), Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_with_a_password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2048, Refused(("spreadsheet",)), suffix=".xlsx"),
        case("xlsx_second_sheet_is_left", book(one, edit=lambda made: made.create_sheet("More").append(["x"])), Loads(1, 1), suffix=".xlsx"),
        case("xlsx_formula_without_value", book(one, two | {"HO Offence": '="8"&"N"'}), Loads(2, 1, reasons={"cell_error": 1}),
             suffix=".xlsx"),
        case("xlsx_date_as_serial_number", book(one, two | {"From Date": 45458}), Loads(2, 1, reasons={"date_unreadable": 1}),
             suffix=".xlsx"),
        case("xlsx_error_in_a_date", book(one, two | {"From Date": "#N/A"}), Loads(2, 1, reasons={"cell_error": 1}), suffix=".xlsx"),
        case("xlsx_error_in_a_column_that_nobody_reads", book(one, two | {"Remarks": "#REF!"}, header=(*NICHE_HEADER, "Remarks")),
             Loads(2, 2), suffix=".xlsx"),
        case("xlsx_error_in_coordinates", book(one, two | {"X": "#VALUE!"}), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_rounded_reference", book(one, two | {"Crime No": 2.40001234567e16}), Loads(2, 1, reasons={"reference_malformed": 1}),
             suffix=".xlsx"),
        case("csv_rounded_reference", table(line(1), line(2, Crime_No="2.40001E+11")), Loads(2, 1, reasons={"reference_malformed": 1})),
        case("csv_error_in_a_time", table(line(1), line(2, From_Time="#VALUE!")), Loads(2, 1, reasons={"cell_error": 1})),
        case("csv_column_too_narrow", table(line(1), line(2, From_Date="########")), Loads(2, 1, reasons={"cell_error": 1})),
        case("xlsx_total", book(one, {"Crime No": "Total", "HO Offence": 1}), Loads(2, 1, reasons={"total_row": 1}), suffix=".xlsx"),
        case("xlsx_emoji", book(one, two | {"Beat": "😀", "District": "<b>"}), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_long_text", book(one, two | {"Status": "x" * 32_000}), Loads(2, 2), suffix=".xlsx"),
        case("xlsx_true_and_false", book(one | {"PP Flag": True, "DA": False}), Loads(1, 1), suffix=".xlsx"),
    ]  # fmt: skip


def _plain_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    return stream.getvalue()


def _sequences() -> list[Case]:
    first = written("first.csv", table(line(1), line(2)))
    older = written(
        "first.csv", table(line(1, Extract_Date="01/07/2024 00:00"), line(2, Extract_Date="01/07/2024 00:00"))
    )
    none = written("first.csv", table(line(1, Crime_No=""), line(1, Crime_No="")))
    return [
        case("after_the_same_file", table(line(1), line(2)), Loads(2, 0, duplicates=2), earlier=first),
        case("after_the_same_rows_in_other_order", table(line(2), line(1)), Loads(2, 0, duplicates=2), earlier=first),
        case("after_an_overlapping_file", table(line(2), line(3)), Loads(2, 1, duplicates=1), earlier=first),
        case("corrected", table(line(1), line(2, HO_Offence="5D")), Loads(2, 1, duplicates=1), earlier=first),
        case("corrected_later", table(line(1, HO_Offence="5D", Extract_Date="01/08/2024 00:00")), Loads(1, 1), earlier=older),
        case("older_version_late", table(line(1, HO_Offence="5D", Extract_Date="01/06/2024 00:00")), Loads(1, 0, duplicates=1),
             earlier=older),
        case("without_reference_again", table(line(1, Crime_No="")), Loads(1, 0, duplicates=1), earlier=none),
        case("without_reference_one_more", table(*[line(1, Crime_No="")] * 3), Loads(3, 1, duplicates=2), earlier=none),
        case("bad_after_good", "", Refused(("empty",)), earlier=first),
    ]  # fmt: skip


def cases() -> list[Case]:
    return [*_spreadsheets(), *_sequences()]
