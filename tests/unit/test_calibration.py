"""A short calibration: few panels, fixed seeds, exact words. The long one is ``make calibrate``."""

from collections import Counter

import pytest

from analytics.evaluation.calibration import CASES, calibrate, judge, summarise

CASE = {case.name: case for case in CASES}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("null_40", {"cannot_tell": 5}),
        ("null_20", {"cannot_tell": 4, "cannot_attribute": 1}),
        ("reactive", {"cannot_attribute": 4, "refused": 1}),
        ("more", {"more": 5}),
        ("fall", {"fewer": 5}),
        ("null", {"cannot_tell": 4, "fewer": 1}),  # seed 5 is one of the one in twenty
        ("null_on_off", {"cannot_tell": 5}),
        ("street", {"cannot_tell": 5}),
        ("fall_on_off", {"fewer": 2, "cannot_tell": 3}),
        ("growing", {"cannot_tell": 5}),
    ],
)
def test_words_of_the_first_panels(name, words):
    assert Counter(judge(CASE[name], seed).word for seed in range(1, 6)) == words


@pytest.mark.parametrize("name", ["null", "fall", "growing"])
def test_the_intervals_of_the_first_panels_hold_the_truth(name):
    assert all(judge(CASE[name], seed).covered for seed in range(1, 5))


def test_shares_and_goals_are_counted_right():
    case = CASE["null_40"]
    heard = []
    found = next(iter(calibrate([case], panels=6, seed=1, processes=1, say=lambda *what: heard.append(what))))
    assert heard[-1] == ("null_40", 6)
    assert found.as_json() == summarise(case, [judge(case, seed) for seed in range(1, 7)]).as_json()
    row = found.rows()[0]
    assert (row["measure"], row["goal_high"]) == ("verdict", 0.05)
    assert row["met"] is (row["share"] <= 0.05)
    assert sum(found.words.values()) == 6


def test_a_panel_whose_every_draw_is_one_value_but_for_rounding_has_an_answer():
    """Four streets of which few may change places: all draws give one statistic, 4e-16 apart at the most."""
    found = judge(CASE["null_20"], 213)
    assert (found.word, found.fired) == ("cannot_tell", ("R3", "R6", "R12"))
