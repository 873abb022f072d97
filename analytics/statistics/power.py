"""The smallest effect that the panel could have shown."""

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from analytics.statistics.fixed_effects import Array

POWER_Z = 0.8416212335729143  # 80 % power


def smallest_visible_ratio(se: float, freedom: int) -> float:
    """MDE as a rate ratio below 1: exp(-(t + z) SE), 5 % two-sided, 80 % power (Bloom 1995, Evaluation Review 19:547)."""
    return math.exp(-(float(stats.t.ppf(0.975, freedom)) + POWER_Z) * se)


def simulated_error(
    mu: Array, dispersion: float, error_of: Callable[[Array], float], *, panels: int, seed: int
) -> float:
    """Median standard error over panels drawn with no effect: counts with mean `mu` and the observed dispersion."""
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 80])))
    extra = max(dispersion - 1.0, 0.0) / max(float(mu.mean()), 1e-9)
    errors = []
    for _ in range(panels):
        rate = mu * generator.gamma(1 / extra, extra, len(mu)) if extra > 1e-6 else mu
        error = error_of(generator.poisson(rate).astype(float))
        if math.isfinite(error):
            errors.append(error)
    return float(np.median(errors)) if errors else math.nan
