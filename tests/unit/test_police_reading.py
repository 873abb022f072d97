"""Rows and files at the edge: every odd thing has its own answer."""

import zipfile
from datetime import date, datetime

import pytest

from analytics.police_data import sources
from analytics.police_data.cell_text import shape_of
from analytics.police_data.mapping import built_in_mappings, parse_mapping
from analytics.police_data.moments import MomentReader, TimeRefused, span_of
from analytics.police_data.rows import RowReader, RowRefused
from analytics.police_data.sources import Rows, Source, UnreadableFile, find_sources
from tests.factories.police import NICHE_HEADER, niche_row


def reader(header=NICHE_HEADER, mapping=None):
    mapping = mapping or built_in_mappings()["leicestershire_niche"]
    return RowReader(mapping, list(header), pepper=b"p", today=date(2026, 1, 1))


def read(**changes):
    return reader().read(1, list(niche_row(**changes).values()))


def test_a_good_row():
    row = read()
    assert (row.offence_code, row.night, row.week, row.night_weight) == ("8N", "2024-06-15", "2024-W24", 1.0)
    assert (row.hour, row.public_place, row.domestic, row.weapon) == (23, "y", "n", "u")
    assert "24*" not in repr(row), "the reference must not be kept"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"HO Offence": "77Q"}, "offence_unknown", "offence"),
        ({"HO Offence": ""}, "offence_unknown", "offence"),
        ({"From Date": "31/02/2024"}, "date_unreadable", "committed_from"),
        ({"From Date": ""}, "date_unreadable", "committed_from"),
        ({"From Date": "06/15/2024"}, "date_unreadable", "committed_from"),
        ({"From Date": "15/06/2031"}, "date_in_future", "committed_from"),
        ({"From Date": "15/06/1900"}, "date_too_old", "committed_from"),
        ({"To Date": "gestern"}, "date_unreadable", "committed_to"),
        ({"Beat": "a\x00b"}, "control_character", "beat"),
        ({"Crime No": "9" * 101}, "reference_malformed", "crime_reference"),
        ({"Status": "cancelled "}, "skipped_by_mapping:Status=cancelled", "Status"),
    ],
)
def test_rows_that_are_refused(changes, code, field):
    with pytest.raises(RowRefused) as caught:
        read(**changes)
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["Total", "12"], "total_row"),
        (["a"] * 3, "too_few_fields"),
        (["a"] * 30, "too_many_fields"),
        (list(NICHE_HEADER), "repeated_header"),
        (["Total rows", *[""] * (len(NICHE_HEADER) - 1)], "total_row"),
    ],
)
def test_lines_that_are_no_offences(cells, code):
    with pytest.raises(RowRefused) as caught:
        reader().read(1, cells)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"To Date": "15/06/2024", "To Time": "22:00"}, "range_reversed"),
        ({"To Date": "17/06/2024", "To Time": "22:00"}, "span_over_limit"),
        ({"From Date": "31/03/2024", "From Time": "01:30"}, "time_not_on_clock"),
        ({"From Date": "27/10/2024", "From Time": "01:30"}, "time_twice"),
        ({"X": "abc"}, "place_unreadable"),
        ({"X": "0", "Y": "0"}, "place_unreadable"),
        ({"X": "NaN"}, "place_unreadable"),
        ({"X": "1e400"}, "place_unreadable"),
        ({"X": "9999999"}, "place_outside"),
        ({"From Time": "24:00"}, "time_24"),
    ],
)
def test_rows_that_are_kept_with_a_flag(changes, flag):
    assert flag in read(**changes).flags.split()


def test_a_date_without_a_time_has_no_hour_and_no_weight():
    row = read(**{"From Time": ""})
    assert (row.precision, row.hour, row.night, row.night_weight) == ("date", None, None, 0.0)


def test_twenty_four_hundred_is_the_next_midnight():
    row = read(**{"From Time": "24:00"})
    assert (row.committed_on, row.hour, row.night) == ("2024-06-16", 0, "2024-06-15")


def test_swapped_axes_are_not_matched():
    mapping = parse_mapping(
        b'name = "x"\ndate_formats = ["%Y-%m-%d %H:%M"]\n[columns]\noffence = "o"\ncommitted_from = "t"\n'
        b'lon = "lon"\nlat = "lat"\n',
        where="x",
    )
    row = reader(["o", "t", "lon", "lat"], mapping).read(1, ["8N", "2024-06-15 23:00", "52.6", "-1.1"])
    assert (row.longitude, row.flags) == (None, "axes_swapped")


