"""A way through has no dead end, no circle, no step that nobody reaches; and its picture says so."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from campaign_pages.story_map import Choice, Step, picture, problems


def step(name: str, *to: str, ending: bool = False) -> Step:
    return Step(name, ending, tuple(Choice(f"go to {each}", each) for each in to))


GOOD = [step("A bar", "Chips", "A shove"), step("Chips", ending=True), step("A shove", "Chips")]


def test_a_good_way_through_has_no_problem() -> None:
    assert problems(GOOD) == []


def test_a_dead_end_is_named() -> None:
    assert problems([step("A bar", "Chips"), step("Chips")]) == [
        "“Chips” is a dead end. Add a choice, or tick “ending”.",
        "No step is an ending. Tick “ending” where the way through stops.",
    ]


def test_a_circle_is_named_in_order() -> None:
    found = problems(
        [step("One", "Two", "End"), step("Two", "Three"), step("Three", "One"), step("End", ending=True)]
    )
    assert found == [
        "These steps go round in a circle: “One” → “Two” → “Three” → “One”. Let one of them lead to an ending."
    ]


def test_a_wrong_name_lists_the_right_ones() -> None:
    found = problems([step("One", "Tow"), step("Two", ending=True)])
    assert "leads to “Tow”, and no step is called that. There are: “One”, “Two”." in found[0]
    assert "Nobody can get to “Two”" in found[1]


def test_names_differ_and_endings_end() -> None:
    found = problems([step("One", "End"), step("one!", "End"), step("End", "One", ending=True)])
    assert any("Two steps are called" in reason for reason in found)
    assert any("is an ending, yet it has choices" in reason for reason in found)


def test_nothing_yet() -> None:
    assert problems([]) == ["There are no steps yet. Add the first one."]


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f"])


@given(st.dictionaries(NAMES, st.tuples(st.lists(NAMES, max_size=3), st.booleans()), min_size=1, max_size=6))
def test_what_has_no_problem_always_ends_and_every_map_can_be_drawn(
    graph: dict[str, tuple[list[str], bool]],
) -> None:
    steps = [step(name, *to, ending=ending) for name, (to, ending) in graph.items()]
    found = problems(steps)
    ET.fromstring(picture(steps, found))
    if found:
        return
    by_name = {each.name: each for each in steps}

    def walk(name: str, moves: int) -> None:
        assert moves <= len(steps), "a reader never stops"
        here = by_name[name]
        assert here.is_ending or here.choices
        for choice in here.choices:
            walk(choice.leads_to, moves + 1)

    walk(steps[0].name, 0)
