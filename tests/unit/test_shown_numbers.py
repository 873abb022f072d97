"""No nought is printed that is only a rounded one: neither by itself nor anywhere in a report."""

import re

import pytest

from analytics.evaluation.report import contents, html
from analytics.evaluation.report.beside import NOTHING
from analytics.shown_numbers import amount_shown, counted, p_says, p_shown, percent_shown, ratio_shown
from tests.factories.report import sample_result
from tests.unit.test_rules_and_verdict import judged


@pytest.mark.parametrize(
    ("p", "shown", "said"),
    [
        (None, "not known", "p not known"),
        (0.0, "< 0.001", "p < 0.001"),
        (0.00004, "< 0.001", "p < 0.001"),
        (0.001, "0.0010", "p = 0.0010"),
        (0.0123, "0.0123", "p = 0.0123"),
        (1.0, "1.0000", "p = 1.0000"),
    ],
)
def test_a_small_p_is_said_to_be_small(p, shown, said):
    assert (p_shown(p), p_says(p)) == (shown, said)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.99904, "0.999"),
        (1.0031, "1.003"),
        (0.99996, "0.99996"),
        (1.0, "1.00"),
        (0.9999999, "1.00"),
        (1.06, "1.06"),
    ],
)
def test_what_is_not_1_is_not_shown_as_1(value, shown):
    assert ratio_shown(value, 2) == shown


def test_one_of_a_thing_has_no_s():
    assert [counted(n, "venue") for n in (0, 1, 2, 1200)] == ["0 venues", "1 venue", "2 venues", "1,200 venues"]


def test_a_ratio_that_rounds_to_nought_says_so():
    assert [ratio_shown(each) for each in (0.8125, 0.0004, -0.0004, 0.0, -0.0, -0.061)] == [
        "0.812", "under 0.001", "over -0.001", "0.000", "0.000", "-0.061",
    ]  # fmt: skip
    assert ratio_shown(0.004, 2) == "under 0.01"
    assert [percent_shown(each) for each in (21.4, -21.4, 0.3, 0, 99.8, 100)] == [
        "21",
        "21",
        "under 1",
        "0",
        "over 99",
        "100",
    ]


def test_a_report_prints_no_nought_for_a_p():
    result = sample_result(lead={"coef": 0.00001, "se": 0.00002, "p": 1e-9}, wild={"p": 1e-12, "draws": 9999})
    result["estimate"] |= {"p_permutation": 1e-7, "ci_low": 0.0001}
    result["correlation"] |= {"within_r": -0.0001, "within_p": 0.0}
    found = result["diagnostics"]
    found["event_study"]["pre_p"] = found["delay"]["early_share_p"] = 0.0
    for each in [*found["placebo_outcomes"], *found["placebo_dates"], *found["secondary_exposures"]]:
        each |= {"p": 1e-6, "p_holm": 1e-6, "ci_low": 0.0001}
    page = html(result, NOTHING)
    assert page.count("p &lt; 0.001") >= 5
    assert not re.search(r"p = (0\.0+\b|not|below)|>-0\.000<|[^\d]-0\.000\b|\b0\.00 to", page)
    assert "under 0.001" in page
    assert "under 0.01 to" in page  # in the picture's letters
    assert "p < 0.001" in " ".join(line for section in contents(result).sections for line in section.says)


def test_rules_and_sentences_print_no_nought():
    fired, verdict = judged(lead_p=1e-9, placebo_p=1e-9, mde=0.001, cv3_excludes=False, permutation_p=1e-9)
    details = {code: rule.detail for code, rule in fired.items()}
    assert "p < 0.001" in details["R9"]
    assert "p after Holm < 0.001" in details["R10"]
    assert "permutation p < 0.001" in details["R13"]
    assert "under 0.01" in details["R6"]
    assert "p < 0.001" in verdict.sentence
    assert not re.search(r"\b0\.0+\b", " ".join(details.values()) + verdict.sentence)
    _, tiny = judged(ratio=0.998, low=0.9965, high=0.9995)
    assert "had under 1% fewer recorded assaults (95% CI under 1% to under 1%)" in tiny.sentence


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [(1398.0, 1, "1,398"), (369.46, 1, "369.5"), (1234567.5, 6, "1,234,567.5"), (0.0, 1, "0"), (100.0, 0, "100")],
)
def test_a_sum_keeps_its_digits_and_no_noughts(value, places, shown):
    assert amount_shown(value, places) == shown
