"""The two-way Poisson fit against pyfixest on the same panels in one run, after pyfixest's own warm-up; permutations.

Three sizes (150 x 104, 2,000 x 260 and 20,000 x 260 units by weeks), each with unit and time effects and with unit and
area-by-time effects. Both start from the same columns of whole numbers. Candidate and baseline take turns.
"""

import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from analytics.statistics.cells import informative_cells
from analytics.statistics.fitting import fit
from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.permutation import Grid, block_permutation
from benchmarks.measuring import Result, alternate

SIZES = ((150, 104, 6, 5), (2_000, 260, 80, 3), (20_000, 260, 800, 1))  # units, weeks, areas, rounds
PERMUTATIONS = 9_999
PERMUTATION_SECONDS = 1.0


def run() -> list[Result]:
    warnings.simplefilter("ignore")
    import pandas as pd
    import pyfixest

    small = panel_of_size(40, 20, 2)
    pyfixest.fepois("y ~ x | u + p", data=pd.DataFrame(small), vcov="iid")  # compiles; not part of any time
    results = []
    for units, weeks, areas, rounds in SIZES:
        panel = panel_of_size(units, weeks, areas)
        for second, effects in (("t", "unit and time"), ("p", "unit and area by time")):
            results.append(_fits(panel, second, effects, rounds, pd, pyfixest))
    results.append(_permutations())
    return results


def panel_of_size(units: int, weeks: int, areas: int) -> dict[str, Any]:
    """Synthetic: a stepped dose, counts of mean 0.3; unit, time and area-by-time codes."""
    generator = np.random.Generator(np.random.PCG64(units))
    u, t = np.repeat(np.arange(units), weeks), np.tile(np.arange(weeks), units)
    size = generator.gamma(0.8, 1 / 0.8, units) + 0.05
    start = generator.integers(weeks // 4, 3 * weeks // 4, units)
    on = (t >= start[u]) & (generator.random(units) < 0.6)[u]
    x = on * generator.uniform(0.3, 1.0, units * weeks)
    rate = 0.3 * size[u] * np.exp(0.2 * np.cos(t / 8.0)) * 0.85**x
    return {
        "y": generator.poisson(rate).astype(float),
        "x": x,
        "u": u,
        "t": t,
        "p": u * areas // units * weeks + t,
    }


def _fits(panel: dict[str, Any], second: str, effects: str, rounds: int, pd: Any, pyfixest: Any) -> Result:
    keep = informative_cells(panel["y"], [panel["u"], panel[second]])[0]  # the same cells for both
    columns = {name: values[keep] for name, values in panel.items()}
    frame = pd.DataFrame({name: columns[name] for name in ("y", "x", "u", second)})
    found: dict[str, float] = {}

    def ours() -> None:
        codes = [codes_of(columns["u"]), codes_of(columns[second])]
        found["ours"] = float(fit(columns["y"], columns["x"][:, None], codes).beta[0])

    def theirs() -> None:
        model = pyfixest.fepois(f"y ~ x | u + {second}", data=frame, vcov="iid")
        found["theirs"] = float(model.coef().iloc[0])

    ratio = alternate(ours, theirs, rounds=rounds)
    same = abs(found["ours"] - found["theirs"]) < 1e-6
    met = ratio <= 1.0 and same
    cause = "" if met else ("slower than pyfixest's compiled projections" if same else "the two disagree")
    name = f"two-way Poisson fit, {len(columns['y']):,} cells, {effects}: time over pyfixest's"
    return Result(name, ratio, "at most 1", met, cause)


def _permutations() -> Result:
    """9,999 draws of 150 x 104 in 30 clusters; seconds, with the time of one matrix product in the same run beside them."""
    panel = panel_of_size(150, 104, 6)
    y, x = (panel[name].reshape(150, 104) for name in ("y", "x"))
    grids = []
    for rows in np.split(np.arange(150), 6):
        keep = y[rows].sum(axis=1) > 0
        inside = rows[keep]
        weeks = y[inside].sum(axis=0) > 0
        grids.append(Grid(x[inside][:, weeks], y[inside][:, weeks], inside // 5))
    seconds = _median_of(lambda: block_permutation(grids, draws=PERMUTATIONS, seed=1))
    met = seconds <= PERMUTATION_SECONDS
    return Result(
        f"{PERMUTATIONS:,} permutations of 150 x 104: seconds", seconds, f"at most {PERMUTATION_SECONDS:g}", met,
        "" if met else f"load of the machine {os.getloadavg()[0]:.1f}",
    )  # fmt: skip


def _median_of(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
