"""Poisson pseudo-maximum likelihood, quasi-Poisson, negative binomial and Gaussian fits with fixed effects.

Newton's method with the fixed effects projected out exactly in each round. PPML needs only the mean to be right
(Gourieroux, Monfort and Trognon 1984, Econometrica 52:701), so fractional counts are welcome. Existence of the maximum:
Correia, Guimarães and Zylkin 2020 (Stata Journal 20:95).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analytics.statistics.cells import informative_cells
from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, absorbed, layout_of

MAX_ROUNDS = 60
POISSON_LIKE = {"poisson", "quasipoisson", "negative_binomial"}
SETTLED = 1e-11  # Newton decrement over the mean weight, in log-likelihood
HUGE = 15.0  # log ratio across a regressor's range: past this the maximum is at infinity


class NotIdentified(ArithmeticError):
    """The exposure does not vary apart from the effects, or has no finite maximum."""


@dataclass(frozen=True)
class Fit:
    """Coefficients and what every standard error needs. Arrays are over the cells that were fitted.

    `beta` (k) log ratios (differences for gaussian); `x` (cells x k) regressors with effects taken out at the final
    `weights` (cells); `residual` (cells) prior x (y - mu) / (1 + kappa mu); `mu` (cells) expected values; `bread` (k x k)
    inverse of x'Wx; `dispersion` Pearson; `freedom` cells less parameters; `linear` (cells) the linear predictor, offset included.
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
    linear: Array | None = None

    @property
    def score(self) -> Array:
        """Each cell's score (cells x k)."""
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
    """Fits one model. `x` is cells x k, `offset` (cells) on the log scale, `prior` (cells) weights of 0 or more.

    An empty `effects` means one intercept. Raises NotIdentified or DoesNotConverge with the reason.
    """
    return Model(y, x, effects, family=family, offset=offset, prior=prior).fit()


