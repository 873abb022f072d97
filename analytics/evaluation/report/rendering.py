"""The report as one HTML page, as a tagged PDF, and as a folder of files. Nothing here works a number out."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from analytics.evaluation.report.beside import NOTHING, Beside
from analytics.evaluation.report.contents import SYNTHETIC, Report, contents, pictures, tables
from analytics.evaluation.report.parts import Figure, Section
from analytics.evaluation.report.words import period
from analytics.evaluation.running import Evaluation
from analytics.evaluation.typesetting import typeset

TYPST = Path(__file__).with_name("report.typ")
STYLES = ("css/evaluation-report.css",)


class ReportFailed(Exception):
    """The report could not be written; the message says which file."""


def figure_shown(figure: Figure, mark: str, csv_url: str = "") -> dict[str, Any]:
    """What the template figure.html needs."""
    svg = figure.svg(mark=mark)
    return {"mark": mark, "figure": figure, "table": figure.table, "svg": mark_safe(svg), "csv_url": csv_url}  # noqa: S308 - charts escape


def context_of(result: dict[str, Any], beside: Beside = NOTHING, *, csv_url: str = "") -> dict[str, Any]:
    """What the admin page and the report show. ``csv_url``: an address with NAME in it for each table's CSV."""
    return page_context(contents(result, beside), result, beside, csv_url=csv_url)


def page_context(
    report: Report, result: dict[str, Any], beside: Beside = NOTHING, *, csv_url: str = ""
) -> dict[str, Any]:
    """The same for a report that is put together already."""
    first = report.first.picture

    def linked(figure: Figure) -> str:
        return csv_url.replace("NAME", figure.table.file) if csv_url and figure.table else ""

    return {
        "result": result,
        "report": report,
        "first": report.first,
        "period": period(result),
        "synthetic_words": SYNTHETIC,
        "beside": beside,
        "picture": None if first is None else figure_shown(first, report.mark, linked(first)),
        "sections": [
            {
                "section": section,
                "figures": [
                    figure_shown(each, report.mark, linked(each)) | {"again": each is first}
                    for each in section.figures
                ],
            }
            for section in report.sections
        ],
    }


def html(result: dict[str, Any], beside: Beside = NOTHING) -> str:
    """The whole report as one page that needs nothing else."""
    return report_html(contents(result, beside), result, beside)


def report_html(report: Report, result: dict[str, Any], beside: Beside = NOTHING) -> str:
    """The same for a report that is put together already."""
    style = "".join((Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8") for name in STYLES)
    sheet = mark_safe(f"<style>{style}</style>")  # noqa: S308 - our own file
    context = page_context(report, result, beside) | {"stylesheet": sheet}
    return render_to_string("analytics/evaluation/report.html", context)


def pdf(result: dict[str, Any], beside: Beside = NOTHING) -> bytes:
    """The same report on A4, tagged as PDF/UA-1: page one, then the method. Raises RuntimeError where typst does."""
    return report_pdf(contents(result, beside), beside)


def report_pdf(report: Report, beside: Beside = NOTHING) -> bytes:
    """The PDF of a report that is put together already."""
    data = {
        "title": report.title,
        "subtitle": report.subtitle,
        "synthetic": SYNTHETIC if report.synthetic else "",
        "first": {
            "word": report.first.word,
            "sentence": report.first.sentence,
            "grade": report.first.grade,
            "means": report.first.means,
            "does_not_mean": report.first.does_not_mean,
            "could_see": report.first.could_see,
            "reasons": report.first.reasons,
            "needed": report.first.needed,
            "picture": _printed(report.first.picture, report) if report.first.picture else None,
        },
        "signed": beside.signed or "Not signed by a second person.",
        "changes": list(beside.changes),
        "sections": [_section(each, report) for each in report.sections],
    }
    return typeset(TYPST, {"report": json.dumps(data)})


def _section(section: Section, report: Report) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "says": list(section.says),
        "points": list(section.points),
        "facts": [list(fact) for fact in section.facts],
        # Page one has its picture already; its table still stands where it belongs.
        "figures": [_printed(each, report, drawn=each is not report.first.picture) for each in section.figures],
    }


def _printed(figure: Figure, report: Report, *, drawn: bool = True) -> dict[str, Any]:
    table = figure.table
    return {
        "title": f"{figure.title}{report.mark}",
        "subtitle": figure.subtitle,
        "alt": f"{figure.title}{report.mark}. {figure.subtitle} {figure.description}".strip(),
        "svg": figure.svg(mark=report.mark, standalone=True) if drawn else "",
        "columns": [column.label for column in table.columns] if table else [],
        "numbers": [column.kind != "text" for column in table.columns] if table else [],
        "rows": [[cell["shown"] for cell in row] for row in table.cells] if table else [],
    }


def write_report(evaluation: Evaluation, folder: str | Path, beside: Beside = NOTHING) -> list[str]:
    """Writes report.html, report.pdf, result.json, the CSVs and SVGs. Returns their names. Raises ReportFailed."""
    folder, result = Path(folder), evaluation.result
    files: dict[str, bytes] = {
        "result.json": evaluation.text.encode(),
        "panel.csv": evaluation.panel.as_csv().encode(),
        "report.html": html(result, beside).encode(),
        **{name: text.encode() for name, text in tables(result, beside).items()},
        **{name: svg.encode() for name, svg in pictures(result, beside).items()},
    }
    try:
        files["report.pdf"] = pdf(result, beside)
    except RuntimeError as error:
        raise ReportFailed(f"report.pdf could not be set: {error}") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ReportFailed(f"{folder} cannot be written: {error.strerror}") from error
    return sorted(files)
