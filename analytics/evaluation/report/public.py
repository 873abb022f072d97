"""A result as the public may see it: the verdict, ratios built on enough units, every rule by name. No counts at all.

Counts of the public tier are in the published tables, frozen and suppressed there (docs/data-protection/tiers.md); a second
set of nearly the same counts could be subtracted from them. So there is none here, nor in any word or picture.
"""

from typing import Any

from analytics.charts.frame import Words
from analytics.charts.intervals import Interval, interval_chart
from analytics.evaluation.report.checks import RING_WORDS
from analytics.evaluation.report.contents import SYNTHETIC
from analytics.evaluation.report.main_result import ESTIMATES, as_intervals, headline_rows
from analytics.evaluation.report.parts import Column
from analytics.evaluation.report.words import (
    CAVEATS,
    GRADES,
    RULES,
    SHOWS_ESTIMATE,
    WORDS,
    does_not_mean,
    fired,
    mde_sentence,
    means,
    period,
    unit_words,
)  # fmt: skip

TESTED = ("R9", "R10")  # by a p-value
LEAST_UNITS = 10  # a coefficient of fewer could be worked back to one place
SUBTITLE = "Rate ratios with 95 % intervals, logarithmic axis; 1 means no difference."


def public_findings(
    result: dict[str, Any], *, signed: str, result_hash: str, attribution: list[str]
) -> dict[str, Any]:
    """The findings of an ``EvaluationPage``: plain JSON of words, tables and SVG text."""
    enough = result["diagnostics"]["n_units"] >= LEAST_UNITS
    verdict = result["verdict"]
    return {
        "title": result["title"],
        "subtitle": f"{result['measure_title']}, weeks {period(result)}",
        "synthetic": SYNTHETIC if result["synthetic"] else "",
        "word": WORDS[verdict],
        "sentence": public_sentence(result, enough=enough),
        "grade": f"{result['evidence_grade']} of 5: {GRADES[result['evidence_grade']]}",
        "means": means(result, sized=enough),
        "does_not_mean": list(does_not_mean(result)),
        "could_see": mde_sentence(result) if enough else "",
        "needed": [f"{rule['helps']} ({rule['code']})" for rule in fired(result) if rule["effect"] != "note"],
        "figures": _figures(result) if enough and verdict in SHOWS_ESTIMATE else [],
        "rules": [
            {
                "code": rule["code"],
                "asks": RULES[rule["code"]][0],
                "state": "did not hold" if rule["fired"] else _held(rule),
            }
            for rule in result["rules"]
        ],
        "facts": [
            ["Compared", f"{unit_words(result)} with each other, in the same weeks"],
            ["Plan", result["plan_hash"]],
            ["Result", result_hash],
            ["Code", result["made_by"]["code"]],
            *_lot(result),
        ],
        "signed": signed,
        "result_hash": result_hash,
        "caveats": [*CAVEATS, "Counts are in the published tables only, rounded and suppressed."],
        "attribution": attribution,
    }


def _lot(result: dict[str, Any]) -> list[list[str]]:
    """The seed is published, so that anybody can draw again."""
    found = result["diagnostics"].get("rollout")
    return [["Roll-out", found["rollout_hash"]], ["Seed of the draw", str(found["seed"])]] if found else []


def public_sentence(result: dict[str, Any], *, enough: bool) -> str:
    """The verdict sentence without the numbers of rules, which may be small counts; without any size of too few units."""
    if not enough:
        return f"{WORDS[result['verdict']]}. {means(result, sized=False)}"
    sentence = str(result["verdict_sentence"])
    for rule in result["rules"]:
        if rule["detail"] in sentence:
            sentence = sentence.replace(rule["detail"], f"“{RULES[rule['code']][0]}” did not hold")
    return sentence


def _held(rule: dict[str, Any]) -> str:
    """A test that found nothing has not shown that there is nothing."""
    if "not applicable" in rule["detail"]:
        return "not applicable"
    return "nothing found against it" if rule["code"] in TESTED else "held"


def _figures(result: dict[str, Any]) -> list[dict[str, Any]]:
    mark = " (synthetic data)" if result["synthetic"] else ""
    found = result["diagnostics"]
    main = headline_rows(result)
    made = [
        _figure(
            "estimate",
            f"Recorded assaults, a full week live against none{mark}",
            list(ESTIMATES),
            main,
            as_intervals(main),
        )
    ]
    placebos = found.get("placebo_outcomes") or found.get("placebos") or []
    for name, title, rows in (
        (
            "other-offences", f"Offences that the campaign cannot move{mark}",
            [(each.get("title") or each["measure"], each.get("irr"), each.get("ci_low"), each.get("ci_high")) for each in placebos],
        ),
        (
            "rings", f"Here, next door, and both together{mark}",
            [(RING_WORDS.get(each["ring"], each["ring"]), each.get("irr"), each.get("ci_low"), each.get("ci_high"))
             for each in found.get("rings") or []],
        ),
    ):  # fmt: skip
        if not rows:
            continue
        columns = [Column("what", "What"), *ESTIMATES[2:5]]
        drawn = [Interval(str(row[0]), row[1], row[2], row[3]) for row in rows if row[1]]
        made.append(_figure(name, title, columns, rows, drawn))
    return [each for each in made if each["rows"]]


def _figure(
    name: str, title: str, columns: list[Column], rows: list[tuple[Any, ...]], drawn: list[Interval]
) -> dict[str, Any]:
    says = Words(name, title, f"{SUBTITLE} The table after it has the same numbers.")
    return {
        "name": name,
        "title": title,
        "subtitle": SUBTITLE,
        "file": f"{name}.csv",
        "svg": interval_chart(drawn, says),
        "columns": [{"label": column.label, "number": column.kind != "text"} for column in columns],
        "rows": [[column.shown(value) for column, value in zip(columns, row, strict=True)] for row in rows],
    }
