"""Hiding further cells, so that no small count can be found by subtraction (secondary suppression).

After Cox, Suppression methodology and statistical disclosure control, Journal of the American Statistical
Association 75, 1980: hide a complementary cell in each sum through a small one. Whether that is enough is
not left to a rule of thumb: an attacker is run against the result, and more is hidden until he fails.

Promise: from all that is known, every number that a small cell's label names stays possible (1 to 4, or 0 to
9), and a cell that was hidden for its sake stays uncertain by as much.

Known limit: somebody who knows this very algorithm may rule out some tables, because it hides nothing
needlessly (Wong and others, Minimality attack in privacy preserving data publishing, VLDB 2007).
"""

from collections.abc import Mapping

from analytics.disclosure.attack import Attacker
from analytics.disclosure.tables import ANYTHING, Counts, Interval, Key, Kind, Shown
from analytics.disclosure.tiers import Tier


def protect(table: Counts, tier: Tier, known: Mapping[Key, Interval] | None = None) -> dict[Key, Shown]:
    """Every cell as the tier may see it, in the table's order.

    ``known`` is what its readers have from elsewhere, such as the public tables of the same counts. Where
    even hiding everything would not keep the promise, all cells come back hidden, noughts included.
    """
    outside = known or {}
    shown = {key: tier.show(count) for key, count in table.cells.items()}
    waiting = [key for key in shown if shown[key].kind is Kind.SMALL]
    attacker = Attacker(_known(shown, table, tier, outside), table.sums)
    while waiting:
        key = waiting[0]
        if keeps_promise(attacker.range_of(key), table.cells[key], tier, outside.get(key, ANYTHING)):
            waiting.pop(0)  # hiding more later only makes it less certain
            continue
        another = _next_to_hide(key, shown, table)
        if another is None:
            return {each: Shown(Kind.HIDDEN) for each in shown}
        if shown[another].kind is not Kind.SMALL:
            waiting.append(another)
        shown[another] = Shown(Kind.HIDDEN)
        attacker = Attacker(_known(shown, table, tier, outside), table.sums)
    return shown


def keeps_promise(possible: Interval, count: int, tier: Tier, outside: Interval = ANYTHING) -> bool:
    """Whether ``possible``, an attacker's range for a cell without a number, is as wide as promised.

    ``outside`` is what he was told of this cell elsewhere: a count that is not small and was shown there
    rounded cannot be made less certain than that here.
    """
    if tier.is_small(count):
        return possible.covers(tier.small_from, tier.small_to)
    return possible.width >= min(tier.small_to - tier.small_from, outside.width) - 1e-6


def _known(
    shown: Mapping[Key, Shown], table: Counts, tier: Tier, outside: Mapping[Key, Interval]
) -> dict[Key, Interval]:
    """What the attacker knows. He is given more than he has: which hidden cells are small."""
    inside = {}
    for key, cell in shown.items():
        interval = tier.read(cell)
        if cell.kind is Kind.HIDDEN:
            interval = Interval(tier.small_from if tier.is_small(table.cells[key]) else tier.small_to + 1, None)
        inside[key] = interval.meets(outside.get(key, ANYTHING))
    return inside


def _next_to_hide(key: Key, shown: Mapping[Key, Shown], table: Counts) -> Key | None:
    """The least loss: a shown cell near ``key``, the smallest first, totals last; then labels of small cells.

    Noughts of the partner tier stay. None where nothing is left to hide.
    """
    totals = {each.total for each in table.sums}
    distance = _distances(key, shown, table)

    def loss(each: Key) -> tuple[bool, float, bool, int, Key]:
        far = distance.get(each, float("inf"))
        return shown[each].kind is Kind.SMALL, far, each in totals, table.cells[each], each

    left = [
        each
        for each, cell in shown.items()
        if cell.kind is not Kind.HIDDEN and not (cell.kind is Kind.EXACT and cell.value == 0)
    ]
    return min(left, key=loss, default=None)


def _distances(start: Key, shown: Mapping[Key, Shown], table: Counts) -> dict[Key, int]:
    """How many sums lie between a cell and ``start``, going through cells without a number only."""
    found, edge, steps = {start: 0}, {start}, 0
    while edge:
        steps += 1
        reached: set[Key] = set()
        for each in table.sums:
            cells = {each.total, *each.parts}
            if cells & edge:
                reached |= cells - found.keys()
        found |= dict.fromkeys(reached, steps)
        edge = {key for key in reached if shown[key].value is None}
    return found
