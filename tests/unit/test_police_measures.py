"""Offence lists and measures as reviewed data: complete heads, no drift between lists, warnings in time."""

from datetime import date

import pytest

from analytics.measures import catalogue
from analytics.measures.reviewed import read_reviewed, warnings_of

SERIOUS = {  # police-data.md section 5, typed here again on purpose
    "1", "4.1", "4.10", "4.2", "34A", "34B", "56A", "2", "4.7", "5D", "5E", "8N", "8P", "3B", "36", "106", "8L", "8M",
    "8R", "8Q", "8U", "19C", "19D", "19E", "19F", "19G", "19H", "17A", "17B", "20A", "20B", "21", "22A", "22B", "23",
    "70", "71", "72", "73", "88A", "88C", "88D", "88E", "24", "66", "62A", "65", "29A", "29", "31A", "31",
}  # fmt: skip


def test_serious_violence_is_the_list_of_the_needs_assessment():
    assert catalogue.measure_named("serious_violence").codes == SERIOUS
    assert catalogue.measure_named("nte_serious_violence").codes == SERIOUS
    groups = catalogue.offence_list().serious
    assert len(groups) == 10
    assert sum(map(len, groups.values())) == len(SERIOUS)


def test_every_rule_is_made_of_the_data_that_runs_it():
    for measure in catalogue.measures().values():
        assert measure.rule.endswith(".")
        assert ("public place" in measure.rule) == measure.public_place
        assert ("22:00" in measure.rule) == (measure.window == "night")


def test_the_switch_for_officers_is_off_and_works(tmp_path):
    assault = catalogue.measure_named("nte_assault")
    assert not assault.codes & {"8S", "8T", "105A"}
    assert "constables and emergency workers are left out" in assault.rule
    assert {"105A", "105B"} < catalogue.measure_named("nte_assault_all").codes
    text = (catalogue.DEFINITIONS / "nte_assault.toml").read_text()
    on = tmp_path / "nte_assault.toml"
    on.write_text(text.replace("assaults_on_officers = false", "assaults_on_officers = true"))
    switched = catalogue._parse(on)
    assert {"8S", "8T"} <= switched.codes
    assert "left out, as they follow" not in switched.rule
    assert switched.sha256 != assault.sha256


def test_placebos_are_there():
    assert {"daytime_assault", "acquisitive", "domestic_dwelling"} <= catalogue.measures().keys()


def test_a_list_past_its_review_warns_and_an_unchecked_one_too():
    review = catalogue.measure_named("nte_assault").review
    assert not any("past its review" in line for line in warnings_of([review], review.review_by))
    late = warnings_of([review], date(review.review_by.year + 1, 1, 1))
    assert "past its review date" in late[0]
    assert review.id in late[0]
    assert any("second person" in line for line in late)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("reviewed_on = 2024-10-01", ""), "reviewed_on is missing"),
        (("review_by = 2027-10-01", 'review_by = "soon"'), "review_by is missing or not a date"),
        (("review_by = 2027-10-01", "review_by = 2020-10-01"), "before reviewed_on"),
        (('author = "Walk Away project"', 'author = ""'), "author"),
        (('"nte_assault"', '"other"'), "not the file's name"),
    ],
)
def test_an_incomplete_head_is_named(tmp_path, change, message):
    path = tmp_path / "nte_assault.toml"
    path.write_text((catalogue.DEFINITIONS / "nte_assault.toml").read_text().replace(*change))
    with pytest.raises(ValueError, match=message):
        read_reviewed(path, id_key="name")
