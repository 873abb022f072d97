"""What a report shows of a series with a step, from what the engine really gives. Synthetic data."""

import csv
import io
import re
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import Panel, analyse
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.report.contents import Report, csv_files, svg_files
from analytics.evaluation.report.panel import panel_report
from analytics.evaluation.report.rendering import report_html, report_pdf
from analytics.shown_numbers import ratio_shown
from tests.factories.series import drawn, iso_weeks


def made(*, controlled: bool, slope: bool = True) -> tuple[dict, dict, Report]:
    series = drawn(4, controlled=controlled)
    weeks = iso_weeks(date(2022, 1, 3), 104) * (2 if controlled else 1)
    data = {"time": "week", "outcome": "offences", "exposure": ["step"]} | ({"unit": "town"} if controlled else {})
    model = {"design": "interrupted", "slope": slope, "seasonality": {"period": 52.18, "harmonics": 2}}
    spec = parse_spec({"data": data, "model": model})
    panel = Panel(
        time=np.array(weeks), outcome=series.outcome, exposures={"step": series.step}, unit=series.unit if controlled else None
    )  # fmt: skip
    found = analyse(panel, spec, diagnostics=True)
    result, report = panel_report(
        found, spec, name="panel.csv", sha256="a" * 64, span="2022-W01 to 2023-W52", synthetic=True
    )
    return found, result, report


@pytest.mark.parametrize("controlled", [False, True])
def test_the_report_has_sizes_series_and_what_is_left_over(controlled: bool) -> None:
    found, result, report = made(controlled=controlled)
    its = found["interrupted_time_series"]
    text = " ".join(re.sub(r"<[^>]+>", " ", report_html(report, result)).split())
    assert ("The control series Derby takes away what happened in both; its grade is 2" in text) == controlled
    assert ("One series with a step has no comparison: its grade is 1" in text) != controlled
    assert "60 periods before the step, 44 from 2023-W09 on" in text
    assert "With the step against without it: rate ratio" in text
    assert "two-way fit" not in text
    assert "Newey-West looks 4 periods back" in text
    assert ratio_shown(its["irr"]) in text
    files = {name: list(csv.DictReader(io.StringIO(body))) for name, body in csv_files(report).items()}
    sizes = files["interrupted_time_series.csv"]
    assert [float(sizes[0][key]) for key in ("rate_ratio", "ci_low", "ci_high")] == [
        its["irr"],
        *its["ci"]["quasi"],
    ]
    assert [("(headline)" in row["what"]) for row in sizes[:2]] == [
        its["se_method"] == name for name in ("quasi", "newey_west")
    ]
    assert float(sizes[2]["rate_ratio"]) == its["slope"]["irr"]
    rows = files["interrupted_series.csv"]
    assert len(rows) == 104
    assert [float(row["expected_without_step"]) for row in rows] == [
        e["expected_without_step"] for e in its["series"]
    ]
    assert [float(row["autocorrelation"]) for row in files["interrupted_autocorrelation.csv"]] == its[
        "autocorrelation"
    ]
    assert float(files["estimates.csv"][0]["rate_ratio"]) == its["irr"]
    assert report_pdf(report).startswith(b"%PDF")


def test_the_picture_parts_at_the_step_and_says_what_each_mark_is() -> None:
    found, _, report = made(controlled=False)
    root = ElementTree.fromstring(svg_files(report)["its-series.svg"])
    said = " ".join(" ".join(root.itertext()).split())
    for words in (
        "Dots: recorded",
        "Line: expected",
        "Broken line: expected without the step",
        "Upright line: the step",
    ):
        assert words in said
    space = "{http://www.w3.org/2000/svg}"
    paths = [each.get("d", "").split(" ") for each in root.iter(f"{space}path")]
    assert [sum(part[0] in "ML" for part in path) for path in paths] == [104, 44]
    assert sum(each.get("class", "").startswith("chart__dot") for each in root.iter(f"{space}circle")) == 104
    rows = found["interrupted_time_series"]["series"]
    with_step, without = (float(path[-1]) for path in paths)  # the last point of each: further down is fewer
    assert (with_step > without) == (rows[-1]["expected"] < rows[-1]["expected_without_step"])


def test_without_a_fit_there_is_no_section_and_the_reason_is_said() -> None:
    spec = parse_spec(
        {"data": {"time": "week", "outcome": "y", "exposure": ["step"]}, "model": {"design": "interrupted"}}
    )
    step = (np.arange(60) >= 30).astype(float)
    found = analyse(
        Panel(time=np.arange(60.0), outcome=3.0 * step, exposures={"step": step}), spec, diagnostics=True
    )
    result, report = panel_report(found, spec, name="p.csv", sha256="a" * 64, span="0 to 59", synthetic=False)
    assert "its" not in {each.key for each in report.sections}
    assert "No event was recorded in the series before the step" in report_html(report, result)
