"""Observed against expected: what exposed cells would have seen, worked out from unexposed cells only.

Borusyak, Jaravel and Spiess 2024 (Review of Economic Studies 91:3253), multiplicative form for counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from analytics.statistics.covariance import Errors
from analytics.statistics.fixed_effects import Array, Codes

MAX_ROUNDS, TOLERANCE = 2000, 1e-10


@dataclass(frozen=True)
class Imputed:
    """`ratio` = observed / expected over usable exposed cells. ``without``: log ratios leaving out each cluster."""

    observed: float
    expected: float
    cells: int
    without_comparison: int
    log_ratio: float
    errors: Errors
    without: Array

    @property
    def ratio(self) -> float:
        return math.exp(self.log_ratio)


@dataclass(frozen=True)
class Difference:
    """Imputed log ratio less the two-way coefficient, with the jackknife of the difference and its p."""

    value: float
    se: float
    p: float


@dataclass(frozen=True)
class _Part:
    """One connected part of the panel: units x periods. ``there``: cells that exist; ``free``: those not exposed."""

    y: Array
    there: np.ndarray
    free: np.ndarray
    cluster: Codes

    def without(self, cluster: int) -> "_Part":
        keep = self.cluster != cluster
        return _Part(self.y[keep], self.there[keep], self.free[keep], self.cluster[keep])

    def observed_expected(self) -> Array:
        """(observed, expected, usable exposed cells, exposed cells without a comparison)."""
        free, y = self.free.astype(float), np.where(self.free, self.y, 0.0)
        rows, columns = y.sum(axis=1), y.sum(axis=0)
        a, b = np.zeros(len(rows)), np.ones(len(columns))
        for _ in range(MAX_ROUNDS):
            below = free @ b
            a = np.divide(rows, below, out=np.zeros_like(rows), where=below > 0)
            right = a @ free
            new = np.divide(columns, right, out=np.zeros_like(columns), where=right > 0)
            change = float(np.abs(new - b).max(initial=0.0))
            b = new
            if change < TOLERANCE:
                break
        # A comparison that saw nothing expects nothing, and counts: to leave such weeks out would keep the weeks in
        # which the comparison happened to see more, and find a fall of a sixth where nothing happened.
        exposed = self.there & ~self.free
        usable = exposed & np.logical_and.outer(self.free.any(axis=1), self.free.any(axis=0))
        expected = float((np.outer(a, b) * usable).sum())
        return np.array([self.y[usable].sum(), expected, usable.sum(), (exposed & ~usable).sum()], dtype=float)


def impute(y: Array, exposed: np.ndarray, unit: Codes, period: Codes, clusters: Codes) -> Imputed | None:
    """Observed / expected with a jackknife over clusters. None when no exposed cell has a comparison.

    Units lie in one cluster each; ``period`` is area by week. Errors have t with clusters less 1 degrees of freedom.
    """
    parts = _parts(y, exposed, unit, period, clusters)
    each = [part.observed_expected() for part in parts]
    whole = np.sum(each, axis=0)
    theta = _log_ratio(whole)
    if theta is None:
        return None
    thetas = np.full(int(clusters.max()) + 1, np.nan)
    for g in range(len(thetas)):
        rest = [
            part.without(g).observed_expected() if (part.cluster == g).any() else found
            for part, found in zip(parts, each, strict=True)
        ]
        left = _log_ratio(np.sum(rest, axis=0))
        thetas[g] = np.nan if left is None else left
    known = thetas[~np.isnan(thetas)]
    if len(known) < 2:
        return None
    se = _jackknife(known - theta)
    errors = Errors("jackknife", np.array([se]), len(known) - 1)
    return Imputed(float(whole[0]), float(whole[1]), int(whole[2]), int(whole[3]), theta, errors, thetas)


def difference_to(imputed: Imputed, beta: float, beta_without: Array) -> Difference | None:
    """Does observed over expected say the same as the two-way fit? They differ where an effect is not constant.

    ``beta_without``: the two-way coefficient leaving out each cluster, in the order of the clusters' codes.
    """
    value = imputed.log_ratio - beta
    changes = imputed.without - beta_without - value
    known = changes[~np.isnan(changes)]
    if len(known) < 3:
        return None
    se = _jackknife(known)
    p = float(2 * stats.t.sf(abs(value) / se, len(known) - 1)) if se > 0 else 1.0
    return Difference(value, se, p)


def _jackknife(changes: Array) -> float:
    groups = len(changes)
    return math.sqrt((groups - 1) / groups * float((changes**2).sum()))


def _log_ratio(found: Array | Sequence[float]) -> float | None:
    observed, expected, cells, _ = (float(each) for each in found)
    return math.log(max(observed, 0.5) / expected) if cells > 0 and expected > 0 else None


def _parts(y: Array, exposed: np.ndarray, unit: Codes, period: Codes, clusters: Codes) -> list[_Part]:
    n_units, n_periods = int(unit.max()) + 1, int(period.max()) + 1
    shape = (n_units + n_periods,) * 2
    graph = coo_matrix((np.ones(len(unit)), (unit, n_units + period)), shape=shape)
    label = connected_components(graph, directed=False)[1][unit]
    found = []
    for each in np.unique(label):
        cells = np.flatnonzero(label == each)
        units, row = np.unique(unit[cells], return_inverse=True)
        periods, column = np.unique(period[cells], return_inverse=True)
        dense, there = np.zeros((len(units), len(periods))), np.zeros((len(units), len(periods)), dtype=bool)
        dense[row, column], there[row, column] = y[cells], True
        free = np.zeros_like(there)
        free[row, column] = ~exposed[cells]
        cluster = np.zeros(len(units), dtype=np.int64)
        cluster[row] = clusters[cells]
        found.append(_Part(dense, there, free, cluster))
    return found
