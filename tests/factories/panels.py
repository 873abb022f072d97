"""Simulated panels: units x weeks with season, area shocks, streets that adopt together, and a planted effect.

Everything is synthetic and drawn from a seeded generator.
"""

from dataclasses import dataclass

import numpy as np

from analytics.evaluation.panel_analysis import Panel


@dataclass(frozen=True)
class Simulation:
    units: int = 150
    weeks: int = 104
    mean: float = 0.3
    ratio: float = 1.0
    on_off: bool = False
    by_street: bool = True
    reactive: bool = False


def simulate(seed: int, s: Simulation = Simulation()) -> Panel:
    """One panel. Streets of five units are the clusters, about 25 units make an area."""
    rng = np.random.Generator(np.random.PCG64(seed))
    areas = max(1, s.units // 25)
    street = np.arange(s.units) // 5
    area = np.minimum(street // 5, areas - 1)
    size = rng.gamma(0.8, 1 / 0.8, s.units) + 0.05
    week = np.arange(s.weeks)
    shocks = 0.15 * _ar1(rng, s.weeks)[None, :] + 0.25 * np.stack([_ar1(rng, s.weeks) for _ in range(areas)])[area]
    season = 0.18 * np.cos(2 * np.pi * (week - 50) / 52) - 0.15 * week / s.weeks
    rate = s.mean * size[:, None] / size.mean() * np.exp(shocks + season)
    x = np.zeros((s.units, s.weeks))
    adopters = rng.random(street.max() + 1) < 0.6
    starts = rng.integers(s.weeks // 4, 3 * s.weeks // 4, street.max() + 1)
    for unit in range(s.units):
        group = street[unit]
        if adopters[group]:
            x[unit, starts[group] :] = 1.0
    if not s.on_off:
        x *= np.clip(rng.normal(0.8, 0.25, x.shape), 0.05, 1.0)
    if s.reactive:
        return _reactive(rng, rate, street, area, adopters)
    counts = rng.poisson(rate * s.ratio**x * rng.gamma(1.5, 1 / 1.5, rate.shape)).astype(float)
    return _panel(x, counts, street, area)


def _reactive(
    rng: np.random.Generator, rate: np.ndarray, street: np.ndarray, area: np.ndarray, adopters: np.ndarray
) -> Panel:
    """Reach follows trouble: a bad month switches a unit on for eight weeks. No effect at all."""
    counts = rng.poisson(rate * rng.gamma(1.5, 1 / 1.5, rate.shape)).astype(float)
    x = np.zeros_like(rate)
    for unit in range(len(rate)):
        if not adopters[street[unit]]:
            continue
        for t in range(4, rate.shape[1]):
            if counts[unit, t - 4 : t].sum() >= max(2, 1.8 * rate[unit, t - 4 : t].sum()):
                x[unit, t : t + 8] = 1.0
    return _panel(x, counts, street, area)


def _panel(x: np.ndarray, counts: np.ndarray, street: np.ndarray, area: np.ndarray) -> Panel:
    units, weeks = x.shape
    unit = np.repeat(np.arange(units), weeks)
    return Panel(
        time=np.tile(np.arange(weeks, dtype=float), units), outcome=counts.ravel(), exposures={"live_share": x.ravel()},
        unit=unit, cluster=street[unit], area=area[unit],
    )  # fmt: skip


def _ar1(rng: np.random.Generator, weeks: int, rho: float = 0.6) -> np.ndarray:
    values = np.empty(weeks)
    values[0] = rng.normal()
    for t in range(1, weeks):
        values[t] = rho * values[t - 1] + np.sqrt(1 - rho**2) * rng.normal()
    return values
