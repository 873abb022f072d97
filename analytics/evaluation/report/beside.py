"""What stands beside a result and is no part of its bytes: texts that people write, attempts, signature, cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from analytics.evaluation.report.main_result import imputation_of
from analytics.evaluation.report.parts import Section

NOT_FILLED = "not filled in"
COST = "cost_pounds"
MOST_TEXT = 4000


@dataclass(frozen=True)
class Slot:
    """A text that people write beside the plan. ``asks`` stands over its box."""

    key: str
    title: str
    asks: str


LOGIC = (
    Slot("inputs", "Inputs", "What goes in: money, people, artwork, venues."),
    Slot("activities", "Activities", "What is done, where and by whom."),
    Slot("outputs", "Outputs", "What can be counted at once: posters up, nights live, posts."),
    Slot("outcomes", "Outcomes", "What should change on a night out, and how soon."),
    Slot("impact", "Impact", "What should change in the end: fewer people hurt."),
)
# Effect, Mechanism, Moderator, Implementation, Economics: Johnson, Tilley and Bowers, Introducing EMMIE, Journal of
# Experimental Criminology 11, 2015.
EMMIE = (
    Slot("mechanism", "Mechanism", "How would it work: what would a man in a row think or do differently?"),
    Slot("moderator", "Moderator", "Where and for whom would it work better or worse?"),
    Slot(
        "implementation", "Implementation", "What was really done, what went wrong, what would another force need?"
    ),
    Slot("economics", "Economics", "What did it cost, who paid, and what is left out of the sum?"),
)
SLOTS = (*LOGIC, *EMMIE, Slot(COST, "Cost in pounds", "All of it, for the weeks of the plan. A number, or empty."))
BY_KEY = {slot.key: slot for slot in SLOTS}


@dataclass(frozen=True)
class Beside:
    """Everything beside one result. ``locked`` and ``signed`` are sentences, empty where there is none."""

    texts: dict[str, str] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    locked: str = ""
    signed: str = ""
    changes: Sequence[str] = ()
    again: str = ""
    attribution: Sequence[str] = ()


NOTHING = Beside()


def cost_of(text: str) -> Decimal | None:
    """Pounds from what somebody wrote, such as "12,500" or "£ 800.50"; None for an empty text.

    Raises ValueError, saying what to write.
    """
    plain = text.replace(",", "").replace("£", "").strip()
    if not plain:
        return None
    try:
        pounds = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"“{text[:30]}” is not a number of pounds. Write for example 12,500.") from None
    if not pounds.is_finite() or not 0 <= pounds < 10**9:
        raise ValueError("Write a cost between 0 and 1,000,000,000 pounds.")
    return pounds


def avoided(result: dict[str, Any]) -> tuple[float, float, float] | None:
    """Recorded assaults avoided in exposed cells: middle, and the ends of the interval (low may be below 0).

    Only for a grade of 3 or better with the verdict "fewer": elsewhere no such number may be written down.
    """
    if result["verdict"] != "fewer" or result["evidence_grade"] < 3:
        return None
    imputed = imputation_of(result)
    if imputed and imputed["expected"] and imputed["ci_low"] is not None:
        expected = imputed["expected"]
        return (
            expected * (1 - imputed["irr"]),
            expected * (1 - imputed["ci_high"]),
            expected * (1 - imputed["ci_low"]),
        )
    counts = result["diagnostics"].get("in_counts") or {}
    weeks = counts.get("live_unit_weeks")
    values = [counts.get(key) for key in ("per_100_live_unit_weeks", "ci_low", "ci_high")]
    if not weeks or any(value is None for value in values):
        return None
    middle, *ends = (value * weeks / 100 for value in values if value is not None)
    return middle, min(ends), max(ends)


def economics(result: dict[str, Any], beside: Beside) -> list[str]:
    """Cost, and cost for each assault avoided where that may be said."""
    try:
        cost = cost_of(beside.texts.get(COST, ""))
    except ValueError:
        cost = None
    if cost is None:
        return [f"Cost: {NOT_FILLED}."]
    says = [f"Cost: £{cost:,.0f}."]
    found = avoided(result)
    if found is None:
        return [
            *says,
            "A cost for each assault avoided is given only with the verdict “fewer” and evidence grade 3 or better.",
        ]
    middle, low, high = found
    if middle <= 0 or high <= 0:
        return says
    upper = f"£{float(cost) / low:,.0f}" if low > 0 else "no upper limit"
    return [
        *says,
        f"For each recorded assault fewer than expected: £{float(cost) / middle:,.0f} (95 % interval "
        f"£{float(cost) / high:,.0f} to {upper}). This rests on the estimate above and is no surer than it.",
    ]


def sections(result: dict[str, Any], beside: Beside) -> list[Section]:
    """Logic model, EMMIE and cost; an empty slot says that it is empty."""

    def said(slots: Sequence[Slot]) -> list[tuple[str, str]]:
        return [(slot.title, beside.texts.get(slot.key, "").strip() or NOT_FILLED) for slot in slots]

    return [
        Section("logic", "Logic model", ["How the campaign is meant to work, in the words of those who run it."], facts=said(LOGIC)),
        Section(
            "emmie", "EMMIE", ["What decision-makers need besides the effect."],
            facts=[("Effect", result["verdict_sentence"]), *said(EMMIE)],
        ),
        Section("cost", "Cost", economics(result, beside)),
    ]  # fmt: skip
