"""A source's own words for kinds of location, as a list that somebody matches with our types; no database here.

What few rows have may be a name or an address, so it is listed only where the reviewed list of words knows it. A column
of addresses or notes is refused as a whole.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.disclosure.tiers import PARTNER
from analytics.measures.location_types import LIST_CODE, proposal_for
from analytics.police_data.cell_text import clean, error_in

MOST_DIFFERENT = 300  # values; lists of kinds are shorter, and memory ends here too
MOST_LISTED = 200
LONGEST = 60  # characters, as many as an offence keeps
MOST_PARTS = 8  # of a phrase that is no sentence
ENOUGH_ROWS = 50  # to tell a list of kinds from names by how often its words come again

TOO_MANY = f"it holds more than {MOST_DIFFERENT} different values, and kinds of location are a short list"
LIKE_TEXT = "more than a quarter of its rows hold numbers or sentences, as addresses and notes do"
LIKE_NAMES = "most of its rows hold values that hardly any other row has, as names, addresses and notes do"


@dataclass(frozen=True)
class Word:
    """One of the source's words as it is first written, the rows that have it, and the code proposed or nothing."""

    text: str
    rows: int
    proposal: str


@dataclass(frozen=True)
class LocationWords:
    """What a column says. Where it is ``refused``, for the reason given, nothing is listed."""

    column: str
    listed: tuple[Word, ...] = ()
    refused: str = ""
    hidden: tuple[int, int] = (0, 0)  # different values, and rows with them
    further: tuple[int, int] = (0, 0)  # likewise, of words beyond MOST_LISTED
    empty: int = 0  # rows

    def lists(self, cell: str) -> bool:
        """Whether the text of a cell is one of the words that are listed."""
        return clean(cell).casefold() in {word.text.casefold() for word in self.listed}


def like_text(words: str) -> bool:
    """Whether words may be an address, a number or a sentence. A code of a list before them ("12 - Shop") is none."""
    rest = words[found.end() :] if (found := LIST_CODE.match(words)) else words
    return (
        len(words) > LONGEST
        or len(words.split()) > MOST_PARTS
        or "@" in rest
        or any(each.isdigit() for each in rest)
    )


def location_words(column: str, cells: Iterable[str]) -> LocationWords:
    """The words of a column (its cells, one a row), most frequent first. Stops reading where they are too many."""
    counts: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for cell in cells:
        text = clean(cell)
        key = text.casefold()
        counts[key] += 1
        if key not in spelling:
            spelling[key] = text
            if len(spelling) > MOST_DIFFERENT + 1:  # one may be the empty cell
                return LocationWords(column, refused=TOO_MANY)
    empty = counts.pop("", 0)
    words = [
        Word(spelling[key], rows, proposal_for(spelling[key]))
        for key, rows in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if not error_in(spelling[key]) and key != column.casefold()  # the header again is no word
    ]
    filled = sum(word.rows for word in words)
    odd = [word for word in words if not word.proposal and like_text(word.text)]
    rare = [word for word in words if not word.proposal and word not in odd and PARTNER.is_small(word.rows)]
    if 4 * sum(word.rows for word in odd) > filled:
        return LocationWords(column, refused=LIKE_TEXT)
    hidden = [*odd, *rare]
    if filled >= ENOUGH_ROWS and 2 * sum(word.rows for word in hidden) > filled:
        return LocationWords(column, refused=LIKE_NAMES)
    shown = [word for word in words if word not in hidden]
    return LocationWords(
        column,
        listed=tuple(shown[:MOST_LISTED]),
        hidden=_summed(hidden),
        further=_summed(shown[MOST_LISTED:]),
        empty=empty,
    )


def _summed(words: list[Word]) -> tuple[int, int]:
    return len(words), sum(word.rows for word in words)
