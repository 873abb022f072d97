"""Observed against expected: what exposed cells would have seen, worked out from unexposed cells only.

Borusyak, Jaravel and Spiess 2024 (Review of Economic Studies 91:3253), multiplicative form for counts.
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.covariance import Errors
from analytics.statistics.fixed_effects import Array, Codes


@dataclass(frozen=True)
class Imputed:
    """`ratio` = observed / expected over usable exposed cells."""

    observed: float
    expected: float
    cells: int
    without_comparison: int
    log_ratio: float
    errors: Errors

    @property
    def ratio(self) -> float:
        return math.exp(self.log_ratio)


def impute(y: Array, exposed: np.ndarray, unit: Codes, period: Codes, clusters: Codes) -> Imputed | None:
    """Observed / expected with a jackknife over clusters. None when no exposed cell has a comparison."""
    whole = _observed_expected(y, exposed, unit, period)
    if whole is None:
        return None
    observed, expected, cells, lost = whole
    theta = math.log(max(observed, 0.5) / expected)
    thetas = []
    for cluster in np.unique(clusters):
        part = _observed_expected(*(column[clusters != cluster] for column in (y, exposed, unit, period)))
        if part is not None:
            thetas.append(math.log(max(part[0], 0.5) / part[1]))
    groups = len(thetas)
    if groups < 2:
        return None
    change = np.array(thetas) - theta
    se = math.sqrt((groups - 1) / groups * float((change**2).sum()))
    return Imputed(observed, expected, cells, lost, theta, Errors("jackknife", np.array([se]), groups - 1))


def _observed_expected(
    y: Array, exposed: np.ndarray, unit: Codes, period: Codes
) -> tuple[float, float, int, int] | None:
    free = ~exposed
    n_units, n_periods = int(unit.max()) + 1, int(period.max()) + 1
    unit_free = np.bincount(unit[free], minlength=n_units) > 0
    period_free = np.bincount(period[free], minlength=n_periods) > 0
    unit_total = np.bincount(unit[free], weights=y[free], minlength=n_units)
    period_total = np.bincount(period[free], weights=y[free], minlength=n_periods)
    b = np.ones(n_periods)
    a = np.ones(n_units)
    for _ in range(2000):
        a = np.divide(
            unit_total,
            np.bincount(unit[free], weights=b[period[free]], minlength=n_units),
            out=np.zeros(n_units),
            where=unit_free,
        )
        lower = np.bincount(period[free], weights=a[unit[free]], minlength=n_periods)
        new = np.divide(period_total, lower, out=np.zeros(n_periods), where=lower > 0)
        if np.abs(new - b).max() < 1e-9:
            b = new
            break
        b = new
    expected = a[unit] * b[period]
    # A comparison that saw nothing expects nothing, and counts: to leave such weeks out would keep the weeks in which
    # the comparison happened to see more, and find a fall of a sixth where nothing happened.
    usable = exposed & unit_free[unit] & period_free[period]
    if not usable.any() or expected[usable].sum() <= 0:
        return None
    return float(y[usable].sum()), float(expected[usable].sum()), int(usable.sum()), int((exposed & ~usable).sum())
