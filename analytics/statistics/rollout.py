"""A stepped roll-out drawn by lot, drawn again by the same mechanism, and the test that follows from it.

Stepped-wedge designs: Hussey and Hughes 2007 (Contemporary Clinical Trials 28:182). Restricted randomisation, and why
the test must draw from the same accepted set: Moulton 2004 (Clinical Trials 1:297). The seed is published.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
NEVER = -1
MOST_TRIES = 5_000  # draws that the balance rule may turn down before the design is called too tight
PURPOSE_DRAW, PURPOSE_REDRAW = 417, 418


class RolloutError(ValueError):
    """The roll-out cannot be drawn as asked; ``key`` names the setting to change."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Block:
    """Clusters that go live together. ``baseline`` is a weekly count or rate from before; ``size`` in venues."""

    code: str
    area: str
    baseline: float = 0.0
    size: int = 1


@dataclass(frozen=True)
class Settings:
    """``weeks`` of the study; ``before`` the first wave and ``after`` the start of the last one, in weeks.

    ``never`` counts arms that stay without material (0: everybody goes live). ``balance`` is the largest difference
    of mean baseline between an arm and the rest, in standard deviations; None: any draw is taken.
    """

    waves: int
    weeks: int = 52
    before: int = 12
    after: int = 8
    never: int = 0
    balance: float | None = None


@dataclass(frozen=True)
class Draw:
    """``arm`` per block in the order of their codes: 0 is the first wave, NEVER no wave. ``tries`` counts draws."""

    blocks: tuple[Block, ...]
    arm: tuple[int, ...]
    stratum: tuple[str, ...]
    starts: tuple[int, ...]
    tries: int
    imbalance: float


