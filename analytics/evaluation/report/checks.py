"""Checks that look for another explanation: lead, time before and after the start, placebos, rings, single places."""

from typing import Any

from analytics.charts.intervals import Interval, interval_chart
from analytics.charts.series import RatioPoint, ratio_series
from analytics.evaluation.report.parts import Figure, Section, Table, columns, words_of
from analytics.evaluation.report.words import carried
from analytics.shown_numbers import p_says, ratio_shown

RING_WORDS = {
    "0-150": "Here: within 150 m",
    "150-300": "Next door: 150 to 300 m",
    "300-600": "Further: 300 to 600 m",
    "net": "Net: all rings together",
}


def lead(result: dict[str, Any]) -> Section | None:
    """Did reach follow trouble?"""
    found = result["diagnostics"].get("lead") or {}
    p = found.get("p", result["diagnostics"].get("lead_p"))
    if p is None:
        return None
    rule = next((f"R9: {rule['detail']}" for rule in result["rules"] if rule["code"] == "R9"), p_says(p))
    says = [
        "If reach of the weeks to come goes with assaults of this week, reach followed trouble, and nothing can be put "
        f"down to the campaign. {rule}."
    ]
    facts = [
        (name, ratio_shown(found[key], 4))
        for key, name in (("coef", "Coefficient (log)"), ("se", "Standard error"))
        if found.get(key) is not None
    ]
    return Section("lead", "Did reach follow trouble?", says, facts=facts)


def event_study(result: dict[str, Any]) -> Section | None:
    """Before and after the start, in bins."""
    found = result["diagnostics"].get("event_study") or {}
    bins = [each for each in found.get("bins") or [] if each.get("irr")]
    if not bins:
        return None
    points = [_point(_weeks(each), each) for each in bins]
    before = sum(1 for each in bins if each["from_week"] < 0)
    table = Table(
        columns(
            ("from_week", "From week", "count"), ("to_week", "To week", "count"), ("events", "Assaults", "count"), *RATIOS,
            ("band_low", "Band from", "ratio"), ("band_high", "Band to", "ratio"),
        ),
        [tuple(each.get(k) for k in ("from_week", "to_week", "events", "irr", "ci_low", "ci_high", "band_low", "band_high"))
         for each in bins],
        "Weeks since the start", "event_study.csv",
    )  # fmt: skip
    figure = Figure(
        "event-study", "Recorded assaults before and after the start", "Rate ratios by weeks since first live: bars are "
        "95 % intervals, the band holds all together.", table,
        lambda words, alone: ratio_series(points, words, under="weeks since first live", split_before=before, standalone=alone),
        "The broken upright line is the start.",
    )  # fmt: skip
    says = [f"The bins before the start together: {p_says(found.get('pre_p'))}. They should lie round 1."]
    return Section("event-study", "Before and after the start", says, figures=[figure])


RATIOS = (
    ("rate_ratio", "Rate ratio", "ratio"), ("ci_low", "Interval from", "ratio"), ("ci_high", "Interval to", "ratio"),
)  # fmt: skip


def _weeks(each: dict[str, Any]) -> str:
    first, last = each["from_week"], each["to_week"]
    return f"{first:g}" if first == last else f"{first:g}…{last:g}"


def _point(label: str, each: dict[str, Any]) -> RatioPoint:
    ends = (each.get(key) for key in ("ci_low", "ci_high", "band_low", "band_high"))
    return RatioPoint(label, each["irr"], *ends)


def lags(result: dict[str, Any]) -> Section | None:
    """How long after a week live anything is seen."""
    found = [each for each in result["diagnostics"].get("lags") or [] if each.get("irr")]
    if not found:
        return None
    points = [_point(f"{each['lag']:g}", each) for each in found]
    table = Table(
        columns(("lag", "Weeks after", "count"), *RATIOS, ("band_low", "Band from", "ratio"), ("band_high", "Band to", "ratio")),
        [tuple(each.get(k) for k in ("lag", "irr", "ci_low", "ci_high", "band_low", "band_high")) for each in found],
        "By weeks after a week live", "lags.csv",
    )  # fmt: skip
    figure = Figure(
        "lags", "Recorded assaults in the weeks after a week live", "Rate ratios by lag, fitted together; bars are 95 % "
        "intervals, the band holds all lags together.", table,
        lambda words, alone: ratio_series(points, words, under="weeks after", standalone=alone),
    )  # fmt: skip
    return Section("lags", "Weeks after", figures=[figure])


