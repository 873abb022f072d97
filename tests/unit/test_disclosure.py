"""Suppression: an attacker with every sum and every shown cell never gets below what the rule promises."""

import itertools
import os

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analytics.disclosure.attack import Attacker, Contradiction
from analytics.disclosure.suppression import keeps_promise, protect
from analytics.disclosure.tables import ANYTHING, Counts, Interval, Kind, Shown, Sum
from analytics.disclosure.tiers import EVALUATOR, NOT_SHOWN, PARTNER, PUBLIC

TOTAL = ("total",)
EXAMPLES = int(os.environ.get("WALKAWAY_EXAMPLES", "30"))


def one_way(*counts: int) -> Counts:
    keys = [("area", str(n)) for n in range(len(counts))]
    return Counts(dict(zip(keys, counts, strict=True)) | {TOTAL: sum(counts)}, (Sum(TOTAL, tuple(keys)),))


def two_way(grid: list[list[int]], areas: list[int] | None = None) -> Counts:
    """Rows and columns with their totals; and, with the same grand total, a list of areas."""
    cells = {("cell", str(r), str(c)): n for r, row in enumerate(grid) for c, n in enumerate(row)}
    sums = []
    for r, row in enumerate(grid):
        cells["row", str(r)] = sum(row)
        sums.append(Sum(("row", str(r)), tuple(("cell", str(r), str(c)) for c in range(len(row)))))
    for c in range(len(grid[0])):
        cells["column", str(c)] = sum(row[c] for row in grid)
        sums.append(Sum(("column", str(c)), tuple(("cell", str(r), str(c)) for r in range(len(grid)))))
    cells[TOTAL] = sum(map(sum, grid))
    sums.append(Sum(TOTAL, tuple(("row", str(r)) for r in range(len(grid)))))
    sums.append(Sum(TOTAL, tuple(("column", str(c)) for c in range(len(grid[0])))))
    if areas is not None:
        cells |= {("area", str(n)): count for n, count in enumerate(areas)}
        sums.append(Sum(TOTAL, tuple(("area", str(n)) for n in range(len(areas)))))
    return Counts(cells, tuple(sums))


def independent_range(table, known, key):
    """The same question, asked without the product's code: dense matrix, one programme for each end."""
    keys = list(table.cells)
    matrix = numpy.zeros((len(table.sums), len(keys)))
    for row, each in enumerate(table.sums):
        matrix[row, keys.index(each.total)] -= 1
        for part in each.parts:
            matrix[row, keys.index(part)] += 1
    ends = []
    for sign in (1, -1):
        aim = numpy.zeros(len(keys))
        aim[keys.index(key)] = sign
        bounds = [(known[k].low, known[k].high) for k in keys]
        found = linprog(aim, A_eq=matrix, b_eq=numpy.zeros(len(table.sums)), bounds=bounds, method="highs")
        ends.append(None if found.status == 3 else sign * found.fun)
        assert found.status in (0, 3), found.message
    return Interval(ends[0], ends[1])


def check(table, tier, outside=None):
    shown = protect(table, tier, outside)
    outside = outside or {}
    known = {key: tier.read(cell).meets(outside.get(key, ANYTHING)) for key, cell in shown.items()}
    for key, cell in shown.items():
        count = table.cells[key]
        if cell.value is None:
            possible = independent_range(table, known, key)
            assert possible.covers(count, count), "the attacker's view must hold the truth"
            if outside and not tier.is_small(count):  # may be known from there already, and is not protected
                before = independent_range(table, {each: outside.get(each, ANYTHING) for each in shown}, key)
                if not keeps_promise(before, cell, count, tier):
                    continue
            assert keeps_promise(possible, cell, count, tier), (key, count, possible, shown)
        else:
            assert not tier.is_small(count)
            assert tier.read(cell).covers(count, count)
    return shown


small = st.one_of(st.integers(0, 6), st.integers(0, 12), st.integers(0, 60))
grids = st.integers(2, 4).flatmap(
    lambda columns: st.lists(st.lists(small, min_size=columns, max_size=columns), min_size=2, max_size=5)
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(small, min_size=1, max_size=9), st.sampled_from([PARTNER, PUBLIC]))
def test_lists_with_a_total_keep_the_promise(counts, tier):
    check(one_way(*counts), tier)


