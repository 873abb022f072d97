"""The two correlations that are shown: within unit and week, and the raw one that must not be believed."""

import numpy as np

from analytics.statistics.fixed_effects import Array, Codes, demean

BOOTSTRAP_DRAWS = 999


def within_correlation(x: Array, y: Array, effects: list[Codes]) -> float | None:
    """Pearson correlation after taking out unit and area-by-week means. None where nothing is left to correlate."""
    both = demean(np.column_stack([x, y]), np.ones(len(x)), effects)
    spread = np.sqrt((both**2).sum(axis=0))
    if (spread < 1e-9 * np.maximum(np.abs([x, y]).max(axis=1), 1)).any():
        return None
    return float((both[:, 0] * both[:, 1]).sum() / spread.prod())


def _ranks(values: Array) -> Array:
    """1 to n; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places]


def raw_spearman(x: Array, y: Array) -> float | None:
    """Rank correlation over all cells: busy venues get more of both, so it says nothing about the campaign."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    a, b = _ranks(x), _ranks(y)
    return float(np.corrcoef(a, b)[0, 1])


def spearman_interval(
    x: Array, y: Array, clusters: Codes, *, draws: int = BOOTSTRAP_DRAWS, seed: int = 1
) -> tuple[float, float] | None:
    """95 % percentile interval of raw_spearman by cluster bootstrap with ranks fixed (Field and Welsh 2007, JRSS B 69:369).

    Clusters are drawn with replacement as multinomial weights on the sums that a correlation is made of. None as for
    raw_spearman, or with fewer than three clusters.
    """
    groups = int(clusters.max()) + 1
    if np.ptp(x) == 0 or np.ptp(y) == 0 or groups < 3:
        return None
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    parts = np.column_stack(
        [np.bincount(clusters, weights=column, minlength=groups) for column in (np.ones_like(a), a, b, a * a, b * b, a * b)]
    )  # fmt: skip
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 48])))
    n, sa, sb, saa, sbb, sab = (generator.multinomial(groups, np.full(groups, 1 / groups), draws) @ parts).T
    spread = np.sqrt(np.maximum(saa - sa**2 / n, 0) * np.maximum(sbb - sb**2 / n, 0))
    known = spread > 0
    r = (sab - sa * sb / n)[known] / spread[known]
    if not len(r):
        return None
    low, high = np.quantile(r, [0.025, 0.975])
    return float(low), float(high)
