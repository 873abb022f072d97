"""The figures that must come out of the real files beside the checkout; skipped where they are absent."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from analytics.models import AreaPopulation, Offence
from analytics.police_data.geography import load_geography
from analytics.police_data.importing import import_paths
from analytics.police_data.summaries import summarise

pytestmark = pytest.mark.django_db
CHICAGO = Path(__file__).resolve().parents[2] / "docs" / "examples" / "chicago.toml"


def counts(found):
    return {row.key: row.count for row in found.rows}


def test_city_centre_and_the_rest_of_the_force(shared_data):
    months = ["2019-12", "2020-01", "2020-02", "2020-04", "2020-05", "2020-06"]
    paths = [shared_data / "street_crime" / f"{month}-leicestershire-street.csv.gz" for month in months]
    report = import_paths(paths)
    assert report.total("rows_read") == report.total("loaded") + report.total("duplicates")
    assert report.total("rejected") == 0
    assert import_paths(paths[:2]).total("loaded") == 0
    period = {"measure": "open_violence", "by": "area", "area_type": "msoa"}
    before = summarise(**period, first=date(2019, 12, 1), last=date(2020, 2, 29))
    after = summarise(**period, first=date(2020, 4, 1), last=date(2020, 6, 30))
    assert (counts(before)["Leicester 041"], counts(after)["Leicester 041"]) == (512, 176)
    assert (before.total - 512, after.total - 176) == (7560, 8003)

    load_geography([shared_data / "geography" / "census_2011_lsoa_population_llr.csv"])
    assert sum(AreaPopulation.objects.values_list("residents", flat=True)) == 1_017_697
    again = summarise(**period, first=date(2019, 12, 1), last=date(2020, 2, 29))
    row = next(row for row in again.rows if row.label == "Leicester 041")
    assert row.key.startswith("E02")
    assert row.count == 512
    assert row.rate_per_1000 is not None
    assert again.total == before.total


def test_chicago_by_night_and_by_calendar_day(shared_data):
    report = import_paths([shared_data / "incidents"], mapping=str(CHICAGO))
    assert (report.total("loaded"), report.total("rejected")) == (148_636, 0)
    # From the night before: what happened early on 1 January 2010 belongs to it.
    period = {"measure": "nte_assault", "first": date(2009, 12, 31), "last": date(2019, 12, 31)}
    nights = summarise(**period, by="night")
    assert nights.total == 45_759
    assert round(100 * nights.total / Offence.objects.count(), 2) == 30.79
    assert counts(nights) == {
        "mon": 4995, "tue": 4983, "wed": 5079, "thu": 5462, "fri": 9310, "sat": 10314, "sun": 5616,
    }  # fmt: skip
    assert counts(summarise(**period, by="weekday")) == {
        "mon": 5349, "tue": 4985, "wed": 4991, "thu": 5160, "fri": 5981, "sat": 9388, "sun": 9905,
    }  # fmt: skip


def test_a_row_of_a_later_vintage_is_counted_and_has_no_rate(shared_data, tmp_path):
    load_geography([shared_data / "geography" / "census_2011_lsoa_population_llr.csv"])
    with gzip.open(shared_data / "street_crime" / "2025-01-leicestershire-street.csv.gz", "rt") as stream:
        lines = [next(stream) for _ in range(3000)]
    (tmp_path / "2025-01-part-street.csv").write_text("".join(lines))
    import_paths([tmp_path])
    found = summarise(
        measure="all_offences", first=date(2025, 1, 1), last=date(2025, 1, 31), by="area", area_type="lsoa"
    )
    assert sum(row.count for row in found.rows) == found.total == 2999
    assert any(row.rate_per_1000 is None and row.key != "unknown" for row in found.rows)
    assert any("No denominator" in caveat for caveat in found.caveats)
