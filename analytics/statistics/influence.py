"""Whose estimate is it? Each cluster's share of the information, the estimate without it, and what reach is left.

MacKinnon, Nielsen and Webb 2023 (Stata Journal 23:942) on leverage and influence of clusters.
"""

from dataclasses import dataclass

import numpy as np

from analytics.statistics.covariance import cluster_information
from analytics.statistics.fitting import Fit
from analytics.statistics.fixed_effects import Array, Codes


@dataclass(frozen=True)
class LeftOut:
    """Code of the cluster, coefficient without it (nan: not identified), and its share of the information (0 to 1)."""

    cluster: int
    coef: float
    information_share: float


def information_shares(fit: Fit, clusters: Codes, regressor: int = 0) -> Array:
    """h_g / sum h (G) with h_g = sum over the cluster's cells of w x~^2 for one regressor."""
    held = cluster_information(fit, clusters)[:, regressor, regressor]
    return np.asarray(held / held.sum(), dtype=np.float64)


def residual_share(x: Array, fit: Fit, regressor: int = 0) -> float | None:
    """1 - R^2 of the exposure on everything else in the model, at the fit's weights; None for a constant exposure."""
    centred = x - np.average(x, weights=fit.weights)
    total = float((fit.weights * centred**2).sum())
    return float((fit.weights * fit.x[:, regressor] ** 2).sum()) / total if total > 0 else None


def left_out(fit: Fit, without: Array, clusters: Codes, regressor: int = 0) -> list[LeftOut]:
    """One row for each cluster, in order of codes. `without` (G x k) from the jackknife."""
    shares = information_shares(fit, clusters, regressor)
    return [LeftOut(g, float(without[g, regressor]), float(shares[g])) for g in range(len(without))]
