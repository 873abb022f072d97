"""A ratio in numbers of recorded assaults: avoided (or added) per 100 unit-weeks live."""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.fixed_effects import Array


@dataclass(frozen=True)
class InCounts:
    """Recorded events per 100 live unit-weeks, 0 or more at the estimate; `word` "avoided" or "added".

    `low` and `high`: the interval in the direction of the word, so a negative end points the other way.
    """

    per_100: float
    low: float
    high: float
    word: str


def of_dose(mu: Array, x: Array, beta: float, low: float, high: float) -> InCounts | None:
    """100 mean(mu / exp(beta x) over exposed cells) (1 - exp beta); `low` and `high` are beta's ends (log ratios).

    `mu` and `x` over cells. None without an exposed cell.
    """
    exposed = x != 0
    if not exposed.any():
        return None
    base = float((mu[exposed] * np.exp(-beta * x[exposed])).mean())
    return _worded(*(100 * base * (1 - math.exp(end)) for end in (beta, high, low)))


def of_imputation(observed: float, expected: float, cells: int, low: float, high: float) -> InCounts | None:
    """100 (E - O) / cells; `low` and `high` the ends of log(O / E). None without a cell."""
    if cells < 1:
        return None
    ends = [100 * expected * (1 - math.exp(end)) / cells for end in (high, low)]
    return _worded(100 * (expected - observed) / cells, *ends)


def _worded(avoided: float, low: float, high: float) -> InCounts:
    if avoided >= 0:
        return InCounts(avoided, low, high, "avoided")
    return InCounts(-avoided, -high, -low, "added")
