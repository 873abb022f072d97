"""Areas by coordinates: inside, on a border, overlapping, outside; and the source's own word before any map's."""

import json
import random

import numpy
import pytest
import shapely

from analytics.models import Area, AreaPopulation, ImportedFile, Offence
from analytics.police_data.boundaries import AreaGround, Layer
from analytics.police_data.geography import GeographyError, load_geography
from analytics.police_data.importing import import_paths
from analytics.police_data.places import degrees_of
from analytics.police_data.preview import preview
from analytics.police_data.sources import find_sources
from analytics.police_data.summaries import summarise
from tests.factories.police import NICHE_HEADER, STREET_HEADER, niche_row, street_row, write_rows

BARE = ("Beat", "NPA", "District")  # columns of areas in the Niche-style extract


def square(west, south, side=1000):
    """GeoJSON in degrees of a square whose corners are metres of the National Grid."""
    corners = [
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
        (west, south),
    ]
    east, north = numpy.array(corners, dtype=float).T
    return {"type": "Polygon", "coordinates": [degrees_of(east, north).tolist()]}


@pytest.fixture
def town(db):
    """Two LSOAs side by side in Town, with an NPA over both; a third one alone in the county."""
    for code, name, parent, west in (
        ("E01A", "Town 001A", "M1", 458000),
        ("E01B", "Town 001B", "M1", 459000),
        ("E01C", "Shire 001A", "M2", 470000),
    ):
        Area.objects.create(
            code=code, vintage="2011", kind="lsoa", name=name, parent_code=parent, boundary=square(west, 304000)
        )
    Area.objects.create(code="M1", vintage="2011", kind="msoa", name="Town 001", parent_code="L1")
    Area.objects.create(code="M2", vintage="2011", kind="msoa", name="Shire 001", parent_code="L2")
    Area.objects.create(code="L1", vintage="2011", kind="local_authority", name="Town")
    Area.objects.create(code="L2", vintage="2011", kind="local_authority", name="Shire")
    Area.objects.create(
        code="N1", vintage="2024", kind="npa", name="Town Centre", boundary=square(458000, 303500, 2000)
    )


def load(folder, *rows, drop=BARE, name="a.csv"):
    """The report of an import; columns of areas are not in the file unless they are kept."""
    header = tuple(column for column in NICHE_HEADER if column not in drop)
    numbered = [niche_row(n, **changes) for n, changes in enumerate(rows, start=1)]
    (report,) = import_paths([write_rows(folder / name, numbered, header=header)]).files
    assert report.error is None
    return report


def areas():
    """Every offence's areas, sorted: rows are stored in the order of their keyed hashes, not of the file."""
    return sorted(Offence.objects.values_list("lsoa", "lsoa_name", "lsoa_vintage", "district", "npa", "beat"))


def at(east, north, **changes):
    return {"X": str(east), "Y": str(north), **changes}


def test_areas_that_the_source_leaves_empty_are_told_by_coordinates(town, tmp_path):
    report = load(
        tmp_path, at(458500, 304500), at(459001, 304001), at(470500, 304999), at(465000, 304500), at("", "")
    )
    assert areas() == [
        ("", "", "", "", "", ""),  # one between the two: no area, and none is guessed
        ("", "", "", "", "", ""),  # one without coordinates
        ("E01A", "Town 001A", "2011", "Town", "Town Centre", ""),
        ("E01B", "Town 001B", "2011", "Town", "Town Centre", ""),
        ("E01C", "Shire 001A", "2011", "Shire", "", ""),
    ]
    assert not Offence.objects.exclude(easting=None).exists(), "exact places are let go after that"
    assert any("told by coordinates" in note and "LSOA 3" in note and "NPA 2" in note for note in report.notes)
    assert ImportedFile.objects.get().notes == report.notes
    found = summarise(
        measure="all_offences", first=Offence.objects.first().committed_on, last=Offence.objects.first().committed_on,
        by="area", area_type="local_authority",
    )  # fmt: skip
    assert {row.key: row.count for row in found.rows} == {"L1": 2, "L2": 1, "unknown": 2}


def test_the_sources_own_area_stands_and_what_differs_is_counted(town, tmp_path):
    report = load(
        tmp_path,
        at(458500, 304500, District="Shire", NPA="Town Centre"),  # lies in Town
        at(458500, 304500, District="town", NPA="Elsewhere"),  # another spelling; an NPA that no map knows
        at(458500, 304500, District="", NPA=""),
        drop=("Beat",),
    )
    assert [(row[0], row[3], row[4]) for row in areas()] == [
        ("E01A", "Shire", "Town Centre"),
        ("E01A", "Town", "Town Centre"),
        ("E01A", "town", "Elsewhere"),
    ]
    (note,) = [note for note in report.notes if "is not where their coordinates lie" in note]
    assert "lie: district 1;" in note


