"""Areas of an offence at summary time: by the source's own column, by a lookup, or by the LSOA's name.

An LSOA's name carries its MSOA ("Leicester 041E" lies in Leicester 041). That is a fallback for codes
without a lookup, and it is always labelled as one.
"""

import re
from dataclasses import dataclass, field

from analytics.models import Area, AreaPopulation

AREA_TYPES = ("local_authority", "npa", "beat", "msoa", "lsoa")
LSOA_NAME = re.compile(r"^(?P<authority>.+?) (?P<number>\d{3})(?P<letter>[A-Z])$")
UNKNOWN = ("unknown", "Area unknown", "")
SYNTHETIC_SOURCE = "Synthetic populations"


@dataclass
class AreaFinder:
    """Finds (key, label, how) of rows for one type of area; how is "", "name" or "source"."""

    area_type: str
    lsoas: dict[tuple[str, str], Area] = field(default_factory=dict)
    by_name: dict[str, Area] = field(default_factory=dict)
    by_code: dict[str, Area] = field(default_factory=dict)

    @classmethod
    def for_type(cls, area_type: str) -> "AreaFinder":
        finder = cls(area_type)
        for area in Area.objects.defer("boundary"):
            finder.by_code[area.code] = area
            if area.kind == Area.Kind.LSOA:
                finder.lsoas[area.code, area.vintage] = area
            elif area.kind == area_type:
                finder.by_name[area.name.casefold()] = area
        return finder

    def find(self, row: dict[str, str]) -> tuple[str, str, str]:
        """Key, label and how they were found, from a row's lsoa, lsoa_name, lsoa_vintage, district, npa, beat."""
        if self.area_type in ("npa", "beat"):
            name = row[self.area_type]
            return (name, name, "source") if name else UNKNOWN
        if self.area_type == "lsoa":
            code, name = row["lsoa"], row["lsoa_name"]
            return (code or name, name or code, "") if code or name else UNKNOWN
        if self.area_type == "local_authority" and row["district"]:
            return self._named(row["district"], "source")
        area = self.lsoas.get((row["lsoa"], row["lsoa_vintage"]))
        while area is not None and area.parent_code:
            area = self.by_code.get(area.parent_code)
            if area is not None and area.kind == self.area_type:
                return area.code, area.name, ""
        match = LSOA_NAME.match(row["lsoa_name"])
        if match is None:
            return UNKNOWN
        name = match["authority"]
        return self._named(name if self.area_type == "local_authority" else f"{name} {match['number']}", "name")

    def _named(self, name: str, how: str) -> tuple[str, str, str]:
        known = self.by_name.get(name.casefold())
        return (known.code, known.name, how) if known else (name, name, how)

    def is_ours(self, key: str) -> bool | None:
        """Whether an area is one of the loaded ones; None where none of this type is loaded."""
        if not any(area.kind == self.area_type for area in self.by_code.values()):
            return None
        return key in self.by_code


def residents(*, synthetic: bool = False) -> dict[str, tuple[int, int, str]]:
    """Residents of all ages by area code: (residents, year, source), summed upwards from LSOAs.

    Invented residents, which go with a synthetic extract, are used for ``synthetic`` rows and for no others.
    """
    parents = dict(Area.objects.values_list("code", "parent_code"))
    given = {
        row.code: (row.residents, row.year, row.source)
        for row in AreaPopulation.objects.filter(age_band="all")
        if row.source.startswith(SYNTHETIC_SOURCE) == synthetic
    }
    found = dict(given)
    for code, (count, year, source) in given.items():
        above = parents.get(code, "")
        while above:
            if above not in given:
                found[above] = (found.get(above, (0, year, source))[0] + count, year, source)
            above = parents.get(above, "")
    return found
