"""The text of cells: cleaned once for a row, looked up by field, and reduced to its shape where it is refused."""

import re
import unicodedata
from collections.abc import Collection, Sequence

from analytics.police_data.mapping import Mapping

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NEVER_CALCULATED = "#FORMULA!"  # stands for a formula whose value the spreadsheet never stored
CELL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|FORMULA!|##+)")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """NFC, trimmed, without zero-width and direction marks."""
    if text.isascii():
        return text.strip()
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()


def is_plain(joined: str) -> bool:
    """Whether cells joined by "|" are all as ``clean`` would leave them; a "no" may be wrong, a "yes" never is."""
    return (
        joined.isascii()
        and joined.isprintable()
        and "| " not in joined
        and " |" not in joined
        and joined == joined.strip()
    )


def error_in(text: str) -> str:
    """What is wrong with a clean cell that a spreadsheet could not fill, in words; empty for every other cell."""
    if not CELL_ERROR.fullmatch(text):
        return ""
    if text == NEVER_CALCULATED:
        return "a formula that was never calculated: open the file in a spreadsheet, save it, and give it again"
    if text.startswith("##"):
        return "the column was too narrow when the file was saved (####): widen it and save again"
    return f"the spreadsheet shows the error {text} instead of a value"


def shape_of(value: str) -> str:
    """A value reduced to its shape, such as 9999-AA, so that a rejects file gives nothing away."""
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "A", value[:40]))
    return CONTROL.sub("?", shape)


def read_or_shape(cells: Sequence[str], read: Collection[int]) -> list[str]:
    """Cells for somebody to look at: values of the columns at the indexes ``read``, of all others the shape only."""
    return [cell if index in read else shape_of(cell) for index, cell in enumerate(cells)]


class CellText:
    """The text of a field in a row's clean cells: its column or columns, or its constant, then ``[values]``."""

    def __init__(self, mapping: Mapping, places: dict[str, tuple[int, ...]]) -> None:
        self.single = {name: indexes[0] for name, indexes in places.items() if len(indexes) == 1}
        self.joined = {name: indexes for name, indexes in places.items() if len(indexes) > 1}
        self.constants, self.values = mapping.constants, mapping.values

    def __call__(self, cells: list[str], name: str) -> str:
        index = self.single.get(name)
        if index is not None:
            text = cells[index]
        elif name in self.joined:
            text = " ".join(filter(None, (cells[index] for index in self.joined[name])))
        else:
            text = self.constants.get(name, "")
        values = self.values.get(name)
        return values.get(text.casefold(), text) if values else text