def start_weeks(settings: Settings) -> tuple[int, ...]:
    """Index of each wave's first week (0: first week of the study), equally spaced. Raises RolloutError."""
    if not 1 <= settings.waves <= 26:
        raise RolloutError("waves", "Choose 1 to 26 waves.")
    last = settings.weeks - settings.after
    room = last - settings.before
    if room < settings.waves - 1:
        raise RolloutError(
            "weeks",
            f"{settings.waves} waves need {settings.before} weeks before the first, {settings.after} weeks from the "
            f"start of the last and a week for each step: at least {settings.before + settings.after + settings.waves - 1} "
            f"weeks, not {settings.weeks}.",
        )
    if settings.waves == 1:
        return (settings.before + room // 2,)
    return tuple(settings.before + round(k * room / (settings.waves - 1)) for k in range(settings.waves))


def strata_of(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """Area and half of baseline: above the area's median is the upper half; where all are alike there is one."""
    by_area: dict[str, list[float]] = defaultdict(list)
    for block in blocks:
        by_area[block.area].append(block.baseline)
    middle = {area: float(np.median(values)) for area, values in by_area.items()}
    return tuple(
        f"{each.area} {'upper' if each.baseline > middle[each.area] else 'lower'} half" for each in blocks
    )


def draw(blocks: list[Block], settings: Settings, seed: int) -> Draw:
    """The roll-out of this seed. Raises RolloutError."""
    ordered = _checked(blocks, settings)
    starts, strata = start_weeks(settings), strata_of(ordered)
    generator = _generator(seed, PURPOSE_DRAW)
    arms, tries, imbalance = _accepted(ordered, strata, settings, generator)
    return Draw(ordered, tuple(int(arm) for arm in arms), strata, starts, tries, imbalance)


def redraws(blocks: list[Block], settings: Settings, *, draws: int, seed: int) -> Codes:
    """``draws`` roll-outs by the same mechanism, balance rule included: draws x blocks, start week or NEVER."""
    ordered = _checked(blocks, settings)
    starts, strata = np.array([*start_weeks(settings), NEVER]), strata_of(ordered)
    generator = _generator(seed, PURPOSE_REDRAW)
    rows = [_accepted(ordered, strata, settings, generator)[0] for _ in range(draws)]
    return np.asarray(starts[np.array(rows)], dtype=np.int64)


def randomisation_test(
    outcomes: list[Array], blocks: list[Codes], observed: Codes, drawn: Codes
) -> tuple[float, float, Array]:
    """(p, statistic, its values over the redraws) of the score at no effect, studentised by block, over roll-outs that could have been drawn.

    ``outcomes``: one array of units x weeks for each area; ``blocks``: the block of each of its units; ``observed``:
    start week of each block or NEVER; ``drawn``: the same for each redraw. Exact whatever the outcomes' distribution
    (Fisher 1935; score of the two-way Poisson model). p = (1 + hits) / (draws + 1). NaN where nothing varies.
    """
    everything = np.vstack([observed[None, :], drawn])
    kinds, code = np.unique(everything, return_inverse=True)
    code = code.reshape(everything.shape)
    sums = np.zeros(everything.shape)
    for y, block in zip(outcomes, blocks, strict=True):
        keep, some = y.sum(axis=1) > 0, y.sum(axis=0) > 0
        y, block = y[keep][:, some], block[keep]
        if len(y) < 2:
            continue
        weeks = np.flatnonzero(some)
        residual = y - np.outer(y.sum(axis=1), y.sum(axis=0)) / y.sum()
        live = np.array([(weeks >= kind) & (kind != NEVER) for kind in kinds], dtype=float)
        products, share = live @ residual.T, y.sum(axis=1) / y.sum()
        arm = code[:, block]
        weight = np.zeros((len(everything), len(kinds)))
        for n in range(len(kinds)):
            weight[:, n] = ((arm == n) * share).sum(axis=1)
        score = products[arm, np.arange(len(y))] - weight @ products
        for each in np.unique(block):
            sums[:, each] += score[:, block == each].sum(axis=1)
    spread = np.sqrt((sums**2).sum(axis=1))
    statistic = np.divide(sums.sum(axis=1), spread, out=np.zeros(len(sums)), where=spread > 0)
    if spread[0] == 0:
        return math.nan, math.nan, statistic[1:]
    hits = int((np.abs(statistic[1:]) >= abs(statistic[0]) - 1e-12).sum())
    return (1 + hits) / len(everything), float(statistic[0]), statistic[1:]


def _checked(blocks: list[Block], settings: Settings) -> tuple[Block, ...]:
    ordered = tuple(sorted(blocks, key=lambda each: each.code))
    if len({each.code for each in ordered}) != len(ordered):
        raise RolloutError("blocks", "Two blocks have the same code.")
    if len(ordered) < settings.waves + settings.never:
        raise RolloutError(
            "waves",
            f"{len(ordered)} clusters cannot fill {settings.waves + settings.never} arms. Choose fewer waves.",
        )
    return ordered


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose])))


def _accepted(
    blocks: tuple[Block, ...], strata: tuple[str, ...], settings: Settings, generator: np.random.Generator
) -> tuple[Codes, int, float]:
    baseline = np.array([each.baseline for each in blocks])
    for tries in range(1, MOST_TRIES + 1):
        arms = _deal(strata, settings, generator)
        imbalance = _imbalance(baseline, arms)
        if settings.balance is None or imbalance < settings.balance:
            return arms, tries, imbalance
    raise RolloutError(
        "balance",
        f"None of {MOST_TRIES:,} draws kept the arms within {settings.balance} standard deviations of each other. Choose "
        "fewer waves, allow a larger difference, or leave the rule out.",
    )


def _deal(strata: tuple[str, ...], settings: Settings, generator: np.random.Generator) -> Codes:
    """Shuffles each stratum and deals it out like cards; the deal goes on where the last stratum ended."""
    hands = np.array([*range(settings.waves), *[NEVER] * settings.never])
    hands = hands[generator.permutation(len(hands))]
    arms = np.empty(len(strata), dtype=np.int64)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(strata):
        groups[name].append(place)
    turn = 0
    for name in sorted(groups):
        for place in generator.permutation(groups[name]):
            arms[place] = hands[turn % len(hands)]
            turn += 1
    return arms


def _imbalance(baseline: Array, arms: Codes) -> float:
    spread = float(baseline.std())
    if spread == 0:
        return 0.0
    worst = 0.0
    for arm in np.unique(arms):
        inside = arms == arm
        if not inside.all():
            worst = max(worst, abs(float(baseline[inside].mean() - baseline[~inside].mean())) / spread)
    return worst
