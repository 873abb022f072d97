"""Taking out fixed effects exactly: one small linear system instead of many rounds of projections.

A panel is a list of cells; each fixed effect is an integer code per cell (0..levels-1). With two effects the weighted
normal equations have a diagonal block for each effect; eliminating the larger one leaves a system as wide as the
smaller (a Schur complement, a graph Laplacian), solved area by area. Where areas are separate (unit and area-by-week
effects) the systems are tiny and go through BLAS in one batch. Panels too ragged for a grid take the same system whole:
by its eigenvectors where it is small, by conjugate gradients where it is not. Source: Guimarães and Portugal 2010 (Stata Journal 10:628) for the projection; Correia 2016
(reghdfe, section 3) for the Laplacian view.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Project = Callable[[Array], Array]

GRID_WASTE = 4  # a grid may hold this many places for each cell
GRID_WIDEST = 3000  # the dense system's largest width
SMALL = 100  # a ragged panel's system up to this width is solved by its eigenvectors
NO_WEIGHT = 1e-11  # eigenvalues (0 to 1) below it are levels that the system does not know
CG_TOLERANCE = 1e-13
CG_ROUNDS = 20_000


class DoesNotConverge(ArithmeticError):
    """The iteration did not settle; the message says which."""


def codes_of(values: NDArray) -> Codes:
    """Integer codes 0..n-1 in sorted order of the distinct values."""
    values = np.asarray(values)
    if values.dtype.kind in "iu" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low <= 4 * len(values):  # counting is faster than sorting
            present = np.zeros(high - low + 1, dtype=bool)
            present[values - low] = True
            if present.all():
                return (values - low).astype(np.int64)
            return (np.cumsum(present) - 1)[values - low].astype(np.int64)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


class Layout(Protocol):
    """Where cells lie while a model is fitted."""

    def spread(self, cells: Array) -> Array:
        """Cells (n) to the layout's shape; places without a cell hold 0."""

    def gather(self, values: Array) -> Array:
        """The layout's shape back to cells (n)."""

    def solver(self, weights: Array) -> Project:
        """For weights (layout's shape, 0 or more): a function from w v to the projection of v on the effects."""


def layout_of(effects: list[Codes], n: int) -> Layout:
    """The fastest layout for these effects (none, one or two). Raises ValueError for more."""
    if len(effects) > 2:
        raise ValueError("At most two fixed effects: unit and time (or area by time).")
    if len(effects) < 2:
        return _OneEffect(effects[0] if effects else np.zeros(n, dtype=np.int64))
    unit, period = effects
    component_u, component_p = components(unit, period)
    grid = _Grid.of(unit, period, component_u, component_p)
    return grid or _Ragged(unit, period)


def components(unit: Codes, period: Codes) -> tuple[Codes, Codes]:
    """The connected component of each unit and of each period (units and periods linked by cells)."""
    n_units, n_periods = int(unit.max()) + 1, int(period.max()) + 1
    if len(unit) == n_units * n_periods:  # one row a cell, so the grid is full and hangs together
        return np.zeros(n_units, dtype=np.int64), np.zeros(n_periods, dtype=np.int64)
    # Most panels are areas of full rows: passing the smallest label round settles them in two rounds.
    of_unit = np.arange(n_units)
    of_period = np.empty(n_periods, dtype=np.int64)
    for _ in range(4):
        before = of_unit.copy()
        of_period.fill(n_units)
        np.minimum.at(of_period, period, of_unit[unit])
        np.minimum.at(of_unit, unit, of_period[period])
        if (before == of_unit).all():
            break
    else:
        links = sparse.coo_matrix((np.ones(len(unit)), (unit, n_units + period)), shape=(n_units + n_periods,) * 2)
        labels = connected_components(links, directed=False)[1]
        of_unit, of_period = labels[:n_units], labels[n_units:]
    both = codes_of(np.concatenate([of_unit, of_period]))
    return both[:n_units], both[n_units:]


