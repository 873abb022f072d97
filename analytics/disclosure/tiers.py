"""Who sees which counts: one rule for each tier.

The limits are settings of judgement, not law; a force's data protection officer may ask for stricter ones.
- Partner: 1 to 4 are shown as "<5", as is usual between bodies that share health and crime counts in England.
- Public: counts below 10 are suppressed and the others rounded to 5, which is the practice of the Office for
  National Statistics for tables from linked and administrative data. Nought counts as below 10.
- At least four weeks and three venues stand behind each public cell, so that no cell is one bad night or one
  door (a dominance rule in the sense of Hundepool and others, Statistical Disclosure Control, 2012, ch. 4).
"""

from dataclasses import dataclass

from analytics.disclosure.tables import ANYTHING, Interval, Kind, Shown

NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Tier:
    """Counts from ``small_from`` to ``small_to`` get ``small_label``; others are rounded to ``rounded_to``."""

    name: str
    small_from: int
    small_to: int
    small_label: str
    rounded_to: int = 1
    least_weeks: int = 0
    least_venues: int = 0

    def is_small(self, count: int) -> bool:
        """Whether the count itself must not be shown."""
        return self.small_from <= count <= self.small_to

    def show(self, count: int) -> Shown:
        """The cell as it is shown before anything is hidden for the sake of others."""
        if self.is_small(count):
            return Shown(Kind.SMALL)
        if self.rounded_to == 1:
            return Shown(Kind.EXACT, count)
        return Shown(Kind.ROUNDED, self.rounded_to * round(count / self.rounded_to))

    def read(self, cell: Shown) -> Interval:
        """All that a cell says by itself to somebody who knows the rules."""
        if cell.kind is Kind.SMALL:
            return Interval(self.small_from, self.small_to)
        if cell.kind is Kind.HIDDEN:
            return ANYTHING
        assert cell.value is not None
        if cell.kind is Kind.EXACT:
            return Interval(cell.value, cell.value)
        # an odd step: 5 makes 15 of 13 to 17; what is below the limit never carries a number
        half = self.rounded_to // 2
        return Interval(max(cell.value - half, self.small_to + 1), cell.value + half)

    def text(self, cell: Shown) -> str:
        """The words or the number of a cell, for a table."""
        if cell.kind is Kind.SMALL:
            return self.small_label
        return NOT_SHOWN if cell.kind is Kind.HIDDEN else str(cell.value)


EVALUATOR = Tier("evaluator", 1, 0, "")  # nothing is small: exact counts, audited, never passed on
PARTNER = Tier("partner", 1, 4, "<5")
PUBLIC = Tier("public", 0, 9, "fewer than 10", rounded_to=5, least_weeks=4, least_venues=3)
TIERS = {tier.name: tier for tier in (EVALUATOR, PARTNER, PUBLIC)}
