"""Victims and suspects of a synthetic extract: bands, sex, home area, and which of them are the same person."""

from dataclasses import dataclass
from typing import Any

import numpy

from analytics.police_data.synthetic_fitting import whole_numbers
from analytics.police_data.synthetic_offences import Rows

AGE_BANDS = ("0-9", "10-14", "15-17", "18-21", "22-24", "25-29", "30-34", "35-44", "45-54", "55-64", "65+")
MINORS, UNDER_25 = slice(0, 3), slice(0, 5)
ROLES = ("victim", "suspect")


@dataclass
class People:
    """One role's person of each offence; empty texts where there is none or the value is unknown."""

    there: Any  # mask over the offences
    sex: Any
    age: Any
    home: Any
    person: Any  # id, empty where there is nobody


class PeopleMaker:
    """Draws the people of all offences. Margins are met among known values, block by block."""

    def __init__(self, data: dict[str, Any], rng: numpy.random.Generator) -> None:
        self.data, self.rng = data["persons"], rng

    def make(self, rows: Rows, scales: list[float]) -> dict[str, People]:
        """``scales``: each block's size in relation to the window of the targets."""
        count = len(rows.code)
        made = {role: People(*(self._empty(count, role) for _ in range(5))) for role in ROLES}
        made["victim"].there = ~numpy.isin(rows.code, self.data["no_victim"])
        share = self.data["suspect_share"]
        made["suspect"].there = self.rng.random(count) < numpy.where(rows.night, share["night"], share["other"])
        for n, scale in enumerate(scales):
            self._block(rows, rows.block == n, scale, made)
        for role in ROLES:
            for n, scale in enumerate(scales):
                wanted = round(self.data[f"{role}s_with_home"] * scale)
                self._identities(role, made[role], (rows.block == n) & made[role].there, wanted, n)
        return made

    def _empty(self, count: int, role: str) -> Any:
        return numpy.full(count, "", dtype="U32")

    # --- who

    def _block(self, rows: Rows, mask: Any, scale: float, made: dict[str, People]) -> None:
        afternoon = self._afternoon(rows, mask, scale)
        made["suspect"].there |= afternoon & (self.rng.random(len(afternoon)) < 0.5)
        minor_victim = afternoon & made["victim"].there & (self.rng.random(len(afternoon)) < 0.8)
        minor_suspect = afternoon & (~minor_victim | (self.rng.random(len(afternoon)) < 0.5))
        made["suspect"].there |= minor_suspect
        adults_only = mask & (rows.hour == 15) & ~afternoon
        for role in ROLES:
            people = made[role]
            there = mask & people.there
            minors = (minor_victim if role == "victim" else minor_suspect) & there
            for kind, part in (("night", there & rows.night), ("other", there & ~rows.night)):
                self._draw(people.sex, part & ~afternoon, "fm", self._sexes(self.data["male"][role][kind]), "sex")
                ages = numpy.array(self.data["ages"][f"{role}_{kind}"], dtype=float)
                grown = ages.copy()
                grown[MINORS] = 0
                young = numpy.where(numpy.arange(len(ages)) < 3, ages, 0) + (numpy.arange(len(ages)) == 2)
                self._draw(people.age, part & ~minors & ~adults_only, AGE_BANDS, ages, "age")
                self._draw(people.age, part & adults_only, AGE_BANDS, grown, "age")
                self._draw(people.age, part & minors, AGE_BANDS, young, "")
                homes = self.data["homes"]
                self._draw(people.home, part, homes["names"], homes[f"{role}_{kind}"], "home")
            self._draw(people.sex, there & afternoon, "fm", self._sexes(self.data["afternoon"]["male"][role]), "")
        self._high_harm(rows, mask & made["victim"].there & ~afternoon & (rows.hour != 15), mask, made["victim"])

    @staticmethod
    def _sexes(male: float) -> list[float]:
        return [1 - male, male]

    def _draw(self, column: Any, mask: Any, labels: Any, shares: Any, unknown: str) -> None:
        """Fills the masked rows with labels in exact shares; a share of them stays unknown."""
        which = self.rng.permutation(numpy.flatnonzero(mask))
        left_out = round(self.data["unknown_share"][unknown] * len(which)) if unknown else 0
        known = which[left_out:]
        column[known] = numpy.repeat(list(labels), whole_numbers(shares, len(known)))

    def _afternoon(self, rows: Rows, mask: Any, scale: float) -> Any:
        """Offences from 15:00 to 15:59 that shall have somebody under 18, in the published mix."""
        targets = self.data["afternoon"]
        chosen = numpy.zeros(len(mask), dtype=bool)
        assault, robbery = targets["assault"], targets["robbery"]
        wanted = whole_numbers(
            [assault["share"], robbery["share"], 1 - assault["share"] - robbery["share"]],
            round(targets["offences"] * scale),
        )
        neither = ~numpy.isin(rows.code, assault["codes"] + robbery["codes"] + self.data["no_victim"])
        kinds = (numpy.isin(rows.code, assault["codes"]), numpy.isin(rows.code, robbery["codes"]), neither)
        for count, kind in zip(wanted, kinds, strict=True):
            which = numpy.flatnonzero(mask & (rows.hour == 15) & kind)
            chosen[self.rng.permutation(which)[:count]] = True
        return chosen

    def _high_harm(self, rows: Rows, free: Any, block: Any, victims: People) -> None:
        """Sets ages of victims of homicide, serious harm and robbery so that the share under 25 comes out."""
        harm = numpy.isin(rows.code, self.data["high_harm"]) & block & (victims.age != "")
        young = numpy.isin(victims.age, AGE_BANDS[UNDER_25])
        wanted = round(self.data["under_25_of_high_harm"] * int(harm.sum()))
        change = numpy.flatnonzero(harm & free & ~rows.night)
        have_elsewhere = int((harm & young).sum()) - int(young[change].sum())
        count = min(max(wanted - have_elsewhere, 0), len(change))
        shares = numpy.array(self.data["ages"]["victim_other"], dtype=float)
        below, above = shares.copy(), shares.copy()
        below[5:] = 0
        above[UNDER_25] = 0
        order = self.rng.permutation(change)
        self._draw(victims.age, numpy.isin(numpy.arange(len(harm)), order[:count]), AGE_BANDS, below, "")
        self._draw(victims.age, numpy.isin(numpy.arange(len(harm)), order[count:]), AGE_BANDS, above, "")

    # --- which of them are one person

    def _identities(self, role: str, people: People, mask: Any, wanted: int, block: int) -> None:
        """Ids so that ``wanted`` different people with a known home stand behind the offences.

        People of one id agree in sex, age band and home. Somebody without a known home is taken once.
        """
        mark = f"SYN-{role[0].upper()}{block}"
        known = numpy.flatnonzero(mask & (people.home != "") & (people.home != "Outside the force"))
        other = numpy.flatnonzero(mask & ((people.home == "") | (people.home == "Outside the force")))
        people.person[other] = [f"{mark}X{n:06d}" for n in range(len(other))]
        if not len(known):
            return
        labels = numpy.char.add(numpy.char.add(people.sex[known], people.age[known]), people.home[known])
        _, cell, sizes = numpy.unique(labels, return_inverse=True, return_counts=True)
        distinct = min(max(wanted, len(sizes)), len(known))
        people_in = numpy.array(whole_numbers(sizes - 1, distinct - len(sizes))) + 1
        first = numpy.concatenate(([0], people_in.cumsum()))
        order = self.rng.permutation(len(known))
        order = order[numpy.argsort(cell[order], kind="stable")]
        begins = numpy.concatenate(([0], sizes.cumsum()))
        rank = numpy.arange(len(known)) - begins[cell[order]]
        within = numpy.where(
            rank < people_in[cell[order]],
            rank,
            numpy.floor(self.rng.random(len(known)) ** 2 * people_in[cell[order]]),
        ).astype(int)
        numbers = first[cell[order]] + within
        people.person[known[order]] = [f"{mark}N{n:06d}" for n in numbers]