class Model:
    """Data laid out once and fitted many times: to the whole, without a cluster, or to other outcomes."""

    def __init__(
        self,
        y: Array,
        x: Array,
        effects: list[Codes],
        *,
        family: str = "poisson",
        offset: Array | None = None,
        prior: Array | None = None,
    ) -> None:
        self.cells, self.effects, self.family = len(y), effects, family
        self.counts = family in POISSON_LIKE
        self.layout = layout_of(effects, len(y))
        self.y_cells = np.log(y) if family == "log_gaussian" else np.asarray(y, dtype=np.float64)
        self.y = self.layout.spread(self.y_cells)
        self.x = [self.layout.spread(column) for column in np.asarray(x, dtype=np.float64).T]
        self.offset = None if offset is None or not self.counts else self.layout.spread(offset)
        self.prior_cells = np.ones(self.cells) if prior is None else np.asarray(prior, dtype=np.float64)
        whole = prior is None and self.y.size == self.cells
        self.prior = None if whole else self.layout.spread(self.prior_cells)

    def fit(self) -> Fit:
        """The whole fit with everything that errors need. Raises NotIdentified or DoesNotConverge."""
        freedom = self.cells - (absorbed(self.effects) or 1) - len(self.x)
        if not self.counts:
            beta, left, tilde, bread = self._least_squares(self.prior)
            residual = self.layout.gather(left)
            dispersion = float((self.prior_cells * residual**2).sum() / max(freedom, 1))
            weights, mu = self.prior_cells, self.y_cells - residual
            return Fit(
                beta, self._stacked(tilde), weights, weights * residual, mu, bread, dispersion, freedom, self.family, linear=mu
            )  # fmt: skip
        kappa, beta, eta = self._maximum(self.y, self.prior, None)
        mu = np.exp(eta)
        weights, residual = self._working(self.y, mu, self.prior, kappa)
        tilde, bread = self._tilde(weights, twice=True)
        gather = self.layout.gather
        mu_cells = gather(mu)
        variance = mu_cells * (1 + kappa * mu_cells)
        dispersion = float((self.prior_cells * (self.y_cells - mu_cells) ** 2 / variance).sum() / max(freedom, 1))
        return Fit(
            beta, self._stacked(tilde), gather(weights), gather(residual), mu_cells, bread, dispersion, freedom, self.family,
            kappa, gather(eta),
        )  # fmt: skip

    def coefficients(self, keep: NDArray[np.bool_], *, whole: Fit | None = None) -> Array:
        """Coefficients (k) of a refit to the kept cells (bool, cells), uninformative ones dropped again.

        `whole` gives the start. Raises NotIdentified or DoesNotConverge.
        """
        if self.counts:
            keep = informative_cells(self.y_cells, self.effects, keep)[0]
        if not keep.any():
            raise NotIdentified("Without this cluster no cell carries information.")
        prior = self.layout.spread(np.where(keep, self.prior_cells, 0.0))
        if not self.counts:
            return self._least_squares(prior)[0]
        start = (
            None
            if whole is None or whole.linear is None
            else (whole.beta, self.layout.spread(whole.linear), whole.kappa)
        )
        return self._maximum(self.y, prior, start)[1]

    def without_exposure(self, keep: NDArray[np.bool_], start: Array | None = None) -> Array:
        """Linear predictor (all cells) of the effects alone, fitted to the kept cells; `start` (cells) an earlier one.

        Cells whose unit or period has no kept cell get a number without meaning. Raises DoesNotConverge.
        """
        prior = self.layout.spread(np.where(keep, self.prior_cells, 0.0))
        if not self.counts:
            project = self.layout.solver(prior)
            fitted = project(prior * self.y)
            return self.layout.gather(fitted + project(prior * (self.y - fitted)))
        begin = None if start is None else (np.zeros(0), self.layout.spread(start))
        return self.layout.gather(self._newton(self.y, prior, 0.0, begin)[1])

    def refit(self, y: Array, fitted: Fit) -> tuple[Array, Array]:
        """(beta, eta over cells) for other counts on the same cells, started at a fit. Zero margins are dropped."""
        keep = informative_cells(y, self.effects, np.ones(self.cells, dtype=bool))[0]
        prior = self.layout.spread(np.where(keep, self.prior_cells, 0.0))
        start = None if fitted.linear is None else (fitted.beta, self.layout.spread(fitted.linear), fitted.kappa)
        _, beta, eta = self._maximum(self.layout.spread(y), prior, start)
        return beta, self.layout.gather(eta)

    def _maximum(
        self, y: Array, prior: Array | None, start: tuple[Array, Array, float] | None
    ) -> tuple[float, Array, Array]:
        """kappa, beta and eta (layout's shape) at the maximum."""
        kappa = start[2] if start else 0.0
        beta, eta = self._newton(y, prior, kappa, start[:2] if start else None)
        if self.family == "negative_binomial":
            for _ in range(50):
                before, kappa = kappa, negative_binomial_kappa(y, np.exp(eta), prior)
                beta, eta = self._newton(y, prior, kappa, (beta, eta))
                if abs(kappa - before) <= 1e-9 * (1 + kappa):
                    break
        for slope, column in zip(beta, self.x, strict=True):
            if abs(slope) * float(np.ptp(column)) > HUGE:
                raise NotIdentified(
                    "The effect has no finite size: where the exposure is, events are (nearly) none."
                )
        return kappa, beta, eta

    def _newton(
        self, y: Array, prior: Array | None, kappa: float, start: tuple[Array, Array] | None
    ) -> tuple[Array, Array]:
        beta, eta = start or self._first_round(y, prior, kappa)
        scale = 1.0 if prior is None else max(float(prior.mean()), 1e-300)
        mu = np.exp(eta)
        likelihood = self._likelihood(y, eta, mu, prior, kappa)
        for _ in range(MAX_ROUNDS):
            weights, residual = self._working(y, mu, prior, kappa)
            project = self.layout.solver(weights)
            tilde = [column - project(weights * column) for column in self.x]
            step = project(residual)
            change = np.zeros(len(self.x))
            if self.x:
                information = _products(tilde, [weights * column for column in tilde])
                change = _inverse(information) @ np.array([_dot(column, residual) for column in tilde])
                for slope, column in zip(change, tilde, strict=True):
                    step += slope * column
            decrement = _dot(step, residual)
            shrink = 1.0
            for _ in range(30):
                new_eta = np.clip(eta + shrink * step, -30, 25)
                new_mu = np.exp(new_eta)
                new = self._likelihood(y, new_eta, new_mu, prior, kappa)
                if new >= likelihood - 1e-9 * (1 + abs(likelihood)):
                    break
                shrink /= 2
            beta, eta, mu, likelihood = beta + shrink * change, new_eta, new_mu, new
            if decrement < SETTLED * scale * max(1.0, abs(likelihood) * 1e-6 / scale):
                return beta, eta
        raise DoesNotConverge(
            f"The fit did not settle in {MAX_ROUNDS} rounds. Some effect may have no finite size."
        )

    def _first_round(self, y: Array, prior: Array | None, kappa: float) -> tuple[Array, Array]:
        """One round of reweighted least squares from the data, which puts eta into the span of the model."""
        mean = float(y.mean()) if prior is None else _dot(y, prior) / float(prior.sum())
        mu = (y + mean) / 2 + 1e-3
        weights, residual = self._working(y, mu, prior, kappa)
        offset = 0.0 if self.offset is None else self.offset
        eta = np.log(mu)
        project = self.layout.solver(weights)
        target = weights * (eta - offset) + residual
        fitted = project(target)
        beta = np.zeros(len(self.x))
        if self.x:
            tilde = [column - project(weights * column) for column in self.x]
            information = _products(tilde, [weights * column for column in tilde])
            beta = _inverse(information) @ np.array([_dot(column, target) for column in tilde])
            for slope, column in zip(beta, tilde, strict=True):
                fitted += slope * column
        return beta, np.clip(fitted + offset, -30, 25)

    @staticmethod
    def _working(y: Array, mu: Array, prior: Array | None, kappa: float) -> tuple[Array, Array]:
        """Working weights and prior-weighted residuals."""
        if kappa == 0:
            return (mu, y - mu) if prior is None else (prior * mu, prior * (y - mu))
        share = 1 / (1 + kappa * mu) if prior is None else prior / (1 + kappa * mu)
        return mu * share, (y - mu) * share

    @staticmethod
    def _likelihood(y: Array, eta: Array, mu: Array, prior: Array | None, kappa: float) -> float:
        """Log-likelihood up to what does not move."""
        if kappa == 0:
            if prior is None:
                return _dot(y, eta) - float(mu.sum())
            return _dot(y * prior, eta) - _dot(prior, mu)
        each = y * eta - (y + 1 / kappa) * np.log1p(kappa * mu)
        return float(each.sum()) if prior is None else _dot(prior, each)

    def _tilde(self, weights: Array, *, twice: bool) -> tuple[list[Array], Array]:
        project = self.layout.solver(weights)
        tilde = [column - project(weights * column) for column in self.x]
        if twice:  # takes away what rounding left
            tilde = [column - project(weights * column) for column in tilde]
        return tilde, _inverse(_products(tilde, [weights * column for column in tilde]))

    def _least_squares(self, prior: Array | None) -> tuple[Array, Array, list[Array], Array]:
        weights = np.ones_like(self.y) if prior is None else prior
        tilde, bread = self._tilde(weights, twice=True)
        project = self.layout.solver(weights)
        left = self.y - project(weights * self.y)
        left = left - project(weights * left)
        beta = bread @ np.array([_dot(column, weights * left) for column in tilde]) if tilde else np.zeros(0)
        for slope, column in zip(beta, tilde, strict=True):
            left = left - slope * column
        return beta, left, tilde, bread

    def _stacked(self, columns: list[Array]) -> Array:
        if not columns:
            return np.empty((self.cells, 0))
        return np.column_stack([self.layout.gather(column) for column in columns])


