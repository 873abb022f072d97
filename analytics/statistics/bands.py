"""Joint (sup-t) bands over several coefficients, from each cluster's jackknife change.

Montiel Olea and Plagborg-Møller 2019 (Journal of Applied Econometrics 34:1); draws are cluster multipliers on the
jackknife changes.
"""

from dataclasses import dataclass

import numpy as np

from analytics.statistics.fixed_effects import Array
from analytics.statistics.wild import wild_weights

DRAWS = 9999


@dataclass(frozen=True)
class Band:
    """`critical`: how many standard errors wide; `p`: joint p that all are 0; `low` and `high` (K) the band."""

    critical: float
    p: float
    low: Array
    high: Array


def band(
    coefs: Array, se: Array, changes: Array, *, level: float = 0.95, draws: int = DRAWS, seed: int = 1
) -> Band:
    """Band of `coefs` (K) with errors `se` (K) from `changes` (G x K), coefficient without a cluster less the whole.

    Coefficients whose error is 0 or not known take no part in the maximum.
    """
    usable = np.isfinite(se) & (se > 0)
    if not usable.any() or len(changes) < 2:
        nothing = np.full(len(coefs), np.nan)
        return Band(float("nan"), float("nan"), nothing, nothing)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 410])))
    groups = len(changes)
    drawn = wild_weights(generator, draws, groups) @ changes[:, usable] / se[usable]
    # Errors of few clusters are guesses themselves: the joint draw gets the tails that each interval has, t(G - 1).
    tails = np.sqrt((groups - 1) / generator.chisquare(groups - 1, draws))
    largest = np.abs(drawn).max(axis=1) * tails
    critical = float(np.quantile(largest, level))
    observed = float((np.abs(coefs[usable]) / se[usable]).max())
    p = (1 + int((largest >= observed - 1e-12).sum())) / (draws + 1)
    return Band(critical, p, coefs - critical * se, coefs + critical * se)
