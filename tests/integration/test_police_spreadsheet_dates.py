"""Dates of spreadsheets end to end: cells that are dates, midnight, and day numbers in declared columns."""

from datetime import date, datetime, time

import openpyxl
import pytest

from analytics.models import Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import MappingError, parse_mapping

MAPPING = """
name = "book"
date_formats = ["%d/%m/%Y %H:%M"]
{top}
[columns]
offence = "Kind"
committed_from = {start}
recorded_at = "Recorded"
beat = "Beat"
"""


def load(folder, header, rows, *, top="", start='"When"', suffix=".xlsx"):
    path = folder / f"a{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(header)
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    (folder / "m.toml").write_text(MAPPING.format(top=top, start=start))
    (report,) = import_paths([path], mapping=str(folder / "m.toml")).files
    assert report.error is None
    assert report.rows_read == report.loaded + report.duplicates + report.rejected
    return report


def times():
    return sorted(Offence.objects.values_list("precision", "committed_on", "hour", "clock_mark", "recorded_on"))


ONE_COLUMN = ["Kind", "When", "Recorded", "Beat"]


@pytest.mark.django_db
def test_midnight_in_a_column_of_times_is_counted_as_midnight(tmp_path):
    recorded = date(2024, 6, 17)
    rows = [
        ["8N", datetime(2024, 6, 15, 23, 30), recorded, "B"],
        ["8N", datetime(2024, 6, 16, 0, 0), recorded, "B"],
    ]
    load(tmp_path, ONE_COLUMN, rows)
    assert times() == [
        ("time", date(2024, 6, 15), 23, "", recorded),
        ("time", date(2024, 6, 16), 0, "0000", recorded),
    ]


@pytest.mark.django_db
def test_a_column_of_days_stays_without_times(tmp_path):
    load(tmp_path, ONE_COLUMN, [["8N", date(2024, 6, 15), date(2024, 6, 17), "B"]])
    assert times() == [("date", date(2024, 6, 15), None, "", date(2024, 6, 17))]


@pytest.mark.django_db
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_day_numbers_are_read_in_declared_columns_only(tmp_path, suffix):
    rows = [["8N", 45458.979166667, 45460, "B"], ["8N", 45459, 45460, "B"]]
    report = load(
        tmp_path, ONE_COLUMN, [*rows, ["8N", "15/06/2024 22:00", "17/06/2024", "B"]], suffix=suffix,
        top='excel_times = ["When"]\nexcel_dates = ["Recorded"]',
    )  # fmt: skip
    recorded = date(2024, 6, 17)
    assert report.loaded == 3
    assert times() == [
        ("time", date(2024, 6, 15), 22, "hour", recorded),
        ("time", date(2024, 6, 15), 23, "", recorded),
        ("time", date(2024, 6, 16), 0, "0000", recorded),
    ]


@pytest.mark.django_db
def test_without_a_declaration_a_number_is_no_date(tmp_path):
    rows = [["8N", 45458.979166667, 45460, "B"], ["8N", "15/06/2024 22:00", "17/06/2024 09:00", "B"]]
    report = load(tmp_path, ONE_COLUMN, rows, suffix=".csv")
    assert report.reasons == {"date_unreadable": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("suffix", "clock"), [(".csv", 0.979166667), (".xlsx", 0.979166667), (".xlsx", time(23, 30))]
)
def test_a_day_and_its_time_in_two_columns(tmp_path, suffix, clock):
    load(
        tmp_path, ["Kind", "Day", "Clock", "Recorded", "Beat"], [["8N", 45458, clock, 45460, "B"]], suffix=suffix,
        top='excel_dates = ["Day", "Clock", "Recorded"]', start='["Day", "Clock"]',
    )  # fmt: skip
    assert times() == [("time", date(2024, 6, 15), 23, "", date(2024, 6, 17))]


@pytest.mark.django_db
def test_a_declared_column_that_is_not_there_is_noted(tmp_path):
    report = load(
        tmp_path, ONE_COLUMN, [["8N", "15/06/2024 22:00", "17/06/2024 09:00", "B"]], top='excel_dates = ["Began"]'
    )
    assert any("'Began'" in note for note in report.notes)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ('excel_dates = "When"', "excel_dates: give a list"),
        ("excel_times = [3]", "excel_times: give a list"),
        ('excel_dates = ["When"]\nexcel_times = ["When"]', "'When' is under excel_dates as well"),
    ],
)
def test_a_wrong_declaration_is_named(top, said):
    with pytest.raises(MappingError, match=said):
        parse_mapping(MAPPING.format(top=top, start='"When"').encode(), where="m.toml")


@pytest.mark.django_db
def test_iso_dates_never_join_a_file_with_the_day_before_the_month(tmp_path):
    rows = [["8N", "2024-15-06 23:00", "", "B"], ["8N", "2024-06-15 23:00:00", "", "B"]]
    (tmp_path / "m.toml").write_text(
        MAPPING.format(top="", start='"When"').replace("%d/%m/%Y %H:%M", "%Y-%d-%m %H:%M")
    )
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in [ONE_COLUMN, *rows]) + "\n")
    (report,) = import_paths([tmp_path / "a.csv"], mapping=str(tmp_path / "m.toml")).files
    assert (report.loaded, report.reasons) == (1, {"date_unreadable": 1})