def null_fit(
    y: Array,
    effects: list[Codes],
    *,
    family: str = "poisson",
    offset: Array | None = None,
    prior: Array | None = None,
) -> Fit:
    """The model with the effects alone (no exposure). Zero margins must be gone. Raises DoesNotConverge."""
    return Model(y, np.empty((len(y), 0)), effects, family=family, offset=offset, prior=prior).fit()


def null_mean(y: Array, effects: list[Codes], *, offset: Array | None = None) -> Array:
    """Expected counts (cells) with the effects alone; cells whose unit or period has no event get 0.

    A full grid without offset has the closed form y_i. y_.t / y_.. inside each area.
    """
    keep = informative_cells(y, effects, np.ones(len(y), dtype=bool), singletons=False)[0]
    mu = np.zeros(len(y))
    if keep.any():
        prior = None if keep.all() else keep.astype(float)
        mu[keep] = null_fit(y, effects, offset=offset, prior=prior).mu[keep]
    return mu


def negative_binomial_kappa(y: Array, mu: Array, prior: Array | None = None) -> float:
    """Maximum-likelihood NB2 over-dispersion given the mean (Var = mu + kappa mu^2); 0 is Poisson.

    Newton on log kappa from the moment value; without over-dispersion the likelihood rises towards 0.
    """
    weight = np.ones_like(y) if prior is None else prior
    excess = float((weight * ((y - mu) ** 2 - y)).sum())
    if excess <= 0:
        return 0.0
    log_kappa = float(np.log(max(excess / float((weight * mu**2).sum()), 1e-6)))

    def slopes(value: float) -> tuple[float, float]:
        """First and second derivative of the log-likelihood in log kappa."""
        k = np.exp(value)
        r = 1 / k
        digamma = special.digamma(y + r) - special.digamma(r)
        inner = np.log1p(k * mu) - digamma + (y - mu) / (1 + k * mu) * k
        first = r * float((weight * inner).sum())
        trigamma = special.polygamma(1, y + r) - special.polygamma(1, r)
        inner_slope = k * mu / (1 + k * mu) + trigamma * r + (y - mu) * k / (1 + k * mu) ** 2
        return first, -first + r * float((weight * inner_slope).sum())

    for _ in range(100):
        first, second = slopes(log_kappa)
        step = -first / second if second < 0 else np.sign(first)
        step = float(np.clip(step, -2, 2))
        log_kappa += step
        if log_kappa < -14:
            return 0.0
        if abs(step) < 1e-10:
            break
    return float(np.exp(log_kappa))


def _dot(a: Array, b: Array) -> float:
    return float(np.dot(a.reshape(-1), b.reshape(-1)))


def _products(left: list[Array], right: list[Array]) -> Array:
    return np.array([[_dot(a, b) for b in right] for a in left])


def _inverse(matrix: Array) -> Array:
    if matrix.size == 0:
        return np.zeros((0, 0))
    scale = np.sqrt(np.maximum(np.diag(matrix), 0))
    several = len(scale) > 1  # one column says the same as no other
    if (scale <= 1e-9).any() or (several and np.linalg.cond(matrix / np.outer(scale, scale)) > 1e10):
        raise NotIdentified("The exposure does not vary apart from the effects, or two columns say the same.")
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
