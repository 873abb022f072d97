"""The words of a report, none of them stronger than the verdict sentence. Nothing here works a number out."""

from typing import Any

from analytics.shown_numbers import percent_shown

WORDS = {
    "fewer": "Fewer",
    "more": "More",
    "no_material_difference": "No material difference",
    "cannot_tell": "Cannot tell",
    "cannot_attribute": "Cannot attribute",
    "refused": "Refused",
    "exploratory": "Exploratory",
}
BUSY = "Busy venues get more of both, so this number says nothing about the campaign."
GRADES = {
    1: "one series or a raw correlation",
    2: "compared with other places, but a check did not pass or could not be made",
    3: "compared with places shown to be similar; every check that could be made passed",
    4: "roll-out drawn by lot, but not quite followed, or one of several draws",
    5: "roll-out drawn by lot and followed",
}
# What a rule asks, and what would have to change for it not to fire. Limits are a plan's: they stand in the rule's detail.
RULES = {
    "R1": ("The plan was fixed before outcomes were seen", "Lock the next plan before its outcomes are imported."),
    "R2": (
        "Enough weeks, and enough of them before the start",
        "Run for longer, with more weeks before the start.",
    ),
    "R3": (
        "Enough places whose reach varies",
        "Take more streets or towns into the roll-out, with different starting weeks.",
    ),
    "R4": ("Enough recorded assaults", "Wait for more weeks, or take more venues in."),
    "R5": (
        "Reach varies apart from place and week",
        "Start places in different weeks; where all start at once nothing can be compared.",
    ),
    "R6": ("A fall of the size that matters would have been seen", "Take more venues or more weeks in."),
    "R7": (
        "Places and times of offences are good enough",
        "Ask the force for better places and times, then import again.",
    ),
    "R8": ("Offences of the last weeks are recorded", "Wait until late records are in."),
    "R9": (
        "Reach did not follow trouble",
        "Draw starting weeks by lot, so that trouble cannot decide where the campaign goes.",
    ),
    "R10": (
        "Offences that the campaign cannot move moved by chance only, as far as can be seen",
        "Find out what else changed in the same places and weeks.",
    ),
    "R11": ("Each offence is counted once", "Stop, and mend the data."),
    "R12": ("No single place drives the answer", "Take more places in, so that no single one decides."),
    "R13": (
        "Two different tests agree",
        "Take more places or weeks in; until then the tests say different things.",
    ),
    "R14": (
        "The difference is the same throughout",
        "Read the size by observed against expected, not the single slope.",
    ),
}
MEANS = {
    "fewer": "In places and weeks with more activity, fewer {events} were recorded than in the same places in other "
    "weeks. Both tests agree, and no rule stands against it.",
    "more": "In places and weeks with more activity, more {events} were recorded than in the same places in other "
    "weeks. Both tests agree, and no rule stands against it. This is as good a finding as the other one.",
    "no_material_difference": "Whatever the difference is, it is smaller than the margin that was set in advance.",
    "cannot_tell": "These figures fit with fewer {events}, with more {events}, and with no difference. They do not "
    "decide between them.",
    "cannot_attribute": "A check shows that something other than the campaign goes with these figures. Whatever they "
    "say, it cannot be put down to the campaign.",
    "refused": "The data cannot carry an answer. No size is given as a finding.",
    "exploratory": "The question was not fixed before the outcomes could be seen. What is below may suggest a next "
    "plan; it is not a finding.",
}
# "Cannot tell" by a rule, although the printed interval lies on one side of 1: the sentence above would be untrue.
ON_ONE_SIDE = (
    "The interval lies on one side of 1. That alone is no answer: two tests must agree and no rule may stand against it, "
    "and here that does not hold."
)
NOT_DECIDED = "These figures do not decide between fewer {events}, more {events} and no difference."
DOES_NOT_MEAN = {
    "fewer": (
        "It does not say that the campaign alone did it.",
        "It does not say what happened at any one venue.",
    ),
    "more": (
        "It does not say that the campaign did it: more may have been recorded, or reported.",
        "It does not say what happened at any one venue.",
    ),
    "no_material_difference": ("It does not say that the campaign does nothing: only that it is small here.",),
    "cannot_tell": (
        "It does not say that the campaign does nothing.",
        "It does not say that there is a difference too small to find.",
    ),
    "cannot_attribute": ("It does not say that the campaign helped or harmed.",),
    "refused": ("It does not say that the campaign does nothing.",),
    "exploratory": ("It is not evidence for or against the campaign.",),
}
ALWAYS = "Recorded assaults are not all assaults: records can rise when people trust that reporting helps."
OF_A_COLUMN = "A column holds what somebody recorded: its numbers can change because recording does."
# Where the headline's interval is a fair picture of the verdict; elsewhere page one shows the weeks instead.
SHOWS_ESTIMATE = ("fewer", "more", "no_material_difference", "cannot_tell")
CAVEATS = (
    "Recorded offences are not all offences, and recording practice changes.",
    "No figure says what the campaign did at one place: a table that leaves each place out in turn shows what the others say "
    "without it. No table by venue and week may be published.",
    "Thresholds of R2, R4, R5, R7, R8, R10 and R12 are judgements; R3, R6, R9, R13 and R14 have simulation behind them.",
    "Week effects take out what is common to an area. What changes in some places and weeks only, together with reach, "
    "is not taken out.",
    "A permutation test with a roll-out that was not drawn by lot is a check and not proof.",
)


