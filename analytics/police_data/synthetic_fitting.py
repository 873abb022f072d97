"""Whole numbers from shares, and two-way tables of whole numbers from their margins. No data of ours here."""

from collections.abc import Sequence
from typing import Any

import numpy
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, vstack

ROUNDS = 2000
CLOSE = 1e-9


class CannotHold(ValueError):
    """Margins that no table of whole numbers can have together; the message says which."""


def whole_numbers(shares: Sequence[float] | Any, total: int) -> list[int]:
    """Integers in proportion to ``shares`` that sum to ``total`` (largest remainder, first come on ties)."""
    weights = numpy.asarray(shares, dtype=float)
    if total == 0 or not weights.sum():
        return [0] * len(weights)
    exact = weights / weights.sum() * total
    floors = numpy.floor(exact + CLOSE).astype(int)
    order = numpy.argsort(-(exact - floors), kind="stable")
    floors[order[: total - int(floors.sum())]] += 1
    return [int(each) for each in floors]


def fitted(seed: Any, rows: Any, columns: Any) -> Any:
    """``seed`` scaled by iterative proportional fitting until its sums are ``rows`` and ``columns``.

    Deming and Stephan (1940). Raises CannotHold where the margins' totals differ or the zeros forbid them.
    """
    table = numpy.array(seed, dtype=float)
    rows, columns = numpy.asarray(rows, dtype=float), numpy.asarray(columns, dtype=float)
    if abs(rows.sum() - columns.sum()) > CLOSE:
        raise CannotHold(f"the rows sum to {rows.sum():g} and the columns to {columns.sum():g}")
    for _ in range(ROUNDS):
        for axis, wanted in ((1, rows), (0, columns)):
            sums = table.sum(axis=axis)
            factor = numpy.divide(wanted, sums, out=numpy.zeros_like(sums), where=sums > 0)
            table *= factor[:, None] if axis == 1 else factor[None, :]
        if abs(table.sum(axis=1) - rows).max(initial=0) < CLOSE * max(1.0, rows.max(initial=0)):
            return table
    raise CannotHold("cells that must stay empty leave no way to reach the margins")


def whole_table(seed: Any, rows: Any, columns: Any) -> Any:
    """The fitted table in whole numbers, each cell rounded up or down, with exactly these margins.

    The choice of cells to round up is a transportation problem, whose corner solutions are whole numbers
    (Cox 1987, controlled rounding); the sum of their remainders is made as large as it can be.
    """
    table = fitted(seed, rows, columns)
    floors = numpy.floor(table + 1e-7).astype(int)
    more_rows = numpy.asarray(rows) - floors.sum(axis=1)
    more_columns = numpy.asarray(columns) - floors.sum(axis=0)
    which = numpy.argwhere(table - floors > 1e-7)
    if not len(which):
        return floors
    n = numpy.arange(len(which))
    ones = numpy.ones(len(which))
    by_row = coo_matrix((ones, (which[:, 0], n)), shape=(table.shape[0], len(which)))
    by_column = coo_matrix((ones, (which[:, 1], n)), shape=(table.shape[1], len(which)))
    remainder = (table - floors)[which[:, 0], which[:, 1]]
    solved = linprog(
        -remainder,
        A_eq=vstack([by_row, by_column]).tocsr(),
        b_eq=numpy.concatenate([more_rows, more_columns]),
        bounds=(0, 1),
        method="highs-ds",
    )
    if not solved.success:
        raise CannotHold(f"no whole numbers fit these margins ({solved.message})")
    floors[which[:, 0], which[:, 1]] += numpy.rint(solved.x).astype(int)
    return floors
