"""Types of location: a mapping's table leads to eight codes, and what it lacks is a row of its own."""

from datetime import date

import pytest

from analytics.measures.location_types import LOCATION_TYPES
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import MappingError, built_in_mappings, mapping_named, parse_mapping
from analytics.police_data.summaries import summarise
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db
OWN = b"""
name = "own"
coordinates = "osgb36"
date_formats = ["%d/%m/%Y %H:%M"]
[columns]
crime_reference = "Crime No"
offence = "HO Offence"
committed_from = ["From Date", "From Time"]
easting = "X"
northing = "Y"
location_type = "Loc Type"
domestic = "DA"
"""


def loaded(tmp_path, words, mapping=None):
    rows = [niche_row(n, DA="Y", **{"Loc Type": each}) for n, each in enumerate(words)]
    (one,) = import_paths([write_rows(tmp_path / "a.csv", rows)], mapping=mapping).files
    assert (one.error, one.loaded) == (None, len(words))
    return one


def by_location(measure: str = "all_offences") -> dict[str, tuple[str, float]]:
    found = summarise(measure=measure, first=date(2024, 6, 1), last=date(2024, 6, 30), by="location")
    assert sum(row.count for row in found.rows) == found.total
    return {row.key: (row.label, row.count) for row in found.rows}


def test_the_built_in_table_leads_to_codes_and_what_it_lacks_is_unknown_and_listed(tmp_path):
    words = [
        "Private dwelling",
        "HOUSE",
        "Licensed  Premises",
        "Licensed premises",
        "Shop",
        "Not known",
        "",
        *["Oil rig"] * 6,
    ]
    one = loaded(tmp_path, words)
    assert by_location() == {
        "dwelling": ("Dwelling", 2),
        "hospitality": (LOCATION_TYPES["hospitality"], 1),
        "shop": ("Shop", 1),
        "unknown": ("Location unknown", 9),
    }
    (said,) = [note for note in one.notes if note.startswith("values to add to the mapping")]
    assert "'location_type: Oil rig' (6)" in said
    assert "location_type of shape" in said, (
        "with two spaces it is another word; a rare value is shown by its shape"
    )


def test_codes_themselves_need_no_table_entry(tmp_path):
    one = loaded(tmp_path, ["Public or open place", "transport", "education", "other", "unknown"])
    assert set(by_location()) == {"public_or_open_place", "transport", "education", "other", "unknown"}
    assert not any("values to add" in note for note in one.notes)


def test_the_measure_of_dwellings_sees_what_the_table_says(tmp_path):
    loaded(tmp_path, ["Flat", "Street", "Oil rig"])
    assert by_location("domestic_dwelling") == {"dwelling": ("Dwelling", 1)}


def test_without_a_table_the_words_stay_and_the_import_says_so(tmp_path):
    one = loaded(tmp_path, ["Oil rig", "Oil rig", "Street", "dwelling", ""], parse_mapping(OWN, where="own"))
    assert by_location() == {
        "oil_rig": ("Oil rig", 2), "street": ("Street", 1), "dwelling": ("Dwelling", 1), "unknown": ("Location unknown", 1),
    }  # fmt: skip
    assert any("(2 of them are none of ours)" in note for note in one.notes)


def test_a_table_may_lead_to_nothing_else():
    with pytest.raises(MappingError, match=r"values\.location_type\.'pub': 'bar' is not a type of location"):
        parse_mapping(OWN + b'[values.location_type]\n"Pub" = "bar"\n', where="own")


def test_every_table_that_comes_with_the_product_leads_to_codes():
    chicago = mapping_named("docs/examples/chicago.toml")
    tables = [each.values.get("location_type") for each in (*built_in_mappings().values(), chicago)]
    assert sum(bool(table) for table in tables) == 2
    assert {target for table in tables for target in (table or {}).values()} <= LOCATION_TYPES.keys()
