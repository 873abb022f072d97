"""The public report as a PDF: made of the findings of the public page and of nothing else, so it cannot say more."""

import json
from pathlib import Path
from typing import Any

from analytics.charts.frame import standing_alone
from analytics.evaluation.typesetting import typeset

SOURCE = Path(__file__).with_name("report.typ")
RULES = ("Rule", "What must hold", "Held")


def public_pdf(findings: dict[str, Any]) -> bytes:
    """Tagged PDF/UA-1 of ``public_findings``. Raises RuntimeError where typst does."""
    figures = [_printed(each) for each in findings["figures"]]
    rules = [[each["code"], each["asks"], each["state"]] for each in findings["rules"]]
    sections = [
        # Page one has the first picture already; its table still stands where it belongs.
        _section(each["title"], figures=[each | {"svg": ""} if n == 0 else each]) for n, each in enumerate(figures)
    ]  # fmt: skip
    table = {"title": "Every rule", "subtitle": "Whether each held.", "alt": "", "svg": "",
             "columns": list(RULES), "numbers": [False] * len(RULES), "rows": _words(rules)}  # fmt: skip
    sections += [
        _section("Every rule", figures=[table]),
        _section(
            "Limits and sources", says=findings["attribution"], points=findings["caveats"], facts=findings["facts"]
        ),
    ]
    data = {
        "title": findings["title"],
        "subtitle": findings["subtitle"],
        "synthetic": findings["synthetic"],
        "first": {key: findings[key] for key in ("word", "sentence", "grade", "means", "does_not_mean", "could_see", "needed")}
        | {"reasons": [], "picture": figures[0] if figures else None},
        "signed": findings["signed"],
        "changes": [],
        "sections": sections,
    }  # fmt: skip
    return typeset(SOURCE, {"report": json.dumps(data)})


def _section(
    heading: str, *, says: Any = (), points: Any = (), facts: Any = (), figures: Any = ()
) -> dict[str, Any]:
    return {
        "heading": heading, "says": list(says), "points": list(points), "facts": [list(each) for each in facts],
        "figures": list(figures),
    }  # fmt: skip


def _words(rows: list[list[Any]]) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in rows]


def _printed(figure: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": figure["title"],
        "subtitle": figure["subtitle"],
        "alt": f"{figure['title']}. {figure['subtitle']} The table after it has the same numbers.",
        "svg": standing_alone(figure["svg"]) if figure["svg"] else "",
        "columns": [column["label"] for column in figure["columns"]],
        "numbers": [column["number"] for column in figure["columns"]],
        "rows": _words(figure["rows"]),
    }
