"""The design test: whole exposure paths of whole clusters change places, and the score is worked out again.

Clusters change places only with clusters of the same size, area and half of baseline, so that every draw is a
roll-out that could have happened. p = (1 + hits) / (draws + 1) (Phipson and Smyth 2010).
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from analytics.statistics.fixed_effects import Array, Codes


@dataclass(frozen=True)
class Grid:
    """One area as a full grid: units x weeks. Rows are units in identifier order."""

    exposure: Array
    outcome: Array
    cluster: Codes  # one per unit


@dataclass(frozen=True)
class PermutationTest:
    """`p` two-sided; `distinct`: how many different arrangements exist; `null`: statistics of the draws."""

    p: float
    statistic: float
    draws: int
    distinct: float
    null: Array
    p_correlation: float
    correlation_statistic: float


def strata_of(grids: list[Grid], *, baseline_halves: bool = False) -> list[list[list[tuple[int, Codes]]]]:
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


def distinct_arrangements(grids: list[Grid], strata: list[list[list[tuple[int, Codes]]]]) -> float:
    """Product over strata of n! / product of (multiplicity of identical paths)!."""
    log_total = 0.0
    for grid, groups in zip(grids, strata, strict=True):
        for group in groups:
            paths = Counter(grid.exposure[rows].tobytes() for _, rows in group)
            log_total += math.lgamma(len(group) + 1) - sum(math.lgamma(count + 1) for count in paths.values())
    return math.exp(min(log_total, 690.0))


def block_permutation(
    grids: list[Grid], *, draws: int, seed: int, baseline_halves: bool = False
) -> PermutationTest | None:
    """Cluster-studentised efficient score at no effect, and the within correlation, under random relabelling.

    Grids must hold no empty row or column of outcomes. None when there is nothing to permute.
    """
    strata = strata_of(grids, baseline_halves=baseline_halves)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 46])))
    prepared = [_prepare(grid) for grid in grids]
    identity = [np.arange(len(grid.outcome)) for grid in grids]
    observed, observed_r = _statistics(prepared, identity)
    if not math.isfinite(observed):
        return None
    null, null_r = np.empty(draws), np.empty(draws)
    for draw in range(draws):
        labels = [row.copy() for row in identity]
        for label, groups in zip(labels, strata, strict=True):
            for group in groups:
                if len(group) > 1:
                    order = generator.permutation(len(group))
                    for (_, rows), source in zip(group, order, strict=True):
                        label[rows] = group[source][1]
        null[draw], null_r[draw] = _statistics(prepared, labels)
    hits = int((np.abs(null) >= abs(observed) - 1e-12).sum())
    hits_r = int((np.abs(null_r - null_r.mean()) >= abs(observed_r - null_r.mean()) - 1e-12).sum())
    return PermutationTest(
        (1 + hits) / (draws + 1),
        observed,
        draws,
        distinct_arrangements(grids, strata),
        null,
        (1 + hits_r) / (draws + 1),
        observed_r,
    )


@dataclass(frozen=True)
class _Prepared:
    products: Array  # C[j, i] = sum over weeks of x_j r_i
    shares: Array  # a_j
    within: Array  # products with the doubly centred outcome
    cluster: Codes


def _prepare(grid: Grid) -> _Prepared:
    y = grid.outcome
    rows, columns, total = y.sum(axis=1), y.sum(axis=0), y.sum()
    residual = y - np.outer(rows, columns) / total
    centred = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0, keepdims=True) + y.mean()
    return _Prepared(
        grid.exposure @ residual.T,
        rows / total,
        grid.exposure @ centred.T,
        np.unique(grid.cluster, return_inverse=True)[1],
    )


def _statistics(prepared: list[_Prepared], labels: list[Codes]) -> tuple[float, float]:
    total = squares = within = 0.0
    for area, label in zip(prepared, labels, strict=True):
        moved = area.products[label]
        scores = moved.diagonal() - area.shares @ moved
        sums = np.bincount(area.cluster, weights=scores)
        total += sums.sum()
        squares += (sums**2).sum()
        within += float(area.within[label, np.arange(len(label))].sum())
    return (total / math.sqrt(squares) if squares > 0 else math.nan), within
