"""Summaries: nights against calendar days, fractions, what is left out and why, areas and refusals."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from analytics.models import AuditRecord
from analytics.police_data.geography import load_geography
from analytics.police_data.importing import import_paths
from analytics.police_data.selection import NoSuchData
from analytics.police_data.summaries import BY, summarise
from tests.factories.police import STREET_HEADER, niche_row, street_row, write_rows

pytestmark = pytest.mark.django_db


def at(number, day, clock, until="", **changes):
    end = {"To Date": day, "To Time": until} if until and until > clock else {}
    if until and until <= clock:
        end = {"To Date": f"{int(day[:2]) + 1:02d}{day[2:]}", "To Time": until}
    return niche_row(number, **{"From Date": day, "From Time": clock, **end, **changes})


@pytest.fixture
def loaded(tmp_path):
    rows = [
        at(1, "15/06/2024", "23:30"),  # Saturday night
        at(2, "16/06/2024", "01:30"),  # Saturday night, Sunday by the calendar
        at(3, "16/06/2024", "21:59"),  # too early
        at(4, "15/06/2024", "20:00", "23:00"),  # a third
        at(5, "15/06/2024", "18:00", "06:00"),  # 7/12
        at(6, "15/06/2024", "10:00", "23:59"),  # over 12 hours
        at(7, "15/06/2024", "23:00", **{"To Date": "15/06/2024", "To Time": "22:30"}),  # reversed
        at(8, "15/06/2024", "23:00", **{"PP Flag": "N"}),
        at(9, "15/06/2024", "23:00", **{"PP Flag": ""}),
        at(10, "15/06/2024", "23:00", DA="Y"),
        at(11, "15/06/2024", "23:00", **{"HO Offence": "46"}),
        at(12, "15/06/2024", ""),
        at(13, "15/06/2024", "23:00", DA="", District="", Beat="", **{"Loc Type": ""}),
    ]
    import_paths([write_rows(tmp_path / "a.csv", rows)])


def summary(**changes):
    wanted = {"measure": "nte_assault", "first": date(2024, 6, 10), "last": date(2024, 6, 23), "by": "night"}
    return summarise(**(wanted | changes)).as_json()


def counts(found):
    return {row["key"]: row["count"] for row in found["rows"]}


@pytest.mark.usefixtures("loaded")
class TestForceExtract:
    def test_by_night(self):
        found = summary()
        assert counts(found) == {"mon": 0, "tue": 0, "wed": 0, "thu": 0, "fri": 0, "sat": 3.9167, "sun": 0}
        assert found["total"] == 3.9167
        assert found["excluded"] == {
            "other_offence": 1,
            "no_time": 1,
            "reversed_range": 1,
            "long_range": 1,
            "not_public_place": 1,
            "public_place_unknown": 1,
            "domestic": 1,
            "outside_night_time": round(1 + 2 / 3 + 5 / 12, 4),
        }
        assert found["total"] + sum(found["excluded"].values()) == pytest.approx(13, abs=1e-3)

    def test_by_weekday_follows_the_calendar(self):
        # The 7/12 splits at midnight: two hours on Saturday, five on Sunday.
        found = counts(summary(by="weekday"))
        assert found["sat"] == pytest.approx(1 + 1 / 3 + 2 / 12 + 1, abs=1e-4)
        assert found["sun"] == pytest.approx(1 + 5 / 12, abs=1e-4)

    def test_by_hour_lists_all_hours_and_shares_ranges_out(self):
        found = counts(summary(by="hour"))
        assert list(found) == [f"{hour:02d}" for hour in range(24)]
        assert found["22"] == pytest.approx(1 / 3 + 1 / 12, abs=1e-4)
        assert found["23"] == pytest.approx(2 + 1 / 12, abs=1e-4)
        assert found["21"] == 0

    @pytest.mark.parametrize(("by", "other"), [("weekday", "night"), ("night", "weekday")])
    @pytest.mark.parametrize("measure", ["nte_assault", "all_offences"])
    def test_a_table_of_weekdays_brings_its_other_reading_with_it(self, by, other, measure):
        found, alone = summary(by=by, measure=measure), summary(by=other, measure=measure)
        assert found["beside"]["by"] == other
        assert found["beside"]["rows"] == alone["rows"]
        assert sum(row["count"] for row in found["beside"]["rows"]) == pytest.approx(found["total"], abs=1e-3)

    @pytest.mark.parametrize("by", [by for by in BY if by not in ("weekday", "night")])
    def test_other_tables_have_one_reading(self, by):
        assert summary(by=by)["beside"] is None

    def test_what_shares_are_of_is_said(self):
        assert summary()["denominator"] == "Shares are of the total, 3.9167."
        assert summary(by="area")["denominator"].endswith("No residents are loaded, so there are no rates.")

    @pytest.mark.parametrize("by", BY)
    @pytest.mark.parametrize("measure", ["nte_assault", "all_offences", "daytime_assault"])
    def test_rows_sum_to_the_total(self, by, measure):
        found = summary(by=by, measure=measure)
        assert sum(row["count"] for row in found["rows"]) == pytest.approx(found["total"], abs=1e-3)
        if found["total"]:
            assert sum(row["share"] for row in found["rows"]) == pytest.approx(1, abs=1e-4)

    def test_what_cannot_be_placed_has_its_own_row(self):
        assert counts(summary(by="area"))["unknown"] == 1
        assert counts(summary(by="area", area_type="beat"))["unknown"] == 1
        assert counts(summary(by="location"))["unknown"] == 1
        assert counts(summary(by="hour", measure="all_offences"))["unknown"] == 1

    def test_dates_are_those_of_the_night(self):
        assert summary(first=date(2024, 6, 16), last=date(2024, 6, 16))["total"] == 0
        assert summary(first=date(2024, 6, 15), last=date(2024, 6, 15))["total"] == 3.9167
        assert counts(summary(by="date")) == {"2024-06-15": 3.9167}
        sunday = summary(measure="all_offences", by="date", first=date(2024, 6, 16), last=date(2024, 6, 16))
        assert counts(sunday) == {"2024-06-16": 2}

    def test_every_offence_is_counted_at_any_hour(self):
        assert summary(measure="all_offences", by="offence")["total"] == 13

    def test_the_command(self, capsys):
        call_command("police_summary", "--from", "2024-06-10", "--to", "2024-06-23", "--by", "night", "--json")
        found = json.loads(capsys.readouterr().out)
        assert found.keys() >= {"measure", "from", "to", "basis", "rows", "total", "excluded", "caveats"}
        assert found["rows"][0].keys() >= {"key", "label", "count", "share", "rate_per_1000"}

    def test_looking_by_command_is_in_the_audit_log(self):
        period = ("--from", "2024-06-10", "--to", "2024-06-23", "--by", "night")
        call_command("police_summary", *period)
        call_command("police_summary", *period, "--by-whom", "an.analyst")
        one, two = AuditRecord.objects.filter(action="police.summary_viewed").order_by("number")
        assert one.by.startswith("command line: ")
        assert (two.by, two.about) == ("an.analyst", "summary nte_assault")

    @pytest.mark.parametrize(
        "wrong",
        [("--from", "2024-6-1", "--to", "2024-06-23"), ("--from", "2024-06-23", "--to", "2024-06-10")],
    )
    def test_wrong_dates_are_exit_code_2(self, wrong):
        with pytest.raises(CommandError) as caught:
            call_command("police_summary", *wrong, "--by", "night")
        assert caught.value.returncode == 2


def test_an_unknown_measure_is_exit_code_2():
    with pytest.raises(CommandError, match="nte_assault") as caught:
        call_command(
            "police_summary", "--from", "2024-01-01", "--to", "2024-02-01", "--by", "night", "--measure", "x"
        )
    assert caught.value.returncode == 2


def test_nothing_loaded_is_zero_everywhere():
    assert summary()["total"] == 0
    assert len(summary()["rows"]) == 7


@pytest.fixture
def streets(tmp_path):
    violence = {"Crime_type": "Violence and sexual offences"}
    rows = [
        street_row(Crime_ID="a" * 64, **violence),
        street_row(Crime_ID="b" * 64, LSOA_name="Leicester 041F", **violence),
    ]
    rows += [street_row(Crime_ID="c" * 64, LSOA_name="Birmingham 012A", LSOA_code="E01009999", **violence)]
    rows += [street_row(Crime_ID="d" * 64, LSOA_name="", LSOA_code="", Longitude="", Latitude="", **violence)]
    rows += [street_row(), street_row()]
    import_paths([write_rows(tmp_path / "2021-05-x-street.csv", rows, header=STREET_HEADER)])


@pytest.mark.usefixtures("streets")
@pytest.mark.parametrize(
    ("measure", "by"),
    [("nte_assault", "night"), ("nte_assault", "month"), ("open_violence", "weekday"), ("open_violence", "hour"),
     ("open_violence", "night"), ("open_violence", "date"), ("all_offences", "hour")],
)  # fmt: skip
def test_months_never_answer_a_question_about_nights(measure, by):
    with pytest.raises(CommandError, match="months only") as caught:
        call_command(
            "police_summary", "--from", "2021-05-01", "--to", "2021-05-31", "--measure", measure, "--by", by
        )
    assert caught.value.returncode == 1


@pytest.mark.usefixtures("streets")
def test_areas_of_street_files():
    period = {"measure": "open_violence", "first": date(2021, 5, 1), "last": date(2021, 5, 31), "by": "area"}
    found = summarise(**period, area_type="msoa").as_json()
    assert counts(found) == {"Leicester 041": 2, "Birmingham 012": 1, "unknown": 1}
    assert found["excluded"] == {"other_offence": 2}
    assert any("name of their LSOA" in caveat for caveat in found["caveats"])
    assert counts(summarise(**period).as_json()) == {"Leicester": 2, "Birmingham": 1, "unknown": 1}
    assert summarise(**(period | {"measure": "all_offences", "by": "month"})).total == 6


def test_the_break_of_july_2022_is_said(tmp_path):
    rows = [street_row(Month=month) for month in ("2022-06", "2022-08")]
    import_paths([write_rows(tmp_path / "x-street.csv", rows, header=STREET_HEADER)])
    found = summarise(measure="all_offences", first=date(2022, 6, 1), last=date(2022, 8, 31), by="month")
    assert any("July 2022" in caveat for caveat in found.caveats)
    found = summarise(measure="all_offences", first=date(2022, 6, 1), last=date(2022, 6, 30), by="month")
    assert not any("July 2022" in caveat for caveat in found.caveats)


def test_synthetic_and_real_rows_are_never_counted_together(tmp_path):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1)])])
    import_paths([write_rows(tmp_path / "b.csv", [niche_row(2, **{"Crime No": "SYN-2"})])])
    with pytest.raises(NoSuchData, match="Choose real rows or synthetic rows"):
        summary()
    assert summary(data="real")["total"] == 1
    found = summary(data="synthetic")
    assert found["synthetic"]
    assert "Synthetic" in found["caveats"][0]


def test_a_source_without_the_flag_gives_no_number(tmp_path):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1, **{"PP Flag": ""})])])
    with pytest.raises(NoSuchData, match="public-place flag"):
        summary()


def test_rates_need_a_population_and_say_when_it_is_missing(tmp_path):
    table = tmp_path / "census_2011.csv"
    table.write_text(
        "lsoa11_code,lsoa11_name,msoa11_code,msoa11_name,local_authority_code,local_authority_name,usual_residents\n"
        "E01013700,Leicester 041E,E02002867,Leicester 041,E06000016,Leicester UA,2000\n"
    )
    for _ in range(2):
        load_geography([table])
    rows = [
        street_row(Crime_ID="a" * 64),
        street_row(Crime_ID="b" * 64, LSOA_code="E01009999", LSOA_name="Derby 001A"),
    ]
    import_paths([write_rows(tmp_path / "x-street.csv", rows, header=STREET_HEADER)])
    period = {"measure": "all_offences", "first": date(2021, 5, 1), "last": date(2021, 5, 31), "by": "area"}
    found = summarise(**period).as_json()
    assert [(row["key"], row["rate_per_1000"]) for row in found["rows"]] == [("Derby", None), ("E06000016", 0.5)]
    assert any("No denominator for 1 " in caveat for caveat in found["caveats"])
    assert [row["rate_per_1000_year"] for row in found["rows"]] == [None, 6.0]
    assert "residents of all ages (census_2011.csv, 2011)" in found["denominator"]
    assert any("shorter than a year" in caveat for caveat in found["caveats"])
    whole_year = summarise(**(period | {"first": date(2021, 1, 1), "last": date(2021, 12, 31)})).as_json()
    assert [row["rate_per_1000_year"] for row in whole_year["rows"]] == [None, 0.5]
    assert not any("shorter than a year" in caveat for caveat in whole_year["caveats"])
    # only May is loaded: a year's rate of it is too low, and that is said
    assert any("between 1 May 2021 and 31 May 2021" in caveat for caveat in whole_year["caveats"])
    assert not any("between 1 May" in caveat for caveat in found["caveats"])
    # the source has months only: the whole of May counts, and a year is twelve of it
    part = summarise(**(period | {"first": date(2021, 5, 10), "last": date(2021, 5, 20)})).as_json()
    assert [row["rate_per_1000_year"] for row in part["rows"]] == [None, 6.0]
