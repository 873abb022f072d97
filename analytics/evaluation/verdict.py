"""From numbers and rules to words. No heading, chart or export may be stronger than this sentence."""

from dataclasses import dataclass

from analytics.evaluation.rules import EvaluationContext, Rule, Thresholds

# Which effect outranks which when several rules fire.
ORDER = ("error", "refused", "cannot_attribute", "cannot_tell")


@dataclass(frozen=True)
class Verdict:
    word: str
    sentence: str
    grade: int


def decide(
    *, ratio: float | None, low: float | None, high: float | None, permutation_p: float | None, rules: list[Rule],
    thresholds: Thresholds, context: EvaluationContext, two_way: bool, mde: float | None,
) -> Verdict:  # fmt: skip
    """The verdict's word, its sentence and the evidence grade (1 to 5, Maryland scale)."""
    grade = _grade(rules, context, two_way)
    fired = {rule.effect: rule for rule in reversed(rules) if rule.fired}
    mark = " Synthetic data: this says nothing about the world." if context.synthetic else ""
    plan = "" if context.plan_locked_before_outcomes is not None else " There is no locked plan."
    tail = f"{plan}{mark}"
    for effect in ORDER:
        if effect in fired:
            word = {"error": "refused"}.get(effect, effect)
            return Verdict(word, _refusal(effect, fired[effect], mde) + tail, grade)
    if ratio is None or low is None or high is None:
        return Verdict("cannot_tell", "No effect could be estimated." + tail, grade)
    excludes = low > 1 or high < 1
    supported = excludes and permutation_p is not None and permutation_p <= 0.05
    inside = thresholds.margin_low <= low and high <= thresholds.margin_high
    if "exploratory" in fired:
        return Verdict(
            "exploratory",
            f"Exploratory only: {fired['exploratory'].detail}. {_estimate(ratio, low, high)}{tail}",
            grade,
        )
    if supported:
        word = "fewer" if ratio < 1 else "more"
        return Verdict(word, _fixed(ratio, low, high, grade, context, inside) + tail, grade)
    if inside:
        return Verdict(
            "no_material_difference",
            f"Any difference is smaller than the margin set in advance. {_estimate(ratio, low, high)}{tail}", grade,
        )  # fmt: skip
    return Verdict("cannot_tell", f"We cannot tell. {_estimate(ratio, low, high)}{_could_see(mde)}{tail}", grade)


def _fixed(ratio: float, low: float, high: float, grade: int, context: EvaluationContext, inside: bool) -> str:
    percent, direction = abs(1 - ratio) * 100, "fewer" if ratio < 1 else "more"
    ends = sorted((abs(1 - low) * 100, abs(1 - high) * 100))
    sentence = (
        f"Places and weeks with more Walk Away activity had {percent:.0f} % {direction} recorded assaults "
        f"(95 % CI {ends[0]:.0f} to {ends[1]:.0f} %) than the same places in other weeks, after removing area-wide weekly "
        f"changes. Evidence grade {grade}/5."
    )
    if inside:
        sentence += " The difference is smaller than the margin set in advance."
    if not context.randomised:
        sentence += " This does not show that the campaign caused it."
    return sentence


def _estimate(ratio: float, low: float, high: float) -> str:
    return f"The estimate is a rate ratio of {ratio:.2f} (95 % CI {low:.2f} to {high:.2f}); 1 means no difference."


def _could_see(mde: float | None) -> str:
    if mde is None:
        return ""
    return f" With this panel we could only have seen a fall of {100 * (1 - mde):.0f} % or more."


def _refusal(effect: str, rule: Rule, mde: float | None) -> str:
    start = {
        "error": "Stopped: the numbers do not add up",
        "refused": "Refused: the data cannot carry an answer",
        "cannot_attribute": "We cannot say that the campaign had to do with it",
        "cannot_tell": "We cannot tell",
    }[effect]
    return f"{start} ({rule.code}: {rule.detail}).{_could_see(mde) if effect == 'cannot_tell' else ''}"


def _grade(rules: list[Rule], context: EvaluationContext, two_way: bool) -> int:
    if not two_way:
        return 1
    if context.randomised:
        return 5 if (context.rollout_broken_share or 0) <= 0.10 else 4
    lead = next(rule for rule in rules if rule.code == "R9")
    passed = lead.fired is False and not any(rule.fired for rule in rules if rule.effect in ORDER)
    return 3 if passed else 2
