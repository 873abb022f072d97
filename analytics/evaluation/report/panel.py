"""A report of anybody's panel: the same sections as far as a bare panel has them, and every estimate by every method."""

from typing import Any

from analytics.charts.intervals import Interval, interval_chart
from analytics.evaluation.panel_results import interval_by
from analytics.evaluation.panel_spec import INTERRUPTED, SYNTHETIC, PanelSpec
from analytics.evaluation.report.contents import Report, assembled
from analytics.evaluation.report.parts import Figure, Section, Table, columns

BASIS = {
    INTERRUPTED: "interrupted", "imputation": "imputation", "event_study": "imputation", **dict.fromkeys(SYNTHETIC, "weighted"),
}  # fmt: skip
SHOWN_ELSEWHERE = {
    "rules",
    "verdict",
    "verdict_sentence",
    "evidence_grade",
    "within_r",
    "within_p",
    "raw_spearman",
    "mde_irr",
}


def as_result(
    found: dict[str, Any], spec: PanelSpec, *, name: str, sha256: str, span: str, synthetic: bool
) -> dict[str, Any]:
    """An analysis of ``evaluate_panel`` in the shape of a stored result; nothing is worked out anew."""
    first = found["estimates"][0] if found["estimates"] else {}
    method = found.get("se_method")
    low, high = interval_by(first, method) if first.get("ratio") is not None else (None, None)
    begin, _, end = span.partition(" to ")
    estimate = {
        "irr": first.get("ratio"),
        "ci_low": low,
        "ci_high": high,
        "p_permutation": first.get("p", {}).get("permutation"),
        "se_method": method,
        "basis": BASIS.get(spec.design, "two_way"),
        "clusters": found.get("clusters"),
    }
    more: dict[str, Any] = {"problem": ""}
    if estimate["basis"] == "two_way" and (printed := found.get("imputation")):
        # The sentence prints observed over expected where exposure is on or off: the page's first number is the same.
        more["two_way"] = {key: estimate[key] for key in ("irr", "ci_low", "ci_high")}
        low, high = printed["ci"]
        estimate |= {
            "irr": printed["irr"],
            "ci_low": low,
            "ci_high": high,
            "se_method": "jackknife",
            "basis": "imputation",
        }
    return {
        "title": f"Panel {name}",
        "measure_title": f"column {spec.outcome}",
        "rule": f"The column {spec.outcome} of the file.",
        "from_week": begin,
        "to_week": end or begin,
        "unit": "units",
        "exposure": spec.exposure[0],
        "plan_hash": "none: a bare panel has no locked plan",
        "plan_locked": False,
        "data_hash": sha256,
        "synthetic": synthetic,
        "verdict": found["verdict"],
        "verdict_sentence": found["verdict_sentence"],
        "evidence_grade": found["evidence_grade"],
        "rules": found["rules"],
        "estimate": estimate,
        "correlation": {key: found.get(key) for key in ("within_r", "within_p", "raw_spearman")},
        "mde_irr": found.get("mde_irr"),
        "diagnostics": more | {key: value for key, value in found.items() if key not in SHOWN_ELSEWHERE},
        "events_in_units": found["n_events"],
        "unique_events": found["n_events"],
    }  # fmt: skip


def estimates_by_method(found: dict[str, Any]) -> Section | None:
    """Every exposure by every method that was asked for."""
    rows = [
        (row["exposure"], method, row["coef"], row["ratio"], row["se"].get(method), *row["ci"].get(method, (None, None)),
         row["p"].get(method))
        for row in found["estimates"] for method in dict.fromkeys([*row["se"], *row["ci"], *row["p"]])
    ]  # fmt: skip
    if not rows:
        return None
    table = Table(
        columns(("exposure", "Exposure", "text"), ("method", "Method", "text"), ("coefficient", "Coefficient", "number"),
                ("ratio", "Ratio", "ratio"), ("se", "Standard error", "number"), ("ci_low", "Interval from", "number"),
                ("ci_high", "Interval to", "number"), ("p", "p", "p")),
        rows, "Every estimate by every method", "estimates_by_method.csv",
    )  # fmt: skip
    drawn = [
        Interval(f"{row[0]}: {row[1]}", row[3], row[5], row[6])
        for row in rows
        if row[3] is not None and row[3] > 0 and row[5] is not None and row[5] > 0
    ]
    figure = Figure(
        "by-method", "Every estimate by every method", "Ratios with 95 % intervals where the model has ratios, logarithmic axis.",
        table, (lambda words, alone: interval_chart(drawn, words, sides=("fewer", "more"), standalone=alone)) if drawn else None,
    )  # fmt: skip
    return Section("by-method", "Every estimate by every method", figures=[figure])


def weights(found: dict[str, Any]) -> Section | None:
    """Weights of the units that stand for the treated one, in synthetic designs."""
    given = found.get("weights") or {}
    if not given:
        return None
    rows = sorted(((unit, weight) for unit, weight in given.items() if weight), key=lambda each: -each[1])
    table = Table(
        columns(("unit", "Unit", "text"), ("weight", "Weight", "number")),
        rows,
        "Weights",
        "weights.csv",
        folded=len(rows) > 12,
    )
    return Section(
        "weights",
        "Weights of the comparison",
        figures=[Figure("weights", "Weights of the comparison", "Units with a weight.", table)],
    )


def panel_report(found: dict[str, Any], spec: PanelSpec, **about: Any) -> tuple[dict[str, Any], Report]:
    """(the result in its common shape, its report). ``about`` as in ``as_result``."""
    result = as_result(found, spec, **about)
    return result, assembled(result, extra=[estimates_by_method(found), weights(found)])
