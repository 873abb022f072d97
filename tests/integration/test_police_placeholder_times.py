"""Times that a source writes when it does not know the time: kept with their date, out of every measure by time, counted."""

from datetime import date, datetime

import pytest

from analytics.measures.catalogue import measure_named
from analytics.models import Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import MappingError, parse_mapping
from analytics.police_data.moments import MomentReader, span_of
from analytics.police_data.summaries import summarise
from analytics.police_data.time_quality import time_quality

HEAD = """
name = "marks"
date_formats = ["%d/%m/%Y %H:%M"]
[columns]
crime_reference = "Ref"
offence = "Kind"
committed_from = "From"
committed_to = "To"
easting = "E"
northing = "N"
public_place = "PP"
"""
JUNE = (date(2024, 6, 1), date(2024, 6, 30))


def load(folder, rows, *, top="", columns="", header="Ref,Kind,From,To,E,N,PP"):
    (folder / "m.toml").write_text(top + HEAD + columns)
    lines = [f"R{n},8N,{row}" for n, row in enumerate(rows)]
    (folder / "a.csv").write_text("\n".join([header, *lines]) + "\n")
    (report,) = import_paths([folder / "a.csv"], mapping=str(folder / "m.toml")).files
    assert report.error is None
    assert report.rows_read == report.loaded == len(rows)
    return report


def summary(by, measure="nte_assault"):
    return summarise(measure=measure, first=JUNE[0], last=JUNE[1], by=by)


def counts(found):
    return {row.key: row.count for row in found.rows if row.count}


ROWS = [
    "15/06/2024 00:00,,458700,304500,Y",  # a Friday night, if it were a time
    "15/06/2024 00:01,,458700,304500,Y",
    "14/06/2024 23:00,15/06/2024 00:00,458700,304500,Y",  # ends at a placeholder
    "15/06/2024 23:30,,458700,304500,Y",
]


@pytest.mark.django_db
def test_marked_times_stay_out_of_every_timed_measure_and_are_counted(tmp_path):
    report = load(tmp_path, ROWS, top='placeholder_times = ["00:00"]\n')
    assert report.flags == {"placeholder_time": 2}
    for by in ("weekday", "night", "date", "hour"):
        found = summary(by)
        assert found.total == 2
        assert found.excluded["placeholder_time"] == 2
    assert counts(summary("hour")) == {"00": 1, "23": 1}
    everything = summary("hour", measure="all_offences")
    assert counts(everything) == {"00": 1, "23": 1, "unknown": 2}
    assert counts(summary("weekday", measure="all_offences")) == {"fri": 1, "sat": 3}, "the date is known"
    assert counts(summary("night", measure="all_offences")) == {"fri": 1, "sat": 1, "unknown": 2}
    assert set(Offence.objects.filter(span="unknown").values_list("night", "hour", "week")) == {(None, None, "")}


@pytest.mark.django_db
def test_a_column_of_the_source_may_mark_them(tmp_path):
    report = load(
        tmp_path,
        [f"{row},{mark}" for row, mark in zip(ROWS, ("", "est", "no", "EST"), strict=True)],
        columns='placeholder_time = "Clock"\n[values.placeholder_time]\n"est" = "yes"\n',
        header="Ref,Kind,From,To,E,N,PP,Clock",
    )
    assert report.flags == {"placeholder_time": 2}
    assert counts(summary("hour")) == {"00": 1, "23": 1}


@pytest.mark.django_db
def test_shares_for_the_rule_on_data_quality(tmp_path):
    more = [f"16/06/2024 {clock},,458700,304500,Y" for clock in ("23:00", "12:00", "03:17", "02:00")]
    long = ["17/06/2024 22:00,18/06/2024 22:00,458700,304500,Y"]
    load(tmp_path, [*ROWS, *more, *long], top='placeholder_times = ["00:01"]\n')
    found = time_quality(measure_named("nte_assault"), *JUNE, synthetic=False)
    assert (found.counted, found.at_0000, found.at_0001, found.at_1200) == (6, 1, 0, 0)
    assert (found.on_the_hour, found.marked, found.long) == (4, 1, 1)
    assert found.placeholder_share == pytest.approx(2 / 7)
    assert found.long_share == pytest.approx(1 / 7)
    noon = time_quality(measure_named("daytime_assault"), *JUNE, synthetic=False)
    assert (noon.counted, noon.at_1200) == (1, 1)
    nothing = time_quality(measure_named("nte_assault"), *JUNE, synthetic=True)
    assert (nothing.placeholder_share, nothing.long_share) == (None, None)


def test_placeholders_are_in_the_sources_own_zone():
    times = MomentReader(
        ("%Y-%m-%d %H:%M",), zone="UTC", local="Europe/London", latest=date(2026, 1, 1),
        placeholders=parse_mapping(
            b'placeholder_times = [00:00:00]\n[columns]\noffence = "o"\ncommitted_from = "t"\nlsoa = "l"\n', where="x"
        ).placeholder_times,
    )  # fmt: skip
    assert times.read("2024-06-15 00:00").flags == ("placeholder_time",)
    assert times.read("2024-06-14 23:00").flags == (), "local midnight, but not what the source writes"
    span, flags = span_of(times.read("2024-06-15 00:00"), None, "Europe/London")
    assert (span.kind, span.night, span.night_weight, flags) == ("unknown", None, 0.0, ("placeholder_time",))
    assert span.start == datetime(2024, 6, 15, 1, 0)


@pytest.mark.parametrize("value", ['"00:00"', "[0]", '["midnight"]', '["25:00"]'])
def test_placeholder_times_that_are_none_are_refused_by_name(value):
    with pytest.raises(MappingError, match=r"^placeholder_times: "):
        parse_mapping(f"placeholder_times = {value}\n{HEAD}".encode(), where="x")
