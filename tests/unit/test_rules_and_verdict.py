"""R1 to R14 at their thresholds, which of several wins, and the words. Numbers only: panels are in test_rule_panels."""

from dataclasses import replace

import pytest

from analytics.evaluation.rules import EvaluationContext, Measured, Thresholds, apply_rules
from analytics.evaluation.verdict import ORDER, Size, decide, power_of
from analytics.statistics.power import smallest_visible_ratio
from analytics.statistics.sample_size import standard_error_of, units_needed, weeks_needed

SOUND = Measured(
    periods=26, median_before=12, varying_units=10, clusters=8, distinct=1000, events=100, exposed_events=30,
    exposed_expected=30, residual_share=0.05, mde=0.70, lead_p=0.01, top_cluster=0.40, sign_flips=False,
    jackknife_failed=False, cv3_excludes=True, permutation_p=0.05, not_constant=False, not_constant_detail="", opposite_sides=False,
)  # fmt: skip
LOCKED = EvaluationContext(
    plan_locked_before_outcomes=True, geocoded_share=0.85, geocoded_gap_points=5.0, placeholder_share=0.10,
    long_span_share=0.10, completeness=0.95, trimmed_weeks=0, placebo_p=0.05, events_in_units=100.0, unique_events=100.0,
    duplicate_references=0, hashes_differ=False, conley_ratio=1.5,
)  # fmt: skip
# Rule, what makes it fire when the sound study above is just inside every threshold, and what it does then.
FIRES = [
    ("R1", {"plan_locked_before_outcomes": False}, "exploratory"),
    ("R2", {"periods": 25}, "refused"),
    ("R2", {"median_before": 11.5}, "refused"),
    ("R3", {"varying_units": 9}, "descriptive_only"),
    ("R3", {"clusters": 7}, "descriptive_only"),
    ("R3", {"distinct": 999}, "descriptive_only"),
    ("R3", {"distinct": None}, "descriptive_only"),
    ("R4", {"events": 99}, "refused"),
    ("R4", {"exposed_events": 29}, "refused"),
    ("R4", {"exposed_expected": 29.9}, "refused"),
    ("R5", {"residual_share": 0.049}, "refused"),
    ("R5", {"residual_share": None}, "refused"),
    ("R6", {"mde": 0.699}, "cannot_tell"),
    ("R6", {"mde": None}, "cannot_tell"),
    ("R7", {"geocoded_share": 0.849}, "refused"),
    ("R7", {"geocoded_gap_points": 5.1}, "refused"),
    ("R7", {"placeholder_share": 0.101}, "refused"),
    ("R7", {"long_span_share": 0.101}, "refused"),
    ("R8", {"trimmed_weeks": 1}, "note"),
    ("R9", {"lead_p": 0.0099}, "cannot_attribute"),
    ("R10", {"placebo_p": 0.049}, "cannot_attribute"),
    ("R11", {"events_in_units": 99.0}, "error"),
    ("R11", {"events_in_units": 101.0}, "error"),
    ("R11", {"duplicate_references": 1}, "error"),
    ("R11", {"hashes_differ": True}, "error"),
    ("R12", {"top_cluster": 0.401}, "cannot_tell"),
    ("R12", {"sign_flips": True}, "cannot_tell"),
    ("R12", {"jackknife_failed": True}, "cannot_tell"),
    ("R13", {"permutation_p": 0.051}, "cannot_tell"),
    ("R13", {"cv3_excludes": False}, "cannot_tell"),
    ("R13", {"conley_ratio": 1.51}, "refused"),
    ("R14", {"not_constant": True}, "note"),
    ("R14", {"not_constant": True, "opposite_sides": True}, "cannot_tell"),
]  # fmt: skip


