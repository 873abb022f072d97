"""Importing: sums that reconcile, sameness, corrections, refusals, and nothing half-loaded."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import ImportedFile, Offence
from analytics.police_data.importing import import_paths
from tests.factories.police import STREET_HEADER, niche_row, street_row, write_rows

pytestmark = pytest.mark.django_db


def numbers(report):
    found = report.as_json()
    for each in [*found["files"], found]:
        assert each["rows_read"] == each["loaded"] + each["duplicates"] + each["rejected"]
    for each in found["files"]:
        assert sum(each["reasons"].values()) == each["rejected"]
        assert sum(each["duplicate_reasons"].values()) == each["duplicates"]
    return found["rows_read"], found["loaded"], found["duplicates"], found["rejected"]


def test_each_row_is_loaded_repeated_or_rejected(tmp_path):
    rows = [
        niche_row(1),
        niche_row(2),
        niche_row(1),
        niche_row(3, **{"HO Offence": "zz"}),
        niche_row(4, Status="Cancelled"),
    ]
    report = import_paths([write_rows(tmp_path / "a.csv", rows)])
    assert numbers(report) == (5, 2, 1, 2)
    one = report.files[0]
    assert one.reasons == {"offence_unknown": 1, "skipped_by_mapping:Status=Cancelled": 1}
    assert one.duplicate_reasons == {"same_reference_in_file": 1}
    assert Offence.objects.filter(current=True).count() == 2


def test_the_principal_offence_of_a_reference_is_kept(tmp_path):
    rows = [niche_row(1, **{"HO Offence": "105A"}), niche_row(1, **{"HO Offence": "5D"}), niche_row(1)]
    assert numbers(import_paths([write_rows(tmp_path / "a.csv", rows)])) == (3, 1, 2, 0)
    assert Offence.objects.get().offence_code == "5D"


def test_the_same_file_again_loads_nothing(tmp_path):
    path = write_rows(tmp_path / "a.csv", [niche_row(n) for n in range(7)])
    assert numbers(import_paths([path])) == (7, 7, 0, 0)
    assert numbers(import_paths([path])) == (7, 0, 7, 0)
    shutil.copy(path, tmp_path / "b.csv")
    assert numbers(import_paths([tmp_path / "b.csv"], mapping="leicestershire_niche")) == (7, 0, 7, 0)
    assert Offence.objects.count() == 7


def test_an_overlapping_file_adds_only_what_is_new(tmp_path):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(n) for n in range(5)])])
    assert numbers(import_paths([write_rows(tmp_path / "b.csv", [niche_row(n) for n in range(3, 9)])])) == (
        6,
        4,
        2,
        0,
    )


def test_a_corrected_row_supersedes_the_old_one_and_an_older_one_does_not(tmp_path):
    def extract(name, offence, day):
        row = niche_row(1, **{"HO Offence": offence, "Extract Date": f"{day}/07/2024 00:00"})
        return numbers(import_paths([write_rows(tmp_path / name, [row])]))

    assert extract("a.csv", "105A", "10") == (1, 1, 0, 0)
    assert extract("b.csv", "8N", "20") == (1, 1, 0, 0)
    assert ImportedFile.objects.get(name="b.csv").corrected == 1
    assert extract("c.csv", "5D", "15") == (1, 0, 1, 0)
    assert list(Offence.objects.filter(current=True).values_list("offence_code", flat=True)) == ["8N"]
    old = Offence.objects.get(current=False)
    assert (old.offence_code, old.superseded_by.name) == ("105A", "b.csv")


def test_rows_without_a_reference_are_never_duplicates_within_a_file(tmp_path):
    rows = [street_row(), street_row(), street_row(), street_row(Location="On or near Park")]
    path = write_rows(tmp_path / "2021-05-x-street.csv", rows, header=STREET_HEADER)
    assert numbers(import_paths([path])) == (4, 4, 0, 0)
    more = write_rows(tmp_path / "b-street.csv", [*rows, street_row()], header=STREET_HEADER)
    assert numbers(import_paths([more])) == (5, 1, 4, 0)


def test_an_id_seen_in_an_earlier_month_is_a_duplicate(tmp_path):
    first = street_row(Crime_ID="a" * 64, Crime_type="Burglary")
    write_rows(tmp_path / "2021-05-x-street.csv", [first], header=STREET_HEADER)
    write_rows(tmp_path / "2021-06-x-street.csv", [first | {"Month": "2021-06"}], header=STREET_HEADER)
    report = import_paths([tmp_path])
    assert numbers(report) == (2, 1, 1, 0)
    assert report.files[1].duplicate_reasons == {"republished": 1}
    assert Offence.objects.get().committed_on.isoformat() == "2021-05-01"


def test_another_forces_street_file_keeps_its_own_name(tmp_path):
    row = street_row(Falls_within="West Midlands Police")
    import_paths([write_rows(tmp_path / "wm-street.csv", [row], header=STREET_HEADER)])
    assert Offence.objects.get().force == "West Midlands Police"


def test_the_rejects_file_is_kept_and_gives_no_value_away(tmp_path):
    rows = [niche_row(1), niche_row(2, **{"From Date": "Sunday 12"})]
    report = import_paths([write_rows(tmp_path / "a.csv", rows)])
    path = Path(report.files[0].rejects_file)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["file"], row["line"], row["code"], row["field"]) == (
        "a.csv",
        "3",
        "date_unreadable",
        "committed_from",
    )
    assert "Sunday" not in path.read_text()
    assert row["shape_of_value"] == "AAAAAA 99 99:99"


BAD_FILES = {
    "quote": (
        'Crime No,HO Offence,From Date,From Time,Beat\n1,8N,15/06/2024,23:00,A\n2,8N,15/06/2024,23:00,"B\n',
        "line 3",
    ),
    "missing": (
        "Crime No,From Date,From Time,Beat\n1,15/06/2024,23:00,A\n",
        "'HO Offence' \\(offence\\) is missing",
    ),
    "twice": (
        "Crime No,HO Offence,HO Offence,From Date,From Time,Beat\n1,8N,8N,15/06/2024,23:00,A\n",
        "more than once",
    ),
    "no_place": ("Crime No,HO Offence,From Date,From Time\n1,8N,15/06/2024,23:00\n", "place"),
    "empty": ("", "empty"),
    "nothing": ("HO Offence,From Date,From Time,Beat\nx,15/06/2024,23:00,A\n", "line 2, field offence"),
    "bytes": (b"HO Offence,From Date,From Time,Beat\n8N,15/06/2024,23:00,\xe9\n", "line 2"),
    "mixed_kinds": (
        "Crime No,HO Offence,From Date,From Time,Beat\nSYN-1,8N,15/06/2024,23:00,A\n2,8N,15/06/2024,23:00,A\n",
        "synthetic and real rows never share a file",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_whole_and_by_name(tmp_path, name):
    content, said = BAD_FILES[name]
    path = tmp_path / f"{name}.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = import_paths([path], mapping="leicestershire_niche")
    assert numbers(report) == (0, 0, 0, 0)
    with pytest.raises(CommandError, match=f"{name}.csv: .*{said}"):
        call_command("import_police_data", str(path), "--mapping", "leicestershire_niche")
    assert Offence.objects.count() == 0
    assert set(ImportedFile.objects.values_list("state", flat=True)) == {"refused"}


def test_a_refused_file_does_not_hold_the_others_up(tmp_path, capsys):
    write_rows(tmp_path / "a.csv", [niche_row(1)])
    (tmp_path / "b.csv").write_text("x\n")
    with pytest.raises(CommandError, match=r"b\.csv"):
        call_command("import_police_data", str(tmp_path), "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["loaded"], len(found["files"])) == (1, 2)


def test_calling_it_wrongly_is_exit_code_2(tmp_path):
    for arguments in (
        [str(tmp_path / "none.csv")],
        [str(write_rows(tmp_path / "a.csv", [])), "--mapping", "nonsense"],
    ):
        with pytest.raises(CommandError) as caught:
            call_command("import_police_data", *arguments)
        assert caught.value.returncode == 2


def test_a_header_alone_is_an_empty_file_that_loads(tmp_path):
    assert numbers(import_paths([write_rows(tmp_path / "a.csv", [])])) == (0, 0, 0, 0)
    assert ImportedFile.objects.get().state == "loaded"


def test_columns_may_come_in_any_order_and_more_of_them(tmp_path):
    rows = [niche_row(1) | {"Extra": "é;x"}]
    header = ("Extra", *reversed(list(niche_row(1))))
    path = write_rows(tmp_path / "a.csv", rows, header=header, delimiter=";")
    assert numbers(import_paths([path])) == (1, 1, 0, 0)


def test_json_has_the_keys_of_the_contract(tmp_path, capsys):
    call_command("import_police_data", str(write_rows(tmp_path / "a.csv", [niche_row(1)])), "--json")
    found = json.loads(capsys.readouterr().out)
    assert found.keys() >= {"files", "rows_read", "loaded", "duplicates", "rejected"}
    wanted = {
        "name",
        "sha256",
        "format",
        "rows_read",
        "loaded",
        "duplicates",
        "rejected",
        "reasons",
        "rejects_file",
    }
    assert found["files"][0].keys() >= wanted


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from(["8N", "5D", "zz", "", "=1+1", "<b>"]),
            st.sampled_from(["15/06/2024", "31/02/2024", "", "1/1/24"]),
            st.sampled_from(["23:30", "24:00", "", "99:99"]),
            st.sampled_from(["458700", "0", "x", "", "1e400", "\x00"]),
        ),
        max_size=12,
    )
)
def test_whatever_the_rows_hold_the_numbers_reconcile(tmp_path, cells):
    Offence.objects.all().delete()
    ImportedFile.objects.all().delete()
    rows = [
        niche_row(n, **{"HO Offence": offence, "From Date": day, "From Time": clock, "X": x, "Y": x})
        for n, offence, day, clock, x in cells
    ]
    path = write_rows(tmp_path / "a.csv", rows)
    report = import_paths([path])
    read, loaded, _, rejected = numbers(report)
    if report.refused:
        assert Offence.objects.count() == 0
        assert read == 0
    else:
        assert read == len(rows)
        assert loaded == Offence.objects.count()
        assert numbers(import_paths([path]))[1:] == (0, read, 0)
    assert rejected <= len(rows)
