"""Areas of an offence at summary time: by the source's own column, by a lookup, or by the LSOA's name.

An LSOA's name carries its MSOA ("Leicester 041E" lies in Leicester 041). That is a fallback for codes
without a lookup, and it is always labelled as one.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from analytics.models import Area, AreaLookup, AreaPopulation

AREA_TYPES = ("local_authority", "npa", "beat", "msoa", "lsoa")
LSOA_NAME = re.compile(r"^(?P<authority>.+?) (?P<number>\d{3})(?P<letter>[A-Z])$")
UNKNOWN = ("unknown", "Area unknown", "")
SYNTHETIC_SOURCE = "Synthetic populations"


def vintage_with_residents() -> str:
    """The census vintage for which most populations are loaded; empty without any."""
    counted = AreaPopulation.objects.exclude(source__startswith=SYNTHETIC_SOURCE).values_list("vintage")
    first = counted.annotate(n=Count("pk")).order_by("-n", "vintage").first()
    return first[0] if first else ""


@dataclass
class VintageBridge:
    """LSOA codes of one census vintage on the ground of another, by the loaded lookup: the one with residents.

    Only what the lookup makes certain: an unchanged area, a part of one that was split, a whole that was merged into
    the other vintage's. A code with several partners has none here, and its offences keep a row of their own.
    """

    onto: str = ""
    partners: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "VintageBridge":
        onto = vintage_with_residents()
        if not onto:
            return cls()
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for each in AreaLookup.objects.filter(Q(from_vintage=onto) | Q(to_vintage=onto)):
            if each.to_vintage == onto:
                found[each.from_code, each.from_vintage].add(each.to_code)
            else:
                found[each.to_code, each.to_vintage].add(each.from_code)
        return cls(onto, {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1})

    def code_of(self, code: str, vintage: str) -> str:
        """The area that holds all of this one; itself in its own vintage; empty where nobody can say."""
        return code if vintage == self.onto else self.partners.get((code, vintage), "")


@dataclass
class AreaFinder:
    """Finds (key, label, how) of rows for one type of area; how is "", "name", "source" or "bridge"."""

    area_type: str
    lsoas: dict[tuple[str, str], Area] = field(default_factory=dict)
    by_name: dict[str, Area] = field(default_factory=dict)
    by_code: dict[str, Area] = field(default_factory=dict)
    bridge: VintageBridge = field(default_factory=VintageBridge)

    @classmethod
    def for_type(cls, area_type: str) -> "AreaFinder":
        finder = cls(area_type, bridge=VintageBridge.load())
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
            partner = self.bridge.code_of(code, row["lsoa_vintage"])
            if partner not in ("", code):
                return partner, self.by_code[partner].name if partner in self.by_code else partner, "bridge"
            return (code or name, name or code, "") if code or name else UNKNOWN
        if self.area_type == "local_authority" and row["district"]:
            return self._named(row["district"], "source")
        area, how = self._lsoa(row["lsoa"], row["lsoa_vintage"])
        while area is not None and area.parent_code:
            area = self.by_code.get(area.parent_code)
            if area is not None and area.kind == self.area_type:
                return area.code, area.name, how
        match = LSOA_NAME.match(row["lsoa_name"])
        if match is None:
            return UNKNOWN
        name = match["authority"]
        return self._named(name if self.area_type == "local_authority" else f"{name} {match['number']}", "name")

    def _lsoa(self, code: str, vintage: str) -> tuple[Area | None, str]:
        known = self.lsoas.get((code, vintage))
        if known is not None:
            return known, ""
        partner = self.bridge.code_of(code, vintage)
        return self.lsoas.get((partner, self.bridge.onto)), "bridge" if partner != code else ""

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
