"""Cells that a combination of regressors and effects sets apart: the likelihood of counts rises there for ever.

A combination that is 0 wherever something happened, nowhere negative, and above 0 at some cells without an event has no
finite coefficient: every step along it makes those cells' expectation smaller and changes nothing else. Such cells say
nothing about what stays finite and are left out; a column that only they tell from the rest has no size (Correia,
Guimarães and Zylkin 2019, "Verifying the existence of maximum likelihood estimates for generalized linear models",
arXiv:1903.01633; section 4 has the iterative rectifier).
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from analytics.statistics.cells import Kept
from analytics.statistics.fitting import Fit
from analytics.statistics.fixed_effects import Array, Codes, layout_of

WITH_EVENTS = 1e3  # weight of a cell with an event in the projection; any weight above 0 ends at the same place
MOST_ROUNDS = 200
LARGEST_PROGRAMME = 200_000  # cells
SETTLED = 1e-8  # of the largest value: how far the combination may be below 0, or off it where there are events
APART = 1e-4  # of the largest value of the combination that was found
SUSPICIOUS = 1e-5  # expected, of the mean: fits leave separated cells far below this
NO_VARIATION = 1e-7  # of a column's own size, left when others are taken out


@dataclass(frozen=True)
class Identified:
    """Which columns (k, bool) vary apart from the effects and all other columns, and which of them are `needed`:
    those that add something to the ones before them."""

    apart: Kept
    needed: Kept


def looks_separated(fitted: Fit, y: Array) -> bool:
    """Whether a fit (y over its cells) expects next to nothing somewhere: cheap, and true for every separated panel."""
    empty = y <= 0
    return bool(empty.any() and (fitted.mu[empty] < SUSPICIOUS * float(fitted.mu.mean())).any())


def separated_cells(y: Array, x: Array, effects: list[Codes]) -> Kept:
    """Cells (bool) without an event that columns (`x`, cells x k) and effects set apart. Zero margins must be gone.

    Raises DoesNotConverge where the effects cannot be taken out.
    """
    apart = np.zeros(len(y), dtype=bool)
    while True:
        left = ~apart
        found = _rectified(y[left], x[left], [np.unique(code[left], return_inverse=True)[1] for code in effects])
        if not found.any():
            return apart
        apart[np.flatnonzero(left)[found]] = True


def _rectified(y: Array, x: Array, effects: list[Codes]) -> Kept:
    """Projects on what columns and effects can say, then on what is 0 or more (0 at cells with events), in turn."""
    empty = y <= 0
    nothing = np.zeros(len(y), dtype=bool)
    if not empty.any() or empty.all():
        return nothing
    layout = layout_of(effects, len(y))
    weights = layout.spread(np.where(empty, 1.0, WITH_EVENTS))
    project = layout.solver(weights)
    basis: list[Array] = []
    for column in np.asarray(x, dtype=np.float64).T:
        laid = layout.spread(column)
        size = float((weights * laid * laid).sum())
        for _ in range(2):
            laid = laid - project(weights * laid)
            for other in basis:
                laid = laid - float((weights * other * laid).sum()) * other
        length = float((weights * laid * laid).sum())
        if length > NO_VARIATION**2 * size:
            basis.append(laid / np.sqrt(length))
    u = free = layout.spread(empty.astype(float))
    for _ in range(MOST_ROUNDS):
        said = project(weights * u)
        for column in basis:
            said = said + float((weights * column * u).sum()) * column
        new = np.maximum(said, 0.0) * free
        largest = float(new.max())
        if largest < APART:
            return nothing
        if float(np.abs(said - new).max()) < SETTLED * largest:  # what is said is the combination itself
            return np.asarray(layout.gather(new) > APART * largest, dtype=bool)
        u = new
    if len(y) > LARGEST_PROGRAMME:
        return nothing  # no proof: the fit says that it has no finite size, or does not settle
    return _by_linear_programme(empty, x, effects)


def _by_linear_programme(empty: Kept, x: Array, effects: list[Codes]) -> Kept:
    """The same question exactly, for the few panels where projections come near an answer too slowly.

    Maximises how many empty cells are set apart: s of 0 to 1 under the combination, which is 0 where there are events.
    """
    scaled = [column / max(float(np.ptp(column)), 1e-300) for column in np.asarray(x, dtype=np.float64).T]
    rows = np.arange(len(empty))
    parts = [
        sparse.csr_matrix((np.ones(len(rows)), (rows, code))) for code in effects or [np.zeros(len(rows), int)]
    ]
    design = sparse.hstack([sparse.csr_matrix(np.column_stack(scaled)), *parts] if scaled else parts).tocsr()
    many, wide = int(empty.sum()), design.shape[1]
    found = optimize.linprog(
        np.append(np.zeros(wide), -np.ones(many)),
        A_ub=sparse.hstack([-design[empty], sparse.identity(many)]), b_ub=np.zeros(many),
        A_eq=sparse.hstack([design[~empty], sparse.csr_matrix((int((~empty).sum()), many))]), b_eq=np.zeros(int((~empty).sum())),
        bounds=[(None, None)] * wide + [(0, 1)] * many, method="highs",
    )  # fmt: skip
    apart = np.zeros(len(empty), dtype=bool)
    if found.status == 0:
        apart[empty] = found.x[wide:] > 0.5
    return apart


def identified(x: Array, effects: list[Codes]) -> Identified:
    """Whether each column (`x`, cells x k) still varies apart from the effects and the others."""
    layout = layout_of(effects, len(x))
    weights = layout.spread(np.ones(len(x)))
    project = layout.solver(weights)
    columns = []
    for column in np.asarray(x, dtype=np.float64).T:
        laid = layout.spread(column)
        size = np.sqrt(float((laid * laid).sum()))
        for _ in range(2):
            laid = laid - project(weights * laid)
        columns.append((layout.gather(laid), size))
    table = np.column_stack([column for column, _ in columns])
    sizes = np.array([max(size, 1e-300) for _, size in columns])
    k = table.shape[1]
    apart, needed = np.zeros(k, dtype=bool), np.zeros(k, dtype=bool)
    for j in range(k):
        apart[j] = _left(table[:, j], np.delete(table, j, axis=1)) > NO_VARIATION * sizes[j]
        needed[j] = _left(table[:, j], table[:, :j][:, needed[:j]]) > NO_VARIATION * sizes[j]
    return Identified(apart, needed)


def _left(column: Array, others: Array) -> float:
    """Length of what others leave of a column."""
    if not others.shape[1]:
        return float(np.linalg.norm(column))
    return float(np.linalg.norm(column - others @ np.linalg.lstsq(others, column, rcond=1e-10)[0]))
