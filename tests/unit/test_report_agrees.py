"""No word of a report's first page says other than its numbers, for our own results and for anybody's panel. Synthetic data."""

import re
from dataclasses import replace

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import Panel, analyse
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.report import contents
from analytics.evaluation.report.main_result import headline_rows
from analytics.evaluation.report.panel import panel_report
from analytics.evaluation.report.public import public_findings
from analytics.evaluation.report.rendering import report_html
from analytics.shown_numbers import ratio_shown
from tests.factories.panels import Simulation, simulate
from tests.factories.report import sample_result

FITS_ALL = "fit with fewer"


def cannot_tell(low, high, **changes):
    result = sample_result(verdict="cannot_tell", fires=("R3",), **changes)
    result["estimate"] |= {"ci_low": low, "ci_high": high}
    return result


@pytest.mark.parametrize(
    ("low", "high", "holds_one"), [(0.8, 1.2, True), (0.84, 0.93, False), (1.1, 1.4, False), (None, None, None)]
)
def test_cannot_tell_says_that_the_figures_fit_with_no_difference_only_where_they_do(low, high, holds_one):
    result = cannot_tell(low, high)
    first = contents(result).first
    assert (FITS_ALL in first.means) == bool(holds_one)
    assert ("on one side of 1" in first.means) == (holds_one is False)
    assert first.means.startswith(("These figures", "The interval"))
    public = public_findings(result, signed="Signed.", result_hash="f" * 64, attribution=[])
    assert public["means"] == first.means


@pytest.mark.parametrize("ends", [(0.8, 1.2), (0.84, 0.93)])
def test_of_too_few_places_the_public_does_not_learn_on_which_side_the_interval_lies(ends):
    result = cannot_tell(*ends, n_units=9)
    public = public_findings(result, signed="Signed.", result_hash="f" * 64, attribution=[])
    assert (
        public["means"] == "These figures do not decide between fewer assaults, more assaults and no difference."
    )
    assert public["sentence"] == f"Cannot tell. {public['means']}"


def test_large_numbers_of_what_would_be_needed_are_printed_whole_and_in_order():
    power = {
        "detectable_fall_percent": 4.03,
        "mde_irr": 0.9597,
        "units": 27,
        "units_needed": 41_745,
        "weeks_needed": 12_345,
    }
    section = next(each for each in contents(sample_result(power=power)).sections if each.key == "power")
    assert [value for _, value in section.facts] == ["0.96", "4.03", "27", "41,745", "12,345"]
    assert section.facts[1][0].startswith("That is a fall of")


def reported(panel: Panel, *, design: str = "regression", family: str = "poisson", **data: object):
    table = {
        "unit": "unit",
        "time": "week",
        "outcome": "calls",
        "exposure": ["live_share"],
        "cluster": "street",
    } | data
    spec = parse_spec({"data": table, "model": {"permutations": 199, "design": design, "family": family}})
    found = analyse(panel, spec, diagnostics=True)
    result, report = panel_report(found, spec, name="p.csv", sha256="a" * 64, span="0 to 9", synthetic=True)
    return found, result, report


@pytest.fixture(scope="module")
def dosed() -> Panel:
    return simulate(6, Simulation(units=40, weeks=52))


@pytest.fixture(scope="module")
def switched(dosed: Panel) -> Panel:
    return replace(dosed, exposures={"live_share": (dosed.exposures["live_share"] > 0).astype(float)})


@pytest.mark.parametrize("design", ["regression", "imputation", "event_study"])
def test_the_first_number_of_the_page_is_the_sentence_s(switched, design):
    found, result, report = reported(switched, design=design)
    rows = headline_rows(result)
    assert rows[0][1] == "observed against expected"
    assert f"a rate ratio of {ratio_shown(rows[0][2], 2)} " in found["verdict_sentence"]
    assert rows[0][2] == found["imputation"]["irr"]
    roles = [row[1] for row in rows]
    assert len(set(roles)) == len(roles)  # the same number never stands there twice under two names
    if design == "regression":
        assert ("two-way fit" in roles) == (not any(r["code"] == "R14" and r["fired"] for r in found["rules"]))
    assert report.first.picture.title == "Recorded, with live_share on against off"


def test_of_a_column_nothing_is_said_that_only_its_owner_knows(dosed):
    _, result, report = reported(dosed)
    text = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", report_html(report, result), flags=re.S).split())
    first = text[: text.index("What was looked at")]
    for ours in ("ssaults", "full week live", "the campaign alone"):
        assert ours not in first, ours
    assert "column calls adds up to" in text
    assert "Each offence stands in one unit only" not in text
    assert "With live_share higher by 1: rate ratio" in text


def test_a_model_of_differences_is_not_called_an_effect_that_could_not_be_estimated(dosed):
    found, result, report = reported(dosed, family="gaussian")
    assert found["verdict_sentence"].startswith("The estimate is a difference of")
    text = report_html(report, result)
    assert "No effect could be estimated" not in text
    assert "one of differences" in text
    assert report.first.means.startswith("These figures do not decide")
    assert np.isfinite(found["estimates"][0]["coef"])
