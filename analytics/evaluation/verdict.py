"""From numbers and rules to words. No heading, chart or export may be stronger than this sentence."""

from dataclasses import dataclass
from typing import Any

from analytics.evaluation.rules import EvaluationContext, Rule, Thresholds
from analytics.shown_numbers import percent_shown, ratio_shown
from analytics.statistics.sample_size import units_needed, weeks_needed

# Which effect outranks which when several rules fire. R1 (exploratory) is apart: it takes the word away from
# whatever else is found, but an answer that cannot be given at all stays refused.
ORDER = ("error", "refused", "cannot_attribute", "descriptive_only", "cannot_tell")
WORDS = {"error": "refused", "descriptive_only": "cannot_tell"}
FOLLOWED = 5  # the grade of a roll-out by lot that was followed
DIRECTIONS = ("fewer", "more")
NO_CAUSE = " This does not show that the campaign caused it."


@dataclass(frozen=True)
class Verdict:
    word: str
    sentence: str
    grade: int


@dataclass(frozen=True)
class Size:
    """A rate ratio with its 95 % interval."""

    ratio: float
    low: float
    high: float

    @property
    def excludes_one(self) -> bool:
        return self.low > 1 or self.high < 1


@dataclass(frozen=True)
class Power:
    """What the panel could have seen, and what would be needed to see ``target`` (rate ratios below 1)."""

    mde: float
    target: float
    units: int
    weeks: int
    units_needed: int | None
    weeks_needed: int | None
    venues_needed: int | None = None
    unit_word: str = "units"

    def as_json(self) -> dict[str, Any]:
        return {
            "mde_irr": self.mde,
            "detectable_fall_percent": 100 * (1 - self.mde),
            "target_fall_percent": 100 * (1 - self.target),
            "units": self.units,
            "weeks": self.weeks,
            "units_needed": self.units_needed,
            "weeks_needed": self.weeks_needed,
            "venues_needed": self.venues_needed,
        }


