"""Victims and suspects of a row: bands, sex, ethnic group, home area and a keyed hash. Never a name or an address."""

from collections.abc import Callable, Collection

from analytics.models.police import OffencePerson
from analytics.police_data.mapping import PERSON_PARTS, ROLES
from analytics.police_data.staged import StagedPerson

SEXES = {
    "m": "m", "male": "m", "man": "m", "boy": "m", "f": "f", "female": "f", "woman": "f", "girl": "f",
    "": "u", "u": "u", "unknown": "u", "not known": "u", "x": "u", "other": "u",
}  # fmt: skip
LOWEST_AGES = [(int(band.split("-")[0].rstrip("+")), band) for band in reversed(OffencePerson.AGE_BANDS)]
OLDEST = 120


def band_of_age(age: int) -> str:
    """The age band of completed years; empty where the number cannot be an age."""
    if not 0 <= age <= OLDEST:
        return ""
    return next(band for lowest, band in LOWEST_AGES if age >= lowest)


class PersonReader:
    """Reads the persons of a source's rows. ``text(cells, field)`` gives a cell, ``hashed`` a keyed hash."""

    def __init__(
        self, fields: Collection[str], *, text: Callable[[list[str], str], str], hashed: Callable[[str], str]
    ) -> None:
        self.text, self.hashed = text, hashed
        self.parts = {role: tuple(part for part in PERSON_PARTS if f"{role}_{part}" in fields) for role in ROLES}
        self.roles = tuple(role for role in ROLES if self.parts[role])
        self.note_unknown: Callable[[str, str], None] = lambda name, value: None

    def content(self, cells: list[str]) -> tuple[str, ...]:
        """What of the persons makes a row another version of itself."""
        return tuple(self.text(cells, f"{role}_{part}") for role in self.roles for part in self.parts[role])

    def read(self, row_no: int, force: str, cells: list[str]) -> list[StagedPerson]:
        """The persons of one row; none of a role whose cells are all empty."""
        found = []
        for role in self.roles:
            given = {part: self.text(cells, f"{role}_{part}") for part in self.parts[role]}
            if any(given.values()):
                found.append(self._person(row_no, force, role, given))
        return found

    def _person(self, row_no: int, force: str, role: str, given: dict[str, str]) -> StagedPerson:
        number = given.get("id", "")
        return StagedPerson(
            row_no=row_no,
            role=role,
            age_band=self._age_band(role, given),
            sex=self._sex(role, given.get("sex", "")),
            ethnic_group=given.get("ethnic_group", "")[:40],
            home_npa=given.get("npa", "")[:80],
            home_lsoa=given.get("lsoa", "")[:12],
            # Not by role: somebody who is a victim today and a suspect tomorrow is one person.
            person_key=self.hashed(f"person\x1f{force}\x1f{number.upper()}") if number else "",
        )

    def _sex(self, role: str, value: str) -> str:
        known = SEXES.get(value.casefold())
        if known is None:
            self.note_unknown(f"{role}_sex", value)
        return known or "u"

    def _age_band(self, role: str, given: dict[str, str]) -> str:
        age, band = given.get("age", ""), given.get("age_band", "").replace(" ", "").replace("–", "-")
        if band in OffencePerson.AGE_BANDS:
            return band
        if age.isascii() and age.isdigit() and (found := band_of_age(int(age[:4]))):
            return found
        if age or band:
            self.note_unknown(f"{role}_age" if age else f"{role}_age_band", age or band)
        return ""
