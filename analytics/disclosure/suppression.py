"""Hiding further cells, so that no small count can be found by subtraction (secondary suppression).

After Cox, Suppression methodology and statistical disclosure control, Journal of the American Statistical
Association 75, 1980: hide a complementary cell in each sum through a small one. Whether that is enough is
not left to a rule of thumb: an attacker is run against the result, more is hidden until he fails, and what
turns out to have been hidden needlessly is shown again.

Promise: from all that is known, every number that a small cell's label names stays possible (1 to 4, or 0 to
9); a small cell without even its label stays uncertain by as much; and a cell that was hidden for the sake of
others is known no better than if its number had been shown or rounded.

Known limit: somebody who knows this very algorithm may rule out some tables, because it hides nothing
needlessly (Wong and others, Minimality attack in privacy preserving data publishing, VLDB 2007).
"""

from collections.abc import Mapping, Sequence

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
    small = [key for key in shown if shown[key].kind is Kind.SMALL]
    waiting = list(small)
    while waiting:
        if _all_keep_promise(waiting[:1], shown, table, tier, outside):
            waiting.pop(0)  # hiding more later only makes it less certain
            continue
        another = _next_to_hide(waiting[0], shown, table)
        if another is None:
            return {each: Shown(Kind.HIDDEN) for each in shown}
        shown[another] = Shown(Kind.HIDDEN)
    # What was hidden on the way without need is shown again: labels first, then the largest counts.
    hidden = [key for key, cell in shown.items() if cell.kind is Kind.HIDDEN]
    totals = {each.total for each in table.sums}
    for key in sorted(
        hidden, key=lambda each: (not tier.is_small(table.cells[each]), each in totals, -table.cells[each])
    ):
        trial = shown | {key: tier.show(table.cells[key])}
        if _all_keep_promise(small, trial, table, tier, outside):
            shown = trial
    return shown


def keeps_promise(possible: Interval, cell: Shown, count: int, tier: Tier) -> bool:
    """Whether ``possible``, an attacker's range for a cell without a number, is as wide as promised."""
    if cell.kind is Kind.SMALL:
        return possible.covers(tier.small_from, tier.small_to)
    if tier.is_small(count):  # such as a total whose parts say that it is at least their number
        return possible.width >= tier.small_to - tier.small_from - 1e-6
    told = tier.read(tier.show(count))
    assert told.high is not None
    return not (told.low - 1e-6 <= possible.low and possible.width <= told.high - possible.low + 1e-6)


def _all_keep_promise(
    keys: Sequence[Key], shown: Mapping[Key, Shown], table: Counts, tier: Tier, outside: Mapping[Key, Interval]
) -> bool:
    attacker = Attacker(_known(shown, table, tier, outside), table.sums)
    return all(
        attacker.must_allow(key, tier.small_from, tier.small_to)
        if shown[key].kind is Kind.SMALL
        else keeps_promise(attacker.range_of(key), shown[key], table.cells[key], tier)
        for key in keys
    )


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
    """The least loss: a shown cell near ``key``, the smallest first, totals last; then labels, those of totals first.

    Noughts of the partner tier stay. None where nothing is left to hide.
    """
    totals = {each.total for each in table.sums}
    distance = _distances(key, shown, table)

    def loss(each: Key) -> tuple[bool, float, bool, int, Key]:
        far = float("inf") if each == key else distance.get(each, float("inf"))
        labelled = shown[each].kind is Kind.SMALL
        return labelled, far, (each in totals) != labelled, table.cells[each], each

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
