"""The design test: whole exposure paths of whole clusters change places, and the score is worked out again.

Clusters change places only with clusters of the same size and area (and, if the plan says so, half of baseline), so that
every draw is a roll-out that could have happened. The statistic is the efficient score at no effect, studentised by
cluster. p = (1 + hits) / (draws + 1) (Phipson and Smyth 2010, Statistical Applications in Genetics 9:39). Studentised
permutation: Chung and Romano 2013 (Annals of Statistics 41:484).
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.fixed_effects import Array, Codes

PURPOSE = 46
CHUNK = 4_000_000  # numbers held at a time

Strata = list[list[list[tuple[int, Codes]]]]


@dataclass(frozen=True)
class Grid:
    """One area: units x weeks, rows in identifier order, no empty row or column of outcomes.

    A full grid needs `exposure`, `outcome` and `cluster` (one per unit). Where cells are missing, or there is an offset
    or weights, give also the null model's `residual` and working `weights` (0 where there is no cell); `exposure` then
    holds a value in every place (see filled_forward), for it may move to a unit that has the week. `residual` without
    `weights` is taken as it is: its product with the exposure is the score.
    """

    exposure: Array
    outcome: Array
    cluster: Codes
    residual: Array | None = None
    weights: Array | None = None


@dataclass(frozen=True)
class PermutationTest:
    """`p` two-sided; `distinct`: how many different arrangements exist; `null`: statistics of the draws.

    `p_correlation` is the same test of the within correlation (of its numerator: the rest does not move with full rows).
    """

    p: float
    statistic: float
    draws: int
    distinct: float
    null: Array
    p_correlation: float
    correlation_statistic: float


def strata_of(grids: list[Grid], *, baseline_halves: bool = False) -> Strata:
    """For each grid, groups of interchangeable clusters as (cluster, its unit rows).

    Without ``baseline_halves`` clusters of one size and area may all change places: more arrangements in small towns.
    """
    result = []
    for grid in grids:
        weeks = grid.outcome.shape[1]
        early = grid.outcome[:, : max(8, weeks // 5)].sum(axis=1)
        members = [(int(c), np.flatnonzero(grid.cluster == c)) for c in np.unique(grid.cluster)]
        baseline = {c: early[rows].sum() for c, rows in members}
        median = float(np.median(list(baseline.values())))
        groups: dict[tuple[int, bool], list[tuple[int, Codes]]] = defaultdict(list)
        for c, rows in members:
            groups[len(rows), baseline_halves and baseline[c] > median].append((c, rows))
        result.append(list(groups.values()))
    return result


def distinct_arrangements(grids: list[Grid], strata: Strata) -> float:
    """Product over strata of n! / product of (multiplicity of identical paths)!."""
    log_total = 0.0
    for grid, groups in zip(grids, strata, strict=True):
        for group in groups:
            paths = Counter(grid.exposure[rows].tobytes() for _, rows in group)
            log_total += math.lgamma(len(group) + 1) - sum(math.lgamma(count + 1) for count in paths.values())
    return float(round(math.exp(log_total))) if log_total < 30 else math.exp(min(log_total, 690.0))


def block_permutation(
    grids: list[Grid], *, draws: int, seed: int, baseline_halves: bool = False
) -> PermutationTest | None:
    """Cluster-studentised efficient score at no effect, and the within correlation, under random relabelling.

    None when there is nothing to permute.
    """
    strata = strata_of(grids, baseline_halves=baseline_halves)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, PURPOSE])))
    areas = [_Area(grid, groups) for grid, groups in zip(grids, strata, strict=True)]
    observed, observed_r = (float(each[0]) for each in _statistics(areas, [area.identity() for area in areas]))
    if not math.isfinite(observed):
        return None
    null, null_r = np.empty(draws), np.empty(draws)
    size = max(1, CHUNK // sum(len(grid.outcome) for grid in grids))
    for start in range(0, draws, size):
        some = min(size, draws - start)
        moved = [area.draw(generator, some) for area in areas]
        null[start : start + some], null_r[start : start + some] = _statistics(areas, moved)
    hits = int((np.abs(null) >= abs(observed) - 1e-12).sum())
    hits_r = int((np.abs(null_r) >= abs(observed_r) - 1e-12).sum())
    return PermutationTest(
        (1 + hits) / (draws + 1),
        observed,
        draws,
        distinct_arrangements(grids, strata),
        null,
        (1 + hits_r) / (draws + 1),
        observed_r,
    )


def grids_of(
    x: Array, y: Array, residual: Array, weights: Array, unit: Codes, time: Codes, area: Codes, cluster: Codes,
    *, always_weighted: bool = False, projected: bool = True,
) -> list[Grid]:  # fmt: skip
    """One Grid for each area with two units or more. All arrays over cells; `time` sorts in time order.

    Areas of full rows take the closed form, unless ``always_weighted`` (offset, weights or a Gaussian model); without
    ``projected`` the residual is a score factor as it is.
    """
    grids = []
    for name in np.unique(area):
        inside = area == name
        units, row = np.unique(unit[inside], return_inverse=True)
        weeks, column = np.unique(time[inside], return_inverse=True)
        if len(units) < 2:
            continue
        shape = len(units), len(weeks)
        exposure, *others = (np.full(shape, fill) for fill in (np.nan, 0.0, 0.0, 0.0))
        exposure[row, column] = x[inside]
        for grid, cells in zip(others, (y, residual, weights), strict=True):
            grid[row, column] = cells[inside]
        groups = np.zeros(len(units), dtype=np.int64)
        groups[row] = cluster[inside]
        groups = np.unique(groups, return_inverse=True)[1]
        if inside.sum() == shape[0] * shape[1] and not always_weighted:
            grids.append(Grid(exposure, others[0], groups))
        else:
            grids.append(
                Grid(filled_forward(exposure), others[0], groups, others[1], others[2] if projected else None)
            )
    return grids


def filled_forward(exposure: Array) -> Array:
    """Units x weeks with unknown exposure (nan) as it was in the unit's last known week; before the first, as in it."""
    known = ~np.isnan(exposure)
    weeks = np.arange(exposure.shape[1])
    last = np.maximum.accumulate(np.where(known, weeks, -1), axis=1)
    first = np.argmax(known, axis=1)
    source = np.where(last >= 0, last, first[:, None])
    return np.nan_to_num(np.take_along_axis(exposure, source, axis=1))


