"""The first half of the method: what was asked, what was looked at, the main result, correlation, chance, power, rules."""

from typing import Any

from analytics.charts.intervals import Interval, interval_chart
from analytics.charts.series import Panel, histogram, stacked_lines
from analytics.evaluation.report.parts import Column, Figure, Section, Table, columns, words_of
from analytics.evaluation.report.words import (
    BUSY,
    RULES,
    carried,
    is_bare,
    mde_sentence,
    per_cent,
    period,
    period_words,
    unit_words,
)
from analytics.shown_numbers import amount_shown, p_says, ratio_shown

ESTIMATES = columns(
    ("outcome", "Outcome", "text"), ("role", "Role", "text"), ("rate_ratio", "Rate ratio", "ratio"),
    ("ci_low", "Interval from", "ratio"), ("ci_high", "Interval to", "ratio"), ("p", "p", "p"), ("p_from", "p from", "text"),
)  # fmt: skip
METHODS = {
    "cv3": "CV3: the jackknife that refits without each cluster; t with clusters less 1 degrees of freedom",
    "cv3_one_step": "CV3, one-step form of the jackknife by cluster",
    "jackknife": "jackknife by cluster",
    "crv1": "CRV1: sandwich by cluster",
    "newey_west": "Newey-West, which allows for errors that follow each other in time",
    "quasi": "model errors widened by the dispersion",
    "model": "model errors",
}


def imputation_of(result: dict[str, Any]) -> dict[str, Any] | None:
    """Observed against expected in one shape, whichever keys it was stored with; None where it was not worked out."""
    found = result["diagnostics"].get("imputation")
    if not found or found.get("irr") is None:
        return None
    low, high = found.get("ci", (found.get("ci_low"), found.get("ci_high")))
    return {
        "irr": found["irr"],
        "ci_low": low,
        "ci_high": high,
        "observed": found.get("observed"),
        "expected": found.get("expected"),
        "exposed_cells": found.get("exposed_cells", found.get("cells")),
        "no_comparison": found.get("no_comparison", found.get("without_comparison")),
    }


POWER = (
    "mde_irr", "detectable_fall_percent", "target_fall_percent", "units", "units_needed", "venues_needed", "weeks", "weeks_needed",
)  # fmt: skip
SIDES = ("fewer assaults", "more assaults")
FIT, OBSERVED, SERIES = "two-way fit", "observed against expected", "series with a step"
BASES = {"imputation": OBSERVED, "interrupted": SERIES, "weighted": "weighted comparison"}


