"""What a reader gets: verdict first, then what it stands on. HTML, PDF, CSVs and SVGs from one result.

No heading, chart or file says more than the verdict sentence. Nothing here works a number out.
"""

import json
from pathlib import Path
from typing import Any

import font_rhd
import typst
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from analytics.evaluation import charts
from analytics.evaluation.exports import estimate_rows, tables
from analytics.evaluation.running import Evaluation

FONTS = str(Path(font_rhd.__file__).parent / "files")
TYPST = Path(__file__).with_name("report.typ")
STYLES = ("css/evaluation-report.css",)
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
    3: "compared with places shown to be similar; every check passed",
    4: "roll-out drawn by lot, but not quite followed",
    5: "roll-out drawn by lot and followed",
}


class ReportFailed(Exception):
    """The report could not be written; the message says which file."""


def mde_sentence(result: dict[str, Any]) -> str:
    """What this panel could have seen, in words."""
    numbers = result["diagnostics"]
    units, weeks, mde = numbers["n_units"], numbers["n_periods"], result["mde_irr"]
    if mde is None:
        return "How small a fall this panel could have seen is not known."
    unit = "venues" if result["unit"] == "venue" else "venue clusters"
    return (
        f"With {units} {unit} over {weeks} weeks we could only have seen a fall of {100 * (1 - mde):.0f} % or more "
        "(80 % power)."
    )


def _period(result: dict[str, Any]) -> str:
    return f"{result['from_week']} to {result['to_week']}"


def pictures(result: dict[str, Any], *, standalone: bool = False) -> dict[str, str]:
    """The charts by name, as SVG text; empty text where there is nothing to draw."""
    mark = " (synthetic data)" if result["synthetic"] else ""
    rows = [charts.Interval(r["label"], r["irr"], r["low"], r["high"]) for r in estimate_rows(result)]
    weeks = result["diagnostics"]["weeks"]
    bins = result["diagnostics"]["permutation_null"]
    return {
        "estimates": charts.interval_chart(
            rows,
            title=f"Recorded assaults, a full week live against none{mark}",
            description="Rate ratios with 95 per cent intervals on a logarithmic axis; 1 means no difference. "
            "The table below has the same numbers.",
            name="estimates",
            standalone=standalone,
        ),
        "weeks": charts.weeks_chart(
            [each["week"] for each in weeks],
            [each["mean_exposure"] for each in weeks],
            [each["assaults"] for each in weeks],
            title=f"Reach and recorded assaults by week, {_period(result)}{mark}",
            description="Above: mean share of trading nights live. Below: assaults near venues. The two lines "
            "together show no cause: season and town move both.",
            name="weeks",
            standalone=standalone,
        ),
        "permutation": charts.histogram(
            bins["counts"],
            bins["edges"],
            bins["observed"],
            title=f"The same statistic when roll-outs change places by lot{mark}",
            description="Bars: shuffled roll-outs, where the campaign can have no effect. Line: what was observed.",
            name="permutation",
            standalone=standalone,
        )
        if bins
        else "",
    }


def context_of(result: dict[str, Any]) -> dict[str, Any]:
    """What the admin page and the report show, from the stored result alone."""
    return {
        "result": result,
        "word": WORDS.get(result["verdict"], result["verdict"]),
        "grade_words": GRADES[result["evidence_grade"]],
        "mde": mde_sentence(result),
        "busy": BUSY,
        "rows": estimate_rows(result),
        "failed_placebos": [row for row in result["diagnostics"]["placebos"] if row["irr"] is None],
        "charts": {name: mark_safe(svg) for name, svg in pictures(result).items()},  # noqa: S308 - charts escapes
        "per_cent": None if result["estimate"]["irr"] is None else 100 * (result["estimate"]["irr"] - 1),
        "fired": [rule for rule in result["rules"] if rule["fired"]],
        "period": _period(result),
    }


def html(result: dict[str, Any]) -> str:
    """The whole report as one page that needs nothing else."""
    style = "".join((Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8") for name in STYLES)
    sheet = mark_safe(f"<style>{style}</style>")  # noqa: S308 - our own file
    return render_to_string("analytics/evaluation/report.html", context_of(result) | {"stylesheet": sheet})


def pdf(result: dict[str, Any]) -> bytes:
    """One or two tagged A4 pages: verdict, estimate, rules."""
    context = context_of(result)
    data = {
        "title": result["title"],
        "period": context["period"],
        "word": context["word"],
        "sentence": result["verdict_sentence"],
        "grade": f"{result['evidence_grade']} of 5: {context['grade_words']}",
        "mde": context["mde"],
        "synthetic": result["synthetic"],
        "rows": [
            [r["label"], r["role"], f"{r['irr']:.2f}", f"{r['low']:.2f} to {r['high']:.2f}", _p(r["p"])]
            for r in context["rows"]
        ],
        "within_r": _number(result["correlation"]["within_r"]),
        "within_p": _p(result["correlation"]["within_p"]),
        "raw": _number(result["correlation"]["raw_spearman"]),
        "busy": BUSY,
        "rules": [[r["code"], "fired" if r["fired"] else "no", r["detail"]] for r in result["rules"]],
        "chart": pictures(result, standalone=True)["estimates"],
        "plan_hash": result["plan_hash"],
        "data_hash": result["data_hash"],
    }
    compile_page: Any = typst.compile  # its overloads want one type for source and font paths
    made = compile_page(
        str(TYPST),
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(data)},
        pdf_standards="ua-1",
    )
    return made[0] if isinstance(made, list) else made


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _p(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f}"


def write_report(evaluation: Evaluation, folder: str | Path) -> list[str]:
    """Writes report.html, report.pdf, result.json, the CSVs and SVGs. Returns their names. Raises ReportFailed."""
    folder, result = Path(folder), evaluation.result
    files: dict[str, bytes] = {
        "result.json": evaluation.text.encode(),
        "panel.csv": evaluation.panel.as_csv().encode(),
        "report.html": html(result).encode(),
        **{name: text.encode() for name, text in tables(result).items()},
        **{f"{name}.svg": svg.encode() for name, svg in pictures(result, standalone=True).items() if svg},
    }
    try:
        files["report.pdf"] = pdf(result)
    except RuntimeError as error:
        raise ReportFailed(f"report.pdf could not be set: {error}") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ReportFailed(f"{folder} cannot be written: {error.strerror}") from error
    return sorted(files)
