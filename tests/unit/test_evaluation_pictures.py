"""Pictures that plans and roll-outs draw themselves: nothing sticks out, no letters on letters. Synthetic places."""

from datetime import timedelta
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from analytics import nights
from analytics.charts.frame import LETTER, WIDTH
from analytics.charts.heat_map import count_scale
from analytics.evaluation.cluster_map import clusters
from analytics.evaluation.rollout_files import calendar
from campaign_pages.activity import VenueFacts

SVG = "{http://www.w3.org/2000/svg}"


def venue(n: int, longitude: float, latitude: float) -> VenueFacts:
    return VenueFacts(
        f"V{n:03}", f"Venue {n}", "bar", "E07000001", "Leicester", longitude, latitude, 100, frozenset(), None, None, True
    )  # fmt: skip


def boxes_of(svg: str) -> list[tuple[float, float, float, float, str]]:
    found = []
    for each in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        wide = LETTER * 0.9 * len(each.text or "")
        x = float(each.get("x", 0)) - {"start": 0, "middle": wide / 2}[each.get("text-anchor", "start")]
        y = float(each.get("y", 0))
        found.append((x, y - 11, x + wide, y + 2, each.text or ""))
    return found


def test_numbers_of_clusters_do_not_stand_on_each_other() -> None:
    """Two towns 40 km apart, with clusters 400 m apart in each: on the map they lie within a few units."""
    venues = [
        venue(20 * town + n, -1.13 + 0.5 * town + 0.006 * (n % 5), 52.63 + 0.004 * (n // 5))
        for town in range(2)
        for n in range(20)
    ]
    rows, svg = clusters(venues, venues, 150)
    assert len(rows) == 40
    boxes = [each for each in boxes_of(svg) if each[4].isdigit()]
    assert 2 <= len(boxes) < 40  # what has no room stands in the table
    for n, a in enumerate(boxes):
        assert 0 <= a[0] < a[2] <= WIDTH
        for b in boxes[n + 1 :]:
            beside = a[2] + 6 <= b[0] or b[2] + 6 <= a[0]  # nearer than that two numbers read as one
            assert beside or a[3] <= b[1] or b[3] <= a[1], (a, b)


def test_every_cluster_has_its_number_where_there_is_room() -> None:
    venues = [venue(n, -1.2 + 0.05 * (n % 3), 52.6 + 0.04 * (n // 3)) for n in range(9)]
    _, svg = clusters(venues, venues, 150)
    assert {each[4] for each in boxes_of(svg)} >= {str(n) for n in range(1, 10)}


@pytest.mark.parametrize("weeks", [21, 50, 52, 53, 55, 104])
def test_the_calendar_s_weeks_lie_inside_the_picture(weeks: int) -> None:
    monday = nights.week_start("2027-W02")
    clusters_drawn = [{"code": "V001", "venues": ["V001"], "wave": 1, "start_week": "2027-W14"}]
    last = nights.week_of(monday + timedelta(weeks=weeks - 1))
    rollout = SimpleNamespace(
        design={"wave_weeks": ["2027-W14"], "clusters": clusters_drawn}, from_week="2027-W02", to_week=last
    )
    boxes = [each for each in boxes_of(calendar(rollout)) if "W" in each[4] and each[4][0].isdigit()]  # type: ignore[arg-type]
    assert len(boxes) >= 3
    assert all(each[2] <= WIDTH for each in boxes), boxes


@pytest.mark.parametrize("highest", [1.0, 3.0, 10.0, 40.0, 400.0])
def test_a_step_of_counts_says_where_it_ends(highest: float) -> None:
    scale = count_scale(highest)
    for step, label in enumerate(scale.labels[2:4], start=2):
        low, high = scale.ends[step - 1], scale.ends[step]
        assert label == f"{low:g} to under {high:g}"
        assert scale.step(low) == step
        assert scale.step(high - 0.5) == step
        assert scale.step(high) == step + 1