def headline_rows(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The size that is printed first, then the other one. ``basis`` says which of the two the headline is.

    Where R14 fired the two-way size is withheld: it would be one number for a difference that is not constant.
    """
    estimate, found = result["estimate"], result["diagnostics"]
    title, rows = result["measure_title"], []
    basis = BASES.get(estimate.get("basis"), FIT)
    if estimate["irr"] is not None and estimate["ci_low"] is not None:
        rows.append(
            (title, basis, estimate["irr"], estimate["ci_low"], estimate["ci_high"], estimate["p_permutation"],
             "" if basis == SERIES else "block permutation")
        )  # fmt: skip
    other = found.get("two_way") if basis == OBSERVED else imputation_of(result)
    uneven = any(rule["code"] == "R14" and rule["fired"] for rule in result["rules"])
    if other and other.get("irr") and other.get("ci_low") is not None and not (basis == OBSERVED and uneven):
        role = FIT if basis == OBSERVED else OBSERVED
        rows.append((title, role, other["irr"], other["ci_low"], other["ci_high"], None, ""))
    return rows


def as_intervals(rows: list[tuple[Any, ...]]) -> list[Interval]:
    """Rows of ESTIMATES as rows of a chart; the second kind of estimate is drawn as a ring."""
    return [
        Interval(f"{row[1][:1].upper()}{row[1][1:]}", row[2], row[3], row[4], second=n > 0)
        for n, row in enumerate(rows)
        if row[2] is not None and row[2] > 0
    ]


def asked(result: dict[str, Any], beside: Any) -> Section:
    """The question and when it was fixed."""
    locked, felt = "The plan was not locked: whatever is found is exploratory.", carried(result)
    if beside.locked:
        locked = beside.locked
    elif result["plan_locked"]:
        locked = "The plan was locked by two people."
    return Section(
        "asked",
        "What was asked, and when it was fixed",
        [
            f"Whether places and weeks with more Walk Away activity had fewer or more recorded offences of this kind: "
            f"{result['measure_title']}.",
            locked,
        ],
        facts=[
            ("Offences counted", result["rule"]),
            ("Weeks", period(result)),
            ("Compared are", unit_words(result)),
            ("Exposure", words_of(result["exposure"])),
            *([("Carried over", felt)] if felt else []),
            ("Plan", result["plan_hash"]),
        ],
    )


def sample(result: dict[str, Any]) -> Section:
    """Cells used, cells dropped under their reasons, offences not counted."""
    numbers = result["diagnostics"]
    rows = [(words_of(why), count, "cells left out") for why, count in numbers["dropped"].items()]
    rows += [
        (words_of(why), count, "offences not counted") for why, count in (numbers.get("excluded") or {}).items()
    ]
    table = Table(
        columns(("reason", "Reason", "text"), ("count", "Count", "count"), ("of", "What", "text")),
        rows, "What was left out, and why", "sample.csv",
    )  # fmt: skip
    whole = f"{numbers['n_units']:,} {unit_words(result)} over {numbers['n_periods']:,} {period_words(result)}: {numbers['n_obs']:,} cells that carry information"
    if is_bare(result):
        says = [f"{whole}; {result['measure_title']} adds up to {amount_shown(numbers['n_events'])} in all cells."]
    else:
        says = [
            f"{whole}, {amount_shown(numbers['n_events'])} recorded offences in all cells.",
            f"Each offence stands in one unit only: {amount_shown(result['events_in_units'])} in units, "
            f"{amount_shown(result['unique_events'])} different ones.",
        ]
    if not rows:
        says.append("Nothing was left out.")
    figures = [Figure("sample", "What was left out", "Counts by reason.", table)] if rows else []
    return Section("sample", "What was looked at", says, figures=figures)


def main_result(result: dict[str, Any]) -> Section:
    """Ratio, per cent and counts, with the figure and its table."""
    rows = headline_rows(result)
    estimate, numbers = result["estimate"], result["diagnostics"]
    if not rows:
        return Section("main", "Main estimate", [_without_ratio(result)])
    says = []
    if estimate["irr"] is not None and estimate["ci_low"] is not None:
        series = estimate.get("basis") == "interrupted"
        says.append(
            f"{_contrast(result)}: rate ratio {ratio_shown(estimate['irr'])} (95 % interval {ratio_shown(estimate['ci_low'])} to "
            f"{ratio_shown(estimate['ci_high'])}), that is {per_cent(estimate['irr'])}; the interval runs from "
            f"{per_cent(estimate['ci_low'])} to {per_cent(estimate['ci_high'])}."
        )
        method = METHODS.get(estimate["se_method"], str(estimate["se_method"]))
        says.append(
            f"Interval: {method}; the wider of two. No test by lot: there is one exposed series."
            if series
            else f"Interval: {method}, {estimate['clusters']} clusters. Block permutation {p_says(estimate['p_permutation'])}."
        )
    imputed = imputation_of(result)
    if imputed:
        says.append(
            f"{imputed['observed']:,.1f} recorded in exposed cells, {imputed['expected']:,.1f} expected from cells that "
            f"were not exposed; {imputed['no_comparison'] or 0:,} exposed cells have no comparison."
        )
    counts = numbers.get("in_counts")
    if counts and counts.get("per_100_live_unit_weeks") is not None:
        says.append(_in_counts(counts))
    if numbers.get("dispersion") is not None:
        says.append(f"Dispersion {numbers['dispersion']:.2f} (1: as even as chance alone).")
    table = Table(ESTIMATES, rows, "The main estimate", "estimates.csv")
    contrast = _contrast(result)
    what, sides = ("Recorded", ("fewer", "more")) if is_bare(result) else ("Recorded assaults", SIDES)
    figure = Figure(
        "estimates", f"{what}, {contrast[:1].lower()}{contrast[1:]}", "Rate ratios with 95 % intervals, logarithmic "
        "axis; 1 means no difference.", table,
        lambda words, alone: interval_chart(as_intervals(rows), words, sides=sides, standalone=alone),
    )  # fmt: skip
    return Section("main", "Main estimate", says, figures=[figure])


def _contrast(result: dict[str, Any]) -> str:
    """What the ratio compares. Of a bare panel's exposure nothing is known but its name."""
    if result["estimate"].get("basis") == "interrupted":
        return "With the step against without it"
    if not is_bare(result):
        return "A full week live against none"
    on_off = result["estimate"].get("basis") in ("imputation", "weighted")
    return f"With {result['exposure']} on against off" if on_off else f"With {result['exposure']} higher by 1"


def _without_ratio(result: dict[str, Any]) -> str:
    """Why there is no rate ratio: nothing could be fitted, or the model is one of differences."""
    numbers = result["diagnostics"]
    if is_bare(result) and numbers.get("estimates"):
        return "The model is one of differences, so there is no rate ratio. Its estimate stands below, by every method."
    return f"No effect could be estimated. {numbers['problem']}".strip()


def _in_counts(counts: dict[str, Any]) -> str:
    middle, low, high = (counts.get(key) for key in ("per_100_live_unit_weeks", "ci_low", "ci_high"))
    ends = "" if low is None or high is None else f" (95 % interval {low:,.1f} to {high:,.1f})"
    return f"In counts, for 100 unit-weeks live: {middle:,.1f} fewer recorded{ends}; a number below 0 means more."


def correlation(result: dict[str, Any]) -> Section:
    """The only correlation that is shown, over the raw one with its warning."""
    found = result["correlation"]
    raw = "not known" if found["raw_spearman"] is None else ratio_shown(found["raw_spearman"])
    within = "not known" if found["within_r"] is None else ratio_shown(found["within_r"])
    return Section(
        "correlation",
        "Correlation",
        [
            f"Within places and weeks: r_w = {within}, block permutation {p_says(found['within_p'])}.",
            f"Raw rank correlation: {raw}{_ends(result['diagnostics'].get('raw_spearman_ci'))}. {BUSY}",
        ],
    )


def _ends(ends: Any) -> str:
    return (
        f" (95 % interval {ratio_shown(ends[0])} to {ratio_shown(ends[1])}, by cluster)"
        if ends and None not in ends
        else ""
    )


def power(result: dict[str, Any]) -> Section:
    """The smallest fall that could have been seen, and what it would take to see less."""
    found = result["diagnostics"].get("power") or {}
    says = [mde_sentence(result)]
    if found.get("units_needed") and found["units_needed"] > result["diagnostics"]["n_units"]:
        says.append(
            f"To see a fall of {found.get('target_fall_percent', 30):.0f} %, about {found['units_needed']:,.0f} "
            f"{unit_words(result)} would be needed over as many weeks."
        )
    facts = [
        (words_of(key), f"{value:,}" if isinstance(value, int) else f"{value:,.3g}")
        for key, value in sorted(found.items(), key=lambda each: _place_of(each[0]))
        if isinstance(value, int | float)
    ]
    return Section("power", "What this could have seen", says, facts=facts)


def _place_of(key: str) -> int:
    """A stored result has its keys by the alphabet; "that is a fall of" has to follow what it is about."""
    return POWER.index(key) if key in POWER else len(POWER)


def weeks(result: dict[str, Any]) -> Section | None:
    """Reach and assaults over time: two lines that show no cause."""
    found = result["diagnostics"].get("weeks")
    if not found:
        return None
    table = Table(
        columns(
            ("week", "Week", "text"), ("mean_exposure", "Mean share of nights live", "ratio"),
            ("assaults", "Recorded assaults near venues", "count"),
        ),
        [(each["week"], each["mean_exposure"], each["assaults"]) for each in found], "By week", "weeks.csv", folded=True,
    )  # fmt: skip
    panels = (
        Panel("Mean share of nights live", [each["mean_exposure"] for each in found], share=True),
        Panel("Recorded assaults a week", [each["assaults"] for each in found]),
    )
    figure = Figure(
        "weeks", f"Reach and recorded assaults by week, {period(result)}", "Above: mean share of trading nights live. "
        "Below: recorded assaults near venues.", table,
        lambda words, alone: stacked_lines([each["week"] for each in found], panels, words, standalone=alone),
        "The two lines together show no cause: season and town move both.",
    )  # fmt: skip
    return Section(
        "weeks",
        "Reach and recorded assaults by week",
        ["Season and town move both lines: they show no cause."],
        figures=[figure],
    )


def chance(result: dict[str, Any]) -> Section | None:
    """The permutation test, as a histogram of roll-outs that changed places."""
    test = result["diagnostics"].get("permutation") or {}
    bins = result["diagnostics"].get("permutation_null") or test.get("null")
    if not bins:
        return None
    rows = list(zip(bins["edges"][:-1], bins["edges"][1:], bins["counts"], strict=True))
    table = Table(
        columns(("from", "From", "ratio"), ("to", "To", "ratio"), ("draws", "Draws", "count")), rows,
        "Draws by value of the statistic", "permutation.csv", folded=True,
    )  # fmt: skip
    figure = Figure(
        "permutation", "The same statistic when roll-outs change places by lot", "Bars: shuffled roll-outs. Line: what "
        "was observed.", table,
        lambda words, alone: histogram(bins["counts"], bins["edges"], bins["observed"], words, standalone=alone),
        "In shuffled roll-outs there is nothing to be found.",
    )  # fmt: skip
    says = [
        f"Whole roll-outs of whole clusters changed places {test['draws']:,} times; "
        f"{p_says(result['estimate']['p_permutation'])}."
    ]
    return Section("chance", "Could it be chance?", says, figures=[figure])


def rules(result: dict[str, Any]) -> Section:
    """Every rule with its number, fired or not."""
    rows = [
        (rule["code"], RULES.get(rule["code"], ("",))[0], "fired" if rule["fired"] else _calm(rule), rule["detail"],
         words_of(rule["effect"]))
        for rule in result["rules"]
    ]  # fmt: skip
    made = (
        Column("rule", "Rule"), Column("asks", "What must hold"), Column("fired", "Fired"), Column("detail", "Number"),
        Column("effect", "Effect if it fires"),
    )  # fmt: skip
    table = Table(made, rows, "Rules R1 to R14", "rules.csv")
    number = sum(bool(rule["fired"]) for rule in result["rules"])
    return Section(
        "rules", "Every rule, fired or not", [f"{number} of {len(rows)} rules fired. A rule that fires never stops the others."],
        figures=[Figure("rules", "Rules R1 to R14", "Each with its number.", table)],
    )  # fmt: skip


def _calm(rule: dict[str, Any]) -> str:
    return "not applicable" if "not applicable" in rule["detail"] else "no"
