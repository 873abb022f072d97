"""Reach files: every kind's bad rows, bad files, corrections as versions, withdrawals, check-ins from lists."""

import csv
import gzip
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from analytics.models import AuditRecord, ReachFigure, ReachFile
from analytics.reach.importing import ALL_KINDS, KINDS, UnreadableReachFile, import_reach, withdraw
from analytics.reach.inputs import in_force
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages.venues.models import CheckIn, PosterPlace
from tests.factories.venues import place as make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(settings, tmp_path) -> PosterPlace:
    """V1 with one place in its bar; open Thursday to Saturday; 100 people."""
    settings.VAR_DIR = tmp_path / "var"
    place = make_place()
    place.venue.capacity = 100
    place.venue.save()
    return place


@pytest.fixture
def load(tmp_path):
    def load(kind, *lines, name="f.csv", **more):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        report = import_reach(path, kind=kind, **more)
        assert report.rows_read == report.loaded + report.duplicates + report.rejected
        return report

    return load


BAD = {
    "door_counts": ("venue,date,count,method,low,high,transactions,per_head", {
        "V1,2024-03-08,200,till,,,1000,5": "",
        "V1,2024-03-09,200,till,,,1000,4": "figures_disagree",
        "V1,2024-03-09,200,,210,220,,": "bad_range",
        "V1,2999-03-09,200,,,,,": "date_out_of_range",
        "V1,2024-03-09,1e99,,,,,": "bad_number",
        "V1,2024-03-09,nan,,,,,": "bad_number",
        "V1,2024-03-09,2,,,,,,,surplus": "too_many_cells",
        "V1": "bad_number",
    }),
    "handstamps": ("venue,date,count,method,ink,issued,left", {
        "V1,2024-03-08,80,clicker,visible,200,120": "",
        "V1,2024-03-09,80,clicker,visible,200,220": "figures_disagree",
        "V1,2024-03-09,80,guess,,,": "bad_method",
        "V1,2024-03-09,80,,invisible,,": "bad_ink",
        "V1,2024-03-07,80,,uv,,": "",
    }),
    "screens": ("venue,date,plays,asset,loop_seconds,dwell_seconds", {
        "V1,2024-03-08,80,WA-1,300,600": "",
        "V1,2024-03-09,80,WA-1,0,600": "bad_number",
    }),
    "out_of_home": ("area,week,reach,impacts,population,frequency,cover,grp", {
        "E06000016,2024-W10,30000,120000,300000,4,10,40": "",
        "E06000016,2024-W11,30000,120000,300000,4,1000,40": "figures_disagree",
        "E06000016,2024-W11,30000,120000,300000,4,10,4": "figures_disagree",
        "E06000016,2024-W11,30000,20000,300000,,,": "figures_disagree",
        "E06000016,2024-11,30000,120000,300000,,,": "bad_week",
        "V1,2024-W11,30000,120000,300000,,,": "unknown_area",
    }),
    "social": ("area,date,platform,impressions,type,timezone,reach,plays,completed_plays", {
        "all areas,2024-03-08,TikTok,900,organic,,,,": "",
        "E06000016,2024-03-08,snapchat,900,paid,America/New_York,800,700,90": "",
        "E06000016,2024-03-09,snapchat,900,paid,,1800,,": "figures_disagree",
        "E06000016,2024-03-09,snapchat,900,paid,,,70,90": "figures_disagree",
        "E06000016,2024-03-09,snapchat,900,boosted,,,,": "bad_type",
        "E06000016,2024-03-09,snapchat,900,paid,Mars/Base,,,": "bad_timezone",
        "E06000016,2024-03-09,myspace,900,,,,,": "unknown_platform",
        "V1,2024-03-09,snapchat,900,,,,,": "unknown_area",
    }),
    "web": ("date,code,visitors", {"2024-03-08,7K3Q9,12": "", "2024-03-08,,12": "no_code", "x,7K3Q9,1": "bad_date"}),
    "closures": ("venue,date,open", {"V1,2024-03-08,": "", "V1,2024-03-05,yes": "", "V1,2024-03-06,maybe": "bad_word"}),
    "notice_counts": ("venue,zone,date,passed,noticed,admitted", {
        "V1,bar,2024-03-08,60,20,80": "",
        "V1,bar,2024-03-09,60,70,": "figures_disagree",
        "V1,bar,2024-03-09,60,20,50": "figures_disagree",
        "V1,attic,2024-03-09,60,20,": "unknown_zone",
    }),
    "mens_share": ("venue,date,share,low,high,source", {
        "V1,2024-03-08,0.6,0.5,0.7,door staff": "",
        "V1,2024-03-09,0.6,0.7,0.8,": "bad_range",
        "V1,2024-03-09,60,,,": "bad_number",
        "V1,2024-03-09,0.6,0.5,1.2,": "bad_range",
    }),
    "occupancy": ("venue,date,weekday,share,hours,mean_stay", {
        "V1,2024-03-08,Fri,0.5,6,3": "",
        "V1,2024-03-08,Friday,0.5,6,3": "bad_weekday",
        "V1,2024-03-08,sat,0.5,6,0": "bad_number",
        "V1,2024-03-08,sat,0.5,6,25": "bad_number",
    }),
    "survey": ("area,date,question,asked,yes,source", {
        "E06000016,2024-03-08,seen_it,400,120,street": "",
        "E06000016,2024-03-08,seen_on_a_hand,400,520,": "figures_disagree",
        "E06000016,2024-03-08,name,400,20,": "unknown_question",
    }),
    "check_ins": ("venue,at,state,place,asset,count,source", {
        "V1,2024-03-08T16:30,up,7k3q9,WA-A3,2,photo": "",
        "V1,2024-03-08,up,,,,": "bad_time",
        "V1,2024-03-31T01:30,up,,,,": "time_not_on_clock",
        "V1,2023-10-29T01:30,up,,,,": "time_twice",
        "V1,2023-10-29T01:30+01:00,up,,,,visit": "",
        "V1,2024-03-08T16:30,up,ZZZZZ,,,": "unknown_place",
        "V1,2024-03-08T16:30,lost,,,,": "bad_state",
        "V1,2024-03-08T16:30,up,,,,sticker": "bad_source",
        "V1,2024-03-08T16:30,up,,,0,": "bad_number",
        "V9,2024-03-08T16:30,up,,,,": "unknown_venue",
        "V1,2999-03-08T16:30,up,,,,": "date_out_of_range",
    }),
}  # fmt: skip


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_refuses_what_it_should_and_says_why(venue, load, kind):
    header, rows = BAD[kind]
    report = load(kind, header, *rows)
    wanted = [code for code in rows.values() if code]
    assert report.loaded == len(rows) - len(wanted)
    assert report.reasons == {code: wanted.count(code) for code in sorted(set(wanted))}
    with open(report.rejects_file) as stream:
        kept = list(csv.DictReader(stream))
    assert [(int(row["line"]), row["code"]) for row in kept] == [
        (n, code) for n, code in enumerate(rows.values(), start=2) if code
    ]
    assert all(row["reason"] for row in kept)
    again = load(kind, header, *rows)
    assert (again.loaded, again.duplicates, again.rejected) == (0, report.loaded, report.rejected)


