"""Offence list and measures, read from the reviewed TOML files beside this module. No database here.

A measure says which offences it counts and when; ``Measure.rule`` puts the same data into words, so that
what is printed cannot drift from what is run.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from analytics.measures.location_types import LOCATION_TYPES
from analytics.measures.reviewed import Review, read_reviewed

HERE = Path(__file__).parent
OFFENCES_FILE = HERE / "offences.toml"
SERIOUS_FILE = HERE / "sna_serious_violence.toml"
OFFICERS = "assault_on_officer"
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
    serious: dict[str, tuple[str, ...]]  # serious-violence group -> codes, in the order of the tables
    reviews: tuple[Review, ...]  # of the offence list and of the serious-violence list

    @property
    def serious_groups(self) -> frozenset[str]:
        return frozenset(self.serious)

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
    """The offence list with the serious-violence groups. Raises ValueError where the two files disagree."""
    review, data = read_reviewed(OFFENCES_FILE)
    serious_review, serious = read_reviewed(SERIOUS_FILE)
    types = [OffenceType(code, title, group, n) for n, (code, title, group) in enumerate(data["offences"]["rows"])]
    by_code = {each.code: each for each in types}
    for group, codes in serious["groups"].items():
        listed = {each.code for each in types if each.group == group}
        if set(codes) != listed:
            raise ValueError(
                f"{SERIOUS_FILE.name}: {group} names other codes than {OFFENCES_FILE.name}: "
                f"{sorted(set(codes) ^ listed)}"
            )
    return OffenceList(
        version=review.version,
        by_code=by_code,
        groups=data["groups"],
        serious={group: tuple(codes) for group, codes in serious["groups"].items()},
        reviews=(review, serious_review),
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
    review: Review
    timed: bool
    window: str  # "night", "day" or "" for any hour
    codes: frozenset[str]
    groups: frozenset[str]  # accepted only where a row has a group and no code
    public_place: bool
    exclude_domestic: bool
    only_domestic: bool
    location_types: frozenset[str]
    open_data: bool
    assaults_on_officers: bool  # the switch for constables and emergency workers
    sha256: str

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The reviewed files behind this measure."""
        return (self.review, *(offence_list().reviews if self.codes else ()))

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
        if self.codes and not self.assaults_on_officers and self.groups & {"violence_with_injury"}:
            parts.append(
                "assaults on constables and emergency workers are left out, as they follow police numbers"
            )
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
    review, data = read_reviewed(path, id_key="name")
    known = offence_list()
    codes = set(data.get("codes", []))
    groups = set(data.get("groups", []))
    whole = set(data.get("in_groups", [])) | (set(known.serious) if data.get("serious") else set())
    if data.get("assaults_on_officers"):
        whole.add(OFFICERS)
    codes |= {each.code for each in known.by_code.values() if each.group in whole}
    groups |= whole
    unknown = (codes - known.by_code.keys()) | (groups - known.groups.keys())
    if unknown:
        raise ValueError(f"{path.name}: offences or groups that the offence list does not have: {sorted(unknown)}")
    if unknown := set(data.get("location_types", [])) - LOCATION_TYPES.keys():
        raise ValueError(f"{path.name}: location types that there are not: {sorted(unknown)}")
    return Measure(
        name=data["name"],
        title=review.title,
        version=review.version,
        source=review.source,
        review_by=review.review_by,
        review=review,
        timed=data["timed"],
        window=data.get("window", ""),
        codes=frozenset(codes),
        groups=frozenset(groups),
        public_place=data.get("public_place", False),
        exclude_domestic=data.get("exclude_domestic", False),
        only_domestic=data.get("only_domestic", False),
        location_types=frozenset(data.get("location_types", [])),
        open_data=data.get("open_data", False),
        assaults_on_officers=data.get("assaults_on_officers", False),
        sha256=hashlib.sha256(
            path.read_bytes() + OFFENCES_FILE.read_bytes() + SERIOUS_FILE.read_bytes()
        ).hexdigest(),
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
