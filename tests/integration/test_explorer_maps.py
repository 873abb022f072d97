"""Maps of the explorer: rings round every venue, borders of areas under them, and tables that say the same."""

import csv
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from django.urls import reverse

from analytics.charts.catchment_map import Place, window_of
from analytics.evaluation.outlines import borders_in
from analytics.models import Area
from analytics.police_data.places import degrees_of
from campaign_pages.venues.models import Area as Town
from campaign_pages.venues.models import Venue

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
EAST, NORTH = 458_000.0, 304_000.0


def square(west, south, east, north):
    """GeoJSON in degrees of a rectangle of the National Grid, with points on its sides."""
    steps = np.linspace(0, 1, 21)
    points = [(west + (east - west) * t, south) for t in steps] + [
        (east, south + (north - south) * t) for t in steps
    ]
    points += [(east - (east - west) * t, north) for t in steps] + [
        (west, north - (north - south) * t) for t in steps
    ]
    there = degrees_of(*np.array(points).T).tolist()
    return {"type": "Polygon", "coordinates": [[*there, there[0]]]}


@pytest.fixture
def venues():
    """Three venues of one catchment in Leicester, one in Melton twenty kilometres away."""
    for n, (town, east) in enumerate(
        (("Leicester", 0), ("Leicester", 80), ("Leicester", 160), ("Melton", 20_000))
    ):
        area, _ = Town.objects.get_or_create(code=f"E0700000{town[0]}", defaults={"name": town})
        [(lon, lat)] = degrees_of(np.array([EAST + east]), np.array([NORTH]))
        Venue.objects.create(
            code=f"V{n}", name=f"Venue {n}", area=area, longitude=float(lon), latitude=float(lat), capacity=100
        )


@pytest.fixture
def areas():
    """Two MSOAs of Leicester that share a border and one of Melton; the authorities have no border of their own."""
    for code, name in (("E06", "Leicester"), ("E07", "Melton")):
        Area.objects.create(code=code, vintage="2021", kind="local_authority", name=name)
    for code, parent, west, east in (
        ("M1", "E06", -3000, 0),
        ("M2", "E06", 0, 3000),
        ("M3", "E07", 18_000, 22_000),
    ):
        Area.objects.create(
            code=code, vintage="2021", kind="msoa", name=f"Place {code}", parent_code=parent,
            boundary=square(EAST + west, NORTH - 2500, EAST + east, NORTH + 2500),
        )  # fmt: skip


def picture(text):
    """The last chart of the page: of a venue's page, its map."""
    return ElementTree.fromstring(re.findall(r'<svg class="chart".*?</svg>', text, re.DOTALL)[-1])


def paths(root, kind):
    return [each.get("d") for each in root.iter(f"{SVG}path") if kind in each.get("class").split()]


def table(client, address, name):
    return list(csv.DictReader(io.StringIO(client.get(address, {"csv": name}).content.decode())))


def test_rings_stand_round_every_venue_and_areas_can_be_chosen(
    client, evaluator, venues, django_assert_max_num_queries
):
    page = reverse("explorer_map")
    with django_assert_max_num_queries(20):
        text = client.get(page).content.decode()
    root = picture(text)
    for kind in ("chart__ring--first", "chart__ring--second", "chart__ring"):
        assert {each.count("M") for each in paths(root, kind)} == {4}
    assert "No borders of areas are loaded" in text
    assert paths(root, "chart__area") == []
    assert {row["catchment"] for row in table(client, page, "catchments.csv")} == {"V0", "V3"}
    one = client.get(page, {"area": "Melton"}).content.decode()
    assert [each.count("M") for each in paths(picture(one), "chart__ring--first")] == [1, 1]
    assert "<option selected>Melton</option>" in one
    assert "V0, Leicester" not in one
    nowhere = client.get(page, {"area": "Nowhere"}).content.decode()
    assert "No venue with a place lies in Nowhere." in nowhere


def test_a_wide_map_has_local_authorities_and_a_near_one_what_they_are_made_of(client, evaluator, venues, areas):
    page = reverse("explorer_map")
    text = client.get(page).content.decode()
    root = picture(text)
    under, over = paths(root, "chart__area")[:2]
    assert under == over
    kinds = [each.get("class") for each in root.iter(f"{SVG}path")]
    assert kinds.index("chart__area") < kinds.index("chart__ring chart__ring chart__ring--edge")
    assert kinds.index("chart__area chart__area--over") > kinds.index(
        "chart__ring chart__ring--first chart__ring--inside"
    )
    assert "borders of local authorities" in text
    rows = {row["area"]: row["inside"] for row in table(client, page, "map_areas.csv")}
    assert rows == {"Leicester": "1", "Melton": "1"}  # the shared border of M1 and M2 is gone
    near = client.get(
        reverse("explorer_venue", args=["V0"]), {"from": "2024-W01", "to": "2024-W04"}
    ).content.decode()
    assert "borders of middle layer super output areas" in near
    found = table(client, reverse("explorer_venue", args=["V0"]) + "?from=2024-W01&to=2024-W04", "map_areas.csv")
    assert {row["area"] for row in found} == {"Place M1", "Place M2"}


def test_lines_are_cut_to_the_picture_and_simple(areas):
    window = window_of([Place("V0", EAST, NORTH), Place("V1", EAST + 160, NORTH)])
    outlines = borders_in(window).outlines(window)
    assert [each.label for each in outlines] == ["Place M1", "Place M2"]
    points = [point for each in outlines for line in each.lines for point in line]
    assert all(
        window.west - 1 <= e <= window.east + 1 and window.south - 1 <= n <= window.north + 1 for e, n in points
    )
    assert len(points) <= 8  # one straight border in the window, twice; not the 21 points of a side
    for each in outlines:
        assert window.west < each.middle[0] < window.east


def test_what_cannot_be_drawn_is_left_out_and_the_newest_vintage_is_taken(areas):
    Area.objects.create(
        code="M1",
        vintage="2031",
        kind="msoa",
        name="Newer",
        boundary=square(EAST - 3000, NORTH - 3000, EAST, NORTH),
    )
    Area.objects.create(
        code="M9", vintage="2031", kind="msoa", name="Broken", boundary={"type": "Point", "coordinates": [0, 0]}
    )
    window = window_of([Place("V0", EAST, NORTH)])
    borders = borders_in(window)
    assert [(each.name, each.vintage) for each in borders.areas] == [("Newer", "2031")]
    assert borders.holding(EAST - 10, NORTH - 10).name == "Newer"
    assert borders.holding(EAST + 500, NORTH) is None
