"""Leaving one cluster out and refitting: the exact cluster jackknife (CV3) and differences of two estimates.

MacKinnon, Nielsen and Webb 2023 (Journal of Econometrics 232:272); area-by-week effects are estimated anew in each
refit. A cluster without which the effect is not identified gives a row of not-a-number and is left out of the variance.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.statistics.cells import Kept, informative_cells
from analytics.statistics.covariance import EXACT_UP_TO, FEWEST_LEFT, Errors, cv3_one_step, jackknife_errors
from analytics.statistics.fitting import Fit, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, codes_of
from analytics.statistics.separation import separated_cells


def leave_one_out(model: Model, whole: Fit, clusters: Codes) -> Array:
    """Coefficients without each cluster (G x k), rows of nan where a refit has no answer."""
    groups = int(clusters.max()) + 1
    without = np.full((groups, len(whole.beta)), np.nan)
    for g in range(groups):
        keep = clusters != g
        for again in (False, True):
            try:
                without[g] = model.coefficients(keep, whole=whole)
                break
            except (NotIdentified, DoesNotConverge):
                if again or not model.counts:
                    break
                keep = _not_separated(model, keep)
    return without


def _not_separated(model: Model, keep: Kept) -> Kept:
    """The kept cells less those that the effects set apart now that a cluster is gone."""
    keep = informative_cells(model.y_cells, model.effects, keep)[0]
    if not keep.any():
        return keep
    x = np.column_stack([model.layout.gather(column)[keep] for column in model.x])
    try:
        apart = separated_cells(model.y_cells[keep], x, [codes_of(code[keep]) for code in model.effects])
    except DoesNotConverge:
        return keep
    left = keep.copy()
    left[np.flatnonzero(keep)[apart]] = False
    return left


def cv3(model: Model, whole: Fit, clusters: Codes) -> tuple[Errors, Array]:
    """CV3 errors and the coefficients without each cluster (G x k): refits up to EXACT_UP_TO clusters, else one step.

    Errors.method is "cv3" or "cv3_one_step". Raises NotIdentified when fewer than three refits have an answer.
    """
    if int(clusters.max()) + 1 > EXACT_UP_TO:
        return cv3_one_step(whole, clusters)
    without = leave_one_out(model, whole, clusters)
    if (~np.isnan(without).any(axis=1)).sum() < FEWEST_LEFT:
        raise NotIdentified("Leaving one cluster out leaves nothing to estimate, for all but two clusters.")
    return jackknife_errors("cv3", whole.beta, without), without


@dataclass(frozen=True)
class Difference:
    """Difference of two estimates of the same cells, its jackknife error, two-sided p, and t's degrees of freedom."""

    value: float
    se: float
    p: float
    freedom: int


def difference_of(first: float, first_without: Array, second: float, second_without: Array) -> Difference | None:
    """Jackknife of (first - second) over the clusters that both have (arrays of G, nan where there is none).

    R14 sets the imputation's log ratio against the two-way fit's this way. None with fewer than three clusters.
    """
    change = (first_without - second_without) - (first - second)
    change = change[~np.isnan(change)]
    groups = len(change)
    if groups < FEWEST_LEFT:
        return None
    se = math.sqrt((groups - 1) / groups * float((change**2).sum()))
    t = abs(first - second) / se if se > 0 else math.inf
    return Difference(first - second, se, 2 * float(special.stdtr(groups - 1, -t)), groups - 1)