def judged(*, ratio=0.8, low=0.7, high=0.9, printed=None, **changes):
    """(fired rules by code, verdict) of the sound study with some numbers changed."""
    inside = {name: value for name, value in changes.items() if name in Measured.__dataclass_fields__}
    around = {name: value for name, value in changes.items() if name not in inside}
    measured, context, thresholds = replace(SOUND, **inside), replace(LOCKED, **around), Thresholds()
    rules = apply_rules(measured, context, thresholds)
    power = power_of(measured.mde, units=20, clusters=8, weeks=52, thresholds=thresholds, context=context)
    verdict = decide(
        ratio=ratio, low=low, high=high, permutation_p=measured.permutation_p, rules=rules, thresholds=thresholds,
        context=context, two_way=True, mde=measured.mde, printed=printed, power=power,
    )  # fmt: skip
    return {rule.code: rule for rule in rules if rule.fired}, verdict


def test_just_inside_every_threshold_nothing_fires():
    fired, verdict = judged()
    assert fired == {}
    assert (verdict.word, verdict.grade) == ("fewer", 3)


@pytest.mark.parametrize(("code", "change", "effect"), FIRES)
def test_each_rule_fires_just_outside_its_threshold_and_alone(code, change, effect):
    fired, verdict = judged(**change)
    assert set(fired) == {code}
    assert fired[code].effect == effect
    assert verdict.word == {"error": "refused", "descriptive_only": "cannot_tell", "note": "fewer"}.get(
        effect, effect
    )
    if effect != "note":
        assert code in verdict.sentence or effect == "exploratory"
        assert "fewer recorded assaults" not in verdict.sentence
    assert verdict.grade == (2 if effect in ORDER else 3)


def test_trimming_that_leaves_too_few_weeks_refuses():
    fired, verdict = judged(trimmed_weeks=3, periods=25)
    assert fired["R8"].effect == "refused"
    assert verdict.word == "refused"


def test_the_strictest_rule_has_the_word_and_the_others_are_still_listed():
    everything = {}
    for code, change, _ in FIRES:
        if code != "R11":
            everything |= change
    fired, verdict = judged(**everything, events_in_units=99.0)
    assert set(fired) == {f"R{n}" for n in range(1, 15)}
    assert verdict.sentence.startswith("Stopped: the numbers do not add up (R11")
    order = [
        ({"events_in_units": 99.0}, "Stopped"), ({"periods": 25}, "Refused"), ({"lead_p": 0.001}, "We cannot say"),
        ({"clusters": 7}, "We cannot tell: the data can be described and no more"), ({"mde": 0.5}, "We cannot tell (R6"),
    ]  # fmt: skip
    for n, (change, start) in enumerate(order):
        weaker = {name: value for each, _ in order[n:] for name, value in each.items()}
        assert judged(**weaker, **change if n == len(order) else {})[1].sentence.startswith(start)


def test_without_a_plan_what_needs_one_does_not_apply():
    rules = apply_rules(SOUND, EvaluationContext(), Thresholds())
    silent = {rule.code for rule in rules if rule.fired is None}
    assert silent == {"R1", "R7", "R8", "R10", "R11"}
    assert all(rule.detail == "not applicable" for rule in rules if rule.fired is None)


def test_words():
    fewer = judged()[1].sentence
    assert fewer == (
        "Places and weeks with more Walk Away activity had 20% fewer recorded assaults (95% CI 10% to 30%) than the same "
        "places in other weeks, after removing area-wide weekly changes. Evidence grade 3/5. This does not show that the "
        "campaign caused it."
    )
    more = judged(ratio=1.25, low=1.1, high=1.42)[1]
    assert more.word == "more"
    assert "25% more recorded assaults (95% CI 10% to 42%)" in more.sentence
    small = judged(ratio=0.95, low=0.91, high=0.99)[1]
    assert small.word == "fewer"
    assert "smaller than the margin set in advance" in small.sentence
    equal = judged(ratio=1.0, low=0.91, high=1.1, cv3_excludes=False, permutation_p=0.6)[1]
    assert equal.word == "no_material_difference"
    unsure = judged(ratio=0.9, low=0.7, high=1.16, cv3_excludes=False, permutation_p=0.4)[1]
    assert unsure.word == "cannot_tell"
    for verdict in (equal, unsure, more):
        assert "no effect" not in verdict.sentence


