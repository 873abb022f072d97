"""One series with a step, alone or beside its control: sizes, what was expected, and what is left over."""

from typing import Any

from analytics.charts.series import Line, bars_around_nought, overlaid
from analytics.evaluation.report.parts import Figure, Section, Table, columns
from analytics.shown_numbers import moment_shown, p_says, ratio_shown

METHODS = {
    "quasi": "Model errors widened by the dispersion",
    "newey_west": "Newey-West: errors that follow each other in time",
}
RATIOS = (
    ("rate_ratio", "Rate ratio", "ratio"),
    ("ci_low", "Interval from", "ratio"),
    ("ci_high", "Interval to", "ratio"),
)


def interrupted(result: dict[str, Any]) -> Section | None:
    """A series with a step, where one was fitted."""
    found = result["diagnostics"].get("interrupted_time_series") or {}
    if found.get("irr") is None:
        return None
    return Section(
        "its",
        "Interrupted time series",
        _says(found),
        figures=[_sizes(found), _expected(found), _left_over(found)],
    )


def _says(found: dict[str, Any]) -> list[str]:
    said = [
        f"{found['periods_before']} periods before the step, {found['periods_after']} from {moment_shown(found['starts'])} on. In the model: "
        "level, trend and season"
        + (", the level and trend of each series its own." if found["controlled"] else "."),
        f"The control series {found['control']} takes away what happened in both; its grade is 2, whatever it shows: one place to compare "
        "with may have had a change of its own."
        if found["controlled"]
        else "One series with a step has no comparison: its grade is 1, whatever it shows. Anything else that began at the same time "
        "would look the same.",
        f"Two intervals are worked out, and the wider one is the headline. Newey-West looks {found['newey_west_lag']} periods back. "
        f"Dispersion {found['dispersion']:.2f} (1: as even as chance alone).",
    ]
    if slope := found.get("slope"):
        said.append(
            f"The size is that of the step's first period; every period after it multiplies it by {ratio_shown(slope['irr'], 4)} "
            f"({ratio_shown(slope['ci_low'], 4)} to {ratio_shown(slope['ci_high'], 4)}; {p_says(slope['p'])})."
        )
    return said


def _sizes(found: dict[str, Any]) -> Figure:
    rows: list[tuple[Any, ...]] = [
        (METHODS[method] + (" (headline)" if method == found["se_method"] else ""), found["irr"], *ends)
        for method, ends in found["ci"].items()
    ]
    if slope := found.get("slope"):
        rows.append(("Times this in every period after", slope["irr"], slope["ci_low"], slope["ci_high"]))
    table = Table(
        columns(("what", "Interval", "text"), *RATIOS), rows, "Size of the step", "interrupted_time_series.csv"
    )
    return Figure("its", "Size of the step", "Rate ratio with both 95 % intervals; 1 means no difference.", table)


def _expected(found: dict[str, Any]) -> Figure:
    rows = found["series"]
    table = Table(
        columns(("time", "Period", "text"), ("recorded", "Recorded", "count"), ("expected", "Expected", "count"),
                ("expected_without_step", "Expected without the step", "count")),
        [(moment_shown(each["time"]), each["observed"], each["expected"], each["expected_without_step"]) for each in rows],
        "Recorded and expected by period", "interrupted_series.csv", folded=True,
    )  # fmt: skip
    with_step = Line("expected", [each["expected"] for each in rows])
    without = Line("expected without the step", [each["expected_without_step"] for each in rows])
    return Figure(
        "its-series", "Recorded and expected, with the step and without it", "The exposed series by period; expected from level, "
        "trend and season" + (", and from the control." if found["controlled"] else "."), table,
        lambda words, alone: overlaid(
            [moment_shown(each["time"]) for each in rows], [each["observed"] for each in rows], with_step, without, words,
            split_before=found["periods_before"], standalone=alone,
        ),
        "The upright line is the step.",
    )  # fmt: skip


def _left_over(found: dict[str, Any]) -> Figure:
    known = [(n + 1, value) for n, value in enumerate(found["autocorrelation"]) if value is not None]
    table = Table(
        columns(("lag", "Periods apart", "count"), ("autocorrelation", "Autocorrelation", "ratio")), known,
        "Autocorrelation of residuals", "interrupted_autocorrelation.csv",
    )  # fmt: skip
    return Figure(
        "its-autocorrelation", "What is left over from period to period", "Autocorrelation of the exposed series' residuals by periods "
        "apart; 0 means none. Newey-West allows for it.", table,
        lambda words, alone: bars_around_nought(
            [str(n) for n, _ in known], [value for _, value in known], words, under="periods apart", standalone=alone
        ),
    )  # fmt: skip
