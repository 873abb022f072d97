"""An evaluation as CSV tables. "synthetic" stands in every row, so that no copy of a table loses it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from analytics.reach.exports import safe_text


def marked(text: str, mark: str) -> str:
    """A CSV with who took this copy in every row: counts by venue and week must not wander about unnamed."""
    header, *rows = list(csv.reader(io.StringIO(text)))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*header, "marking"])
    writer.writerows([*row, safe_text(mark)] for row in rows)
    return stream.getvalue()


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]], *, synthetic: bool) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*header, "synthetic"])
    for row in rows:
        cells = ["" if cell is None else safe_text(cell) if isinstance(cell, str) else cell for cell in row]
        writer.writerow([*cells, "yes" if synthetic else "no"])
    return stream.getvalue()


def estimate_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The headline and the placebo outcomes, as shown in the interval chart and its table."""
    rows = []
    estimate = result["estimate"]
    if estimate["irr"] is not None and estimate["ci_low"] is not None:
        rows.append(
            {
                "label": result["measure_title"],
                "role": "outcome",
                "irr": estimate["irr"],
                "low": estimate["ci_low"],
                "high": estimate["ci_high"],
                "p": estimate["p_permutation"],
                "p_from": "block permutation",
            }
        )
    rows += [
        {
            "label": row["title"],
            "role": "placebo",
            "irr": row["irr"],
            "low": row["ci_low"],
            "high": row["ci_high"],
            "p": row["p_holm"],
            "p_from": "CV3, Holm",
        }
        for row in result["diagnostics"]["placebos"]
        if row["irr"] is not None
    ]
    return rows


def tables(result: dict[str, Any]) -> dict[str, str]:
    """File name -> CSV text."""
    mark = result["synthetic"]
    bins = result["diagnostics"]["permutation_null"]
    made = {
        "estimates.csv": _table(
            ("outcome", "role", "rate_ratio", "ci_low", "ci_high", "p", "p_from"),
            (
                [row[k] for k in ("label", "role", "irr", "low", "high", "p", "p_from")]
                for row in estimate_rows(result)
            ),
            synthetic=mark,
        ),
        "rules.csv": _table(
            ("rule", "fired", "detail", "effect"),
            ([r["code"], "yes" if r["fired"] else "no", r["detail"], r["effect"]] for r in result["rules"]),
            synthetic=mark,
        ),
        "weeks.csv": _table(
            ("week", "mean_exposure", "assaults"),
            ([w["week"], w["mean_exposure"], w["assaults"]] for w in result["diagnostics"]["weeks"]),
            synthetic=mark,
        ),
    }
    if bins:
        made["permutation.csv"] = _table(
            ("from", "to", "draws"),
            zip(bins["edges"][:-1], bins["edges"][1:], bins["counts"], strict=True),
            synthetic=mark,
        )
    return made
