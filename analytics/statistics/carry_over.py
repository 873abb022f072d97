"""Exposure of which a share of last period's is still felt: the one place where reach is carried over."""

import numpy as np

from analytics.statistics.fixed_effects import Array


def carried_over(exposure: Array, share: float) -> Array:
    """Stock S_t = x_t + share S_(t-1), S before the first period 0, times (1 - share): 0 to 1 like x (units x periods).

    An unknown period (nan) adds nothing, lets the stock decay, and stays unknown.
    """
    known = ~np.isnan(exposure)
    added = np.where(known, exposure, 0.0)
    found = np.full(exposure.shape, np.nan)
    stock = np.zeros(len(exposure))
    for t in range(exposure.shape[1]):
        stock = share * stock + added[:, t]
        found[:, t] = np.where(known[:, t], stock * (1 - share), np.nan)
    return found