def test_for_on_off_exposure_the_other_size_is_printed_and_a_wide_one_says_so():
    verdict = judged(printed=Size(0.9, 0.78, 1.04), not_constant=True)[1]
    assert verdict.word == "fewer"
    assert "10% fewer recorded assaults (95% CI 22% fewer to 4% more)" in verdict.sentence
    assert "The direction is supported; the size is not. The effect is not constant." in verdict.sentence


def test_the_grade_goes_above_three_only_with_a_record_of_a_draw():
    assert judged(randomised=True)[1].grade == 5
    assert judged(randomised=True, rollout_broken_share=0.10)[1].grade == 5
    assert judged(randomised=True, rollout_broken_share=0.11)[1].grade == 4
    assert "does not show that the campaign caused it" not in judged(randomised=True)[1].sentence
    chosen = judged(randomised=True, other_draws=1)[1]
    assert chosen.grade == 4
    assert "does not show that the campaign caused it" in chosen.sentence
    for change, grade in (
        ({"duplicate_references": 1}, 2), ({"geocoded_share": 0.5}, 2), ({"lead_p": 0.001}, 2), ({"placebo_p": 0.01}, 2),
        ({"plan_locked_before_outcomes": False}, 3), ({"mde": 0.5}, 5),
    ):  # fmt: skip
        assert judged(randomised=True, **change)[1].grade == grade, f"a lot does not mend {change}"
    assert judged(lead_p=None)[1].grade == 2
    assert judged()[1].grade == 3
    assert judged(placebo_p=None)[1].grade == 2, "a plan without placebos"
    assert judged(placebo_p=None, plan_locked_before_outcomes=None)[1].grade == 3, "a bare panel cannot have any"


def test_an_exploratory_result_keeps_its_number_and_loses_its_word():
    verdict = judged(plan_locked_before_outcomes=False)[1]
    assert "rate ratio of 0.80 (95% CI 0.70 to 0.90)" in verdict.sentence
    assert "fewer" not in verdict.sentence
    assert judged(plan_locked_before_outcomes=False, periods=20)[1].word == "refused"


def test_what_would_be_needed_is_said():
    sentence = judged(mde=0.56, cv3_excludes=False, permutation_p=0.4, venues=60)[1].sentence
    needed = units_needed(0.56, units=20, clusters=8, target=0.70)
    assert f"about {needed} units instead of 20 (about {needed * 3} venues)" in sentence
    se = standard_error_of(0.56, 8)
    assert smallest_visible_ratio(se, 7) == pytest.approx(0.56)
    for n, enough in ((needed, True), (needed - 1, False)):
        shown = smallest_visible_ratio(se * (20 / n) ** 0.5, round(8 * n / 20) - 1)
        assert (shown >= 0.70) is enough
    assert units_needed(0.80, units=20, clusters=8, target=0.70) == 20
    assert units_needed(0.01, units=20, clusters=8, target=0.999) is None
    assert weeks_needed(0.49, weeks=52, target=0.70) == 208


@pytest.mark.parametrize(
    ("mde", "shown"), [(0.5, "0.50"), (0.6977, "0.698"), (0.69996, "0.69996"), (0.004, "under 0.01")]
)
def test_a_ratio_below_the_limit_never_looks_like_the_limit(mde, shown):
    detail = next(
        rule.detail for rule in apply_rules(replace(SOUND, mde=mde), LOCKED, Thresholds()) if rule.code == "R6"
    )
    assert detail == f"only a rate ratio of {shown} or less could have been seen; must be 0.70 or nearer to 1"
