"""How often the whole decision rule is wrong, over hundreds of simulated panels whose truth is known.

Every panel goes through the same ``analyse`` as a force's own data: fit, jackknife, permutation, lead test, all rules.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from analytics.evaluation.panel_analysis import Panel, PanelError, analyse
from analytics.evaluation.panel_spec import parse_spec
from analytics.statistics.simulation import Scenario, SimulatedPanel, simulate

PERMUTATIONS = 999
CHUNK = 5
VERDICTS = ("fewer", "more")


@dataclass(frozen=True)
class Goal:
    """What a share must be. ``measure`` is a key of ``Summary.shares``; both ends belong to the goal."""

    measure: str
    low: float
    high: float


@dataclass(frozen=True)
class Case:
    """A scenario with its goals."""

    name: str
    title: str
    scenario: Scenario
    goals: tuple[Goal, ...]


def _power(of_fit: float, of_rule: float) -> tuple[Goal, ...]:
    """Within five points of what the method was found to have when it was chosen (docs/evaluation.md)."""
    return (
        Goal("fit", of_fit - 0.05, min(1.0, of_fit + 0.05)),
        Goal("verdict", of_rule - 0.05, min(1.0, of_rule + 0.05)),
    )


COVERS = Goal("covered", 0.93, 0.97)
CASES = (
    Case("null", "nothing happens, 150 units, dose", Scenario(), (Goal("verdict", 0, 0.05), COVERS)),
    Case("null_on_off", "nothing happens, on/off", Scenario(on_off=True), (Goal("verdict", 0, 0.05),)),
    Case(
        "null_40",
        "nothing happens, 40 units in 8 streets",
        Scenario(units=40),
        (Goal("verdict", 0, 0.05),),
    ),
    Case(
        "null_20",
        "nothing happens, 20 units for a year",
        Scenario(units=20, weeks=52),
        (Goal("verdict", 0, 0.05),),
    ),
    Case(
        "street",
        "nothing happens, whole streets start and share shocks",
        Scenario(on_off=True, by_street=True, street_sd=0.5),
        (Goal("verdict", 0, 0.08),),
    ),
    Case(
        "reactive", "nothing happens, reach follows trouble", Scenario(reactive=True), (Goal("verdict", 0, 0.02),)
    ),
    Case("fall", "rate ratio 0.85, dose", Scenario(ratio=0.85), (COVERS, *_power(0.990, 0.960))),
    Case("fall_on_off", "rate ratio 0.85, on/off", Scenario(ratio=0.85, on_off=True), _power(0.640, 0.570)),
    Case(
        "fall_street",
        "rate ratio 0.85, whole streets",
        Scenario(ratio=0.85, on_off=True, by_street=True, street_sd=0.5),
        _power(0.275, 0.250),
    ),
    Case(
        "fall_40",
        "rate ratio 0.85, 40 units",
        Scenario(units=40, ratio=0.85),
        _power(0.540, 0.300),
    ),
    Case(
        "growing",
        "an effect that grows from nothing to 0.72 in a year, on/off",
        Scenario(ratio=0.85, on_off=True, growing=True),
        (Goal("covered", 0.90, 1.0),),
    ),
    Case("more", "rate ratio 1.25, dose", Scenario(ratio=1.25), (Goal("more", 0.90, 1.0), Goal("fewer", 0, 0))),
)


@dataclass(frozen=True)
class Judged:
    """One panel. ``fit``: the two-way interval leaves out 1; ``covered``: the printed interval holds the truth."""

    seed: int
    word: str
    fit: bool
    covered: bool | None
    ratio: float | None
    fired: tuple[str, ...]


def panel_of(made: SimulatedPanel, *, name: str = "exposure") -> Panel:
    """A simulated panel as the engine takes it: streets are the clusters, weeks are numbered from 0."""
    units, weeks = made.exposure.shape
    unit = np.repeat(np.arange(units), weeks)
    return Panel(
        time=np.tile(np.arange(weeks, dtype=float), units),
        outcome=made.outcome.ravel(),
        exposures={name: made.exposure.ravel()},
        unit=unit,
        cluster=made.street[unit],
        area=made.area[unit],
    )


def judge(case: Case, seed: int) -> Judged:
    """Draws one panel of a case and says what the product would say of it."""
    made = simulate(seed, case.scenario)
    spec = parse_spec(
        {
            "data": {"unit": "unit", "time": "week", "outcome": "events", "exposure": ["exposure"], "cluster": "street", "area": "area"},
            "model": {"inference": ["cv3", "permutation"], "permutations": PERMUTATIONS, "seed": seed},
        }
    )  # fmt: skip
    try:
        result = analyse(panel_of(made), spec)
    except PanelError:
        return Judged(seed, "refused", False, None, None, ())
    fired = tuple(rule["code"] for rule in result["rules"] if rule["fired"])
    if not result["estimates"]:
        return Judged(seed, result["verdict"], False, None, None, fired)
    two_way = result["estimates"][0]
    low, high = two_way["ci"].get("cv3", (0.0, math.inf))
    fit, ratio = low > 1 or high < 1, two_way["ratio"]
    shown = result["imputation"]
    if shown:
        (low, high), ratio = shown["ci"], shown["irr"]
    return Judged(seed, result["verdict"], fit, low <= made.truth <= high, ratio, fired)


@dataclass(frozen=True)
class Summary:
    """Shares over the panels of a case, with what was wanted of them."""

    case: Case
    panels: int
    shares: dict[str, float]
    words: dict[str, int]
    rules: dict[str, float]

    def rows(self) -> list[dict[str, Any]]:
        """One row for each goal: the share found, its Monte-Carlo error, the goal, and whether it is met."""
        found = []
        for goal in self.case.goals:
            share = self.shares[goal.measure]
            error = math.sqrt(max(share * (1 - share), 0) / self.panels)
            met = goal.low - 1e-9 <= share <= goal.high + 1e-9
            found.append(
                {"case": self.case.name, "title": self.case.title, "measure": goal.measure, "share": round(share, 4),
                 "monte_carlo_error": round(error, 4), "goal_low": round(goal.low, 4), "goal_high": round(goal.high, 4),
                 "met": met}
            )  # fmt: skip
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case.name,
            "title": self.case.title,
            "scenario": asdict(self.case.scenario),
            "panels": self.panels,
            "shares": {name: round(share, 4) for name, share in self.shares.items()},
            "words": self.words,
            "rules_fired": self.rules,
            "goals": self.rows(),
        }


def summarise(case: Case, judged: Sequence[Judged]) -> Summary:
    """Shares of verdicts, of intervals that leave out 1, and of intervals that hold the truth."""
    n = len(judged)
    words = Counter(each.word for each in judged)
    known = [each.covered for each in judged if each.covered is not None]
    logs = [math.log(each.ratio) for each in judged if each.ratio]
    shares = {
        "verdict": sum(words[word] for word in VERDICTS) / n,
        "fewer": words["fewer"] / n,
        "more": words["more"] / n,
        "fit": sum(each.fit for each in judged) / n,
        "covered": sum(known) / len(known) if known else math.nan,
        "mean_log_ratio": sum(logs) / len(logs) if logs else math.nan,
    }
    rules = Counter(code for each in judged for code in each.fired)
    return Summary(
        case, n, shares, dict(sorted(words.items())), {code: round(rules[code] / n, 4) for code in sorted(rules)}
    )


def _judge_some(task: tuple[Case, list[int]]) -> list[Judged]:
    case, seeds = task
    return [judge(case, seed) for seed in seeds]


def calibrate(
    cases: Sequence[Case], *, panels: int, seed: int, processes: int, say: Callable[[str, int], None]
) -> Iterator[Summary]:
    """A summary of each case, as it is finished. Seeds run from ``seed``; ``say`` hears the case and panels done."""
    with_pool = processes > 1
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # of the workers: each has one core
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn")) if with_pool else None
    try:
        for case in cases:
            seeds = list(range(seed, seed + panels))
            tasks = [(case, seeds[n : n + CHUNK]) for n in range(0, panels, CHUNK)]
            judged: list[Judged] = []
            for some in pool.map(_judge_some, tasks) if pool else map(_judge_some, tasks):
                judged += some
                say(case.name, len(judged))
            yield summarise(case, judged)
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before