class _Area:
    """Tables from which the cluster scores of any arrangement are looked up."""

    def __init__(self, grid: Grid, groups: list[list[tuple[int, Codes]]]) -> None:
        y = grid.outcome
        there = np.ones(y.shape) if grid.weights is None else (grid.weights > 0).astype(float)
        self.rows = [np.array([rows for _, rows in group]) for group in groups]  # clusters x units, per stratum
        self.places = np.split(np.arange(sum(map(len, groups))), np.cumsum([len(group) for group in groups])[:-1])
        self.groups, self.units = sum(map(len, groups)), len(y)
        self.of_unit = np.empty(self.units, dtype=np.int64)
        for rows, places in zip(self.rows, self.places, strict=True):
            self.of_unit[rows] = places[:, None]
        member = np.zeros((self.units, self.groups))
        member[np.arange(self.units), self.of_unit] = 1.0
        self.shares: Array | None = None
        self.lost: list[Array] | None = None
        if grid.residual is None:
            residual = y - np.outer(y.sum(axis=1), y.sum(axis=0)) / y.sum()
            self.shares = y.sum(axis=1) / y.sum()
        else:
            residual = grid.residual
        products = grid.exposure @ residual.T
        self.by_cluster = products @ member
        self.direct = [_matched(products, rows) for rows in self.rows]
        self.within = [_matched(grid.exposure @ _centred(y, there).T, rows) for rows in self.rows]
        if grid.weights is not None:
            self.lost = self._lost(grid.exposure, grid.weights, member.T @ residual)

    def _lost(self, exposure: Array, weights: Array, residual: Array) -> list[Array]:
        """What the week effects of the moved exposure take away: per cluster (in order of place), source x cluster."""
        by_unit, by_week = weights.sum(axis=1), weights.sum(axis=0)
        each = weights / np.where(by_unit > 0, by_unit, 1.0)[:, None]
        system = np.diag(by_week) - weights.T @ each
        right = np.linalg.pinv(system, hermitian=True) @ residual.T
        sums = exposure @ weights.T
        tables = []
        for rows in self.rows:
            for own in rows:
                table = np.zeros((len(rows), self.groups))
                for k, unit in enumerate(own):
                    table += exposure[rows[:, k]] @ (weights[unit][:, None] * right)
                    table -= sums[rows[:, k], unit][:, None] * (each[unit] @ right)[None, :]
                tables.append(table)
        return tables

    def identity(self) -> list[Codes]:
        return [np.arange(len(rows))[None, :] for rows in self.rows]

    def draw(self, generator: np.random.Generator, draws: int) -> list[Codes]:
        """For each stratum, draws x clusters: whose path the cluster gets."""
        return [
            generator.permuted(np.tile(np.arange(len(rows)), (draws, 1)), axis=1)
            if len(rows) > 1
            else np.zeros((draws, 1), dtype=np.int64)
            for rows in self.rows
        ]

    def scores(self, moved: list[Codes]) -> tuple[Array, Array]:
        """(cluster scores: draws x clusters, numerator of the within correlation: draws)."""
        draws = len(moved[0])
        sums, within = np.empty((draws, self.groups)), np.zeros(draws)
        shares = np.zeros((draws, self.units)) if self.shares is not None else None
        number = np.arange(draws)[:, None, None]
        for rows, places, direct, both, source in zip(
            self.rows, self.places, self.direct, self.within, moved, strict=True
        ):
            own = np.arange(len(rows))
            sums[:, places] = direct[source, own]
            within += both[source, own].sum(axis=1)
            if shares is not None and self.shares is not None:
                shares[number, rows[source]] = self.shares[rows][None, :, :]
        if shares is not None:
            sums -= shares @ self.by_cluster
        if self.lost is not None:
            for places, source in zip(self.places, moved, strict=True):
                for n, place in enumerate(places):
                    sums -= self.lost[place][source[:, n]]
        return sums, within


