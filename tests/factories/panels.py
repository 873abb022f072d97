"""Simulated panels as the engine takes them."""

import numpy as np

from analytics.evaluation.calibration import panel_of
from analytics.evaluation.panel_analysis import Panel
from analytics.statistics.simulation import Scenario
from analytics.statistics.simulation import simulate as simulated

Simulation = Scenario
PLAIN = Scenario()


def simulate(seed: int, s: Scenario = PLAIN) -> Panel:
    """One simulated panel in long form; its exposure is called live_share."""
    return panel_of(simulated(seed, s), name="live_share")


def long_form(exposure: np.ndarray, outcome: np.ndarray, street: np.ndarray, area: np.ndarray) -> Panel:
    """Units x weeks of one's own in long form."""
    units, weeks = exposure.shape
    unit = np.repeat(np.arange(units), weeks)
    return Panel(
        time=np.tile(np.arange(weeks, dtype=float), units), outcome=outcome.ravel().astype(float),
        exposures={"live_share": exposure.ravel().astype(float)}, unit=unit, cluster=street[unit], area=area[unit],
    )  # fmt: skip
