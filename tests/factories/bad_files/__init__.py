"""A corpus of bad and odd police files, made on the spot, each with what must become of it."""

from tests.factories.bad_files import archives, spreadsheets, tables, values
from tests.factories.bad_files.cases import Case, Loads, Refused


def corpus() -> dict[str, Case]:
    """Every case by its name."""
    found = [*tables.cases(), *values.cases(), *archives.cases(), *spreadsheets.cases()]
    named = {each.name: each for each in found}
    assert len(named) == len(found), "two cases share a name"
    return named


__all__ = ["Case", "Loads", "Refused", "corpus"]
