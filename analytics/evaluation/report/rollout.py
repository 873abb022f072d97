"""A roll-out drawn by lot: whose draw it was, how delivery kept to it, and the same model on reach as delivered."""

from typing import Any

from analytics.charts.intervals import Interval, interval_chart
from analytics.evaluation.report.checks import RATIOS, SUBTITLE
from analytics.evaluation.report.parts import SHOWN, Figure, Section, Table, columns
from analytics.evaluation.rules import Thresholds

LIMIT = Thresholds().rollout_broken_max
KEPT = (
    ("late_or_off", "Should have been live and was not"),
    ("early", "Should not have been live and was"),
    ("unknown", "Should have been live and nobody verified it"),
)


def rollout(result: dict[str, Any]) -> Section | None:
    """None where starting weeks were not drawn by lot, and no plan says that they were."""
    if why := result["diagnostics"].get("rollout_does_not_count"):
        words = f"The plan names a roll-out drawn by lot. It does not count: {why}. Reach is analysed as it was delivered."
        return Section("rollout", "The roll-out that the plan names", [words])
    found = result["diagnostics"].get("rollout")
    if not found:
        return None
    share = SHOWN["share"](found["broken_share"])
    most = found.get("broken_share_most", LIMIT)  # the plan's own; results of earlier versions have the usual one
    kept = "That keeps to the draw." if found["broken_share"] <= most else "That is too much for evidence grade 5."
    says = [
        "Starting weeks were drawn by lot, so who got the campaign first had nothing to do with trouble. Everything in this "
        "report is analysed as it was drawn, whatever was delivered; the chance test draws again by the same lot.",
        f"Of {found['unit_weeks']:,} venue-weeks, {share} broke from the draw; up to {SHOWN['share'](most)} is allowed. {kept}",
    ]
    if others := found.get("other_draws"):
        says.append(
            f"There {'was one other draw' if others == 1 else f'were {others:,} other draws'} for the same venues and weeks when "
            "this one was confirmed. Choosing among draws is not drawing by lot: the evidence grade cannot be 5."
        )
    facts = [
        ("Roll-out", found["rollout_hash"]),
        ("Seed of the draw", str(found["seed"])),
        ("Deviations that were noted", f"{found['deviations_noted']:,}"),
    ]
    rows = [(words, found[key]) for key, words in KEPT]
    table = Table(
        columns(("what", "Venue-weeks that broke from the draw", "text"), ("weeks", "Venue-weeks", "count")),
        rows, "How the draw was followed", "rollout_followed.csv",
    )  # fmt: skip
    followed = Figure(
        "rollout-followed", "How the draw was followed", "Trading weeks of venues in the draw.", table
    )
    return Section(
        "rollout", "A roll-out drawn by lot", says, facts=facts, figures=[followed, *_delivered(result, found)]
    )


def _delivered(result: dict[str, Any], found: dict[str, Any]) -> list[Figure]:
    second = found.get("as_delivered") or {}
    uneven = any(rule["code"] == "R14" and rule["fired"] for rule in result["rules"])
    if second.get("irr") is None or uneven:  # one number for a difference that is not constant is not given
        return []
    first = result["diagnostics"].get("two_way") or result["estimate"]
    rows: list[tuple[str, Any, Any, Any]] = [
        (words, each.get("irr"), each.get("ci_low"), each.get("ci_high"))
        for words, each in (("As drawn", first), ("As delivered", second))
        if each.get("irr") is not None
    ]
    table = Table(
        columns(("analysed", "Analysed", "text"), *RATIOS), rows, "As drawn and as delivered", "as_delivered.csv"
    )
    drawn = [Interval(*row, second=row[0] == "As delivered") for row in rows if row[1] > 0]
    return [
        Figure(
            "as-delivered", "The two-way fit as drawn and as delivered", SUBTITLE, table,
            lambda words, alone: interval_chart(drawn, words, standalone=alone),
            "As delivered comes second: who really put posters up is no lot.",
        )
    ]  # fmt: skip
