"""Taking out fixed effects by alternating projections, on cells in long form.

A panel is a list of cells; each fixed effect is an integer code per cell (0..levels-1). Source of the method:
Guimarães and Portugal 2010 (Stata Journal 10:628); Correia, Guimarães and Zylkin 2020 (ppmlhdfe).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

MAX_ROUNDS = 10_000


class DoesNotConverge(ArithmeticError):
    """The iteration did not settle; the message says which."""


def codes_of(values: NDArray) -> Codes:
    """Integer codes 0..n-1 in sorted order of the distinct values."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def demean(columns: Array, weights: Array, effects: list[Codes], *, tolerance: float = 1e-10) -> Array:
    """Columns (cells x k) less their weighted projection on all effects. Weights must be positive."""
    out = np.array(columns, dtype=float)
    if out.size == 0 or not effects:
        return out
    totals = [np.bincount(code, weights=weights) for code in effects]
    scale = np.maximum(np.abs(out).max(axis=0), 1e-12)
    for _ in range(MAX_ROUNDS):
        largest = 0.0
        for code, total in zip(effects, totals, strict=True):
            for j in range(out.shape[1]):
                means = np.bincount(code, weights=weights * out[:, j]) / total
                out[:, j] -= means[code]
                largest = max(largest, float(np.abs(means).max() / scale[j]))
        if largest < tolerance or len(effects) == 1:
            return out
    raise DoesNotConverge(
        "Taking out the fixed effects did not settle. Check the panel for units that share no period."
    )


def absorbed(effects: list[Codes]) -> int:
    """Number of free parameters in the effects: levels less one for each further connected component."""
    if not effects:
        return 0
    if len(effects) == 1:
        return int(effects[0].max()) + 1
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first, second = effects
    n_first, n_second = int(first.max()) + 1, int(second.max()) + 1
    graph = coo_matrix((np.ones(len(first)), (first, n_first + second)), shape=(n_first + n_second,) * 2)
    components = connected_components(graph, directed=False)[0]
    return n_first + n_second - int(components)
