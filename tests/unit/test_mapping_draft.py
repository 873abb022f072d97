"""A draft guesses columns, formats and coordinates, and its TOML is a mapping."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.measures.location_types import LOCATION_TYPES
from analytics.police_data.mapping import parse_mapping
from analytics.police_data.mapping_draft import MappingDraft, draft_for
from tests.factories.police import NICHE_HEADER, niche_row


def cells(**changes):
    row = niche_row(1, **{key.replace("_", " "): value for key, value in changes.items()})
    return [row[name] for name in NICHE_HEADER]


def test_the_columns_of_a_niche_extract_are_found():
    draft = draft_for(
        list(NICHE_HEADER), [cells(), cells(From_Date="16/06/2024", HO_Offence="Glassing")], name="own"
    )
    assert draft.columns["committed_from"] == ["From Date", "From Time"]
    assert draft.columns["committed_to"] == ["To Date", "To Time"]
    assert {key: draft.columns[key] for key in ("crime_reference", "offence", "easting", "public_place", "domestic", "npa")} == {
        "crime_reference": ["Crime No"], "offence": ["HO Offence"], "easting": ["X"], "public_place": ["PP Flag"], "domestic": ["DA"],
        "npa": ["NPA"],
    }  # fmt: skip
    assert (draft.date_formats, draft.other_format, draft.coordinates) == (["%d/%m/%Y %H:%M"], "", "osgb36")
    assert draft.offences == {"Glassing": ""}


@pytest.mark.parametrize(
    ("days", "form", "other"),
    [
        (["01/02/2024", "13/02/2024"], "%d/%m/%Y %H:%M", ""),
        (["01/02/2024", "02/13/2024"], "%m/%d/%Y %H:%M", ""),
        (["01/02/2024", "12/11/2024"], "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
        (["2024-02-01"], "%Y-%m-%d %H:%M", ""),
        (["1 Feb 2024"], "%d %b %Y %H:%M", ""),
    ],
)
def test_day_and_month_are_settled_by_all_rows(days, form, other):
    draft = draft_for(list(NICHE_HEADER), [cells(From_Date=day) for day in days])
    assert (draft.date_formats, draft.other_format) == ([form], other)


def test_degrees_and_other_names():
    draft = draft_for(
        ["date", "loc_cat", "longitude", "latitude", "district"],
        [["2010-01-01 00:30", "street", "-87.6", "41.8", "4"]],
    )
    assert draft.coordinates == "wgs84"
    assert draft.columns == {
        "committed_from": ["date"], "location_type": ["loc_cat"], "lon": ["longitude"], "lat": ["latitude"], "district": ["district"],
    }  # fmt: skip


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(texts, texts, st.lists(texts, min_size=1, max_size=3), texts)
def test_whatever_the_names_are_the_toml_says_the_same(name, column, values, said):
    draft = MappingDraft(
        name=name, columns={"offence": [column], "committed_from": [column, "Time"], "beat": ["Beat"]}, offences={said: "8N"},
        skip={column: values}, date_formats=["%d/%m/%Y %H:%M"],
    )  # fmt: skip
    mapping = parse_mapping(draft.to_toml().encode(), where="x")
    assert (mapping.name, mapping.columns["committed_from"]) == (name, (column, "Time"))
    assert mapping.values["offence"] == {said.strip().casefold(): "8N"}
    assert mapping.skip == {column: frozenset(each.strip().casefold() for each in values)}
    assert draft.to_toml() == draft.to_toml()


@settings(max_examples=100, derandomize=True, deadline=None)
@given(texts, st.sampled_from(sorted(LOCATION_TYPES)))
def test_whatever_the_words_are_the_mapping_has_their_kinds(said, code):
    columns = {"offence": ["O"], "committed_from": ["D"], "beat": ["B"], "location_type": ["L"]}
    draft = MappingDraft(columns=columns, location_types={said: code})
    mapping = parse_mapping(draft.to_toml().encode(), where="x")
    assert mapping.values == {"location_type": {said.strip().casefold(): code}}


@pytest.mark.parametrize("chosen", [True, False])
def test_a_column_of_kinds_has_its_table_even_without_a_word(chosen):
    draft = MappingDraft(columns={"offence": ["O"], "committed_from": ["D"], "beat": ["B"]})
    if chosen:
        draft.columns["location_type"] = ["L"]
    assert ("[values.location_type]" in draft.to_toml()) == chosen
    assert ("location_type" in parse_mapping(draft.to_toml().encode(), where="x").values) == chosen


@pytest.mark.parametrize(
    ("header", "rows", "dates", "moments"),
    [
        (["Offence", "When", "Beat"], [["8N", "45458.979", "B"], ["8N", "45459", "B"]], (), ("When",)),
        (["Offence", "Date", "Time", "Beat"], [["8N", "45458", "0.979", "B"], ["8N", "45459", "0", "B"]], ("Date", "Time"), ()),
        (["Offence", "When", "Beat"], [["8N", "15/06/2024 23:30", "B"]], (), ()),
    ],
)  # fmt: skip
def test_day_numbers_are_seen(header, rows, dates, moments):
    draft = draft_for(header, rows)
    assert draft.day_numbers == bool(dates or moments)
    mapping = parse_mapping(draft.to_toml().encode(), where="x")
    assert (mapping.excel_dates, mapping.excel_times) == (dates, moments)


def test_a_column_shared_by_a_day_and_a_moment_is_declared_once():
    draft = MappingDraft(
        columns={
            "offence": ["O"],
            "committed_from": ["D", "T"],
            "recorded_at": ["D"],
            "as_at": ["E"],
            "beat": ["B"],
        },
        day_numbers=True,
    )
    assert draft.serial_columns == {"excel_dates": ["D", "T"], "excel_times": ["E"]}
