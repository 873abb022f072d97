"""Census vintages: no row is lost between the LSOAs of 2011 and of 2021, and a rate stands on ground that fits it."""

from datetime import date

import pytest

from analytics.models import Area, AreaLookup, AreaPopulation
from analytics.police_data.areas import AREA_TYPES
from analytics.police_data.geography import load_geography
from analytics.police_data.importing import import_paths
from analytics.police_data.summaries import summarise
from tests.factories.police import STREET_HEADER, street_row, write_rows

pytestmark = pytest.mark.django_db
JANUARY = {"measure": "all_offences", "first": date(2025, 1, 1), "last": date(2025, 1, 31), "by": "area"}


@pytest.fixture
def ground():
    """Synthetic. 2011: Old was split in two, Left and Right became one, Mix and Mix2 were cut up, Same stayed."""
    for code, name in (
        ("E1OLD", "Town 001A"),
        ("E1LEFT", "Town 001B"),
        ("E1RIGHT", "Town 001C"),
        ("E1SAME", "Town 002A"),
        ("E1MIX", "Town 002B"),
        ("E1MIX2", "Town 002C"),
    ):
        Area.objects.create(code=code, vintage="2011", kind="lsoa", name=name, parent_code=f"M{name[5:8]}")
        AreaPopulation.objects.create(code=code, vintage="2011", year=2011, residents=1000, source="Census 2011")
    for code in ("M001", "M002"):
        Area.objects.create(code=code, vintage="2011", kind="msoa", name=f"Town {code[1:]}", parent_code="LA1")
    Area.objects.create(code="LA1", vintage="2011", kind="local_authority", name="Town")
    for old, new, change in (
        ("E1OLD", "E2NEW1", "split"), ("E1OLD", "E2NEW2", "split"), ("E1LEFT", "E2BOTH", "merged"), ("E1RIGHT", "E2BOTH", "merged"),
        ("E1MIX", "E2ODD", "irregular"), ("E1MIX2", "E2ODD", "irregular"), ("E1MIX2", "E2ODD2", "irregular"),
        ("E1SAME", "E1SAME", "unchanged"),
    ):  # fmt: skip
        AreaLookup.objects.create(
            from_code=old, from_vintage="2011", to_code=new, to_vintage="2021", change=change
        )


def street_file(folder, month, *codes):
    rows = [
        street_row(Month=month, Crime_ID=f"{month}{n:057x}", LSOA_code=code, LSOA_name="", Location="No Location")
        for n, code in enumerate(codes)
    ]  # fmt: skip
    return write_rows(folder / f"{month}-x-street.csv", rows, header=STREET_HEADER)


def counts(found):
    return {row.key: (row.count, row.rate_per_1000) for row in found.rows}


def test_a_part_of_a_split_area_counts_where_its_residents_are(ground, tmp_path):
    import_paths(
        [street_file(tmp_path, "2025-01", "E2NEW1", "E2NEW1", "E2NEW2", "E1SAME", "E2BOTH", "E2ODD", "E9ELSE", "")]
    )
    found = summarise(**JANUARY, area_type="lsoa")
    assert counts(found) == {
        "E1OLD": (3, 3.0), "E1SAME": (1, 1.0), "E2BOTH": (1, 0.5), "E2ODD": (1, None), "E9ELSE": (1, None), "unknown": (1, None),
    }  # fmt: skip
    assert sum(row.count for row in found.rows) == found.total == 8
    said = " ".join(found.caveats)
    assert "3 of the offences have an LSOA code of another census vintage" in said
    assert "No denominator for 3 of the offences" in said
    assert "1 of the offences have an LSOA that was cut up irregularly" in said
    assert counts(summarise(**JANUARY, area_type="msoa")) == {
        "M001": (4, 1.3333), "M002": (2, 0.6667), "unknown": (2, None),
    }  # fmt: skip
    assert counts(summarise(**JANUARY, area_type="local_authority"))["LA1"] == (6, 1.0)


def test_a_whole_area_that_was_merged_counts_under_the_new_one_where_that_has_residents(ground, tmp_path):
    AreaPopulation.objects.all().delete()
    AreaPopulation.objects.create(code="E2BOTH", vintage="2021", year=2021, residents=2000, source="Census 2021")
    import_paths([street_file(tmp_path, "2019-01", "E1LEFT", "E1RIGHT", "E1OLD")])
    found = summarise(
        measure="all_offences", first=date(2019, 1, 1), last=date(2019, 1, 31), by="area", area_type="lsoa"
    )
    assert counts(found) == {"E2BOTH": (2, 1.0), "E1OLD": (1, None)}


def test_without_a_lookup_every_code_keeps_a_row_of_its_own(tmp_path):
    import_paths([street_file(tmp_path, "2025-01", "E2NEW1", "E2NEW2")])
    assert counts(summarise(**JANUARY, area_type="lsoa")) == {"E2NEW1": (1, None), "E2NEW2": (1, None)}


@pytest.mark.parametrize("area_type", AREA_TYPES)
def test_no_row_of_2025_is_lost_in_any_area_table(shared_data, area_type):
    """Joined to the residents of 2011 by code alone, 14.9% of them would be, most in the city centre."""
    load_geography([shared_data / "geography" / "census_2011_lsoa_population_llr.csv"])
    report = import_paths(
        [shared_data / "street_crime" / f"2025-0{n}-leicestershire-street.csv.gz" for n in (1, 2)]
    )
    found = summarise(**(JANUARY | {"last": date(2025, 2, 28)}), area_type=area_type)
    assert sum(row.count for row in found.rows) == found.total == report.total("loaded")
    if area_type == "local_authority":
        ours = sum(row.count for row in found.rows if row.rate_per_1000 is not None)
        outside = sum(row.count for row in found.rows if row.rate_per_1000 is None)
        assert ours > 0.95 * found.total, "the nine authorities keep theirs, whatever vintage the code is of"
        assert outside > 0
    if area_type == "msoa":
        centre = next(row for row in found.rows if row.label == "Leicester 041")
        assert centre.count > 500, "041E, the night-time core, has a code of 2021"


@pytest.mark.parametrize("by", ["month", "offence", "area", "location"])
def test_a_series_across_july_2022_says_that_the_map_points_changed(tmp_path, by):
    for month in ("2022-05", "2022-08"):
        import_paths([street_file(tmp_path, month, "E1OLD")])
    across = summarise(measure="all_offences", first=date(2022, 5, 1), last=date(2022, 8, 31), by=by)
    assert any("replaced in July 2022" in caveat for caveat in across.caveats)
    after = summarise(measure="all_offences", first=date(2022, 7, 1), last=date(2022, 8, 31), by=by)
    assert not any("July 2022" in caveat for caveat in after.caveats)