def is_bare(result: dict[str, Any]) -> bool:
    """Whether this is somebody's panel, about whose columns nothing is known but their names."""
    return unit_words(result) == "units"


def means(result: dict[str, Any], *, sized: bool = True) -> str:
    """What the verdict means, and no more than the printed interval bears out. ``sized``: the reader is shown that."""
    words = MEANS.get(result["verdict"], "")
    if result["verdict"] == "cannot_tell":
        low, high = result["estimate"]["ci_low"], result["estimate"]["ci_high"]
        if not sized or low is None or high is None:
            words = NOT_DECIDED
        elif low > 1 or high < 1:
            words = ON_ONE_SIDE
    return words.format(events="events" if is_bare(result) else "assaults")


def does_not_mean(result: dict[str, Any]) -> tuple[str, ...]:
    """What nobody should read into the verdict."""
    return (*DOES_NOT_MEAN.get(result["verdict"], ()), OF_A_COLUMN if is_bare(result) else ALWAYS)


def unit_words(result: dict[str, Any]) -> str:
    """What the units are called."""
    return {"venue": "venues", "catchment": "venue clusters"}.get(result["unit"], "units")


def period_words(result: dict[str, Any]) -> str:
    """What the periods are called: weeks in our own evaluations, anything in somebody else's panel."""
    return "periods" if unit_words(result) == "units" else "weeks"


def mde_sentence(result: dict[str, Any]) -> str:
    """What this panel could have seen, in words."""
    numbers = result["diagnostics"]
    mde = result["mde_irr"]
    if mde is None:
        return "How small a fall this panel could have seen is not known."
    return (
        f"With {numbers['n_units']} {unit_words(result)} over {numbers['n_periods']} {period_words(result)} we could only "
        f"have seen a fall of {percent_shown(100 * (1 - mde))} % or more (80 % power)."
    )


def carried(result: dict[str, Any]) -> str:
    """What of last week's exposure the models still count; empty where a week works in that week only."""
    share = result["diagnostics"].get("carry_over")
    return f"{100 * share:.3g} % of last week's is still felt" if share else ""


def per_cent(ratio: float) -> str:
    """A ratio as a difference in words: 0.83 -> "17 % fewer"."""
    return f"{percent_shown(100 * (ratio - 1))} % {'fewer' if ratio < 1 else 'more'}"


def period(result: dict[str, Any]) -> str:
    """First to last week."""
    return f"{result['from_week']} to {result['to_week']}"


def fired(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules that fired, with their question and what would help."""
    return [
        rule | {"asks": RULES.get(rule["code"], ("", ""))[0], "helps": RULES.get(rule["code"], ("", ""))[1]}
        for rule in result["rules"]
        if rule["fired"]
    ]


def needed(result: dict[str, Any]) -> list[str]:
    """What would have to be different to be able to tell, most useful first; empty for a clear verdict."""
    said: list[str] = []
    power = result["diagnostics"].get("power") or {}
    units = power.get("units_needed")
    if result["verdict"] in ("cannot_tell", "refused", "exploratory") and units:
        now = result["diagnostics"]["n_units"]
        if units > now:
            fall = power.get("target_fall_percent", 30)
            venues = power.get("venues_needed")
            many = f", about {venues:,.0f} venues in all" if venues else ""
            said.append(
                f"About {units:,.0f} {unit_words(result)} over as many weeks would be needed to see a fall of {fall:.0f} % "
                f"(now {now:,}){many}."
            )
    if result["verdict"] in ("fewer", "more", "no_material_difference"):
        if result["evidence_grade"] < 4:
            said.append(
                "A roll-out drawn by lot would be the next step: only that lifts the evidence above grade 3."
            )
        return said
    said += [
        f"{rule['helps']} ({rule['code']})" for rule in fired(result) if rule["effect"] != "note" and rule["helps"]
    ]
    if not said and result["verdict"] == "cannot_tell":
        said.append("More places, more weeks or a roll-out drawn by lot would narrow the interval.")
    return list(dict.fromkeys(said))
