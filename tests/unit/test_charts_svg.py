"""Charts: well-formed, described, escaped, logarithmic, never cropped, no letters on letters, no inline style in pages."""

import itertools
import math
import re
from xml.etree import ElementTree

import pytest

from analytics.charts.catchment_map import Outline, Place, catchment_map
from analytics.charts.frame import LETTER, WIDTH, Words, ratio_ticks, wrapped
from analytics.charts.heat_map import SHARES, count_scale, heat_map
from analytics.charts.intervals import Interval, interval_chart
from analytics.charts.series import (
    Panel,
    RatioPoint,
    bars_around_nought,
    histogram,
    ratio_series,
    stacked_lines,
)

SVG = "{http://www.w3.org/2000/svg}"
AREAS = [
    Outline(f"Area {n} & more", (((457900, 303800), (458300 + n, 304900)),), (458300, 304400 + 90 * n))
    for n in range(4)
]
NASTY = "<b>&\"x'"
SAYS = Words("c", NASTY, NASTY)


def charts(standalone=False):
    alone = {"standalone": standalone}
    return {
        "interval": interval_chart([Interval(NASTY, 0.7, 0.5, 0.9), Interval("wide " * 30, 1.5, 0.02, 40)], SAYS, **alone),
        "compact": interval_chart([Interval(f"{NASTY} {n}", 0.9 + n / 50) for n in range(24)], SAYS, compact=True, **alone),
        "series": ratio_series(
            [RatioPoint(f"{n}", 0.8, 0.5, 1.4, 0.01, 9.0) for n in range(-12, 27, 3)], SAYS, under=NASTY, split_before=4, **alone
        ),
        "lines": stacked_lines(
            ["2024-W01", "2024-W02", "2024-W03"], [Panel(NASTY, [0.0, None, 1.0], share=True), Panel("n", [3, 0, 9.5])], SAYS, **alone
        ),
        "histogram": histogram([1, 5, 2], [-2, -1, 1, 2], -3.1, SAYS, **alone),
        "bars": bars_around_nought(["1", "2", "3"], [0.4, -0.2, 0.0], SAYS, under=NASTY, **alone),
        "heat": heat_map(
            [(NASTY, [0.0, 0.3, None]), ("SYN002", [1.0, 0.6, 0.1])], ["2024-W01", "2024-W02", "2024-W03"], SHARES, SAYS, **alone
        ),
        "map": catchment_map(
            [Place(NASTY, 458000, 304000), Place("b", 458040, 304010), Place("c", 458900, 304700)], SAYS, outlines=AREAS, **alone
        ),
        "wide": catchment_map([Place(f"v{n}", 440000 + 2500 * n, 304000) for n in range(9)], SAYS, outlines=AREAS, **alone),
    }  # fmt: skip


NAMES = list(charts())


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_has_role_title_and_description(name):
    root = ElementTree.fromstring(charts()[name])
    assert root.get("role") == "img"
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert set(root.get("aria-labelledby").split()) == ids
    assert root.find(f"{SVG}title").text == NASTY
    assert root.find(f"{SVG}desc").text == NASTY


@pytest.mark.parametrize("name", NAMES)
def test_no_inline_style_in_pages_and_a_style_in_files(name):
    assert not re.search(r"style", charts()[name])
    assert "<style>" in charts(standalone=True)[name]


@pytest.mark.parametrize("name", NAMES)
def test_everything_lies_inside_the_picture(name):
    root = ElementTree.fromstring(charts()[name])
    _, _, width, height = (float(each) for each in root.get("viewBox").split())
    for each in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(each.get(key, 0)) <= width
        for key in ("y", "y1", "y2", "cy"):
            assert 0 <= float(each.get(key, 0)) <= height


@pytest.mark.parametrize("name", NAMES)
def test_no_letters_stand_on_letters(name):
    """By the safe width of a letter; the browser test measures the real ones."""
    boxes = []
    for each in ElementTree.fromstring(charts()[name]).iter(f"{SVG}text"):
        wide = LETTER * 0.9 * len(each.text)
        x = float(each.get("x")) - {"start": 0, "middle": wide / 2, "end": wide}[each.get("text-anchor")]
        boxes.append((x, float(each.get("y")) - 11, x + wide, float(each.get("y")) + 2, each.text))
    for n, a in enumerate(boxes):
        for b in boxes[n + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


def test_the_axis_is_logarithmic_with_one_marked():
    root = ElementTree.fromstring(interval_chart([Interval("a", 1.0, 0.5, 2.0)], SAYS))
    one = next(each for each in root.iter(f"{SVG}line") if each.get("class") == "chart__one")
    [dot] = list(root.iter(f"{SVG}circle"))
    assert float(dot.get("cx")) == pytest.approx(float(one.get("x1")))
    ends = next(each for each in root.iter(f"{SVG}line") if each.get("class") == "chart__interval")
    middle = (float(ends.get("x1")) + float(ends.get("x2"))) / 2
    assert middle == pytest.approx(float(dot.get("cx")), abs=0.2)  # 0.5 and 2 are equally far from 1
    assert [each.text for each in root.iter(f"{SVG}text") if each.text == "1"] == ["1"]


@pytest.mark.parametrize(("low", "high"), [(0.001, 900.0), (0.79, 1.27), (0.3, 40.0)])
def test_ticks_hold_one_and_keep_apart(low, high):
    def place(value):
        return 336 * (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))

    ticks = ratio_ticks(low, high, place, 42)
    assert 1.0 in ticks
    assert all(low <= tick <= high for tick in ticks)
    assert all(place(b) - place(a) >= 42 for a, b in itertools.pairwise(ticks))


