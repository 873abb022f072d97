"""Standard errors that allow neighbours to hang together (Conley 1999, Journal of Econometrics 92:1)."""

import numpy as np
from scipy.spatial.distance import cdist

from analytics.statistics.fitting import Fit
from analytics.statistics.fixed_effects import Array, Codes

BANDWIDTH_M = 500.0


def conley_error(fit: Fit, unit: Codes, places: Array, *, bandwidth_m: float = BANDWIDTH_M) -> float | None:
    """Standard error of the first coefficient. ``places``: easting and northing in metres of each unit code.

    Scores are summed over weeks first, so that any serial correlation is allowed; neighbours count with
    max(0, 1 - distance / bandwidth). None where the variance is not positive, or a unit has no place.
    """
    scores = np.bincount(unit, weights=fit.score @ fit.bread[:, 0], minlength=len(places))
    if not np.isfinite(places).all():
        return None
    kernel = np.maximum(0.0, 1.0 - cdist(places, places) / bandwidth_m)
    variance = float(scores @ kernel @ scores)
    return float(np.sqrt(variance)) if variance > 0 else None