def _statistics(areas: list[_Area], moved: list[list[Codes]]) -> tuple[Array, Array]:
    total = squares = within = np.zeros(len(moved[0][0]))
    for area, sources in zip(areas, moved, strict=True):
        sums, numerator = area.scores(sources)
        total, squares, within = total + sums.sum(axis=1), squares + (sums**2).sum(axis=1), within + numerator
    statistic = np.divide(total, np.sqrt(squares), out=np.full(len(total), math.nan), where=squares > 0)
    return statistic, within


def _matched(products: Array, rows: NDArray[np.int64]) -> Array:
    """Sum over members k of products[source's k-th, own k-th]: source x own."""
    return np.asarray(
        sum(products[np.ix_(rows[:, k], rows[:, k])] for k in range(rows.shape[1])), dtype=np.float64
    )


def _centred(y: Array, there: Array) -> Array:
    """y less unit and week means over the cells that exist (0 elsewhere)."""
    if (there > 0).all():
        return np.asarray(y - y.mean(axis=1, keepdims=True) - y.mean(axis=0, keepdims=True) + y.mean())
    left = y * there
    by_unit, by_week = np.maximum(there.sum(axis=1), 1), np.maximum(there.sum(axis=0), 1)
    for _ in range(10_000):
        before = left
        left = left - there * (left.sum(axis=1) / by_unit)[:, None]
        left = left - there * (left.sum(axis=0) / by_week)[None, :]
        if np.abs(left - before).max() < 1e-12:
            break
    return left