@pytest.mark.parametrize("weeks", [1, 2, 3, 13, 26, 27, 52, 104])
def test_the_first_and_the_last_week_are_named_and_no_label_is_cut(weeks):
    names = [f"2024-W{n:02}" for n in range(weeks)]
    panels = [
        Panel("Recorded offences of a kind whose title takes more than the width of one line", [98_765.0] * weeks)
    ]
    for drawn in (
        heat_map([("a", [0.5] * weeks)], names, SHARES, SAYS), stacked_lines(names, panels, SAYS),
        ratio_series([RatioPoint(name, 0.9) for name in names], SAYS, under="weeks"),
    ):  # fmt: skip
        boxes = []
        for each in ElementTree.fromstring(drawn).iter(f"{SVG}text"):
            wide = LETTER * len(each.text) * (1.1 if "strong" in each.get("class") else 1)
            begin = float(each.get("x")) - {"start": 0, "middle": wide / 2, "end": wide}[each.get("text-anchor")]
            assert begin >= 0, each.text
            assert begin + wide <= WIDTH, each.text
            if each.text.startswith("2024-W"):
                boxes.append((begin, begin + wide, each.text))
        assert all(a[1] < b[0] for a, b in itertools.pairwise(boxes))
        assert (boxes[0][2], boxes[-1][2]) == (names[0], names[-1])


def test_a_gap_breaks_the_line_and_a_lone_value_is_a_dot():
    root = ElementTree.fromstring(charts()["lines"])
    assert next(iter(root.iter(f"{SVG}path"))).get("d").count("M") == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_heat_map_cells_differ_by_height_and_unknown_by_shape():
    values = [0.0, 0.1, 0.3, 0.6, 0.9, None]
    root = ElementTree.fromstring(heat_map([("a", values)], [str(n) for n in range(6)], SHARES, SAYS))
    first = {}  # kind -> how tall its first box is; the legend's boxes come later
    for path in root.iter(f"{SVG}path"):
        kind = path.get("class").removeprefix("chart__cell--")
        first.setdefault(kind, -float(re.search(r"v(-[\d.]+)", path.get("d"))[1]))
    tall = [first[str(n)] for n in range(5)]
    assert tall == sorted(tall)
    assert len(set(tall)) == 5
    assert "unknown" in first
    assert count_scale(3.0).step(1) == 1
    assert count_scale(40.0).step(40) == 4
    assert "0.9" not in "".join(each.text or "" for each in root.iter(f"{SVG}text"))


def test_names_of_areas_stand_where_there_is_room():
    root = ElementTree.fromstring(catchment_map([Place("V0", 458000, 304000)], SAYS, outlines=[
        Outline("North End", (((457500, 304300), (458500, 304300)),), (458000, 304500)),
        Outline("Far away", (((457500, 303700), (458500, 303700)),), (458000, 309000)),
    ]))  # fmt: skip
    names = [each.text for each in root.iter(f"{SVG}text")]
    assert "North End" in names
    assert "V0" in names
    assert "Far away" not in names  # outside the picture


def test_rings_of_the_map_are_to_scale():
    root = ElementTree.fromstring(charts()["map"])
    rings = [each.get("d") for each in root.iter(f"{SVG}path") if "chart__ring" in each.get("class")]
    by_size = sorted({float(each.partition("a")[2].split()[0]) for each in rings})
    assert by_size[1] / by_size[0] == pytest.approx(2, abs=0.02)
    assert by_size[2] / by_size[0] == pytest.approx(4, abs=0.04)


def test_long_words_are_wrapped_and_cut():
    lines = wrapped("a very long label that could never stand in one line of a phone", WIDTH / 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert wrapped("x" * 90, 60) == ["x" * 5 + "…"]


def test_nothing_to_draw_is_nothing():
    assert interval_chart([], SAYS) == ""
    assert ratio_series([], SAYS, under="") == ""
    assert stacked_lines([], [], SAYS) == ""
    assert histogram([], [], 0.0, SAYS) == ""
    assert bars_around_nought([], [], SAYS, under="") == ""
    assert heat_map([], [], SHARES, SAYS) == ""
    assert catchment_map([], SAYS) == ""
