"""Poisson pseudo-maximum likelihood, quasi-Poisson, negative binomial and Gaussian fits with fixed effects.

Iteratively reweighted least squares; inside each round the fixed effects are projected out. PPML needs only the mean
to be right (Gourieroux, Monfort and Trognon 1984), so fractional counts are welcome.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, absorbed, demean

MAX_ROUNDS = 60
POISSON_LIKE = {"poisson", "quasipoisson", "negative_binomial"}


class NotIdentified(ArithmeticError):
    """The exposure does not vary apart from the effects, or has no finite maximum."""


@dataclass(frozen=True)
class Fit:
    """Coefficients and what every standard error needs. Arrays are over the cells that were fitted.

    `x` are regressors with effects taken out at the final weights; `bread` is the inverse of x'Wx;
    `score` = x times the residual (cells x k).
    """

    beta: Array
    x: Array
    weights: Array
    residual: Array
    mu: Array
    bread: Array
    dispersion: float
    freedom: int
    family: str
    kappa: float = 0.0

    @property
    def score(self) -> Array:
        return self.x * self.residual[:, None]


def fit(
    y: Array,
    x: Array,
    effects: list[Codes],
    *,
    family: str = "poisson",
    offset: Array | None = None,
    prior: Array | None = None,
) -> Fit:
    """Fits one model. `x` is cells x k, `offset` on the log scale, `prior` the cells' weights.

    An empty `effects` means one intercept. Raises NotIdentified or DoesNotConverge with the reason.
    """
    n = len(y)
    effects = effects or [np.zeros(n, dtype=np.int64)]
    prior = np.ones(n) if prior is None else prior
    if family in POISSON_LIKE:
        return _fit_counts(y, x, effects, family, np.zeros(n) if offset is None else offset, prior)
    target = np.log(y) if family == "log_gaussian" else y
    xt, yt = demean(x, prior, effects), demean(target[:, None], prior, effects)[:, 0]
    bread = _inverse((xt * prior[:, None]).T @ xt)
    beta = bread @ (xt * prior[:, None]).T @ yt
    left = yt - xt @ beta
    freedom = n - absorbed(effects) - x.shape[1]
    dispersion = float((prior * left**2).sum() / max(freedom, 1))
    return Fit(beta, xt, prior, prior * left, target - left, bread, dispersion, freedom, family)


def _fit_counts(y: Array, x: Array, effects: list[Codes], family: str, offset: Array, prior: Array) -> Fit:
    freedom = len(y) - absorbed(effects) - x.shape[1]
    kappa, result = 0.0, _irls(y, x, effects, offset, prior, 0.0)
    if family == "negative_binomial":
        for _ in range(25):
            before, kappa = kappa, _kappa(y, result[0])
            result = _irls(y, x, effects, offset, prior, kappa, start=result[0])
            if abs(kappa - before) <= 1e-8 * (1 + kappa):
                break
    mu, beta = result
    weights = prior * mu / (1 + kappa * mu)
    xt = demean(x, weights, effects)
    bread = _inverse((xt * weights[:, None]).T @ xt)
    residual = prior * (y - mu) / (1 + kappa * mu)
    dispersion = float((prior * (y - mu) ** 2 / (mu * (1 + kappa * mu))).sum() / max(freedom, 1))
    return Fit(beta, xt, weights, residual, mu, bread, dispersion, freedom, family, kappa)


def _irls(
    y: Array,
    x: Array,
    effects: list[Codes],
    offset: Array,
    prior: Array,
    kappa: float,
    *,
    start: Array | None = None,
) -> tuple[Array, Array]:
    mu = (y + np.average(y, weights=prior)) / 2 + 1e-3 if start is None else start
    eta = np.log(mu)
    beta = np.zeros(x.shape[1])
    before = np.inf
    for round_number in range(MAX_ROUNDS):
        weights = prior * mu / (1 + kappa * mu)
        z = eta - offset + (y - mu) / mu
        tolerance = max(1e-11, 10.0 ** (-5 - 2 * round_number))
        both = demean(np.column_stack([z, x]), weights, effects, tolerance=tolerance)
        zt, xt = both[:, 0], both[:, 1:]
        beta = _inverse((xt * weights[:, None]).T @ xt) @ (xt * weights[:, None]).T @ zt
        eta = np.clip(z - (zt - xt @ beta) + offset, -30, 25)
        mu = np.exp(eta)
        deviance = 2 * float((prior * (special.xlogy(y, y / mu) - (y - mu))).sum())
        if round_number >= 4 and abs(before - deviance) / (0.1 + abs(deviance)) < 1e-12:
            return mu, beta
        before = deviance
    raise DoesNotConverge(f"The fit did not settle in {MAX_ROUNDS} rounds. Some effect may have no finite size.")


def null_mean(y: Array, effects: list[Codes], *, offset: Array | None = None) -> Array:
    """Expected counts with the effects alone (no exposure), by iterative proportional fitting."""
    effects = effects or [np.zeros(len(y), dtype=np.int64)]
    mu = np.ones(len(y)) if offset is None else np.exp(offset)
    wanted = [np.bincount(code, weights=y) for code in effects]
    for _ in range(5000):
        largest = 0.0
        for code, total in zip(effects, wanted, strict=True):
            factor = total / np.maximum(np.bincount(code, weights=mu), 1e-300)
            mu = mu * factor[code]
            largest = max(largest, float(np.abs(factor - 1).max()))
        if largest < 1e-10 or len(effects) == 1:
            return mu
    raise DoesNotConverge("The expected counts without exposure did not settle.")


def _kappa(y: Array, mu: Array) -> float:
    """Maximum-likelihood NB2 over-dispersion given the mean; 0 is Poisson."""

    def minus_log_likelihood(log_kappa: float) -> float:
        k = np.exp(log_kappa)
        r = 1 / k
        return -float(
            (special.gammaln(y + r) - special.gammaln(r) + y * np.log(k * mu) - (y + r) * np.log1p(k * mu)).sum()
        )

    best = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(-14, 6), method="bounded", options={"xatol": 1e-9}
    )
    return float(np.exp(best.x)) if best.x > -13.5 else 0.0


def _inverse(matrix: Array) -> Array:
    if matrix.size == 0:
        return matrix
    scale = np.sqrt(np.maximum(np.diag(matrix), 0))
    if (scale <= 1e-9).any() or np.linalg.cond(matrix / np.outer(scale, scale)) > 1e10:
        raise NotIdentified("The exposure does not vary apart from the effects, or two columns say the same.")
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