class _OneEffect:
    def __init__(self, code: Codes) -> None:
        self.code = code

    def spread(self, cells: Array) -> Array:
        return np.asarray(cells, dtype=np.float64)

    def gather(self, values: Array) -> Array:
        return values

    def solver(self, weights: Array) -> Project:
        total = np.bincount(self.code, weights=weights)
        total[total <= 0] = 1.0
        return lambda weighted: (np.bincount(self.code, weights=weighted) / total)[self.code]


class _Grid:
    """Components (areas) x units x periods, padded with places of no weight."""

    def __init__(self, place: Codes | None, shape: tuple[int, int, int]) -> None:
        self.place, self.shape = place, shape

    @classmethod
    def of(cls, unit: Codes, period: Codes, component_u: Codes, component_p: Codes) -> "_Grid | None":
        count = int(component_u.max()) + 1
        sizes = np.bincount(component_u, minlength=count), np.bincount(component_p, minlength=count)
        shape = count, int(sizes[0].max()), int(sizes[1].max())
        if (
            np.prod([float(side) for side in shape]) > GRID_WASTE * len(unit) + 1000
            or min(shape[1:]) > GRID_WIDEST
        ):
            return None
        rank_u, rank_p = _rank_within(component_u), _rank_within(component_p)
        place = (component_u[unit] * shape[1] + rank_u[unit]) * shape[2] + rank_p[period]
        in_order = len(unit) == shape[0] * shape[1] * shape[2] and bool((place == np.arange(len(unit))).all())
        return cls(None if in_order else place, shape)

    def spread(self, cells: Array) -> Array:
        if self.place is None:
            return np.ascontiguousarray(cells, dtype=np.float64).reshape(self.shape)
        grid = np.zeros(self.shape)
        grid.reshape(-1)[self.place] = cells
        return grid

    def gather(self, values: Array) -> Array:
        flat = np.broadcast_to(values, self.shape).reshape(-1)
        return flat if self.place is None else flat[self.place]

    def solver(self, weights: Array) -> Project:
        by_unit = self.shape[1] <= self.shape[2]  # the narrower side stays
        if not by_unit:
            weights = weights.transpose(0, 2, 1)
        stay, leave = weights.sum(axis=2), weights.sum(axis=1)
        empty = stay <= 0
        leave = np.where(leave > 0, leave, 1.0)
        shares = weights / leave[:, None, :]
        system = -(shares @ weights.transpose(0, 2, 1))
        width = system.shape[1]
        diagonal = np.arange(width)
        largest = np.maximum(stay.max(axis=1, keepdims=True), 1e-300)
        # Level and slope: the Laplacian does not know the level of its solution; fixing the mean changes nothing else.
        system[:, diagonal, diagonal] += np.where(empty, largest, stay * (1 + 1e-14))
        system += (largest / width)[:, :, None]
        inverse = np.linalg.inv(system)
        across = weights.transpose(0, 2, 1)

        def project(weighted: Array) -> Array:
            if not by_unit:
                weighted = weighted.transpose(0, 2, 1)
            right, below = weighted.sum(axis=2)[:, :, None], weighted.sum(axis=1)[:, :, None]
            first = inverse @ (right - shares @ below)
            second = (below - across @ first) / leave[:, :, None]
            if by_unit:
                return first + second.transpose(0, 2, 1)
            return first.transpose(0, 2, 1) + second

        return project


