"""The score of one exposure at no effect, with everything else in the model fitted.

It is what the permutation test and the wild bootstrap look at: nothing has to be fitted again for a draw (Rao 1948;
Lin 2005, Genetic Epidemiology 29:216, for permutation of efficient scores).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analytics.statistics.fitting import Fit, Model
from analytics.statistics.fixed_effects import Array, Codes, layout_of


@dataclass(frozen=True)
class NullModel:
    """`fit` without the exposure; `left_of` gives what of an exposure (cells) the rest of the model leaves (cells)."""

    fit: Fit
    left_of: Callable[[Array], Array]

    def score_of(self, x: Array) -> Array:
        """Each cell's score (cells) for an exposure (cells)."""
        return self.left_of(x) * self.fit.residual


def null_model(
    y: Array, others: Array, effects: list[Codes], *, family: str = "poisson", offset: Array | None = None,
    prior: Array | None = None,
) -> NullModel:  # fmt: skip
    """`others` (cells x m) are the columns that stay in the model, m may be 0. Zero margins must be gone.

    Raises NotIdentified or DoesNotConverge.
    """
    fitted = Model(y, others, effects, family=family, offset=offset, prior=prior).fit()
    layout = layout_of(effects, len(y))
    weights = layout.spread(fitted.weights)
    project = layout.solver(weights)
    through = fitted.bread @ (fitted.x * fitted.weights[:, None]).T if others.shape[1] else None

    def left_of(x: Array) -> Array:
        laid = layout.spread(x)
        left = laid - project(weights * laid)
        left = layout.gather(left - project(weights * left))
        if through is not None:
            left = left - fitted.x @ (through @ left)
        return left

    return NullModel(fitted, left_of)


def cluster_sums(score: Array, clusters: Codes) -> Array:
    """Scores (cells) summed by cluster (G)."""
    return np.asarray(np.bincount(clusters, weights=score), dtype=np.float64)
