"""Standard errors that let nearby places move together (Conley 1999, Journal of Econometrics 92:1)."""

import numpy as np
from scipy.spatial import cKDTree

from analytics.statistics.covariance import Errors
from analytics.statistics.fitting import Fit
from analytics.statistics.fixed_effects import Array, Codes

BANDWIDTH_M = 500.0


def conley_errors(fit: Fit, unit: Codes, places: Array, *, bandwidth_m: float = BANDWIDTH_M) -> Errors:
    """`unit` per cell; `places` units x 2, metres on the National Grid (EPSG:27700).

    Scores are summed over a unit's weeks, so any correlation in time is allowed for; pairs weigh max(0, 1 - d / bandwidth)
    (Bartlett). An error whose variance comes out at 0 or below is nan: it is said, not hidden.
    """
    k = fit.score.shape[1]
    sums = np.column_stack([np.bincount(unit, weights=column, minlength=len(places)) for column in fit.score.T])
    tree = cKDTree(places)
    near = tree.query_pairs(bandwidth_m, output_type="ndarray")
    meat = sums.T @ sums
    if len(near):
        apart = np.sqrt(((places[near[:, 0]] - places[near[:, 1]]) ** 2).sum(axis=1))
        weight = np.maximum(0.0, 1 - apart / bandwidth_m)
        cross = sums[near[:, 0]].T @ (weight[:, None] * sums[near[:, 1]])
        meat = meat + cross + cross.T
    variance = np.diag(fit.bread @ meat @ fit.bread)
    se = np.sqrt(np.where(variance > 0, variance, np.nan)) if k else np.empty(0)
    return Errors("conley", se, None)
