"""The smallest effect that the panel could have shown, and the share of planted effects that the whole rule finds."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from analytics.statistics.efficient_score import null_model
from analytics.statistics.fixed_effects import Array, Codes, layout_of

POWER_Z = 0.8416212335729143  # 80 % power
PLANTED = (0.95, 0.90, 0.85, 0.80, 0.70, 0.60, 0.50)


def smallest_visible_ratio(se: float, freedom: int) -> float:
    """MDE as a rate ratio below 1: exp(-(t + z) SE), 5 % two-sided, 80 % power (Bloom 1995, Evaluation Review 19:547)."""
    return math.exp(-(float(special.stdtrit(freedom, 0.975)) + POWER_Z) * se)


def frailty_of(dispersion: float, mean: float) -> float:
    """Variance of the gamma factor that gives counts of this mean the Pearson dispersion (0: Poisson)."""
    return max(dispersion - 1.0, 0.0) / max(mean, 1e-9)


def drawn_counts(generator: np.random.Generator, mu: Array, frailty: float) -> Array:
    """One panel of counts (cells) with mean `mu`, Poisson times a gamma factor of that variance."""
    rate = mu * generator.gamma(1 / frailty, frailty, len(mu)) if frailty > 1e-6 else mu
    return np.asarray(generator.poisson(rate), dtype=np.float64)


def error_without_effect(
    y: Array, x: Array, others: Array, effects: list[Codes], clusters: Codes, *, dispersion: float, panels: int, seed: int,
    offset: Array | None = None, prior: Array | None = None,
) -> float:  # fmt: skip
    """Median one-step CV3 error of the log ratio over panels drawn with no effect from the null model's means.

    `x` (cells) the exposure, `others` (cells x m) what stays in the model. Raises NotIdentified or DoesNotConverge.
    """
    null = null_model(y, others, effects, offset=offset, prior=prior)
    mu, weights = null.fit.mu, null.fit.weights
    tilde = null.left_of(x)
    layout = layout_of(effects, len(y))
    project = layout.solver(layout.spread(weights))
    held = np.bincount(clusters, weights=weights * tilde**2)
    information = float(held.sum())
    left = information - held
    groups = len(held)
    share = np.ones(len(y)) if prior is None else prior
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 80])))
    frailty = frailty_of(dispersion, float(mu.mean()))
    errors = []
    for _ in range(panels):
        residual = share * (drawn_counts(generator, mu, frailty) - mu)
        residual = residual - weights * layout.gather(project(layout.spread(residual)))
        scores = np.bincount(clusters, weights=tilde * residual)
        # A one-step estimate at the null moves by the whole score; each cluster's step is taken from there.
        beta = scores.sum() / information
        steps = np.divide(scores - beta * held, left, out=np.zeros(groups), where=left > 1e-12 * information)
        errors.append(math.sqrt((groups - 1) / groups * float((steps**2).sum())))
    return float(np.median(errors)) if errors else math.nan


def widened(se: float, exact: float | None, one_step: float | None) -> float:
    """A one-step error, by as much wider as the exact jackknife is than the one-step one on the data at hand."""
    if exact is None or one_step is None or not one_step > 0 or not math.isfinite(exact):
        return se
    return se * max(1.0, exact / one_step)


def power_by_planting(
    mu: Array, x: Array, decide: Callable[[Array], str], *, frailty: float, ratios: Sequence[float] = PLANTED,
    panels: int = 40, seed: int = 1,
) -> dict[float, float]:  # fmt: skip
    """For each planted ratio the share of drawn panels for which the whole rule, `decide`, says "fewer".

    `mu` (cells) means without effect, `x` (cells) the exposure: counts are drawn with mean mu ratio^x.
    """
    found = {}
    for ratio in ratios:
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 81, round(ratio * 1e6)])))
        words = [decide(drawn_counts(generator, mu * ratio**x, frailty)) for _ in range(panels)]
        found[ratio] = sum(word == "fewer" for word in words) / panels
    return found
