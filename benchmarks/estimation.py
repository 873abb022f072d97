"""The two-way Poisson fit against pyfixest on the same panel, in one run, after pyfixest's own warm-up."""

import warnings

import numpy as np

from analytics.statistics.fitting import fit
from analytics.statistics.fixed_effects import codes_of
from benchmarks.measuring import Result, alternate
from tests.factories.panels import Simulation, simulate


def run() -> list[Result]:
    warnings.simplefilter("ignore")
    import pandas as pd
    import pyfixest

    panel = simulate(1, Simulation(units=150, weeks=104))
    units = codes_of(np.asarray(panel.unit))
    weeks = codes_of(panel.time)
    keep = (np.bincount(units, weights=panel.outcome) > 0)[units] & (
        np.bincount(weeks, weights=panel.outcome) > 0
    )[weeks]
    y, x = panel.outcome[keep], panel.exposures["live_share"][keep]
    effects = [codes_of(units[keep]), codes_of(weeks[keep])]
    frame = pd.DataFrame({"y": y, "x": x, "u": effects[0], "w": effects[1]})
    ratio = alternate(
        lambda: fit(y, x[:, None], effects), lambda: pyfixest.fepois("y ~ x | u + w", data=frame, vcov="iid")
    )
    met = ratio <= 1.0
    cause = "" if met else "our projections converge more slowly than pyfixest's compiled ones"
    return [Result("two-way Poisson fit, 15,600 cells: time over pyfixest's", ratio, "at most 1", met, cause)]
