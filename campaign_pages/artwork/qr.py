"""QR symbols (ISO/IEC 18004) as rows of modules, level Q, and reading them back from a rendered page."""

from dataclasses import dataclass
from typing import Any

import segno
import zxingcpp

from campaign_pages.artwork.design import ArtworkError

MAX_VERSION = 3  # what the templates are drawn for: 29 modules


@dataclass(frozen=True)
class Symbol:
    """`rows` without quiet zone; True is dark."""

    text: str
    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        return len(self.rows)

    def runs(self) -> list[tuple[int, int, int]]:
        """Dark runs as (column, row, length), so that a symbol is a few hundred rectangles."""
        found = []
        for y, row in enumerate(self.rows):
            x = 0
            while x < len(row):
                if row[x]:
                    end = x
                    while end < len(row) and row[end]:
                        end += 1
                    found.append((x, y, end - x))
                    x = end
                else:
                    x += 1
        return found


def symbol(text: str) -> Symbol:
    """The symbol of an upper-case address. Raises ArtworkError when it would not fit the templates."""
    made = segno.make(text, error="q", boost_error=False, micro=False)
    if int(made.version) > MAX_VERSION:
        raise ArtworkError(
            f"The address {text} needs a QR code of version {made.version}; the templates are drawn for {MAX_VERSION}. "
            "Use a shorter domain, in capital letters."
        )
    return Symbol(text, tuple(tuple(bool(cell) for cell in row) for row in made.matrix))


@dataclass(frozen=True)
class Found:
    """A symbol read from a picture: its text, its bounding box in pixels, modules a side.

    `upright` is false for a turned and for a mirrored symbol; phones read those, but something is wrong with the page.
    """

    text: str
    left: int
    top: int
    right: int
    bottom: int
    upright: bool
    modules: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right, self.bottom


def read_symbols(picture: Any) -> list[Found]:
    """Every QR symbol in a Pillow image or array."""
    found = []
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)):
        extra: Any = code.extra  # typed as object by the package
        corners = [
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        ]
        across = (corners[1].x - corners[0].x, corners[1].y - corners[0].y)
        down = (corners[2].x - corners[0].x, corners[2].y - corners[0].y)
        found.append(
            Found(
                code.text,
                min(c.x for c in corners),
                min(c.y for c in corners),
                max(c.x for c in corners),
                max(c.y for c in corners),
                across[0] > 0 and abs(across[1]) <= 0.1 * across[0] and down[1] > 0,
                17 + 4 * int(extra["Version"]),
            )
        )
    return found
