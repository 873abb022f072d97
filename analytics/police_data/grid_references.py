"""National Grid references in letters, such as SK 58700 04500, to metres in EPSG:27700 and back.

Ordnance Survey, "A guide to coordinate systems in Great Britain", section on National Grid references: the first
letter is a square of 500 km, the second one of 100 km inside it, both counted from the north-west without I; the
digits are metres from the south-west corner of that square. Shorter references name larger squares: three digits
each way are a square of 100 m.
"""

import re
from typing import NamedTuple

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # without I
WRITTEN = re.compile(r"([A-HJ-Z])([A-HJ-Z])([0-9]+)", re.ASCII)
SEPARATORS = re.compile(r"[\s,.;/_-]+")
HUNDRED_KM = 100_000
EAST_END, NORTH_END = 7, 13  # squares of 100 km that the projection is made for


class GridReferenceError(ValueError):
    """The text is no National Grid reference; the message says why."""


class GridSquare(NamedTuple):
    """The square that a reference names: its south-west corner and side, in metres of EPSG:27700."""

    easting: int
    northing: int
    side: int

    @property
    def middle(self) -> tuple[float, float]:
        """The point that is never far wrong: the middle of the square, or its corner where that is 1 m.

        The place lies anywhere in the square, so that its corner would draw every offence to the south-west.
        """
        if self.side == 1:
            return float(self.easting), float(self.northing)
        return self.easting + self.side / 2, self.northing + self.side / 2


def square_of(reference: str) -> GridSquare:
    """The square of a reference with two to five digits each way, in any spacing and case.

    "SK 58700 04500" is the square metre whose corner is 458700, 304500; "SK587045" the 100 m with the same corner.
    Raises GridReferenceError.
    """
    found = WRITTEN.fullmatch(SEPARATORS.sub("", reference).upper())
    if found is None:
        raise GridReferenceError("not two letters and digits, such as SK 58700 04500")
    first, second, digits = LETTERS.index(found[1]), LETTERS.index(found[2]), found[3]
    if len(digits) % 2 or not 4 <= len(digits) <= 10:
        raise GridReferenceError("needs two to five digits each way, as many to the east as to the north")
    east = (first - 2) % 5 * 5 + second % 5
    north = 19 - first // 5 * 5 - second // 5
    if not (0 <= east < EAST_END and 0 <= north < NORTH_END):
        raise GridReferenceError(f"the square {found[1]}{found[2]} is not in Great Britain")
    half = len(digits) // 2
    side = 10 ** (5 - half)
    return GridSquare(
        east * HUNDRED_KM + int(digits[:half]) * side, north * HUNDRED_KM + int(digits[half:]) * side, side
    )


def reference_of(easting: float, northing: float, *, digits: int = 5) -> str:
    """The reference, ``digits`` each way, of the square in which a point (metres) lies: "SK 58700 04500".

    Raises GridReferenceError outside the grid, and for other than two to five digits.
    """
    east, north = int(easting // HUNDRED_KM), int(northing // HUNDRED_KM)
    if not (0 <= east < EAST_END and 0 <= north < NORTH_END and 2 <= digits <= 5):
        raise GridReferenceError("outside the National Grid, or not two to five digits")
    first = LETTERS[(19 - north) // 5 * 5 + (east + 10) // 5]
    second = LETTERS[(19 - north) % 5 * 5 + east % 5]
    side = 10 ** (5 - digits)
    return " ".join(
        (first + second, *(f"{int(value % HUNDRED_KM) // side:0{digits}d}" for value in (easting, northing)))
    )


def has_letters(text: str) -> bool:
    """Whether a cell is more likely a reference in letters than a number: it begins with two letters."""
    return text[:2].isalpha() and text[:3].casefold() not in ("nan", "inf")
