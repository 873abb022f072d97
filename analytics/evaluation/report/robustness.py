"""Other errors and other models, the data's own state, and where everything comes from."""

from typing import Any

from analytics.charts.intervals import Interval, interval_chart
from analytics.charts.series import Panel, bars_around_nought, stacked_lines
from analytics.evaluation.plain_words import SENSITIVITY_CHOICES
from analytics.evaluation.report.parts import Figure, Section, Table, columns, flat, table_of, words_of
from analytics.evaluation.report.words import CAVEATS
from analytics.shown_numbers import p_says, ratio_shown

RATIO_KEYS = ("irr", "ci_low", "ci_high")


def other_models(result: dict[str, Any]) -> Section | None:
    """Wild bootstrap, Conley errors, negative binomial, low and high reach: sensitivity only, never the verdict."""
    found = result["diagnostics"]
    says, rows = [], []
    if (wild := found.get("wild")) and wild.get("p") is not None:
        says.append(f"Score wild cluster bootstrap: {p_says(wild['p'])}, {wild.get('draws') or 0:,} draws.")
    if (conley := found.get("conley")) and conley.get("se") is not None:
        says.append(
            f"Errors that allow for neighbours up to {conley.get('bandwidth_m') or 0:,.0f} m (Conley): {ratio_shown(conley['se'], 4)}, "
            f"{conley.get('ratio_to_cv3') or 0:.2f} times the jackknife's."
        )
    if (binomial := found.get("negative_binomial")) and binomial.get("irr"):
        rows.append(("Negative binomial", *(binomial.get(key) for key in RATIO_KEYS)))
        if binomial.get("kappa") is not None:
            says.append(f"Negative binomial: kappa = {ratio_shown(binomial['kappa'])} (0: Poisson).")
    if (early := (found.get("delay") or {}).get("recorded_early")) and early.get("irr"):
        days = found["delay"].get("early_days", 28)
        rows.append((f"Only what was recorded within {days} days", *(early.get(key) for key in RATIO_KEYS)))
    felt = ", carried over" if found.get("carry_over") else ""
    for end in ("low", "high"):
        if (reach := (found.get("reach_range") or {}).get(end)) and reach.get("irr"):
            rows.append((f"Reach at its {end} end{felt}", *(reach.get(key) for key in RATIO_KEYS)))
    if not says and not rows:
        return None
    figures = []
    if rows:
        table = Table(
            columns(("model", "Model", "text"), ("rate_ratio", "Rate ratio", "ratio"), ("ci_low", "Interval from", "ratio"),
                    ("ci_high", "Interval to", "ratio")),
            rows, "Other models of the same question", "other_models.csv",
        )  # fmt: skip
        figures = [
            Figure(
                "other-models", "Other models of the same question",
                "Rate ratios with 95 % intervals, logarithmic axis; 1 means no difference.", table,
                lambda words, alone: interval_chart([Interval(*row) for row in rows], words, standalone=alone),
            )
        ]  # fmt: skip
    return Section("other-models", "Other errors and other models", says, figures=figures)


def residuals(result: dict[str, Any]) -> Section | None:
    """What is left over from week to week."""
    found = result["diagnostics"].get("residual_acf") or []
    values = [each["acf"] if isinstance(each, dict) else each for each in found]
    if not values or any(value is None for value in values):
        return None
    labels = [str(n + 1) for n in range(len(values))]
    table = Table(
        columns(("lag", "Weeks apart", "count"), ("autocorrelation", "Autocorrelation", "ratio")),
        [(n + 1, value) for n, value in enumerate(values)], "Autocorrelation of residuals", "residual_acf.csv",
    )  # fmt: skip
    figure = Figure(
        "residual-acf", "Residuals from week to week", "Autocorrelation by weeks apart; 0 means none.", table,
        lambda words, alone: bars_around_nought(labels, values, words, under="weeks apart", standalone=alone),
    )  # fmt: skip
    says = ["The intervals allow for it: whole clusters are left out, so that a place's weeks may hang together."]
    return Section("residuals", "What is left over", says, figures=[figure])


def chosen_beside(result: dict[str, Any]) -> Section | None:
    """What the plan left out on purpose, and the cautious reading if it has a prior."""
    found = result["diagnostics"]
    gone, shrunk = found.get("not_asked_for") or [], found.get("shrunken")
    facts = []
    if gone:
        names = dict(SENSITIVITY_CHOICES)
        facts.append(("Left out by the plan", "; ".join(names.get(each, each) for each in gone)))
    if shrunk:
        ratio, low, high = (ratio_shown(shrunk[end], 2) for end in ("irr", "ci_low", "ci_high"))
        facts.append(
            (
                f"Cautious reading (expected beforehand: log rate ratio around 0, standard deviation {shrunk['prior_sd']:g})",
                f"rate ratio {ratio} ({low} to {high}); the data weigh {100 * shrunk['weight_of_the_data']:.0f}%",
            )
        )
    if not facts:
        return None
    return Section("chosen-beside", "Chosen in advance", ["None of it moves the verdict."], facts=facts)