def power_of(
    mde: float | None, *, units: int, clusters: int, weeks: int, thresholds: Thresholds, context: EvaluationContext
) -> Power | None:
    """Units and weeks needed to see the fall that the plan asks for, and for R3 not to fire. None without an MDE."""
    if mde is None or not 0 < mde < 1 or units < 1 or clusters < 2:
        return None
    needed = units_needed(mde, units=units, clusters=clusters, target=thresholds.mde_min)
    if needed is not None:
        for_clusters = -(-units * int(thresholds.clusters_min) // clusters)
        needed = max(needed, for_clusters, int(thresholds.units_min))
    venues = None if needed is None or context.venues is None else -(-needed * context.venues // units)
    longer = weeks_needed(mde, weeks=weeks, target=thresholds.mde_min)
    return Power(mde, thresholds.mde_min, units, weeks, needed, longer, venues, context.unit_word)


def decide(
    *, ratio: float | None, low: float | None, high: float | None, permutation_p: float | None, rules: list[Rule],
    thresholds: Thresholds, context: EvaluationContext, two_way: bool, mde: float | None, printed: Size | None = None,
    power: Power | None = None, grade: int | None = None, missing: str = "",
) -> Verdict:  # fmt: skip
    """The verdict's word, its sentence and the evidence grade (1 to 5, Maryland scale).

    ``ratio``, ``low`` and ``high`` are the test (two-way fit, jackknife interval); ``printed`` is the size that is
    printed where it is another one: for on/off exposure the imputation's. ``grade`` where the design itself fixes it.
    ``missing``: why no word may be given although no rule fired, such as a check that could not be made.
    """
    test = Size(ratio, low, high) if ratio is not None and low is not None and high is not None else None
    size = printed or test
    if grade is None:
        grade = evidence_grade(rules, thresholds, context, two_way=two_way and test is not None)
    fired = {rule.effect: rule for rule in reversed(rules) if rule.fired}
    word, sentence = _found(
        test, size, permutation_p, rules, fired, thresholds, context, grade, mde, power, missing
    )
    if "exploratory" in fired and word != "refused":
        shown = f" {_estimate(size)}" if size is not None and "The estimate is" not in sentence else ""
        word, sentence = (
            "exploratory",
            f"Exploratory only: {fired['exploratory'].detail}. {_lower(word, sentence)}{shown}",
        )
    if word in DIRECTIONS and context.columns is not None:
        exposure, outcome = context.columns
        sentence += f" Activity here is the column {exposure}, and what is counted is the column {outcome}."
    if loosened := thresholds.loosened():
        sentence += f" Limits that are looser than usual: {', '.join(loosened)}."
    if context.plan_locked_before_outcomes is None:
        sentence += " There is no locked plan."
    if context.synthetic:
        sentence += " Synthetic data: this says nothing about the world."
    return Verdict(word, sentence, grade)


def _found(
    test: Size | None, size: Size | None, permutation_p: float | None, rules: list[Rule], fired: dict[str, Rule],
    thresholds: Thresholds, context: EvaluationContext, grade: int, mde: float | None, power: Power | None, missing: str,
) -> tuple[str, str]:  # fmt: skip
    for effect in ORDER:
        if effect in fired:
            weak = effect in {"cannot_tell", "descriptive_only"}
            more = (f" {_estimate(size)}" if size else "") + _needed(mde, power) if weak else ""
            return WORDS.get(effect, effect), _refusal(effect, fired[effect]) + more
    if test is None or size is None:
        return "cannot_tell", "We cannot tell: no effect could be estimated."
    if missing:
        return "cannot_tell", f"We cannot tell: {missing}. {_estimate(size)}{_needed(mde, power)}"
    uneven = any(rule.code == "R14" and rule.fired for rule in rules)
    inside = thresholds.margin_low <= size.low and size.high <= thresholds.margin_high
    if test.excludes_one and permutation_p is not None and permutation_p <= 0.05:
        word = "fewer" if test.ratio < 1 else "more"
        return word, _fixed(size, grade, context, inside, uneven)
    if inside:
        return (
            "no_material_difference",
            f"Any difference is smaller than the margin set in advance ({thresholds.margin_low:.2f} to "
            f"{thresholds.margin_high:.2f}). {_estimate(size)}",
        )
    return "cannot_tell", f"We cannot tell. {_estimate(size)}{_needed(mde, power)}"


def _lower(word: str, sentence: str) -> str:
    """An exploratory result keeps what was found, but not a verdict's words."""
    return "" if word in {"fewer", "more", "no_material_difference"} else sentence


def _fixed(size: Size, grade: int, context: EvaluationContext, inside: bool, uneven: bool) -> str:
    direction = "fewer" if size.ratio < 1 else "more"
    sentence = (
        f"Places and weeks with more Walk Away activity had {percent_shown(100 * (1 - size.ratio))}% {direction} recorded assaults "
        f"({_interval(size)}) than the same places in other weeks, after removing area-wide weekly changes. "
        f"Evidence grade {grade}/5."
    )
    if not size.excludes_one:
        sentence += " The direction is supported; the size is not."
    if uneven:
        sentence += " The effect is not constant."
    if inside:
        sentence += " The difference is smaller than the margin set in advance."
    return sentence + ("" if context.randomised and grade == FOLLOWED else NO_CAUSE)


def _interval(size: Size) -> str:
    if size.excludes_one:
        ends = sorted((abs(1 - size.low) * 100, abs(1 - size.high) * 100))
        return f"95% CI {percent_shown(ends[0])}% to {percent_shown(ends[1])}%"
    return f"95% CI {percent_shown(100 * (1 - size.low))}% fewer to {percent_shown(100 * (size.high - 1))}% more"


def _estimate(size: Size) -> str:
    ratio, low, high = (ratio_shown(each, 2) for each in (size.ratio, size.low, size.high))
    return f"The estimate is a rate ratio of {ratio} (95% CI {low} to {high}); 1 means no difference."


def _needed(mde: float | None, power: Power | None) -> str:
    """What could have been seen, and what it would take to see what the plan asks for."""
    if mde is None:
        return ""
    words = f" With this panel we could only have seen a fall of {percent_shown(100 * (1 - mde))}% or more."
    if power is None or (power.mde >= power.target and power.units_needed == power.units):
        return words
    fall = f"{100 * (1 - power.target):.0f}%"
    if power.units_needed is None:
        return f"{words} No number of {power.unit_word} that there could be would show a fall of {fall}."
    many = f"about {power.units_needed} {power.unit_word} instead of {power.units}"
    if power.venues_needed is not None:
        many += f" (about {power.venues_needed} venues)"
    words += f" To be able to see a fall of {fall} we would need {many}, watched for as long"
    if power.weeks_needed is not None and power.weeks < power.weeks_needed <= 10 * power.weeks:
        words += f", or at best the same {power.unit_word} for about {power.weeks_needed} weeks instead of {power.weeks}"
    return words + "."


def _refusal(effect: str, rule: Rule) -> str:
    start = {
        "error": "Stopped: the numbers do not add up",
        "refused": "Refused: the data cannot carry an answer",
        "cannot_attribute": "We cannot say that the campaign had anything to do with it",
        "descriptive_only": "We cannot tell: the data can be described and no more",
        "cannot_tell": "We cannot tell",
    }[effect]
    return f"{start} ({rule.code}: {rule.detail})."


def evidence_grade(rules: list[Rule], t: Thresholds, context: EvaluationContext, *, two_way: bool) -> int:
    """1 to 5 as on the Maryland Scientific Methods Scale (Sherman and others 1998).

    Never above 3 without a record of a roll-out that was drawn by lot: 5 where it was followed, 4 where delivery
    broke from it in more than a tenth of unit-weeks or where it was chosen among several draws. 3: compared with places
    shown to be similar, every gate passed, for a plan that of placebos too; 2: compared, but without that; 1: no
    comparison. A lot does not mend data that carry no answer: with such a rule the grade is 2, of an exploratory run 3.
    """
    if not two_way:
        return 1
    fired = {rule.effect for rule in rules if rule.fired}
    if context.randomised and not fired & {"error", "refused", "cannot_attribute"}:
        kept = (context.rollout_broken_share or 0.0) <= t.rollout_broken_max and not context.other_draws
        return min(FOLLOWED if kept else 4, 3 if "exploratory" in fired else FOLLOWED)
    must_pass = {"R9", "R10"} if context.plan_locked_before_outcomes is not None else {"R9"}  # a plan has placebos
    made = all(rule.fired is False for rule in rules if rule.code in must_pass)
    passed = made and not fired & set(ORDER)
    return 3 if passed else 2
