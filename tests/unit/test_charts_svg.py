"""Charts: well-formed, described, escaped, logarithmic, never cropped, without inline style in pages."""

import math
import re
from xml.etree import ElementTree

import pytest

from analytics.evaluation.charts import Interval, histogram, interval_chart, weeks_chart

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>&\"x'"


def charts(standalone=False):
    return {
        "interval": interval_chart(
            [Interval(NASTY, 0.7, 0.5, 0.9), Interval("wide", 1.5, 0.02, 40)],
            title=NASTY, description=NASTY, standalone=standalone,
        ),
        "weeks": weeks_chart(
            ["2024-W01", "2024-W02", "2024-W03"], [0.0, None, 1.0], [3, 0, 9.5],
            title=NASTY, description=NASTY, standalone=standalone,
        ),
        "null": histogram([1, 5, 2], [-2, -1, 1, 2], -3.1, title=NASTY, description=NASTY, standalone=standalone),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["interval", "weeks", "null"])
def test_a_chart_has_role_title_and_description(name):
    root = ElementTree.fromstring(charts()[name])
    assert root.get("role") == "img"
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert set(root.get("aria-labelledby").split()) == ids
    assert root.find(f"{SVG}title").text == NASTY
    assert root.find(f"{SVG}desc").text == NASTY


@pytest.mark.parametrize("name", ["interval", "weeks", "null"])
def test_no_inline_style_in_pages_and_a_style_in_files(name):
    assert not re.search(r"style", charts()[name])
    assert "<style>" in charts(standalone=True)[name]


@pytest.mark.parametrize("name", ["interval", "weeks", "null"])
def test_everything_lies_inside_the_picture(name):
    root = ElementTree.fromstring(charts()[name])
    _, _, width, height = (float(each) for each in root.get("viewBox").split())
    for each in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(each.get(key, 0)) <= width
        for key in ("y", "y1", "y2", "cy"):
            assert 0 <= float(each.get(key, 0)) <= height


def test_the_axis_is_logarithmic_with_one_marked():
    svg = interval_chart([Interval("a", 1.0, 0.5, 2.0)], title="t", description="d")
    root = ElementTree.fromstring(svg)
    [one] = [each for each in root.iter(f"{SVG}line") if each.get("class") == "chart__one"]
    [dot] = list(root.iter(f"{SVG}circle"))
    assert float(dot.get("cx")) == pytest.approx(float(one.get("x1")))
    ends = next(each for each in root.iter(f"{SVG}line") if each.get("class") == "chart__interval")
    middle = (float(ends.get("x1")) + float(ends.get("x2"))) / 2
    assert middle == pytest.approx(float(dot.get("cx")), abs=0.2)  # 0.5 and 2 are equally far from 1
    assert math.isclose(float(one.get("x1")), float(one.get("x2")))


def test_a_gap_in_reach_breaks_the_line():
    root = ElementTree.fromstring(charts()["weeks"])
    first = next(iter(root.iter(f"{SVG}path"))).get("d")
    assert first.count("M") == 2


def test_nothing_to_draw_is_nothing():
    assert interval_chart([], title="t", description="d") == ""
    assert weeks_chart([], [], [], title="t", description="d") == ""
    assert histogram([], [], 0.0, title="t", description="d") == ""