def test_times_in_utc_are_turned_into_local_time():
    times = MomentReader(("%Y-%m-%d %H:%M",), zone="UTC", local="Europe/London", latest=date(2026, 1, 1))
    assert times.read("2024-06-15 23:30").local == datetime(2024, 6, 16, 0, 30)
    assert times.read("2024-10-27 01:30").local.fold == 1
    assert times.read("2024-10-27 00:30").local == datetime(2024, 10, 27, 1, 30, fold=0)
    assert times.read("2024-10-27 00:30").flags == ()


def test_a_range_of_exactly_twelve_hours_still_counts():
    times = MomentReader(("%Y-%m-%d %H:%M",), zone="Europe/London", local="Europe/London", latest=date(2026, 1, 1))
    span, _ = span_of(times.read("2024-06-15 18:00"), times.read("2024-06-16 06:00"), "Europe/London")
    assert (span.kind, span.night, round(span.night_weight, 6)) == ("range", date(2024, 6, 15), round(7 / 12, 6))
    span, flags = span_of(times.read("2024-06-15 18:00"), times.read("2024-06-16 06:01"), "Europe/London")
    assert (span.kind, span.night_weight, flags) == ("long", 0.0, ("span_over_limit",))
    with pytest.raises(TimeRefused):
        times.read("15.6.24")


def test_shapes_give_nothing_away():
    assert shape_of("24*000123 Müller") == "99*999999 AAAAAA"
    assert shape_of("x\x00y") == "A?A"


# --- files


def rows_of(path, **options):
    return list(Rows(Source(path), size=path.stat().st_size, **options))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_line_ends_and_delimiters(tmp_path, encoding, ending, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes(ending.join([delimiter.join("ab"), delimiter.join(["é", "2"]), ""]).encode(encoding))
    assert [cells for _, cells in rows_of(path)] == [["a", "b"], ["é", "2"]]


def test_an_unclosed_quote_names_the_row_where_it_begins(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"4\n5,6\n')
    with pytest.raises(
        UnreadableFile, match="row starting on line 3: a quotation mark is opened and never closed"
    ):
        rows_of(path)


def test_a_line_break_inside_quotes_is_one_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"2\n3"\n4,5\n')
    assert rows_of(path) == [(1, ["a", "b"]), (2, ["1", "2\n3"]), (4, ["4", "5"])]


def test_a_wrong_byte_names_its_line_and_cp1252_needs_saying(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n3,caf\xe9\n")
    with pytest.raises(UnreadableFile, match="line 3: the byte e9 is not utf-8"):
        rows_of(path)
    assert rows_of(path, encoding="cp1252")[2] == (3, ["3", "café"])


def test_a_field_that_is_too_long(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1," + "x" * 131_073 + "\n")
    with pytest.raises(UnreadableFile, match="131,072"):
        rows_of(path)


def test_a_damaged_gzip(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00 not really")
    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(path)


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "C:/a.csv", "b.zip"])
def test_entries_that_an_archive_may_not_have(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(UnreadableFile):
        find_sources([path])


def test_a_decompression_bomb_is_stopped(tmp_path, monkeypatch):
    import gzip

    monkeypatch.setattr(sources, "MAX_UNPACKED", 1 << 20)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * (1 << 20)))
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        rows_of(path)


def test_a_spreadsheet(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["a", "when", "n"])
    book.active.append(["x", datetime(2024, 6, 15, 23, 30), 12.0])
    book.save(tmp_path / "a.xlsx")
    book.close()
    assert rows_of(tmp_path / "a.xlsx") == [(1, ["a", "when", "n"]), (2, ["x", "2024-06-15 23:30:00", "12"])]


def test_what_is_not_a_crime_file_in_an_archive_is_passed_over(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2024-02/2024-02-x-street.csv", "x")
        archive.writestr("2024-01/2024-01-x-street.csv", "x")
        archive.writestr("2024-01/2024-01-x-outcomes.csv", "x")
    assert [each.name for each in find_sources([path])] == ["2024-01-x-street.csv", "2024-02-x-street.csv"]
