"""The types of location that measures and tables know; a mapping's [values.location_type] leads to them."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from analytics.measures.reviewed import Review, read_reviewed

UNKNOWN = "unknown"
LOCATION_TYPES = {
    "dwelling": "Dwelling",
    "public_or_open_place": "Public or open place",
    "hospitality": "Hospitality: pub, bar, club, restaurant, hotel",
    "education": "Education",
    "shop": "Shop",
    "transport": "Transport: vehicle, station, stop",
    "other": "Other",
    UNKNOWN: "Location unknown",
}
WORDS_FILE = Path(__file__).with_name("location_words.toml")
LIST_CODE = re.compile(r"[A-Z]{0,2}\d{1,3}[A-Z]?(?:\s*[-–:.)]\s*|$)", re.IGNORECASE)  # "12 - ", "D1: ", "14"
BETWEEN = re.compile(r"\s*(?:[/,;:&+()–]|\s-\s|\band\b|\bor\b)\s*", re.IGNORECASE)  # "Pub / club"


def title_of(code: str) -> str:
    """For people; a source's own words, where its mapping has no table, as they are."""
    return LOCATION_TYPES.get(code or UNKNOWN) or code.replace("_", " ").capitalize()


def is_code(words: str) -> bool:
    """Whether a source's own words are one of the codes, which an import takes without a table."""
    return re.sub(r"\s+", "_", words.strip().casefold()) in LOCATION_TYPES


def _folded(words: str) -> str:
    """Words without capitals, accents, apostrophes and punctuation."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(each for each in letters if not unicodedata.combining(each) and each not in "'’")
    return " ".join(re.sub(r"[^\w]|_", " ", letters).split())


@lru_cache(maxsize=1)
def _reviewed_words() -> tuple[Review, dict[str, str]]:
    """The head of the list, and the code of each folded word. Raises ValueError where a word has two codes."""
    review, data = read_reviewed(WORDS_FILE)
    found: dict[str, str] = {}
    for code, words in data["words"].items():
        if code not in LOCATION_TYPES:
            raise ValueError(f"{WORDS_FILE.name}: {code} is not a type of location")
        for word in words:
            if found.setdefault(_folded(word), code) != code:
                raise ValueError(f"{WORDS_FILE.name}: {word!r} has two types of location")
    return review, found


def review_of_words() -> Review:
    """Who wrote and who checked the list of words."""
    return _reviewed_words()[0]


def _one(words: str) -> str:
    known, folded = _reviewed_words()[1], _folded(words)
    return known.get(folded) or known.get(folded.removesuffix("s")) or ""


def proposal_for(words: str) -> str:
    """The code that a source's own words obviously mean, by the reviewed list; empty where they are not in it.

    Of several words ("Pub / club") each must be in the list, with the same code.
    """
    if is_code(words):
        return re.sub(r"\s+", "_", words.strip().casefold())
    plain = LIST_CODE.sub("", words.strip(), count=1) if LIST_CODE.match(words.strip()) else words
    if whole := _one(plain):
        return whole
    parts = {_one(part) for part in BETWEEN.split(plain) if part}
    return parts.pop() if len(parts) == 1 else ""