def _forest(
    rows: list[dict[str, Any]], label: str, *, name: str, file: str, title: str, subtitle: str, p: bool = True,
    sides: tuple[str, str] = ("fewer assaults", "more assaults"), compact: bool = False, what: str = "",
) -> Figure | None:  # fmt: skip
    """Rows of a list of the result as intervals with their table; None without rows."""
    drawn = [
        Interval(str(each.get("title") or each[label]), each["irr"], each.get("ci_low"), each.get("ci_high"))
        for each in rows
        if each.get("irr")
    ]
    more = (("p", "p", "p"), ("p_holm", "p after Holm", "p")) if p else ()
    keys = [label, "irr", "ci_low", "ci_high", *(["p", "p_holm"] if p else [])]
    table = Table(
        columns((label, what or label.replace("_", " ").capitalize(), "text"), *RATIOS, *more),
        [
            tuple(str(each.get("title") or each[label]) if k == label else each.get(k) for k in keys)
            for each in rows
        ],
        title,
        file,
    )
    if not rows:
        return None
    return Figure(
        name, title, subtitle, table,
        lambda words, alone: interval_chart(drawn, words, sides=sides, compact=compact, standalone=alone),
    )  # fmt: skip


SUBTITLE = "Rate ratios with 95 % intervals, logarithmic axis; 1 means no difference."


def placebo_outcomes(result: dict[str, Any]) -> Section | None:
    """Offences that the campaign cannot move."""
    key = "placebo_outcomes" if result["diagnostics"].get("placebo_outcomes") else "placebos"
    rows = result["diagnostics"].get(key) or []
    figure = _forest(
        rows, "measure", name="placebo-outcomes", file="placebo_outcomes.csv", sides=("fewer", "more"),
        title="Offences that the campaign cannot move", subtitle=SUBTITLE, what="Offence",
    )  # fmt: skip
    if figure is None:
        return None
    says = [
        "The same model on other offences. Where one of them moves the same way, something else moved both (R10)."
    ]
    says += [
        f"No estimate for {row.get('title') or row['measure']}: {row['problem']}"
        for row in rows
        if row.get("problem")
    ]
    return Section("placebo-outcomes", "Placebo outcomes", says, figures=[figure])


def placebo_dates(result: dict[str, Any]) -> Section | None:
    """Starts moved to dates before anything had started."""
    found = result["diagnostics"].get("placebo_dates") or []
    rows = [{"title": _moved(each["shift_weeks"])} | each for each in found]
    figure = _forest(
        rows, "shift_weeks", name="placebo-dates", file="placebo_dates.csv", what="Starts",
        title="Starts moved to where nothing had started", subtitle=SUBTITLE,
    )  # fmt: skip
    if figure is None:
        return None
    says = ["Only weeks before the true start are used, so that nothing should be found."]
    return Section("placebo-dates", "Placebo dates", says, figures=[figure])


def _moved(weeks: float) -> str:
    return f"Starts moved {abs(weeks):g} weeks {'earlier' if weeks < 0 else 'later'}"


def rings(result: dict[str, Any]) -> Section | None:
    """Fewer here, more next door?"""
    found = result["diagnostics"].get("rings") or []
    if not found:
        return None
    rows = [
        (
            RING_WORDS.get(each["ring"], f"{each['ring']} m"),
            each.get("events"),
            each.get("irr"),
            each.get("ci_low"),
            each.get("ci_high"),
        )
        for each in found
    ]
    table = Table(
        columns(("ring", "Ring", "text"), ("events", "Assaults", "count"), *RATIOS), rows, "By distance from the venue",
        "rings.csv",
    )  # fmt: skip
    drawn = [
        Interval(row[0], row[2], row[3], row[4], second=found[n]["ring"] == "net")
        for n, row in enumerate(rows)
        if row[2]
    ]
    figure = Figure(
        "rings", "Here, next door, and both together", SUBTITLE, table,
        lambda words, alone: interval_chart(drawn, words, standalone=alone),
    )  # fmt: skip
    says = [
        "Fewer here and more next door would be assaults that moved. Read the rows together with the main estimate."
    ]
    return Section("rings", "Next door", says, figures=[figure])