@settings(max_examples=EXAMPLES, deadline=None)
@given(grids, st.sampled_from([PARTNER, PUBLIC]))
def test_tables_with_margins_keep_the_promise(grid, tier):
    check(two_way(grid), tier)


@settings(max_examples=EXAMPLES, deadline=None)
@given(grids, st.lists(st.integers(0, 30), min_size=1, max_size=4))
def test_partners_who_read_the_public_tables_too_learn_no_more(grid, cuts):
    """Two linked tables with one grand total, in both tiers: the partner attacker has all of it."""
    total = sum(map(sum, grid))
    edges = sorted({0, total, *(min(cut, total) for cut in cuts)})
    table = two_way(grid, [b - a for a, b in itertools.pairwise(edges)] or [0])
    public = check(table, PUBLIC)
    check(table, PARTNER, {key: PUBLIC.read(cell) for key, cell in public.items()})


@settings(max_examples=20, deadline=None)
@given(grids)
def test_without_secondary_suppression_the_attacker_wins_somewhere(grid):
    """Proof that the tests above can fail: a table with a single small cell gives it away."""
    grid = [[n + 5 for n in row] for row in grid]
    grid[0][0] = 3
    table = two_way(grid)
    shown = {key: PARTNER.show(count) for key, count in table.cells.items()}
    found = independent_range(table, {k: PARTNER.read(cell) for k, cell in shown.items()}, ("cell", "0", "0"))
    assert (round(found.low), round(found.high)) == (3, 3)
    assert not keeps_promise(found, Shown(Kind.SMALL), 3, PARTNER)


def text(table, tier):
    return {key[-1]: tier.text(cell) for key, cell in protect(table, tier).items()}


def test_partner_cells_read_as_the_rule_says():
    assert text(one_way(0, 7, 20), PARTNER) == {"0": "0", "1": "7", "2": "20", "total": "27"}
    assert text(one_way(3, 7, 20), PARTNER) == {"0": "<5", "1": NOT_SHOWN, "2": "20", "total": "30"}
    assert text(one_way(1, 2, 3, 20), PARTNER) == {"0": "<5", "1": "<5", "2": "<5", "3": "20", "total": "26"}


def test_public_cells_read_as_the_rule_says():
    assert text(one_way(0, 0), PUBLIC) == {"0": "fewer than 10", "1": "fewer than 10", "total": "fewer than 10"}
    assert text(one_way(12, 13, 58), PUBLIC) == {"0": "10", "1": "15", "2": "60", "total": "85"}


def test_four_single_offences_do_not_give_themselves_away_by_a_small_total():
    """1 + 1 + 1 + 1 with "<5" everywhere could only be ones: the total must go."""
    shown = protect(one_way(1, 1, 1, 1), PARTNER)
    assert shown[TOTAL].kind is Kind.HIDDEN
    assert {shown["area", str(n)].kind for n in range(4)} == {Kind.SMALL}


def test_evaluators_see_everything():
    table = two_way([[1, 2], [0, 4]])
    assert all(cell == Shown(Kind.EXACT, table.cells[key]) for key, cell in protect(table, EVALUATOR).items())


def test_rounded_numbers_say_no_more_than_their_rounding():
    for count in range(10, 200):
        cell = PUBLIC.show(count)
        assert cell.value % 5 == 0
        assert PUBLIC.read(cell).covers(count, count)
    assert PUBLIC.read(PUBLIC.show(11)) == Interval(10, 12)
    assert PUBLIC.read(PUBLIC.show(13)) == Interval(13, 17)


def test_tables_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="do not add up"):
        Counts({TOTAL: 3, ("a",): 1}, (Sum(TOTAL, (("a",),)),))
    with pytest.raises(ValueError, match="not a count"):
        Counts({TOTAL: -1}, ())
    with pytest.raises(ValueError, match="no cell"):
        Counts({TOTAL: 1}, (Sum(TOTAL, (("a",),)),))


def test_an_attacker_notices_what_cannot_be_true():
    table = one_way(2, 3)
    known = {TOTAL: Interval(9, 9), ("area", "0"): Interval(1, 4), ("area", "1"): Interval(1, 4)}
    with pytest.raises(Contradiction):
        Attacker(known, table.sums).range_of(TOTAL)
