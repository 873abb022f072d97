"""Score wild cluster bootstrap with the null imposed: a second test of no effect.

Kline and Santos 2012 (Journal of Econometric Methods 1:23); six-point weights for few clusters: Webb 2023 (Canadian
Journal of Economics 56:839).
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.fixed_effects import Array

FEW_CLUSTERS = 12  # below: Webb's weights
NO_POWER_BELOW = 8  # the smallest two-sided Rademacher p is 2^(1 - G)
CHUNK = 2_000_000


@dataclass(frozen=True)
class WildTest:
    """Two-sided `p` of no effect, the observed `statistic`, `draws`, and which `weights` ("rademacher" or "webb")."""

    p: float
    statistic: float
    draws: int
    weights: str


def wild_weights(generator: np.random.Generator, draws: int, groups: int) -> Array:
    """Draws x G weights of mean 0 and variance 1: Rademacher, or Webb's six points below FEW_CLUSTERS clusters."""
    if groups >= FEW_CLUSTERS:
        return np.asarray(generator.integers(0, 2, (draws, groups)) * 2.0 - 1.0, dtype=np.float64)
    points: Array = np.array([math.sqrt(0.5), 1.0, math.sqrt(1.5)])
    six: Array = np.concatenate([-points, points])
    return six[generator.integers(0, 6, (draws, groups))]


def score_wild(sums: Array, *, draws: int = 9999, seed: int = 1) -> WildTest | None:
    """From cluster sums of the efficient score at no effect (G). None with fewer than two clusters that have any."""
    sums = sums[sums != 0]
    groups = len(sums)
    if groups < 2:
        return None
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 47])))
    observed = float(_studentised(sums[None, :])[0])
    if not math.isfinite(observed):
        return None
    hits, done = 0, 0
    while done < draws:
        some = min(draws - done, max(1, CHUNK // groups))
        drawn = _studentised(wild_weights(generator, some, groups) * sums)
        hits += int((np.abs(drawn) >= abs(observed) - 1e-12).sum())
        done += some
    word = "rademacher" if groups >= FEW_CLUSTERS else "webb"
    return WildTest((1 + hits) / (draws + 1), observed, draws, word)


def _studentised(q: Array) -> Array:
    spread = np.sqrt(((q - q.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    return np.divide(q.sum(axis=1), spread, out=np.full(len(q), math.inf), where=spread > 0)
