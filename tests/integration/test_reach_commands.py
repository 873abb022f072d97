"""Reach from the command line and from files."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from analytics.models import ReachFigure, ReachFile
from analytics.reach.importing import KINDS, UnreadableReachFile, import_reach
from analytics.reach.venue_weeks import venue_weeks
from tests.factories.evaluation import demo_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    demo_world()


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_reach_as_json_and_csv(world, tmp_path, capsys):
    call_command("reach", "--from", "2024-W10", "--to", "2024-W11", "--csv", str(tmp_path / "r.csv"), "--json")
    [line] = capsys.readouterr().out.splitlines()
    rows = json.loads(line)["rows"]
    assert len(rows) == 300
    wanted = {"venue", "week", "display_nights", "opportunities", "likely_seen", "scans", "unique_scans", "downloads",
              "handstamps", "grade"}  # fmt: skip
    assert all(wanted <= row.keys() and row["opportunities"].keys() == {"low", "mid", "high"} for row in rows)
    assert {row["grade"] for row in rows} == {"C", "none"}
    dark = next(row for row in rows if row["grade"] == "none")
    assert dark["likely_seen"]["mid"] is None
    live = [row for row in rows if row["likely_seen"]["mid"] is not None]
    assert live
    assert all(0 <= row["live_share"] <= 1 for row in live)
    assert all(
        row["likely_seen"]["mid"] <= row["opportunities"]["mid"] <= row["admissions"]["mid"] for row in live
    )
    with (tmp_path / "r.csv").open() as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == 300
    assert {row["synthetic"] for row in table} == {"yes"}
    assert next(row for row in table if row["venue"] == dark["venue"])["likely_seen_mid"] == ""


@pytest.mark.parametrize("weeks", [("2024-10", "2024-W11"), ("2024-W11", "2024-W10"), ("2023-W53", "2024-W01")])
def test_wrong_weeks_are_wrong_use(weeks):
    with pytest.raises(CommandError) as error:
        call_command("reach", "--from", weeks[0], "--to", weeks[1])
    assert error.value.returncode == 2


def test_door_counts_reconcile_and_replace_the_assumption(world, tmp_path, capsys):
    path = write(
        tmp_path / "d.csv", "venue,date,count,method", "SYN001,2024-03-08,250,clicker", "SYN001,09/03/2024,300,till",
        "SYN001,2024-03-08,250,clicker", "SYN001,2024-03-08,260,clicker", "NOPE,2024-03-08,1,", "SYN001,8 March,1,",
        "SYN001,2024-03-10,-4,", "SYN001,2024-03-10,4.5,", "SYN001,2024-03-10,4,guess",
    )  # fmt: skip
    call_command("import_reach", str(path), "--kind", "door_counts", "--json")
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["rows_read"], found["loaded"], found["duplicates"], found["rejected"]) == (9, 2, 1, 6)
    [file] = found["files"]
    assert file["reasons"] == {
        "bad_date": 1, "bad_method": 1, "bad_number": 2, "other_figure_in_file": 1, "unknown_venue": 1,
    }  # fmt: skip
    with open(file["rejects_file"]) as stream:
        assert [row["line"] for row in csv.DictReader(stream)] == ["5", "6", "7", "8", "9", "10"]
    again = import_reach(path, kind="door_counts")
    assert (again.loaded, again.duplicates, again.rejected) == (0, 3, 6)
    assert ReachFigure.objects.count() == 2
    [row] = venue_weeks(from_week="2024-W10", to_week="2024-W10", only={"SYN001"})
    assert row.admissions is not None
    assert row.admissions.mid >= 550
    assert row.admissions.low == pytest.approx(250 * 0.95 + 300 * 0.8 + (row.admissions.mid - 550) * 0.5, rel=1e-6)


def test_every_kind_has_its_columns(world, tmp_path):
    good = {
        "door_counts": "SYN001,2024-03-08,5",
        "handstamps": "SYN001,2024-03-08,5",
        "screens": "SYN001,2024-03-08,5",
        "out_of_home": "E06000016,2024-W10,1000,4000,300000",
        "social": "E06000016,2024-03-08,instagram,900",
        "web": "2024-03-08,ABCDE,12",
        "closures": "SYN001,2024-03-08",
        "notice_counts": "SYN001,bar,2024-03-08,60,20",
        "mens_share": "SYN001,2024-03-08,0.6",
        "occupancy": "SYN001,2024-03-08,fri,0.5,6,3",
        "survey": "E06000016,2024-03-08,seen_it,400,120",
    }
    assert set(good) == set(KINDS)
    for kind, line in good.items():
        report = import_reach(write(tmp_path / f"{kind}.csv", ",".join(KINDS[kind].columns), line), kind=kind)
        assert (report.loaded, report.rejected) == (1, 0), kind
    assert ReachFile.objects.count() == len(KINDS)
    [row] = venue_weeks(from_week="2024-W10", to_week="2024-W10", only={"SYN001"})
    assert row.handstamps == 5


def test_street_figures_must_agree_with_each_other(world, tmp_path):
    path = write(
        tmp_path / "o.csv", "area,week,reach,impacts,population,frequency,cover", "E06000016,2024-W10,1000,4000,10000,4,10",
        "E06000016,2024-W11,1000,4000,10000,3,10", "E06000016,2024-W12,1000,4000,10000,4,1000",
        "E06000016,2024-W13,20000,40000,10000,,", "E06000016,2024-W14,0,0,10000,,",
    )  # fmt: skip
    report = import_reach(path, kind="out_of_home")
    assert (report.loaded, report.reasons) == (1, {"figures_disagree": 4})


def test_a_file_that_cannot_be_read_loads_nothing(world, tmp_path):
    for path, words in (
        (write(tmp_path / "a.csv", "venue,date", "SYN001,2024-03-08"), "column 'count' is missing"),
        (tmp_path / "none.csv", "cannot be read"),
    ):
        with pytest.raises(UnreadableReachFile, match=words):
            import_reach(path, kind="door_counts")
    (tmp_path / "b.csv").write_bytes(b"venue,date,count\n\xff\xfe\n")
    with pytest.raises(UnreadableReachFile, match=r"line 2: the byte ff is not utf-8; save the file as UTF-8$"):
        import_reach(tmp_path / "b.csv", kind="door_counts")
    assert not ReachFile.objects.exists()
