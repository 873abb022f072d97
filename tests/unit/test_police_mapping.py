"""Mappings: what is refused names its key; what fits is found by its header."""

import pytest

from analytics.measures import catalogue
from analytics.police_data.mapping import (
    HeaderError,
    MappingError,
    built_in_mappings,
    detect_mapping,
    parse_mapping,
)
from tests.factories.police import NICHE_HEADER, STREET_HEADER

GOOD = """
name = "x"
date_formats = ["%Y-%m-%d %H:%M"]
[columns]
offence = "Offence"
committed_from = "When"
beat = "Beat"
"""


def test_the_mapping_of_the_contract_is_read():
    mapping = parse_mapping(GOOD.encode(), where="x.toml")
    assert (mapping.timezone, mapping.local_timezone, mapping.header_row) == ("Europe/London", "Europe/London", 1)
    assert mapping.required_columns == ["Offence", "When"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ('timezone = "Leicester"\n', "timezone"),
        ('coordinates = "utm"\n', "coordinates"),
        ("header_row = 0\n", "header_row"),
        ("colour = 1\n", "colour"),
        ("date_formats = 3\n", "date_formats"),
    ],
)
def test_a_wrong_key_is_named(change, key):
    text = change + GOOD if key != "date_formats" else GOOD.replace('date_formats = ["%Y-%m-%d %H:%M"]', change)
    with pytest.raises(MappingError, match=f"^{key}"):
        parse_mapping(text.encode(), where="x.toml")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('offence = "Offence"', "", "columns.offence"),
        ('committed_from = "When"', "", "columns.committed_from"),
        ('beat = "Beat"', "", "columns: a place"),
        ('beat = "Beat"', 'beet = "Beat"', "columns.beet"),
        ('beat = "Beat"', 'beat = "Beat"\n[values.offence]\n"OABH" = "99Z"', "values.offence"),
        ('beat = "Beat"', 'beat = "Beat"\n[skip]\n"Status" = "Cancelled"', "skip.Status"),
        ('offence = "Offence"\n', "[constants]\noffence = '99Z'\n[columns]\n", "constants.offence|is not TOML"),
    ],
)
def test_what_is_missing_or_unknown_is_named(old, new, key):
    with pytest.raises(MappingError, match=key):
        parse_mapping(GOOD.replace(old, new).encode(), where="x.toml")


def test_a_mapping_that_is_not_toml():
    with pytest.raises(MappingError, match=r"x\.toml is not TOML"):
        parse_mapping(b"= nonsense", where="x.toml")


def test_built_in_mappings_find_their_own_headers():
    assert set(built_in_mappings()) == {"data.police.uk", "leicestershire_niche"}
    assert detect_mapping(list(STREET_HEADER)).name == "data.police.uk"
    assert detect_mapping([f" {name.upper()} " for name in NICHE_HEADER]).name == "leicestershire_niche"
    with pytest.raises(HeaderError, match="make a mapping"):
        detect_mapping(["a", "b"])


def test_offences_are_found_by_code_title_or_group():
    offences = catalogue.offence_list()
    assert offences.find(" 8n ")[:2] == ("8N", "violence_with_injury")
    assert offences.find("Robbery of personal property")[0] == "34B"
    assert offences.find("violence_with_injury")[:2] == ("", "violence_with_injury")
    assert offences.find("jaywalking") is None


def test_measures_of_the_contract_exist_and_say_their_rule():
    wanted = {
        "nte_assault",
        "nte_serious_violence",
        "serious_violence",
        "daytime_assault",
        "all_offences",
        "open_violence",
    }
    assert wanted <= set(catalogue.measures())
    rule = catalogue.measure_named("nte_assault").rule
    assert "22:00" in rule
    assert "public place" in rule
    assert "not flagged as domestic" in rule
    assert "(8N)" in rule
    assert "8S" not in catalogue.measure_named("nte_assault").codes
    with pytest.raises(catalogue.UnknownMeasure, match="nte_assault"):
        catalogue.measure_named("nonsense")


def test_serious_violence_is_the_list_of_the_assessment():
    codes = catalogue.measure_named("serious_violence").codes
    assert {"1", "34A", "34B", "56A", "8N", "3B", "8L", "19C", "24", "66", "29A", "31"} <= codes
    assert not codes & {"105A", "8S", "46", "92E"}