class _Ragged:
    """Two effects whose cells fill no grid: the Schur complement in sparse form."""

    def __init__(self, unit: Codes, period: Codes) -> None:
        self.unit, self.period = unit, period
        self.swap = int(unit.max()) > int(period.max())
        if self.swap:
            self.unit, self.period = period, unit
        self.sizes = int(self.unit.max()) + 1, int(self.period.max()) + 1

    def spread(self, cells: Array) -> Array:
        return np.asarray(cells, dtype=np.float64)

    def gather(self, values: Array) -> Array:
        return values

    def solver(self, weights: Array) -> Project:
        links = sparse.csr_matrix((weights, (self.unit, self.period)), shape=self.sizes)
        across = links.T.tocsr()
        stay = np.asarray(np.bincount(self.unit, weights=weights, minlength=self.sizes[0]), dtype=np.float64)
        leave = np.asarray(np.bincount(self.period, weights=weights, minlength=self.sizes[1]), dtype=np.float64)
        stay = np.where(stay > 0, stay, 1.0)
        leave = np.where(leave > 0, leave, 1.0)
        inverse = _small_inverse(links, stay, leave) if self.sizes[0] <= SMALL else None

        def project(weighted: Array) -> Array:
            right = np.bincount(self.unit, weights=weighted, minlength=self.sizes[0])
            below = np.bincount(self.period, weights=weighted, minlength=self.sizes[1])
            right = right - links @ (below / leave)
            first = (
                inverse @ right
                if inverse is not None
                else _conjugate_gradients(lambda v: stay * v - links @ ((across @ v) / leave), right, stay)
            )
            second = (below - across @ first) / leave
            return first[self.unit] + second[self.period]

        return project


def _small_inverse(links: sparse.csr_matrix, stay: Array, leave: Array) -> Array:
    """Inverse of diag(stay) - links diag(1 / leave) links' but for the level of each connected part, which it leaves at 0.

    Scaled by diag(stay) the system is a normalised Laplacian: its eigenvalues lie from 0 to 1 (Chung 1997, chapter 1).
    """
    dense = links.toarray() / np.sqrt(stay)[:, None]
    values, vectors = np.linalg.eigh(np.eye(len(stay)) - (dense / leave) @ dense.T)
    known = vectors[:, values > NO_WEIGHT] / np.sqrt(stay)[:, None]
    return np.asarray((known / values[values > NO_WEIGHT]) @ known.T)


def _conjugate_gradients(apply: Project, right: Array, diagonal: Array) -> Array:
    """Solves a semi-definite system whose right side lies in its range; Jacobi preconditioner."""
    solution, left = np.zeros_like(right), right.copy()
    size = float(np.abs(right / diagonal).max())
    if size == 0:
        return solution
    step = left / diagonal
    direction, energy = step, float(left @ step)
    for _ in range(CG_ROUNDS):
        applied = apply(direction)
        curve = float(direction @ applied)
        if curve <= 0:
            return solution
        solution = solution + (energy / curve) * direction
        left = left - (energy / curve) * applied
        step = left / diagonal
        if float(np.abs(step).max()) <= CG_TOLERANCE * size:
            return solution
        before, energy = energy, float(left @ step)
        direction = step + (energy / before) * direction
    raise DoesNotConverge(
        "Taking out the fixed effects did not settle. Check the panel for units that share no period."
    )


def _rank_within(component: Codes) -> Codes:
    """The running number of each member inside its component."""
    order = np.argsort(component, kind="stable")
    sizes = np.bincount(component)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = np.empty(len(component), dtype=np.int64)
    rank[order] = np.arange(len(component)) - starts
    return rank


def demean(columns: Array, weights: Array, effects: list[Codes]) -> Array:
    """Columns (cells x k) less their weighted projection on all effects. Weights (cells) must not be negative."""
    out = np.array(columns, dtype=float)
    if out.size == 0 or not effects:
        return out
    layout = layout_of(effects, len(out))
    w = layout.spread(weights)
    project = layout.solver(w)
    for j in range(out.shape[1]):
        v = layout.spread(out[:, j])
        for _ in range(2):  # the second time takes away what rounding left
            v = v - project(w * v)
        out[:, j] = layout.gather(v)
    return out


def absorbed(effects: list[Codes]) -> int:
    """Number of free parameters in the effects: levels less one for each connected component of the second."""
    if not effects:
        return 0
    if len(effects) == 1:
        return int(effects[0].max()) + 1
    of_unit, of_period = components(effects[0], effects[1])
    return len(of_unit) + len(of_period) - (int(max(of_unit.max(), of_period.max())) + 1)
