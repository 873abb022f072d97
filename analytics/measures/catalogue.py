"""Offence list and measures, read from the reviewed TOML files beside this module. No database here.

A measure says which offences it counts and when; ``Measure.rule`` puts the same data into words, so that
what is printed cannot drift from what is run.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OFFENCES_FILE = HERE / "offences.toml"
DEFINITIONS = HERE / "definitions"
DEFAULT_MEASURE = "nte_assault"
WINDOW_WORDS = {
    "night": "from 22:00 up to 04:59 local time",
    "day": "from 06:00 up to 17:59 local time",
}


class UnknownMeasure(LookupError):
    """No measure has this name; the message lists those that exist."""


@dataclass(frozen=True)
class OffenceType:
    code: str
    title: str
    group: str
    severity: int  # 0 is the most serious


@dataclass(frozen=True)
class OffenceList:
    version: str
    by_code: dict[str, OffenceType]
    groups: dict[str, str]
    serious_groups: frozenset[str]
    review_by: date

    def find(self, text: str) -> tuple[str, str, int] | None:
        """(code, group, severity) of a code, a title or a group's name; None when it is none of them."""
        wanted = text.strip().casefold()
        found = _finder().get(wanted)
        if found is not None:
            return found.code, found.group, found.severity
        for group, title in self.groups.items():
            if wanted in (group, title.casefold()):
                return "", group, len(self.by_code)
        return None

    def title_of(self, code: str) -> str:
        """Words for a code or group; the code itself when it is not in the list."""
        if code in self.by_code:
            return self.by_code[code].title
        return self.groups.get(code, code)


@lru_cache(maxsize=1)
def offence_list() -> OffenceList:
    data = tomllib.loads(OFFENCES_FILE.read_text(encoding="utf-8"))
    types = [OffenceType(code, title, group, n) for n, (code, title, group) in enumerate(data["offences"]["rows"])]
    return OffenceList(
        version=data["version"],
        by_code={each.code: each for each in types},
        groups=data["groups"],
        serious_groups=frozenset(data["serious_groups"]),
        review_by=data["review_by"],
    )


@lru_cache(maxsize=1)
def _finder() -> dict[str, OffenceType]:
    types = offence_list().by_code.values()
    by_title = {each.title.casefold(): each for each in types if each.group != "open_data"}
    return by_title | {each.code.casefold(): each for each in types}


@dataclass(frozen=True)
class Measure:
    """One definition. Empty ``codes`` means every offence of the source."""

    name: str
    title: str
    version: str
    source: str
    review_by: date
    timed: bool
    window: str  # "night", "day" or "" for any hour
    codes: frozenset[str]
    groups: frozenset[str]  # accepted only where a row has a group and no code
    public_place: bool
    exclude_domestic: bool
    only_domestic: bool
    location_types: frozenset[str]
    open_data: bool
    sha256: str

    @property
    def rule(self) -> str:
        """The definition in words, made from the data that runs it."""
        parts = [f"Counts one for each recorded offence of {self._offences_in_words()}"]
        if self.window:
            parts.append(
                f"committed {WINDOW_WORDS[self.window]}; an offence known only as a range of times counts by the "
                "share of its elapsed length that lies in these hours; ranges over 12 hours, reversed ranges and "
                "dates without a time are left out and counted"
            )
        if self.public_place:
            parts.append("in a public place by the force's own flag (unknown counts as not public and is shown)")
        if self.exclude_domestic:
            parts.append("not flagged as domestic")
        if self.only_domestic:
            parts.append("flagged as domestic")
        if self.location_types:
            parts.append(f"at a location of type {', '.join(sorted(self.location_types))}")
        if self.open_data:
            parts.append("known by month only, so never a statement about nights")
        return "; ".join(parts) + "."

    def _offences_in_words(self) -> str:
        if not self.codes:
            return "any kind"
        known = offence_list()
        ordered = [each for each in known.by_code.values() if each.code in self.codes]
        if len(ordered) > 12:
            groups = dict.fromkeys(known.groups[each.group] for each in ordered)
            return f"these groups: {', '.join(groups)} ({len(ordered)} codes of offence list {known.version})"
        return ", ".join(f"{each.title} ({each.code})" for each in ordered)


def _parse(path: Path) -> Measure:
    raw = path.read_bytes()
    data: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
    known = offence_list()
    codes = set(data.get("codes", []))
    groups = set(data.get("groups", []))
    whole = set(data.get("in_groups", [])) | (set(known.serious_groups) if data.get("serious") else set())
    codes |= {each.code for each in known.by_code.values() if each.group in whole}
    groups |= whole
    unknown = (codes - known.by_code.keys()) | (groups - known.groups.keys())
    if unknown or data["name"] != path.stem:
        raise ValueError(f"{path.name}: unknown offences {sorted(unknown)} or a name that is not the file's")
    return Measure(
        name=data["name"],
        title=data["title"],
        version=data["version"],
        source=data["source"],
        review_by=data["review_by"],
        timed=data["timed"],
        window=data.get("window", ""),
        codes=frozenset(codes),
        groups=frozenset(groups),
        public_place=data.get("public_place", False),
        exclude_domestic=data.get("exclude_domestic", False),
        only_domestic=data.get("only_domestic", False),
        location_types=frozenset(data.get("location_types", [])),
        open_data=data.get("open_data", False),
        sha256=hashlib.sha256(raw + OFFENCES_FILE.read_bytes()).hexdigest(),
    )


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """Every measure by name, the default first."""
    found = [_parse(path) for path in sorted(DEFINITIONS.glob("*.toml"))]
    found.sort(key=lambda each: (each.name != DEFAULT_MEASURE, each.name))
    return {each.name: each for each in found}


def measure_named(name: str) -> Measure:
    """The measure of this name. Raises UnknownMeasure with the names that exist."""
    try:
        return measures()[name]
    except KeyError:
        raise UnknownMeasure(f"There is no measure {name!r}. Measures: {', '.join(measures())}.") from None