def secondary(result: dict[str, Any]) -> Section | None:
    """Other measures of reach, each its own model."""
    figure = _forest(
        [{"title": words_of(each["exposure"])} | each for each in result["diagnostics"].get("secondary_exposures") or []], "exposure", name="secondary", file="secondary_exposures.csv", what="Exposure",
        title="Other measures of reach", subtitle=SUBTITLE,
    )  # fmt: skip
    if figure is None:
        return None
    says = [
        "Each is a model of its own; p after Holm counts them together. They move with trade, so none is the headline."
    ]
    if felt := carried(result):
        says.append(f"Each is carried over as the plan's own exposure is: {felt}.")
    return Section("secondary", "Secondary exposures", says, figures=[figure])


def leave_one_out(result: dict[str, Any]) -> Section | None:
    """The estimate without each place."""
    found = [each for each in result["diagnostics"].get("leave_one_out") or [] if each.get("irr")]
    if not found:
        return None
    ordered = sorted(found, key=lambda each: each["irr"])
    table = Table(
        columns(("cluster", "Left out", "text"), ("rate_ratio", "Rate ratio", "ratio"),
                ("information_share", "Share of information", "share")),
        [(str(each["cluster"]), each["irr"], each.get("information_share")) for each in ordered],
        "The estimate without each cluster", "leave_one_out.csv", folded=len(ordered) > 12,
    )  # fmt: skip
    ends = _ends(ordered)
    figure = Figure(
        "leave-one-out", "The estimate without each cluster", "Rate ratios, logarithmic axis; lowest and highest of all.",
        table, lambda words, alone: interval_chart([Interval(f"Without {e['cluster']}", e["irr"]) for e in ends], words,
                                                   compact=True, standalone=alone),
    )  # fmt: skip
    says = [
        f"From {ratio_shown(ordered[0]['irr'])} to {ratio_shown(ordered[-1]['irr'])} over {len(ordered)} clusters."
    ]
    return Section("leave-one-out", "Does one place drive it?", says, figures=[figure])


def _ends(ordered: list[dict[str, Any]], most: int = 24) -> list[dict[str, Any]]:
    """All, or the lowest and highest where there are many: what lies between is in the table."""
    return ordered if len(ordered) <= most else [*ordered[: most // 2], *ordered[-most // 2 :]]


def multiverse(result: dict[str, Any]) -> Section | None:
    """Other choices that could have been made."""
    found = [each for each in result["diagnostics"].get("multiverse") or [] if each.get("irr")]
    if not found:
        return None
    ordered = sorted(found, key=lambda each: each["irr"])
    table = Table(
        columns(("time_rule", "Time rule", "text"), ("radius_m", "Radius (m)", "count"), ("carry_over", "Carry-over", "number"), *RATIOS),
        [tuple(each.get(k) for k in ("time_rule", "radius_m", "carry_over", "irr", "ci_low", "ci_high")) for each in ordered],
        "Every choice of time rule, radius and carry-over", "multiverse.csv", folded=True,
    )  # fmt: skip
    drawn = [
        Interval(
            f"{e['time_rule']} {e['radius_m']:g} {e['carry_over']:g}", e["irr"], e.get("ci_low"), e.get("ci_high")
        )
        for e in ordered
    ]
    figure = Figure(
        "multiverse", "The estimate under other choices", "Each row: time rule, radius in metres, carry-over. Rate ratios "
        "with 95 % intervals, logarithmic axis.", table,
        lambda words, alone: interval_chart(drawn, words, compact=True, standalone=alone),
    )  # fmt: skip
    says = [
        f"{len(ordered)} choices: from {ratio_shown(ordered[0]['irr'])} to {ratio_shown(ordered[-1]['irr'])}. The plan's own stands first in this report."
    ]
    return Section("multiverse", "Other choices", says, figures=[figure])