def test_a_refused_file_leaves_nothing(venue, load, tmp_path):
    for text, words in (
        ("", "not even a header"),
        ("venue,date\nV1,2024-03-08\n", "'count' is missing"),
        ("venue,date,count,count\nV1,2024-03-08,1,1\n", "twice"),
        ('venue,date,count\nV1,2024-03-08,"5\n', "quotation mark"),
    ):
        with pytest.raises(UnreadableReachFile, match=words):
            load("door_counts", text.rstrip("\n"))
    (tmp_path / "a.csv").write_bytes(b"venue,date,count\nV1,2024-03-08,\xff\n")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "a.xlsx").write_bytes(b"PK nothing")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"venue,date,count\nV1,2024-03-08,5\n")[:-9])
    for name, words in (
        ("a.csv", "line 2"),
        ("a.pdf", "not one of"),
        ("a.xlsx", "a.xlsx"),
        ("a.csv.gz", "damaged"),
    ):
        with pytest.raises(UnreadableReachFile, match=words):
            import_reach(tmp_path / name, kind="door_counts")
    assert not ReachFile.objects.exists()


def test_a_spreadsheet_and_semicolons_are_read_too(venue, load, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Venue", "Date", "Count"])
    book.active.append(["V1", date(2024, 3, 8), 210])
    book.save(tmp_path / "d.xlsx")
    assert import_reach(tmp_path / "d.xlsx", kind="door_counts").loaded == 1
    assert load("door_counts", "venue;date;count", "V1;08/03/2024;210").duplicates == 1


def test_a_correction_keeps_what_it_corrects(venue, load):
    load("door_counts", "venue,date,count", "V1,2024-03-08,200", "V1,2024-03-09,300")
    refused = load("door_counts", "venue,date,count", "V1,2024-03-08,250")
    assert refused.reasons == {"other_figure_loaded": 1}
    with pytest.raises(ValueError, match="reason"):
        load("door_counts", "venue,date,count", "V1,2024-03-08,250", corrects=True)
    done = load(
        "door_counts", "venue,date,count", "V1,2024-03-08,250", "V1,2024-03-09,300", "V1,2024-03-08,260",
        corrects=True, why="clicker was read wrongly",
    )  # fmt: skip
    assert (done.loaded, done.corrected, done.duplicates) == (1, 1, 1)
    assert done.reasons == {"other_figure_in_file": 1}
    versions = (
        ReachFigure.objects.filter(night=date(2024, 3, 8)).order_by("pk").values_list("value", "replaced_by")
    )
    assert list(versions) == [(200, ReachFile.objects.latest("pk").pk), (250, None)]
    assert in_force().get(night=date(2024, 3, 8)).low == pytest.approx(237.5)
    assert AuditRecord.objects.filter(action="reach.loaded").count() == 3


def test_two_figures_in_force_for_one_night_are_refused_by_the_database(venue, load):
    load("door_counts", "venue,date,count", "V1,2024-03-08,200")
    figure = ReachFigure.objects.get()
    figure.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        figure.save(force_insert=True)
    figure.night, figure.area_code = date(2024, 3, 9), "E06000016"
    with pytest.raises(IntegrityError), transaction.atomic():  # an area's figure is never a venue's
        figure.save(force_insert=True)


def test_a_file_is_withdrawn_once_and_stays_on_record(venue, load, capsys):
    load("closures", "venue,date", "V1,2024-03-08")
    file = ReachFile.objects.get()
    assert venue_weeks(from_week="2024-W10", to_week="2024-W10")[0].trading_nights == 2
    with pytest.raises(CommandError, match="--why"):
        call_command("import_reach", "--withdraw", str(file.pk))
    call_command("import_reach", "--withdraw", str(file.pk), "--why", "wrong venue", "--json")
    assert json.loads(capsys.readouterr().out) == {"withdrawn": file.pk, "figures": 1}
    assert venue_weeks(from_week="2024-W10", to_week="2024-W10")[0].trading_nights == 3
    assert ReachFigure.objects.count() == 1
    with pytest.raises(ValueError, match="already"):
        withdraw(file, by="", why="again")
    assert load("closures", "venue,date", "V1,2024-03-08").loaded == 1


def test_wrong_use_of_the_command(venue, tmp_path):
    for args in (["--kind", "web"], ["f.csv"], ["f.csv", "--kind", "web", "--correct"], ["--withdraw", "99"]):
        with pytest.raises(CommandError) as error:
            call_command("import_reach", *args)
        assert error.value.returncode == 2


def test_check_ins_of_a_list_count_and_prove(venue, load):
    load("check_ins", *_lines("check_ins", 1))
    made = CheckIn.objects.get()
    assert (made.place, made.count, made.source) == (venue, 2, "photo")
    assert made.at == datetime(2024, 3, 8, 16, 30, tzinfo=UTC)
    [row] = venue_weeks(from_week="2024-W10", to_week="2024-W10")
    assert (row.nights_live, row.display_nights) == (2, 4)
    assert row.grade_parts == {"admissions": "C", "display": "A", "notice": "C"}


def _lines(kind, count):
    header, rows = BAD[kind]
    return [header, *list(rows)[:count]]


def test_imported_inputs_reach_the_figures(venue, load):
    load("check_ins", *_lines("check_ins", 1))
    load("door_counts", "venue,date,count", "V1,2024-03-07,100", "V1,2024-03-08,200", "V1,2024-03-09,300")
    load("notice_counts", *_lines("notice_counts", 1))
    load("handstamps", *_lines("handstamps", 1))
    load("web", "date,code,visitors", "2024-03-08,7K3Q9,12", "2024-03-08,OTHER,5")
    [row] = venue_weeks(from_week="2024-W10", to_week="2024-W10")
    assert row.grade == "A"
    assert row.admissions.mid == 600
    assert row.opportunities.mid == pytest.approx(500 * 60 / 80)
    assert row.likely_seen.mid == pytest.approx(500 * 60 / 80 / 3)
    assert row.likely_seen_share.mid == pytest.approx(500 / 600 * 60 / 80 / 3)
    assert row.contacts.mid == pytest.approx(2 * row.likely_seen.mid)  # two copies in one place
    assert (row.handstamps, row.stamp_gap, row.stamp_grade, row.web_visitors) == (80, 0, "A", 12)


def test_a_gap_between_claim_and_stock_lowers_the_grade_of_stamps(venue, load):
    load("handstamps", "venue,date,count,issued,left", "V1,2024-03-08,80,200,100", "V1,2024-03-14,80,200,110")
    wide, narrow = venue_weeks(from_week="2024-W10", to_week="2024-W11")
    assert (wide.stamp_gap, wide.stamp_grade) == (pytest.approx(0.25), "B")
    assert (narrow.stamp_gap, narrow.stamp_grade) == (pytest.approx(0.125), "A")
    load("handstamps", "venue,date,count,method", "V1,2024-03-09,50,share")
    assert venue_weeks(from_week="2024-W10", to_week="2024-W10")[0].stamp_grade == "C"


def test_stamps_that_nobody_sees_are_not_counted_as_seen(venue, load):
    load("handstamps", "venue,date,count,ink", "V1,2024-03-08,80,uv")
    [row] = venue_weeks(from_week="2024-W10", to_week="2024-W10")
    assert row.handstamps is None


def test_no_figure_of_an_area_ever_reaches_a_venue(venue, load):
    before = [row.as_json() for row in venue_weeks(from_week="2024-W09", to_week="2024-W11")]
    for kind in ("out_of_home", "social", "survey"):
        header, rows = BAD[kind]
        assert load(kind, header, *rows).loaded
    after = [row.as_json() for row in venue_weeks(from_week="2024-W09", to_week="2024-W11")]
    assert after == before
    assert not in_force().filter(kind__in=("out_of_home", "social", "survey")).exclude(venue_code="").exists()
    assert set(BAD) == set(ALL_KINDS) == {*KINDS, "check_ins"}
