"""The two correlations that are shown: within unit and week, and the raw one that must not be believed."""

import numpy as np
from scipy import stats

from analytics.statistics.fixed_effects import Array, Codes, demean


def within_correlation(x: Array, y: Array, effects: list[Codes]) -> float | None:
    """Pearson correlation after taking out unit and area-by-week means. None where nothing is left to correlate."""
    both = demean(np.column_stack([x, y]), np.ones(len(x)), effects)
    spread = np.sqrt((both**2).sum(axis=0))
    if (spread < 1e-9).any():
        return None
    return float((both[:, 0] * both[:, 1]).sum() / spread.prod())


def raw_spearman(x: Array, y: Array) -> float | None:
    """Rank correlation over all cells: busy venues get more of both, so it says nothing about the campaign."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(stats.spearmanr(x, y).statistic)