def test_an_lsoa_of_another_census_is_no_disagreement(town, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'date_formats = ["%Y-%m-%d %H:%M"]\n[columns]\noffence = "o"\ncommitted_from = "t"\neasting = "x"\nnorthing = "y"\n'
        'lsoa = "l"\nlsoa_vintage = "v"\n'
    )
    rows = ["E01B,2011", "E01B,2021", "E01A,2011", "E09Z,2011", ","]
    lines = [f"8N,2024-06-15 23:00,458500,304500,{row}" for row in rows]
    (tmp_path / "a.csv").write_text("\n".join(["o,t,x,y,l,v", *lines]) + "\n")
    (report,) = import_paths([tmp_path / "a.csv"], mapping=str(mapping)).files
    assert [row[0] for row in areas()] == ["E01A", "E01A", "E01B", "E01B", "E09Z"]
    assert any("lie: LSOA 1;" in note for note in report.notes)


def test_on_a_border_the_lowest_code_has_it_whatever_the_order_of_points():
    made = tuple(Area(code=code, vintage="2011", kind="lsoa", name=code) for code in ("A", "B", "C"))
    boxes = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(5, 5, 15, 15)]  # C overlaps both
    layer = Layer(made, shapely.STRtree(boxes))
    expected = {
        (10, 2): "A", (10, 7): "A", (12, 7): "B", (7, 7): "A", (7, 12): "C", (0, 0): "A", (20, 10): "B", (21, 1): None,
        (float("nan"), float("nan")): None,
    }  # fmt: skip
    points = list(expected.items())
    for _ in range(20):
        random.shuffle(points)
        found = layer.find(numpy.array([point for point, _ in points], dtype=float))
        assert [area.code if area else None for area in found] == [code for _, code in points]
    assert layer.find(numpy.empty((0, 2))) == []


def test_the_vintage_with_residents_is_taken_else_the_newest(town):
    Area.objects.create(
        code="E02A", vintage="2021", kind="lsoa", name="Town 001F", boundary=square(458000, 304000)
    )
    inside = numpy.array([[458500.0, 304500.0]])
    assert AreaGround.load().layers["lsoa"].find(inside)[0].code == "E02A"
    AreaPopulation.objects.create(code="E01A", vintage="2011", year=2011, residents=1000, source="Census 2011")
    assert AreaGround.load().layers["lsoa"].find(inside)[0].code == "E01A"


def test_points_outside_the_force_are_loaded_flagged_and_matched_to_nothing(town, tmp_path):
    """The box of the boundaries reaches from 458000 to 471000 east, 303500 to 305500 north; with 5 km around."""
    report = load(
        tmp_path,
        at(458700, 304500),
        at(453500, 304500),
        at(452500, 304500),
        at(533600, 180500),
        at(304500, 458700),
    )
    assert report.loaded == 5
    assert sorted(Offence.objects.values_list("flags", "placed")) == [
        ("", True), ("", True), ("axes_swapped", False), ("place_outside", False), ("place_outside", False),
    ]  # fmt: skip
    assert report.flags == {"place_outside": 2, "axes_swapped": 1}
    assert any(note.startswith("2 rows lie more than 5 km outside the force") for note in report.notes)


def test_a_preview_flags_what_the_import_will(town, tmp_path):
    path = write_rows(tmp_path / "a.csv", [niche_row(1, X="533600", Y="180500"), niche_row(2)])
    (source,) = find_sources([path])
    assert preview(source).flags == {"place_outside": 1}


@pytest.mark.parametrize(
    ("bounds", "flags"),
    [
        ("", {"place_outside": 1}),
        ('bounds = "off"\n', {}),
        ("bounds = [530000, 180000, 534000, 181000]\n", {"place_outside": 1}),
        ("bounds = [450000, 180000, 534000, 310000]\n", {}),
    ],
)
def test_a_mapping_says_how_far_its_force_reaches(town, tmp_path, bounds, flags):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        f'date_formats = ["%Y-%m-%d %H:%M"]\n{bounds}[columns]\noffence = "o"\ncommitted_from = "t"\neasting = "x"\nnorthing = "y"\n'
    )
    (tmp_path / "a.csv").write_text(
        "o,t,x,y\n8N,2024-06-15 23:00,458700,304500\n8N,2024-06-15 23:00,533600,180500\n"
    )
    (report,) = import_paths([tmp_path / "a.csv"], mapping=str(mapping)).files
    assert report.flags == flags


