"""How a benchmark is taken: candidate and baseline in turn, one warm-up round, medians of the rest."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`ratio` is candidate over baseline (or what `name` says), None if it was not taken; `goal` in the same unit;
    `cause` when not met."""

    name: str
    ratio: float | None
    goal: str
    met: bool
    cause: str = ""


def alternate(candidate: Callable[[], object], baseline: Callable[[], object], *, rounds: int = 5) -> float:
    """Median of candidate's seconds over median of baseline's seconds, taken A B A B after one warm-up round."""
    seconds: dict[str, list[float]] = {"a": [], "b": []}
    for turn in range(rounds + 1):
        for key, work in (("a", candidate), ("b", baseline)):
            start = time.perf_counter()
            work()
            if turn:
                seconds[key].append(time.perf_counter() - start)
    return statistics.median(seconds["a"]) / statistics.median(seconds["b"])
