"""Rows of a table by area: residents that fit them, and what a reader should know of how they were put together."""

from collections import defaultdict
from dataclasses import dataclass, field

from analytics.police_data.areas import NAME, SOURCE, UNKNOWN, AreaFinder
from analytics.police_data.summary import tidy
from analytics.police_data.vintages import BEST_FIT, EXACT, IRREGULAR, OWN, People, residents

BY_BOUNDARY = ("msoa", "lsoa", "local_authority")
RowFields = dict[str, str]


@dataclass
class AreaRows:
    """Counts by area and by how they came there. Fill with ``put``, then ask."""

    finder: AreaFinder
    synthetic: bool
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_how: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    vintages: set[str] = field(default_factory=set)
    outside: float = 0.0
    residents: dict[str, People] = field(default_factory=dict)
    rate_fit: dict[str, str] = field(default_factory=dict)
    any_residents: bool = False

    def put(self, row: RowFields, count: float) -> tuple[str, str]:
        """Key and label of the area under which the row's offences stand."""
        key, label, how = self.finder.find(row)
        self.counts[key] += count
        self.by_how[key, how] += count
        if row["lsoa"]:
            self.vintages |= {self.finder.vintages.vintage_of(row["lsoa"], row["lsoa_vintage"])} - {""}
        if key != UNKNOWN[0] and how != SOURCE and self.finder.area_type in BY_BOUNDARY:
            self.outside += count if self.finder.is_ours(key) is False else 0
        return key, label

    def find_residents(self) -> None:
        """Residents of every row, where they can be told; call it when all is put."""
        given = residents(synthetic=self.synthetic)
        self.any_residents = bool(given)
        for key in self.counts:
            people, how = given.get(key), OWN
            if self.finder.area_type == "lsoa" and not self.synthetic:
                people, how = self.finder.vintages.people(key, given, mixed=self.finder.mixed)
            self.rate_fit[key] = how
            if people:
                self.residents[key] = people

    def fit_of(self, key: str) -> str:
        """How far a row can be trusted: "best_fit", "irregular", "exact" (by the lookup), or "" for its own."""
        hows = {how for (of, how), count in self.by_how.items() if of == key and count} | {
            self.rate_fit.get(key, "")
        }
        return next((how for how in (IRREGULAR, BEST_FIT, EXACT) if how in hows), OWN)

    def by_best_fit(self, key: str) -> float:
        """Offences of a row that stand there by best fit; all of them where its residents do."""
        if self.rate_fit.get(key) == BEST_FIT:
            return self.counts[key]
        return self.by_how.get((key, BEST_FIT), 0.0)

    def _all(self, how: str) -> float:
        return sum(count for (_, of), count in self.by_how.items() if of == how)

    def caveats(self) -> list[str]:
        """In words, each with the number of offences that it is about."""
        said = []
        onto = self.finder.vintages.onto
        if by_name := self._all(NAME):
            said.append(
                f"{tidy(by_name)} of the offences were put into their area by the name of their LSOA, because no "
                "lookup of its code is loaded; names of the 2011 and 2021 vintages can cover different ground."
            )
        if exact := self._all(EXACT):
            said.append(
                f"{tidy(exact)} of the offences have an LSOA code of another census vintage and stand under the area "
                "that holds all of it, by the loaded lookup: the whole that was split, or that others were merged into."
            )
        if fitted := sum(map(self.by_best_fit, self.counts)):
            said.append(
                f"{tidy(fitted)} of the offences stand, or their rate stands, on a best fit: their LSOA was cut up "
                "irregularly between two censuses, and the loaded lookup names the one area that fits best. These rows "
                "say “best fit” and are approximate."
            )
        if cut := sum(count for key, count in self.counts.items() if self.fit_of(key) == IRREGULAR):
            said.append(
                f"{tidy(cut)} of the offences have an LSOA that was cut up irregularly between two censuses, and no best "
                "fit is loaded for it: each code has a row of its own, with a count and no rate."
            )
        if self.outside:
            said.append(
                f"{tidy(self.outside)} of the offences lie in areas that are not among the loaded ones: outside the "
                "force, or of another census vintage. They are listed, never dropped."
            )
        without = sum(count for key, count in self.counts.items() if key not in self.residents)
        if self.any_residents and without:
            said.append(f"No denominator for {tidy(without)} of the offences: their rows have counts, not rates.")
        if self.finder.vintages.change:
            return said
        if len(self.vintages) > 1:
            said.append(
                "The period mixes LSOA codes of 2011 and of 2021; areas that were split or merged are not the same "
                "area throughout. Load the lookup between them."
            )
        elif self.vintages and self.any_residents and onto not in self.vintages:
            said.append(
                f"Codes are of the {next(iter(self.vintages))} vintage, populations of {onto}: they do not fit all of "
                "them. Load the lookup between them."
            )
        return said