def test_data_of_another_country_and_open_data_know_no_british_box(town, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'timezone = "America/Chicago"\ndate_formats = ["%Y-%m-%d %H:%M"]\n[columns]\noffence = "o"\ncommitted_from = "t"\n'
        'lon = "x"\nlat = "y"\n'
    )
    (tmp_path / "a.csv").write_text("o,t,x,y\n8N,2024-06-15 23:00,-87.63,41.88\n")
    (chicago,) = import_paths([tmp_path / "a.csv"], mapping=str(mapping)).files
    assert (chicago.loaded, chicago.flags) == (1, {})
    assert Offence.objects.get().placed
    street = street_row(Longitude="-3.2", Latitude="51.5", LSOA_code="", LSOA_name="")
    inside = degrees_of(numpy.array([458500.0]), numpy.array([304500.0]))[0]
    near = street_row(Longitude=f"{inside[0]:.6f}", Latitude=f"{inside[1]:.6f}", LSOA_code="", LSOA_name="")
    path = write_rows(tmp_path / "2021-05-x-street.csv", [street, near], header=STREET_HEADER)
    (wales,) = import_paths([path]).files
    assert (wales.loaded, wales.flags) == (2, {})
    assert not Offence.objects.filter(open_data=True).exclude(lsoa="", district="").exists(), "points are shared"
    assert not Offence.objects.filter(open_data=True, longitude=None).exists()


def test_rows_are_known_again_after_boundaries_were_loaded(tmp_path, db):
    no_reference = [{"Crime No": "", "X": x, "Y": "304500"} for x in ("458700", "533600", "458700")]
    load(tmp_path, *no_reference)
    Area.objects.create(
        code="E01A", vintage="2011", kind="lsoa", name="Town 001A", boundary=square(458000, 304000)
    )
    again = load(tmp_path, *no_reference, {"Crime No": "", "X": "458800"}, name="b.csv")
    assert (again.loaded, again.duplicates) == (1, 3)


def geojson(folder, geometry, **properties):
    feature = {
        "properties": properties or {"LSOA11CD": "E01A", "LSOA11NM": "Town 001A"},
        "geometry": geometry,
    }
    path = folder / "lsoa.json"
    path.write_text(json.dumps({"features": [feature]}))
    return path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "not a GeoJSON geometry"),
        ({"type": "Polygon"}, "not a GeoJSON geometry"),
        ({"type": "Blob", "coordinates": []}, "not a GeoJSON geometry"),
        ({"type": "Point", "coordinates": [-1, 52]}, "not a polygon but Point"),
        ({"type": "Polygon", "coordinates": []}, "not a polygon"),
        ({"type": "Polygon", "coordinates": [[[4e5, 3e5], [5e5, 3e5], [5e5, 4e5], [4e5, 3e5]]]}, "not in degrees"),
    ],
)
def test_boundaries_that_cannot_be_used_are_refused_with_their_feature(tmp_path, geometry, why):
    with pytest.raises(GeographyError, match=rf"lsoa.json: feature 1 \(E01A\) .*{why}"):
        load_geography([geojson(tmp_path, geometry)])
    assert not Area.objects.exists()


def test_a_forces_own_areas_are_loaded_and_a_crossed_boundary_is_mended(tmp_path, db):
    corners = square(458000, 304000)["coordinates"][0]
    bow_tie = {"type": "Polygon", "coordinates": [[corners[0], corners[2], corners[1], corners[3], corners[0]]]}
    load_geography([geojson(tmp_path, bow_tie, BEAT24CD="B1", BEAT24NM="Clock Tower")])
    assert Area.objects.get().kind == "beat"
    load(tmp_path, at(458100, 304500), at(458900, 304500), at(458500, 304900))
    assert [row[5] for row in areas()] == ["", "Clock Tower", "Clock Tower"], "two triangles, nothing between"


def test_real_boundaries_agree_with_asking_every_polygon(shared_data, db):
    load_geography([shared_data / "geography" / f"lsoa_{code}.json.gz" for code in ("E06000016", "E07000135")])
    ground = AreaGround.load()
    layer = ground.layers["lsoa"]
    polygons = layer.tree.geometries
    west, south, east, north = shapely.total_bounds(polygons)
    rng = numpy.random.default_rng(20240616)
    points = numpy.column_stack([rng.uniform(west, east, 400), rng.uniform(south, north, 400)])
    found = [area.code if area else None for area in layer.find(points)]
    slow = [
        next((a.code for a, p in zip(layer.areas, polygons, strict=True) if p.intersects(shapely.Point(xy))), None)
        for xy in points
    ]
    assert found == slow
    assert 50 < sum(code is not None for code in found) < 400
    middles = numpy.array([p.representative_point().coords[0] for p in polygons])
    assert [area.code for area in layer.find(middles)] == [area.code for area in layer.areas]
