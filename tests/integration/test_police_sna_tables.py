"""Tables T1 to T18 through the product's own code: the published strings come out of the synthetic extract."""

import csv
import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from analytics.models import AuditRecord
from analytics.police_data.importing import import_paths
from analytics.police_data.sna_export import table_as_csv
from analytics.police_data.sna_table import agrees, column, printed_like
from analytics.police_data.sna_tables import sna_tables
from analytics.police_data.synthetic import write_extract
from analytics.police_data.synthetic_populations import load_synthetic_populations
from tests.integration.test_police_counting import grid

pytestmark = pytest.mark.django_db
W18 = (date(2023, 4, 1), date(2024, 9, 30))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture(scope="module")
def extract(tmp_path_factory, django_db_setup, django_db_blocker):
    """W18 and the year before it, loaded once for this file."""
    path = tmp_path_factory.mktemp("sna") / "extract.csv"
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        truth = write_extract(path, seed=7, venues=grid(40), start=date(2022, 4, 1))
        report = import_paths([path])
        assert report.total("loaded") == truth.rows == 78_334
        load_synthetic_populations()
        yield {table.id: table for table in sna_tables(*W18)}
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


def cells(table):
    """section/row/column -> (printed, published, agrees), where something is published."""
    return {
        f"{section.key}/{row.key}/{key}": (printed_like(row, column(section, key)), text, agrees(row, column(section, key)))
        for section in table.sections
        for row in section.all_rows()
        for key, text in row.published.items()
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "published"), [("T1", 4), ("T2", 21), ("T3", 2), ("T4", 3), ("T5", 3), ("T6", 1)]
)
def test_the_published_strings_come_out(extract, name, published):
    found = cells(extract[name])
    assert len(found) == published
    wrong = {key: cell for key, cell in found.items() if cell[2] is False}
    assert not wrong
    assert all(cell[0] == cell[1] for key, cell in found.items() if key != "shares/public-of-public/share")


@pytest.mark.parametrize(("name", "published"), [("T11", 8), ("T16", 2)])
def test_composition_and_changes_come_out(extract, name, published):
    found = cells(extract[name])
    assert len(found) == published
    assert all(cell[2] for cell in found.values())


@pytest.mark.parametrize(("name", "published"), [("T7", 5), ("T8", 4), ("T12", 1), ("T14", 4), ("T15", 2)])
def test_figures_about_people_come_out(extract, name, published):
    found = cells(extract[name])
    assert len(found) == published
    wrong = {key: cell for key, cell in found.items() if cell[2] is False}
    assert not wrong
    for printed, given, same in found.values():  # those published in words
        assert same or (given, printed) in {("about 70%", "70%"), ("about 8 in 10", "80%")}


def test_people_are_counted_once_where_the_table_says_so(extract):
    suspects = {section.key: section.total.values["count"] for section in extract["T8"].sections}
    assert suspects["sex"] == suspects["age"] == suspects["home"]
    assert suspects["sex-persons"] == suspects["home-persons"] < suspects["sex"]
    affected = {row.key: row.values["count"] for row in extract["T15"].sections[0].rows}
    assert affected == {"victim": 32_480, "suspect": 25_760}
    armed = {row.key: row.values for row in extract["T13"].sections[0].rows}
    assert armed["under-25-public"]["all"] < armed["under-25"]["all"] < armed["all"]["all"] == 44_373


def test_both_readings_of_the_ambiguous_figures_are_printed(extract):
    volume = {row.key: row.values for section in extract["T1"].sections for row in section.rows}
    assert volume["2023-24"]["before"] == 33_961
    assert volume["part-2024-04-01"]["count"] == 13_740
    total = extract["T2"].sections[0].total
    assert [round(total.values[key], 1) for key in ("rate", "year_rate")] == [39.6, 26.4]
    readings = {row.key: row.values for row in extract["T3"].sections[0].rows}
    assert (readings["public-of-all"]["count"], readings["public-of-public"]["of"]) == (3_106, 10_650)
    assert readings["public-of-public"]["share"] == pytest.approx(0.2916, abs=1e-3)
    assert readings["all-of-all"]["count"] > 3_106
    days = {row.key: row.values for row in extract["T5"].sections[0].rows}
    assert [days[key]["count"] for key in WEEKDAYS] == [257, 256, 256, 256, 466, 776, 839]
    assert days["sat"]["night_count"] > days["sun"]["night_count"]
    caveats = {name: " ".join(table.caveats) for name, table in extract.items()}
    for name, words in (
        ("T1", "different windows"), ("T2", "eighteen months"), ("T2", "without the city"), ("T3", "29%"),
        ("T5", "calendar days"), ("T11", "overlap"), ("T17", "provisional"), ("T18", "more than 100"),
    ):  # fmt: skip
        assert words in caveats[name], name
    assert all("Synthetic" in table.caveats[0] for name, table in extract.items() if name != "T18")


def test_rows_sum_to_totals_and_unknown_has_its_row(extract):
    for table in extract.values():
        for section in table.sections:
            if (
                not section.counted
                or section.total is None
                or section.key in ("sets", "flags", "shares", "offences")
            ):
                continue
            parts = [row.values.get(section.counted) or 0 for row in section.rows if row.part]
            assert sum(parts) == pytest.approx(section.total.values[section.counted], abs=1e-3), (
                table.id,
                section.key,
            )
    for name in ("T2", "T9", "T10"):
        assert [row.key for row in extract[name].sections[0].rows].count("unknown") == 1
    assert {row.key: row.low_number for row in extract["T11"].sections[0].rows}["exploitation"]
    assert len(extract["T17"].sections[0].rows) == 24


def test_the_csv_says_who_when_and_for_whom(extract):
    text = table_as_csv(extract["T4"], by="=evil()")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["# taken out by", "'=evil()"]
    assert [line[0] for line in lines[1:5]] == ["# taken out at", "# tier", "# data", "# table"]
    assert "SYNTHETIC" in lines[3][1]
    table = dict(zip(lines[5], next(line for line in lines if line[1:2] == ["Personal robbery"]), strict=True))
    assert (table["column"], table["value"]) == ("count", "311")
    assert {"definition", "rule", "basis", "denominator", "note"} <= {line[0] for line in lines if line}


def test_the_command_prints_exports_and_leaves_a_trace(extract, tmp_path, capsys):
    call_command("sna_tables", "--from", "2023-04-01", "--to", "2024-09-30", "--table", "T4", "--json")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1
    (table,) = json.loads(printed[0])["tables"]
    assert table["sections"][0]["total"]["values"]["count"] == 3_106
    assert table["sections"][0]["rows"][0]["agrees"] == {"share": True}
    last = AuditRecord.objects.order_by("-number").first()
    assert last.action == "police.summary_viewed"
    call_command("sna_tables", "--from", "2023-04-01", "--to", "2024-09-30", "--table", "T18", "--out", str(tmp_path),
                 "--by", "somebody")  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["sna-t18-2023-04-01-2024-09-30.csv"]
    last = AuditRecord.objects.order_by("-number").first()
    assert (last.action, last.by) == ("police.summary_exported", "somebody")
    assert "A&E attendances" in capsys.readouterr().out


def test_another_period_is_not_held_against_the_published_figures(extract):
    (table,) = sna_tables(date(2023, 4, 1), date(2024, 3, 31), only="T4")
    assert any("cannot be expected to agree" in caveat for caveat in table.caveats)