def delay(result: dict[str, Any]) -> Section | None:
    """Offences that are not recorded yet."""
    found = result["diagnostics"].get("delay") or {}
    rows = found.get("weeks") or []
    if not found:
        return None
    trimmed = found.get("trimmed_weeks") or 0
    number = len(trimmed) if isinstance(trimmed, list) else trimmed
    says = [f"{number} weeks at the end were left out, as offences of those weeks may still come in."]
    if found.get("early_share_p") is not None:
        says.append(
            f"Whether places with more reach are recorded sooner: {p_says(found['early_share_p'])}; below 0.05 is a warning."
        )
    if not rows:
        return Section("delay", "Late records", says)
    table = Table(
        columns(("week", "Week", "text"), ("recorded", "Recorded", "count"), ("completeness", "Estimated completeness", "share")),
        [(each["week"], each.get("recorded"), each.get("completeness")) for each in rows], "Completeness by week", "delay.csv",
        folded=len(rows) > 12,
    )  # fmt: skip
    panels = (
        Panel("Estimated completeness", [each.get("completeness") for each in rows], share=True),
        Panel("Recorded assaults", [each.get("recorded") for each in rows]),
    )
    figure = Figure(
        "delay", "How complete the last weeks are", "Chain ladder: estimated share of a week's offences that is recorded "
        "already, above the count.", table,
        lambda words, alone: stacked_lines([each["week"] for each in rows], panels, words, standalone=alone),
    )  # fmt: skip
    return Section("delay", "Late records", says, figures=[figure])


def data_quality(result: dict[str, Any]) -> Section | None:
    """Places and times of offences, and what else is known about the data."""
    found = dict(result["diagnostics"].get("data_quality") or {})
    for key in ("geocoded_share", "clock_times"):
        if result["diagnostics"].get(key) is not None:
            found.setdefault(key, result["diagnostics"][key])
    if not found:
        return None
    rows = [(words_of(key), value) for key, value in flat(found).items()]
    table = Table(
        columns(("what", "What", "text"), ("value", "Value", "text")),
        rows,
        "State of the data",
        "data_quality.csv",
    )
    return Section(
        "data-quality",
        "State of the data",
        figures=[Figure("data-quality", "State of the data", "As measured.", table)],
    )


def corrections(result: dict[str, Any]) -> Section | None:
    """Reach that was corrected after outcomes could be seen."""
    found = result["diagnostics"].get("corrections")
    if found is None:
        return None
    if not found:
        return Section("corrections", "Corrections to reach", ["None after outcomes were loaded."])
    table = table_of(found, caption="Corrections", file="corrections.csv", folded=len(found) > 12)
    says = ["Reach that was changed after outcomes could be seen, with its value before and after."]
    both = result["diagnostics"].get("before_corrections") or {}
    sizes: list[Any] = [(both.get(key) or {}).get("irr") for key in ("before", "after")]
    if None not in sizes and len(sizes) == 2:
        says.append(
            f"The two-way rate ratio with reach as it was: {ratio_shown(sizes[0])}; with reach as it is now: {ratio_shown(sizes[1])}."
        )
    return Section(
        "corrections",
        "Corrections to reach",
        says,
        figures=[Figure("corrections", "Corrections to reach", "Before and after.", table)],
    )


def attempts(result: dict[str, Any], listed: list[dict[str, Any]]) -> Section:
    """Every model ever run on these data."""
    found = listed or result["diagnostics"].get("attempts") or []
    if not found:
        return Section(
            "attempts",
            "Every attempt",
            ["No attempt on these data is stored."],
        )
    table = table_of(found, caption="Attempts", file="attempts.csv", folded=len(found) > 12)
    says = [f"{len(found)} on these data, also those whose answer nobody hoped for."]
    return Section(
        "attempts",
        "Every attempt",
        says,
        figures=[Figure("attempts", "Every attempt", "In order of time.", table)],
    )


def provenance(result: dict[str, Any], again: str) -> Section:
    """Hashes, versions, seed, and how to run it again."""
    made = result["made_by"]
    facts = [
        ("Plan hash", result["plan_hash"]),
        ("Data hash", result["data_hash"]),
        ("Code", made["code"]),
        ("Seed", str(made["seed"])),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in made["libraries"].items())),
    ]
    if again:
        facts.append(("Run it again", again))
    says = ["The same plan, data and code give the same bytes of result.json."]
    return Section("provenance", "Where it comes from", says, facts=facts)


def limits(attribution: list[str]) -> Section:
    """Caveats and sources."""
    return Section("limits", "Limits and sources", attribution, points=CAVEATS)
