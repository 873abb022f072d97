"""Areas of an offence at summary time: by the source's own column, by a lookup, or by the LSOA's name.

An LSOA's name carries its MSOA ("Leicester 041E" lies in Leicester 041). That is a fallback for codes
without a lookup, and it is always labelled as one. Census vintages: vintages.py.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from analytics.models import Area
from analytics.police_data.vintages import BEST_FIT, EXACT, OWN, Key, Vintages

AREA_TYPES = ("local_authority", "npa", "beat", "msoa", "lsoa")
LSOA_NAME = re.compile(r"^(?P<authority>.+?) (?P<number>\d{3})(?P<letter>[A-Z])$")
UNKNOWN = ("unknown", "Area unknown", "")
NAME, SOURCE = "name", "source"


@dataclass
class AreaFinder:
    """Finds (key, label, how) of rows for one type of area.

    ``how`` is "" (its own), "source" (the row's own column), "exact" (by the lookup of vintages, for certain),
    "best_fit" (by the lookup, approximately), "irregular" (cut up, and no best fit) or "name".
    """

    area_type: str
    vintages: Vintages = field(default_factory=Vintages)
    lsoas: dict[tuple[str, str], Area] = field(default_factory=dict)
    by_name: dict[str, Area] = field(default_factory=dict)
    by_code: dict[str, Area] = field(default_factory=dict)
    mixed: bool = False

    @classmethod
    def for_type(cls, area_type: str) -> "AreaFinder":
        finder = cls(area_type, Vintages.load())
        for area in Area.objects.defer("boundary").order_by("vintage", "code"):
            if area.vintage == finder.vintages.onto or area.code not in finder.by_code:
                finder.by_code[area.code] = area
            if area.kind == Area.Kind.LSOA:
                finder.lsoas[area.code, area.vintage] = area
            elif area.kind == area_type:
                finder.by_name[area.name.casefold()] = area
        return finder

    def look_at(self, rows: Iterable[dict[str, str]]) -> None:
        """Sees whether the rows of a table are of several vintages, before the first is found."""
        self.mixed = self.vintages.mixed({(row["lsoa"], row["lsoa_vintage"]) for row in rows if row["lsoa"]})

    def find(self, row: dict[str, str]) -> tuple[str, str, str]:
        """Key, label and how they were found, from a row's lsoa, lsoa_name, lsoa_vintage, district, npa, beat."""
        if self.area_type in ("npa", "beat"):
            name = row[self.area_type]
            return (name, name, SOURCE) if name else UNKNOWN
        if self.area_type == "lsoa":
            return self._lsoa(row["lsoa"], row["lsoa_name"], row["lsoa_vintage"])
        if self.area_type == "local_authority" and row["district"]:
            return self._named(row["district"], SOURCE)
        code, said = row["lsoa"], row["lsoa_vintage"]
        # A code is given anew whenever its area changes, so the same code of another census is the same area.
        own = self._above(self.lsoas.get((code, self.vintages.vintage_of(code, said))) or self.by_code.get(code))
        if own is not None:
            return own.code, own.name, OWN
        if certain := self._agreed(self.vintages.partners(code, said)):
            return certain.code, certain.name, EXACT
        fitted = self._agreed(self.vintages.best_partners(code, said))
        match = LSOA_NAME.match(row["lsoa_name"])
        if fitted and not (
            match and self.area_type == "local_authority"
        ):  # whose name stands in that of its LSOAs
            return fitted.code, fitted.name, BEST_FIT
        if match is None:
            return UNKNOWN
        name = match["authority"]
        return self._named(name if self.area_type == "local_authority" else f"{name} {match['number']}", NAME)

    def _lsoa(self, code: str, name: str, said: str) -> tuple[str, str, str]:
        if not code:
            return (name, name, OWN) if name else UNKNOWN
        if not self.mixed:
            return code, name or code, OWN
        unit = self.vintages.unit_of(code, said)
        if unit.code == code:
            return code, name or unit.name or code, unit.how
        known = self.by_code.get(unit.code)
        return unit.code, known.name if known else unit.name or unit.code, unit.how

    def _above(self, area: Area | None) -> Area | None:
        """The area of this type that holds an LSOA, by the loaded parents."""
        while area is not None and area.parent_code:
            area = self.by_code.get(area.parent_code)
            if area is not None and area.kind == self.area_type:
                return area
        return None

    def _agreed(self, partners: Collection[Key]) -> Area | None:
        """The one area that holds all of the partners; None where they lie in several, or in nobody knows what."""
        above = [self._above(self.lsoas.get(key) or self.by_code.get(key[0])) for key in partners]
        codes = {area.code if area else "" for area in above}
        return above[0] if len(codes) == 1 else None

    def _named(self, name: str, how: str) -> tuple[str, str, str]:
        known = self.by_name.get(name.casefold())
        return (known.code, known.name, how) if known else (name, name, how)

    def is_ours(self, key: str) -> bool | None:
        """Whether an area is one of the loaded ones, or made of them; None where none of this type is loaded."""
        if not any(area.kind == self.area_type for area in self.by_code.values()):
            return None
        return key in self.by_code or any(code in self.by_code for code, _ in self.vintages.partners(key, ""))
