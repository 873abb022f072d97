"""One or two invented weekly or monthly series with a step, as the columns of a file. Synthetic data."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Drawn:
    """Columns of equal length, the exposed series first; `time` 0, 1, …"""

    unit: Array
    time: Array
    step: Array
    outcome: Array
    people: Array

    def rows(self, time: list[str] | None = None) -> list[list[object]]:
        said = [str(int(each)) for each in self.time] if time is None else time
        return [
            list(row)
            for row in zip(self.unit.tolist(), said, self.step.tolist(), self.outcome.tolist(), self.people.tolist(), strict=True)
        ]  # fmt: skip


def drawn(
    seed: int, *, periods: int = 104, before: int = 60, ratio: float = 0.8, common: float = 0.9, controlled: bool = False,
    level: float = 60.0, season: float = 0.2, period: float = 52.18,
) -> Drawn:  # fmt: skip
    """Counts with a trend, a season, a step of `ratio` in the exposed series and, with a control, one of `common` in both."""
    rng = np.random.default_rng(seed)
    units = 2 if controlled else 1
    time = np.tile(np.arange(periods), units)
    own = np.repeat([1.0, 0.0][:units], periods)
    on = (time >= before).astype(float)
    people = np.round(rng.uniform(90_000, 110_000, len(time)) * np.where(own > 0, 1.0, 1.6))
    log = (
        np.log(level * people / 100_000)
        + 0.002 * time * (2 * own - 1)
        + season * np.sin(2 * np.pi * time / period)
    )
    log += on * (own * np.log(ratio) + (np.log(common) if controlled else 0.0))
    outcome = rng.poisson(np.exp(log) * rng.gamma(100, 1 / 100, len(time))).astype(float)
    return Drawn(np.where(own > 0, "Leicester", "Derby"), time, on * own, outcome, people)


def iso_weeks(first: date, number: int) -> list[str]:
    days = [(first + timedelta(weeks=n)).isocalendar() for n in range(number)]
    return [f"{day.year}-W{day.week:02}" for day in days]


def months(year: int, number: int) -> list[str]:
    return [f"{year + n // 12}-{n % 12 + 1:02}" for n in range(number)]


def write(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["town", "time", "step", "offences", "people"], *rows])
    return path
