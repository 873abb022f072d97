"""Which of a source's own words for kinds of location are listed, and what is proposed for them."""

import pytest

from analytics.measures.location_types import LOCATION_TYPES, proposal_for, review_of_words
from analytics.police_data.location_words import (
    LIKE_NAMES,
    LIKE_TEXT,
    MOST_DIFFERENT,
    MOST_LISTED,
    TOO_MANY,
    Word,
    location_words,
)
from analytics.police_data.mapping import built_in_mappings


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("PUBLIC HOUSE", "hospitality"),
        ("Pub / club", "hospitality"),
        ("Night-club", "hospitality"),
        ("Working mens club", "hospitality"),
        ("CAFÉ", "hospitality"),
        ("12 - Dwelling", "dwelling"),
        ("D1: Semi detached house", "dwelling"),
        ("Flats", "dwelling"),
        ("House, flat or bungalow", "dwelling"),
        ("Car Park", "public_or_open_place"),
        ("Public or open place", "public_or_open_place"),
        ("public_or_open_place", "public_or_open_place"),
        ("N/A", "unknown"),
        ("Shop / dwelling", ""),
        ("Pub by the church gate", ""),
        ("12 House", ""),
        ("Garage", ""),
        ("14", ""),
        ("", ""),
    ],
)
def test_a_proposal_is_made_only_where_the_words_obviously_mean_one_kind(words, code):
    assert proposal_for(words) == code


def test_every_code_proposes_itself_and_the_list_agrees_with_the_mapping_of_niche_extracts():
    assert {code: proposal_for(code) for code in LOCATION_TYPES} == {code: code for code in LOCATION_TYPES}
    niche = built_in_mappings()["leicestershire_niche"].values["location_type"]
    assert len(niche) > 30
    assert {words: proposal_for(words) for words in niche} == niche
    assert review_of_words().id == "location_words"


def test_words_are_counted_without_regard_to_capitals_and_the_most_frequent_stand_first():
    cells = (
        ["Dwelling"] * 6
        + ["PUB"] * 4
        + ["pub ", " Pub", "Pub\u200b"]
        + ["Kiosk"] * 5
        + ["", " ", "#N/A", "Premises"]
    )
    found = location_words("Premises", cells)
    assert found.listed == (Word("PUB", 7, "hospitality"), Word("Dwelling", 6, "dwelling"), Word("Kiosk", 5, ""))
    assert (found.empty, found.hidden, found.further, found.refused) == (2, (0, 0), (0, 0), "")


def test_what_few_rows_have_is_listed_only_where_the_reviewed_list_knows_it():
    found = location_words("L", ["Dwelling"] * 40 + ["Flat"] + ["Jordan Canarysmith"] * 4 + ["Kiosk"] * 5)
    assert [word.text for word in found.listed] == ["Dwelling", "Kiosk", "Flat"]
    assert found.hidden == (1, 4)
    assert not found.lists("Jordan Canarysmith")
    assert found.lists(" FLAT ")


@pytest.mark.parametrize(
    "text",
    ["12 High Street", "LE1 6AA", "me@example.org", "hit him and then ran off down the road again", "x" * 61],
)
def test_an_address_or_a_note_is_not_listed_however_many_rows_have_it(text):
    found = location_words("L", ["Dwelling"] * 60 + [text] * 20)
    assert [word.text for word in found.listed] == ["Dwelling"]
    assert found.hidden == (1, 20)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([f"{n} High Street" for n in range(3)], LIKE_TEXT),
        (["Dwelling"] * 59 + ["1 High Street"] * 20, LIKE_TEXT),
        ([f"Name{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)], LIKE_NAMES),
        ([f"kind {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MOST_DIFFERENT + 2)] * 5, TOO_MANY),
    ],
)
def test_a_column_of_addresses_names_or_notes_is_refused_as_a_whole(cells, why):
    found = location_words("L", cells)
    assert (found.refused, found.listed) == (why, ())


def test_a_column_with_too_many_values_is_not_read_to_its_end():
    read = []

    def cells():
        for n in range(100_000):
            read.append(n)
            yield f"place {n}"

    assert location_words("L", cells()).refused == TOO_MANY
    assert len(read) == MOST_DIFFERENT + 2


def test_the_list_is_bounded_and_says_what_it_leaves_out():
    words = [f"kind {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MOST_LISTED + 3)]
    found = location_words("L", [word for word in words for _ in range(5)] + ["Dwelling"] * 9)
    assert len(found.listed) == MOST_LISTED
    assert found.listed[0] == Word("Dwelling", 9, "dwelling")
    assert (found.further, found.refused) == ((4, 20), "")


def test_list_codes_are_words_and_numbers_are_not():
    found = location_words("L", ["H1"] * 9 + ["03: Kiosk"] * 8 + ["Dwelling"] * 60 + ["1234"] * 5)
    assert [word.text for word in found.listed] == ["Dwelling", "H1", "03: Kiosk"]
    assert found.hidden == (1, 5)
