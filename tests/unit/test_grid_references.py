"""National Grid references: published examples, every square of Great Britain, and there and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.police_data.grid_references import (
    GridReferenceError,
    GridSquare,
    has_letters,
    reference_of,
    square_of,
)

# South-west corner of each square with land, in hundreds of kilometres: Ordnance Survey's index of squares.
SQUARES = {
    (4, 12): "HP", (3, 11): "HT", (4, 11): "HU", (1, 10): "HW", (2, 10): "HX", (3, 10): "HY", (4, 10): "HZ",
    (0, 9): "NA", (1, 9): "NB", (2, 9): "NC", (3, 9): "ND", (0, 8): "NF", (1, 8): "NG", (2, 8): "NH", (3, 8): "NJ",
    (4, 8): "NK", (0, 7): "NL", (1, 7): "NM", (2, 7): "NN", (3, 7): "NO", (1, 6): "NR", (2, 6): "NS", (3, 6): "NT",
    (4, 6): "NU", (1, 5): "NW", (2, 5): "NX", (3, 5): "NY", (4, 5): "NZ", (5, 5): "OV", (2, 4): "SC", (3, 4): "SD",
    (4, 4): "SE", (5, 4): "TA", (2, 3): "SH", (3, 3): "SJ", (4, 3): "SK", (5, 3): "TF", (6, 3): "TG", (1, 2): "SM",
    (2, 2): "SN", (3, 2): "SO", (4, 2): "SP", (5, 2): "TL", (6, 2): "TM", (1, 1): "SR", (2, 1): "SS", (3, 1): "ST",
    (4, 1): "SU", (5, 1): "TQ", (6, 1): "TR", (0, 0): "SV", (1, 0): "SW", (2, 0): "SX", (3, 0): "SY", (4, 0): "SZ",
    (5, 0): "TV",
}  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "square"),
    [
        ("TG 51409 13177", (651409, 313177, 1)),  # Caister water tower, the worked example of the guide
        ("NN 166 712", (216600, 771200, 100)),  # the summit of Ben Nevis
        ("TQ 336 805", (533600, 180500, 100)),  # the Tower of London
        ("TL683365", (568300, 236500, 100)),  # the church of Ordnance Survey's "Using the National Grid"
        ("NH0325", (203000, 825000, 1000)),
        ("SK 58700 04500", (458700, 304500, 1)),
        ("sk5870004500", (458700, 304500, 1)),
        ("  Sk  5870  0450 ", (458700, 304500, 10)),
        ("SK587045", (458700, 304500, 100)),
        ("SK\u00a0587\t045", (458700, 304500, 100)),
        ("SK-587-045", (458700, 304500, 100)),
        ("SK 58 04", (458000, 304000, 1000)),
        ("SV 0000 0000", (0, 0, 10)),
        ("HP 99999 99999", (499999, 1299999, 1)),
    ],
)
def test_published_and_usual_ways_of_writing(reference, square):
    assert square_of(reference) == GridSquare(*square)


@pytest.mark.parametrize(("corner", "letters"), SQUARES.items())
def test_every_square_of_great_britain(corner, letters):
    east, north = (100_000 * each for each in corner)
    assert square_of(f"{letters} 00000 00000") == (east, north, 1)
    assert square_of(f"{letters} 99 99") == (east + 99_000, north + 99_000, 1000)
    assert reference_of(east, north) == f"{letters} 00000 00000"


@pytest.mark.parametrize(
    "reference",
    [
        "", "SK", "SK 5", "SK 5 0", "SK 587 04", "SK 5870 045", "SK 587001 045001", "58700 04500", "SI 587 045", "IK 587 045",
        "AA 587 045", "ZZ 587 045", "TE 12 12", "S 587 045", "SKX 587 045", "SK 58x 045", "SK 587 045 E", "SK ٥٨٧ ٠٤٥", "ＳＫ 587 045",
        "<b>SK587045", "458700", "nan", "SK587045\x00",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused_in_words(reference):
    with pytest.raises(GridReferenceError, match=r"letters|digits|Great Britain"):
        square_of(reference)


@given(
    east=st.integers(0, 699_999),
    north=st.integers(0, 1_299_999),
    digits=st.integers(2, 5),
    write=st.sampled_from(
        [str, str.lower, lambda text: text.replace(" ", ""), lambda text: text.replace(" ", "\t ")]
    ),
)
def test_there_and_back_again(east, north, digits, write):
    side = 10 ** (5 - digits)
    square = square_of(write(reference_of(east, north, digits=digits)))
    assert square == (east - east % side, north - north % side, side)
    middle = square.middle
    assert max(abs(middle[0] - east), abs(middle[1] - north)) <= side / 2, "no other point is less wrong"


def test_a_square_metre_is_its_corner_and_a_larger_square_its_middle():
    assert square_of("SK 58700 04500").middle == (458700.0, 304500.0)
    assert square_of("SK 587 045").middle == (458750.0, 304550.0)


@pytest.mark.parametrize(
    ("point", "digits"), [((-1, 0), 5), ((700_000, 0), 5), ((0, 1_300_000), 5), ((1, 1), 1), ((1, 1), 6)]
)
def test_outside_the_grid_there_is_no_reference(point, digits):
    with pytest.raises(GridReferenceError):
        reference_of(*point, digits=digits)


def test_letters_are_told_from_numbers():
    assert [has_letters(text) for text in ("SK 587", "sk587", "458700", "NaN", "inf", "-1.1", "", "S1")] == [
        True, True, False, False, False, False, False, False,
    ]  # fmt: skip
