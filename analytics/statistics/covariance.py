"""Standard errors: model, quasi, cluster-robust (CRV1), cluster jackknife (CV3) and Newey-West.

CV3 is the leave-one-cluster-out jackknife by refitting (MacKinnon, Nielsen and Webb 2023, Journal of Econometrics
232:272); intervals use t with G - 1 degrees of freedom.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special  # not scipy.stats, which takes half a second of every start

from analytics.statistics.fitting import Fit
from analytics.statistics.fixed_effects import Array, Codes

EXACT_UP_TO = 200  # clusters; above that the one-step jackknife
FEWEST_LEFT = 3  # clusters of which each was left out: with fewer there is no jackknife


@dataclass(frozen=True)
class Errors:
    """Standard errors of each coefficient and the t distribution's degrees of freedom (None: normal)."""

    method: str
    se: Array
    freedom: int | None

    def critical(self, level: float = 0.95) -> float:
        tail = 1 - (1 - level) / 2
        return float(special.ndtri(tail) if self.freedom is None else special.stdtrit(self.freedom, tail))

    def p(self, beta: Array) -> Array:
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # an error of 0: p is 0, or nothing where beta is 0 too
            t = np.abs(beta) / self.se
        return 2 * (special.ndtr(-t) if self.freedom is None else special.stdtr(self.freedom, -t))


def model_errors(fit: Fit) -> Errors:
    """As the model has it. Quasi-Poisson and Gaussian are scaled by the dispersion, and use t."""
    scaled = fit.family not in {"poisson", "negative_binomial"}
    variance = np.diag(fit.bread) * (fit.dispersion if scaled else 1.0)
    gaussian = fit.family in {"gaussian", "log_gaussian"}
    return Errors("model", np.sqrt(variance), fit.freedom if gaussian else None)


def quasi_errors(fit: Fit) -> Errors:
    """Model errors times the square root of the dispersion."""
    return Errors("quasi", np.sqrt(np.diag(fit.bread) * fit.dispersion), None)


def cluster_scores(fit: Fit, clusters: Codes) -> Array:
    """Scores summed by cluster (G x k)."""
    return np.column_stack([np.bincount(clusters, weights=column) for column in fit.score.T])


def cluster_information(fit: Fit, clusters: Codes) -> Array:
    """x'Wx of each cluster (G x k x k)."""
    k = fit.x.shape[1]
    parts = [
        np.bincount(clusters, weights=fit.weights * fit.x[:, i] * fit.x[:, j]) for i in range(k) for j in range(k)
    ]
    return np.asarray(np.stack(parts, axis=1).reshape(-1, k, k), dtype=np.float64)


def crv1_errors(fit: Fit, clusters: Codes) -> Errors:
    """Liang and Zeger 1986 with G / (G - 1)."""
    sums = cluster_scores(fit, clusters)
    groups = len(sums)
    meat = sums.T @ sums * groups / (groups - 1)
    return Errors("crv1", np.sqrt(np.diag(fit.bread @ meat @ fit.bread)), groups - 1)


def cv3_one_step(fit: Fit, clusters: Codes) -> tuple[Errors, Array]:
    """The jackknife by one Newton step. Also returns the coefficients without each cluster (G x k)."""
    sums = cluster_scores(fit, clusters)
    information = np.linalg.inv(fit.bread)
    held = cluster_information(fit, clusters)
    steps = np.array([np.linalg.pinv(information - own) @ score for own, score in zip(held, sums, strict=True)])
    without = fit.beta - steps
    return jackknife_errors("cv3_one_step", fit.beta, without), without


def cv3_exact(fit: Fit, clusters: Codes, refit: Callable[[np.ndarray], Array]) -> tuple[Errors, Array]:
    """The jackknife by refitting without each cluster. `refit` takes the kept cells and gives coefficients."""
    groups = int(clusters.max()) + 1
    without = np.array([refit(clusters != g) for g in range(groups)])
    return jackknife_errors("cv3", fit.beta, without), without


def jackknife_errors(method: str, beta: Array, without: Array) -> Errors:
    """Errors (k) from coefficients without each cluster (G x k); rows with nan are left out, and lower G.

    With fewer than three clusters left nothing is known of the spread: nan.
    """
    change = without[~np.isnan(without).any(axis=1)] - beta
    groups = len(change)
    if groups < FEWEST_LEFT:
        return Errors(method, np.full(len(beta), np.nan), groups - 1)
    variance = (groups - 1) / groups * (change**2).sum(axis=0)
    return Errors(method, np.sqrt(variance), groups - 1)


def automatic_lag(periods: int) -> int:
    """4 (n / 100)^(2 / 9), rounded down: Newey and West 1994 (Review of Economic Studies 61:631)."""
    return int(4 * (periods / 100) ** (2 / 9))


def newey_west_errors(fit: Fit, order: Codes, lag: int | None = None, *, series: Codes | None = None) -> Errors:
    """For one series in time order (several: `series` per cell, pairs stay inside one). Bartlett weights.

    Newey and West 1987 (Econometrica 55:703); lag 4 (n/100)^(2/9) of the longest series unless given.
    """
    position = np.argsort(order, kind="stable")
    scores = fit.score[position]
    code = np.zeros(len(scores), dtype=np.int64) if series is None else series[position]
    lag = automatic_lag(int(np.bincount(code).max())) if lag is None else lag
    meat = scores.T @ scores
    for distance in range(1, min(lag, len(scores) - 1) + 1):
        same = code[distance:] == code[:-distance]
        cross = scores[distance:][same].T @ scores[:-distance][same]
        meat += (1 - distance / (lag + 1)) * (cross + cross.T)
    return Errors("newey_west", np.sqrt(np.maximum(np.diag(fit.bread @ meat @ fit.bread), 0)), None)
