"""Census vintages: which LSOA of one is which of another, who lives there, and what nobody can say for certain.

The lookup of the Office for National Statistics marks each pair: unchanged; split (an area of 2011 became several);
merged (several became one); irregular ("fragmented": parts of several became parts of several, so that like cannot be
compared with like). A table whose codes and residents are not all of one vintage stands on the coarser of the two:
the whole that was split, the whole that others were merged into. That is certain, and its residents are sums. For
irregular ones there is a best fit at most: one area of the newer vintage for each of the older. It is used where it is
loaded, and marked wherever it is used; without it, every such code keeps a row of its own, with a count and no rate.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet

from analytics.models import Area, AreaLookup, AreaPopulation

OWN, EXACT, BEST_FIT, IRREGULAR = "", "exact", "best_fit", "irregular"  # how a code came to its row
SPLIT, MERGED, UNCHANGED = "split", "merged", "unchanged"
SYNTHETIC_SOURCE = "Synthetic populations"
Key = tuple[str, str]  # code and vintage
People = tuple[int, int, str]  # residents, year, source


def _populations(synthetic: bool) -> QuerySet[AreaPopulation]:
    rows = AreaPopulation.objects.filter(age_band="all")
    mine = {"source__startswith": SYNTHETIC_SOURCE}
    return rows.filter(**mine) if synthetic else rows.exclude(**mine)


def population_in_use(*, synthetic: bool = False) -> tuple[str, int]:
    """Vintage and year of the residents that rates stand on; an empty vintage without any.

    Never a mixture: of several that are loaded, the one of most areas, of those the newest.
    """
    found = (
        _populations(synthetic).order_by().values_list("vintage", "year").annotate(n=Count("code", distinct=True))
    )
    vintage, year, _ = max(found, key=lambda each: (each[2], each[1], each[0]), default=("", 0, 0))
    return vintage, year


def vintage_with_residents() -> str:
    """The census vintage of the residents that real rates stand on; empty without any."""
    return population_in_use()[0]


@dataclass(frozen=True)
class Unit:
    """The area under whose row an LSOA code stands, and how it came there."""

    code: str
    how: str
    name: str = ""


@dataclass
class Vintages:
    """The loaded lookup, as far as areas changed. ``onto`` is the vintage of the residents."""

    onto: str = ""
    newer_of: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    older_of: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    change: dict[Key, str] = field(default_factory=dict)
    best: dict[Key, Key] = field(default_factory=dict)
    fitted: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, str] = field(default_factory=dict)
    _vintage_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls) -> "Vintages":
        found = cls(vintage_with_residents())
        same = {"from_code": F("to_code"), "change": UNCHANGED}
        for link in AreaLookup.objects.exclude(**same).order_by("from_code", "to_code"):
            found._add(link)
        return found

    def _add(self, link: AreaLookup) -> None:
        old, new = (link.from_code, link.from_vintage), (link.to_code, link.to_vintage)
        self.newer_of[old].add(new)
        self.older_of[new].add(old)
        for key in (old, new):
            # Of several marks the least certain stands; a best fit alone says nothing of what happened.
            marks = {self.change.get(key, ""), link.change or IRREGULAR}
            self.change[key] = IRREGULAR if IRREGULAR in marks else link.change
            self._vintage_of[key[0]].add(key[1])
        if link.best_fit:
            self.best[old] = new
            self.fitted[new].add(old)
        if link.to_name:
            self.names[link.to_code] = link.to_name

    def vintage_of(self, code: str, said: str) -> str:
        """The vintage of a code: the one that has it, by the lookup; where both do or none, as its row says."""
        known = self._vintage_of.get(code, set())
        return next(iter(known)) if len(known) == 1 else said

    def mixed(self, codes: Iterable[Key]) -> bool:
        """Whether codes (with what their rows say of the vintage) and residents are of more than one vintage."""
        seen = {self.vintage_of(code, said) for code, said in codes} | {self.onto}
        return len(seen - {""}) > 1

    def unit_of(self, code: str, said: str) -> Unit:
        """Where a code stands in a table of mixed vintages."""
        key = code, self.vintage_of(code, said)
        change = self.change.get(key, "")
        if change == SPLIT and len(self.older_of[key]) == 1:
            return self._unit(next(iter(self.older_of[key])), EXACT)
        if change == MERGED and len(self.newer_of[key]) == 1:
            return self._unit(next(iter(self.newer_of[key])), EXACT)
        if change == UNCHANGED:  # under another code
            others = self.newer_of[key] | self.older_of[key]
            onto = [each for each in others if each[1] == self.onto and len(others) == 1]
            return self._unit(onto[0], EXACT) if onto else self._unit(key, OWN)
        if change == IRREGULAR:
            if key in self.best:
                return self._unit(self.best[key], BEST_FIT)
            return self._unit(key, OWN if key in self.fitted else IRREGULAR)
        return self._unit(key, OWN)

    def _unit(self, key: Key, how: str) -> Unit:
        return Unit(key[0], how, self.names.get(key[0], ""))

    def partners(self, code: str, said: str) -> set[Key]:
        """Every area of another vintage that holds a part of this one, by the lookup: together they hold all of it."""
        key = code, self.vintage_of(code, said)
        return self.older_of.get(key, set()) | self.newer_of.get(key, set())

    def best_partners(self, code: str, said: str) -> set[Key]:
        """What the best fit names for it, in whichever direction."""
        key = code, self.vintage_of(code, said)
        return {self.best[key]} if key in self.best else self.fitted.get(key, set())

    def people(self, code: str, given: dict[str, People], *, mixed: bool) -> tuple[People | None, str]:
        """Residents of a row's area, and how they were found. None where nobody can say.

        ``given``: residents by code, of the vintage ``onto``.
        """
        keys = {(code, vintage) for vintage in self._vintage_of.get(code, ())}
        changes = {self.change[key] for key in keys}
        fitted = any(key in self.fitted for key in keys)
        if mixed and IRREGULAR in changes and not fitted:
            return None, IRREGULAR  # parts of its offences stand under codes of the other vintage
        if code in given:
            return given[code], OWN
        for key in keys:
            parts = self.fitted[key] if key in self.fitted else self.older_of[key] | self.newer_of[key]
            if summed := _sum(parts, given, self.onto):
                return summed, BEST_FIT if IRREGULAR in changes else EXACT
        return None, OWN


def _sum(parts: Collection[Key], given: dict[str, People], onto: str) -> People | None:
    if not parts or any(vintage != onto or code not in given for code, vintage in parts):
        return None
    each = [given[code] for code, _ in sorted(parts)]
    return sum(one[0] for one in each), each[0][1], each[0][2]


def residents(*, synthetic: bool = False) -> dict[str, People]:
    """Residents of all ages by area code: (residents, year, source), of one vintage, summed upwards from LSOAs.

    Invented residents, which go with a synthetic extract, are used for ``synthetic`` rows and for no others.
    """
    vintage, year = population_in_use(synthetic=synthetic)
    rows = _populations(synthetic).filter(vintage=vintage, year=year).order_by("source")
    given = {row.code: (row.residents, year, row.source) for row in rows}
    # The areas above, as this vintage has them: an area that both have may lie in another one in each.
    parents: dict[str, str] = {}
    for code, of, parent in Area.objects.order_by("vintage").values_list("code", "vintage", "parent_code"):
        if of == vintage or code not in parents:
            parents[code] = parent
    found = dict(given)
    for code, (count, _, source) in given.items():
        above = parents.get(code, "")
        while above:
            if above not in given:
                found[above] = (found.get(above, (0, year, source))[0] + count, year, source)
            above = parents.get(above, "")
    return found
