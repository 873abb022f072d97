"""The map and the timeline of reach: shapes, words, and nothing in them that was not escaped."""

from xml.etree import ElementTree

import pytest

from analytics.charts.coverage_map import NOT_SHOWN, PARTLY, SHOWN, UNKNOWN, Spot, coverage_map
from analytics.charts.frame import WIDTH, Words
from analytics.charts.timeline import Track, timeline

WORDS = Words("m", "Title <b>", "Described & said")
LABELS = {SHOWN: "up", PARTLY: "partly up", NOT_SHOWN: "not up", UNKNOWN: "not known"}
SVG = "{http://www.w3.org/2000/svg}"


def spots():
    states = (SHOWN, PARTLY, NOT_SHOWN, UNKNOWN)
    return [Spot(458_000 + 400.0 * n, 304_000 + 250.0 * n, state) for n, state in enumerate(states)]


def drawn_timeline():
    tracks = [Track("Bar <1>", [1.0] * 7 + [0.5, None, 0.0], [(0, "up"), (9, "down")])]
    return timeline(tracks, [0, 3] + [0] * 8, [f"{n} Mar" for n in range(1, 11)], WORDS, under="Scans a night")


@pytest.mark.parametrize("svg", [coverage_map(spots(), WORDS, LABELS), drawn_timeline()])
def test_a_chart_has_a_name_a_description_and_stays_in_its_frame(svg):
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert [root.find(f"{SVG}{name}").text for name in ("title", "desc")] == ["Title <b>", "Described & said"]
    ids = root.get("aria-labelledby").split()
    assert {root.find(f"{SVG}{name}").get("id") for name in ("title", "desc")} == set(ids)
    height = float(root.get("viewBox").split()[3])
    for each in root.iter():
        for name, most in (
            ("x", WIDTH),
            ("cx", WIDTH),
            ("x2", WIDTH),
            ("y", height),
            ("cy", height),
            ("y2", height),
        ):
            if each.get(name):
                assert 0 <= float(each.get(name)) <= most, (each.tag, name)
    assert "style" not in {key for each in root.iter() for key in each.attrib}


def test_four_states_have_four_shapes():
    svg = coverage_map(spots(), WORDS, LABELS)
    assert svg.count("chart__path--cross") == 2  # on the map and in the key
    assert svg.count('class="chart__dot chart__dot--second"') == 4  # half and empty, twice each
    for words in LABELS.values():
        assert f">{words}<" in svg
    assert coverage_map([], WORDS, LABELS) == ""


def test_the_map_is_to_scale_and_north_is_up():
    root = ElementTree.fromstring(coverage_map([Spot(0, 0, SHOWN), Spot(1000, 2000, SHOWN)], WORDS, LABELS))
    (x1, y1), (x2, y2) = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter(f"{SVG}circle")][:2]
    assert (y1 - y2) / (x2 - x1) == pytest.approx(2, rel=0.01)
    assert coverage_map([Spot(0, 0, SHOWN)], WORDS, LABELS)


def test_equal_nights_become_one_box_and_unknown_ones_a_line():
    svg = drawn_timeline()
    boxes = svg.split('chart__cell--3" d="')[1].split('"')[0]
    assert boxes.count("M") == 2  # a run of seven nights, one of half height
    assert svg.count("chart__path--second") == 1
    assert svg.count(">▲<") == svg.count(">▼<") == 1
    assert timeline([], [], [], WORDS, under="x") == ""
