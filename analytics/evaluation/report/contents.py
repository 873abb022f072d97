"""Which sections a report has and in which order: page one for whoever decides, then the whole method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.evaluation.report import beside as beside_result
from analytics.evaluation.report import checks, main_result, robustness
from analytics.evaluation.report.beside import NOTHING, Beside
from analytics.evaluation.report.interrupted import interrupted
from analytics.evaluation.report.parts import Figure, Section
from analytics.evaluation.report.rollout import rollout
from analytics.evaluation.report.words import (
    GRADES,
    SHOWS_ESTIMATE,
    WORDS,
    does_not_mean,
    fired,
    mde_sentence,
    means,
    needed,
    period,
)  # fmt: skip

SYNTHETIC = "Synthetic data. Invented for demonstration: this says nothing about the world."


@dataclass(frozen=True)
class FirstPage:
    """One page: the sentence and the grade, one picture, what it means and does not, what would be needed."""

    word: str
    sentence: str
    grade: str
    means: str
    does_not_mean: tuple[str, ...]
    could_see: str
    reasons: list[str]
    needed: list[str]
    picture: Figure | None


@dataclass(frozen=True)
class Report:
    """Everything that is rendered, whether as page, PDF, CSV or SVG."""

    title: str
    subtitle: str
    synthetic: bool
    first: FirstPage
    sections: list[Section]

    @property
    def mark(self) -> str:
        """Ends the title of every picture."""
        return " (synthetic data)" if self.synthetic else ""

    @property
    def figures(self) -> list[Figure]:
        """Every figure once, in order."""
        found = {each.name: each for section in self.sections for each in section.figures}
        return list(found.values())


def first_page(result: dict[str, Any], sections: list[Section]) -> FirstPage:
    """What a chief constable reads. Where the estimate is no answer the picture shows the weeks instead."""
    verdict = result["verdict"]
    by_name = {figure.name: figure for section in sections for figure in section.figures}
    wanted = "estimates" if verdict in SHOWS_ESTIMATE else "weeks"
    if wanted not in by_name:  # no estimate, or a bare panel, which has no weeks to show
        wanted = "weeks" if "weeks" in by_name else "by-method" if verdict in SHOWS_ESTIMATE else ""
    return FirstPage(
        word=WORDS.get(verdict, verdict),
        sentence=result["verdict_sentence"],
        grade=f"{result['evidence_grade']} of 5: {GRADES[result['evidence_grade']]}",
        means=means(result),
        does_not_mean=does_not_mean(result),
        could_see=mde_sentence(result),
        reasons=[f"{rule['code']}, “{rule['asks']}”, did not hold: {rule['detail']}" for rule in fired(result)],
        needed=needed(result),
        picture=by_name.get(wanted),
    )


def contents(result: dict[str, Any], beside: Beside = NOTHING) -> Report:
    """The report of a result. A section is there only where its data are."""
    return assembled(result, beside, stored=True)


def assembled(
    result: dict[str, Any], beside: Beside = NOTHING, *, stored: bool = False, extra: Sequence[Section | None] = ()
) -> Report:
    """The report of a result of a plan (``stored``), or of a bare panel, which has no plan and nothing beside it."""
    made: list[Section | None] = [
        main_result.asked(result, beside) if stored else None,
        rollout(result),
        main_result.sample(result),
        main_result.main_result(result),
        interrupted(result),
        *extra,
        main_result.correlation(result),
        main_result.power(result),
        main_result.weeks(result),
        main_result.chance(result),
        main_result.rules(result),
        checks.lead(result),
        checks.event_study(result),
        checks.lags(result),
        checks.placebo_outcomes(result),
        checks.placebo_dates(result),
        checks.rings(result),
        checks.secondary(result),
        checks.leave_one_out(result),
        checks.multiverse(result),
        robustness.chosen_beside(result),
        robustness.other_models(result),
        robustness.residuals(result),
        robustness.delay(result),
        robustness.data_quality(result),
        robustness.corrections(result),
    ]
    if stored:
        made += [
            robustness.attempts(result, beside.attempts),
            *beside_result.sections(result, beside),
            robustness.provenance(result, beside.again),
        ]
    made.append(robustness.limits(list(beside.attribution)))
    sections = [each for each in made if each is not None]
    return Report(
        title=result["title"],
        subtitle=f"{result['measure_title']}, weeks {period(result)}"
        if stored
        else f"{result['measure_title']}, {period(result)}",
        synthetic=result["synthetic"],
        first=first_page(result, sections),
        sections=sections,
    )


def csv_files(report: Report) -> dict[str, str]:
    """File name -> CSV text: exactly the tables of the report."""
    return {
        figure.table.file: figure.table.as_csv(synthetic=report.synthetic)
        for figure in report.figures
        if figure.table is not None
    }


def svg_files(report: Report) -> dict[str, str]:
    """File name -> SVG text with its style inside: exactly the pictures of the report."""
    drawn = {f"{figure.name}.svg": figure.svg(mark=report.mark, standalone=True) for figure in report.figures}
    return {name: svg for name, svg in drawn.items() if svg}


def tables(result: dict[str, Any], beside: Beside = NOTHING) -> dict[str, str]:
    """The CSVs of a stored result."""
    return csv_files(contents(result, beside))


def pictures(result: dict[str, Any], beside: Beside = NOTHING) -> dict[str, str]:
    """The SVGs of a stored result."""
    return svg_files(contents(result, beside))
