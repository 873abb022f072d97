"""Places that can be right, places that cannot, and what becomes of the latter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.police_data.mapping import MappingError, parse_mapping
from analytics.police_data.place_reading import MARGIN_M, ForceBox, Place, PlaceReader
from analytics.police_data.places import degrees_of, metres_of
from analytics.police_data.rows import RowReader

LEICESTERSHIRE = (427_000.0, 277_000.0, 507_000.0, 343_000.0)
DEGREES = (-1.60, 52.39, -0.42, 52.98)


def read(one, two="", *, names=("lon", "lat"), **options):
    cells = dict(zip(names, (one, two), strict=False))
    return PlaceReader(names, text=lambda _, name: cells.get(name, ""), **options).read([])


def metres(one, two="", **options):
    return read(one, two, names=("easting", "northing"), **options)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("0", "0"), ("0.0", "-0"), ("NaN", "nan"), ("inf", "1"), ("-Infinity", "52"), ("1e400", "52"), ("1e308", "1"),
        ("text", "52"), ("-1.1", ""), ("", "52.6"), ("52°38'00\"N", "1°08'00\"W"), ("52 38 0", "-1 8 0"), ("1.1W", "52.6N"),
        ("-1,13", "52,63"), ("#REF!", "#N/A"), ("None", "None"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reader", [read, metres])
def test_what_is_no_place_is_unreadable(reader, one, two):
    assert reader(one, two) == Place(flags=("place_unreadable",))


def test_no_text_is_no_place_and_no_flag():
    assert read("", "") == metres("", "") == read("", names=("grid_reference",)) == Place()


def test_good_places():
    assert read("-1.13", "52.63") == Place(lon=-1.13, lat=52.63)
    assert metres("458700", "304500.5") == Place(easting=458700.0, northing=304500.5)


@pytest.mark.parametrize(
    ("found", "flag"),
    [
        (read("52.63", "-1.13"), "axes_swapped"),
        (read("458700", "304500"), "place_outside"),  # grid metres in columns of degrees
        (read("-1.13", "91"), "axes_swapped"),  # cannot be a latitude, could be a longitude
        (read("-181", "52"), "place_outside"),
        (read("10", "52"), "place_outside"),  # Germany
        (metres("-1.13", "52.63"), "place_outside"),  # degrees in columns of metres
        (metres("1.3", "52.63"), "place_outside"),  # and east of Greenwich
        (metres("700001", "304500"), "place_outside"),
        (metres("458700", "1300001"), "place_outside"),
        (metres("304500", "458700", box=ForceBox.of_metres(LEICESTERSHIRE)), "axes_swapped"),
        (metres("530000", "180000", box=ForceBox.of_metres(LEICESTERSHIRE)), "place_outside"),  # London
        (read("-0.12", "51.5", box=ForceBox.of_degrees(DEGREES, british=True)), "place_outside"),
    ],
)
def test_places_that_cannot_be_right_are_flagged_and_let_go(found, flag):
    assert (found[:4], found.flags) == ((None, None, None, None), (flag,))


@pytest.mark.parametrize(
    "reference", ["SK 58700 04500", "SK5870004500", "sk 58700,04500"]
)  # in a column of its own, or where a mapping has eastings
def test_letters_of_the_national_grid(reference):
    expected = Place(easting=458700.0, northing=304500.0)
    assert read(reference, names=("grid_reference",)) == expected
    assert metres(reference) == metres(reference, reference) == metres("SK 58700", "04500") == expected


def test_letters_of_a_square_stand_for_its_middle_and_of_a_kilometre_for_nothing():
    assert metres("SK 5870 0450") == Place(easting=458705.0, northing=304505.0)
    assert metres("SK587045") == Place(easting=458750.0, northing=304550.0)
    assert metres("SK 58 04") == Place(flags=("place_coarse",))
    assert metres("SK 58 045") == metres("ZZ 587 045") == metres("Leicester") == Place(flags=("place_unreadable",))
    assert metres("TQ336805", box=ForceBox.of_metres(LEICESTERSHIRE)).flags == ("place_outside",)


def test_a_place_elsewhere_is_not_judged_by_a_british_box():
    assert read("55.5", "-4.6", british=False) == Place(lon=55.5, lat=-4.6)  # the Seychelles, not swapped
    assert read("-87.63", "41.88", british=False) == Place(lon=-87.63, lat=41.88)
    chicago = ForceBox.of_degrees((-87.94, 41.64, -87.52, 42.03), british=False)
    assert read("-87.63", "41.88", british=False, box=chicago).lon == -87.63
    assert read("41.88", "-87.63", british=False, box=chicago).flags == ("axes_swapped",)
    assert read("-1.13", "52.63", british=False, box=chicago).flags == ("place_outside",)


def test_open_data_keep_points_outside_their_force():
    """834 rows of 31 months lie elsewhere, even in Wales: kept and labelled, as their publisher placed them."""
    for point in (("-3.2", "51.5"), ("10.0", "52.0")):
        found = read(*point, open_data=True, box=ForceBox.of_degrees(DEGREES, british=True))
        assert found[:2] == tuple(map(float, point))


@given(st.floats(0, 9_999), st.sampled_from(range(4)), st.floats(0, 1))
def test_five_kilometres_round_the_box_still_belong_to_the_force(beyond, side, along):
    west, south, east, north = LEICESTERSHIRE
    across, up = west + along * (east - west), south + along * (north - south)
    point = ((west - beyond, up), (east + beyond, up), (across, south - beyond), (across, north + beyond))[side]
    flagged = metres(*map(repr, point), box=ForceBox.of_metres(LEICESTERSHIRE)).flags
    assert flagged == (() if beyond <= MARGIN_M else ("place_outside",))


@given(lon=st.floats(-3, 1), lat=st.floats(51.5, 54))
def test_degrees_are_judged_in_metres_whatever_the_quick_way_says(lon, lat):
    box = ForceBox.of_degrees(DEGREES, british=True)
    slow = ForceBox(box.metres)
    assert read(repr(lon), repr(lat), box=box) == read(repr(lon), repr(lat), box=slow)


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_text_stops_the_import(one, two):
    for found in (read(one, two), metres(one, two), read(one, names=("grid_reference",))):
        assert len(found.flags) <= 1
        assert not (found.flags and any(each is not None for each in found[:4]))


def test_a_box_of_degrees_becomes_metres():
    box = ForceBox.of_degrees(DEGREES, british=True)
    corner = metres_of([DEGREES[0]], [DEGREES[1]])[0]
    assert box.metres[0] <= corner[0] - MARGIN_M
    just_inside = degrees_of([box.metres[0] + 1], [corner[1] + 30_000])[0].tolist()
    just_outside = degrees_of([box.metres[0] - 1], [corner[1] + 30_000])[0].tolist()
    assert (box.holds_degrees(*just_inside), box.holds_degrees(*just_outside)) == (True, False)
    assert ForceBox.of_degrees((100.0, 10.0, 101.0, 11.0), british=True).metres is None


# --- in a row, by a mapping

HEAD = b'name = "x"\ndate_formats = ["%Y-%m-%d %H:%M"]\n'
COLUMNS = b'[columns]\noffence = "o"\ncommitted_from = "t"\n'


def row_of(cells, *, columns, top=b"", box=None):
    mapping = parse_mapping(HEAD + top + COLUMNS + columns, where="x")
    header = ["o", "t", "a", "b"]
    reader = RowReader(mapping, header, pepper=b"p", today=date(2026, 1, 1), box=box)
    return reader.read(1, ["8N", "2024-06-15 23:00", *cells])


def test_a_mapping_names_a_column_of_grid_references():
    row = row_of(["SK 58700 04500", ""], columns=b'grid_reference = "a"\n')
    assert (row.easting, row.northing, row.flags) == (458700.0, 304500.0, "")
    row = row_of(["SK 58700", "04500"], columns=b'grid_reference = ["a", "b"]\n')
    assert (row.easting, row.northing) == (458700.0, 304500.0)
    row = row_of(["SK587045", ""], columns=b'easting = "a"\nnorthing = "b"\n', top=b'coordinates = "osgb36"\n')
    assert (row.easting, row.northing) == (458750.0, 304550.0)


def test_whether_a_row_was_seen_before_does_not_hang_on_the_loaded_boundaries():
    far = {"cells": ["-0.12", "51.5"], "columns": b'lon = "a"\nlat = "b"\n'}
    before, after = row_of(**far), row_of(**far, box=ForceBox.of_degrees(DEGREES, british=True))
    assert (before.flags, after.flags, after.longitude) == ("", "place_outside", None)
    assert before.content_hash == after.content_hash
    required = row_of(**far, box=ForceBox.of_degrees(DEGREES, british=True), top=b"require_place = true\n")
    assert required.flags == "place_outside", "loaded, as there is a place; only not one of this force"


def test_chicago_keeps_its_places():
    row = row_of(
        ["-87.63", "41.88"], columns=b'lon = "a"\nlat = "b"\n', top=b'local_timezone = "America/Chicago"\n'
    )
    assert (row.longitude, row.latitude, row.flags) == (-87.63, 41.88, "")


@pytest.mark.parametrize(
    "bounds",
    [
        "[1, 2, 3]", "[3, 2, 1, 4]", "[1, 4, 3, 2]", '["a", 1, 2, 3]', '"on"', "[true, 1, 2, 3]", "[nan, 1, 2, 3]",
        "[-inf, 0, 1, 2]", "[427000, 277000, 507000, 343000]",
    ],
)  # fmt: skip
def test_bounds_that_are_none_are_refused_by_name(bounds):
    with pytest.raises(MappingError, match=r"^bounds: "):
        row_of(["-1", "52"], columns=b'lon = "a"\nlat = "b"\n', top=f"bounds = {bounds}\n".encode())


def test_bounds_of_a_mapping():
    mapping = parse_mapping(
        HEAD + b"bounds = [427000, 277000, 507000, 343000]\n" + COLUMNS + b'easting = "a"\nnorthing = "b"\n',
        where="x",
    )
    assert (mapping.bounds, mapping.unbounded) == (LEICESTERSHIRE, False)
    mapping = parse_mapping(HEAD + b'bounds = "off"\n' + COLUMNS + b'lon = "a"\nlat = "b"\n', where="x")
    assert (mapping.bounds, mapping.unbounded) == (None, True)
