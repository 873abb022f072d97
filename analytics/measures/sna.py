"""Definitions and published figures of the needs assessment's tables, from the reviewed files beside it."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from analytics.measures.catalogue import offence_list
from analytics.measures.reviewed import Review, read_reviewed

TABLES_FILE = Path(__file__).with_name("sna_tables.toml")
PUBLISHED_FILE = Path(__file__).with_name("sna_published.toml")
HEALTH_TABLE = "T18"


@dataclass(frozen=True)
class TableDefinition:
    """The words of one table."""

    id: str
    title: str
    definition: str
    denominator: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class Definitions:
    """Every table and the lists of codes that run them. Classes are label -> codes, in printed order."""

    review: Review
    tables: dict[str, TableDefinition]
    night_classes: dict[str, tuple[str, ...]]
    afternoon_classes: dict[str, tuple[str, ...]]
    compared: dict[str, tuple[str, ...]]
    high_harm: tuple[str, ...]
    composition: tuple[str, ...]
    low_number: int


@dataclass(frozen=True)
class Published:
    """Printed figures of one force's assessment. ``values``: table -> "section/row/column" -> printed text.

    ``health`` are rows entered by hand: key, label, printed figure, printed change.
    """

    review: Review
    label: str
    force: str
    first: date
    last: date
    groups: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]]
    health: tuple[tuple[str, str, str, str], ...]


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """The tables' definitions. Raises ValueError where a code is not in the offence list."""
    review, data = read_reviewed(TABLES_FILE)
    classes = {
        name: {label: tuple(codes) for label, codes in data[name].items()}
        for name in ("night_classes", "afternoon_classes", "compared")
    }
    high_harm, composition = tuple(data["high_harm"]["codes"]), tuple(data["composition"]["codes"])
    named = {code for each in classes.values() for codes in each.values() for code in codes}
    unknown = (named | {*high_harm, *composition}) - offence_list().by_code.keys()
    if unknown:
        raise ValueError(f"{TABLES_FILE.name}: codes that the offence list does not have: {sorted(unknown)}")
    tables = {
        key: TableDefinition(key, each["title"], each["definition"], each["denominator"], tuple(each["caveats"]))
        for key, each in data["tables"].items()
    }
    return Definitions(
        review=review,
        tables=tables,
        high_harm=high_harm,
        composition=composition,
        low_number=data["low_number"],
        **classes,
    )


@lru_cache(maxsize=1)
def published() -> Published:
    """The published figures that come with the product."""
    review, data = read_reviewed(PUBLISHED_FILE)
    tables = definitions().tables
    return Published(
        review=review,
        label=data["label"],
        force=data["force"],
        first=data["from"],
        last=data["to"],
        groups={name: tuple(members) for name, members in data["groups"].items()},
        values={key: data.get(key, {}) for key in tables if key != HEALTH_TABLE},
        health=tuple((key, label, figure, change) for key, label, figure, change in data[HEALTH_TABLE]["rows"]),
    )
