"""Whole-area questions: difference in differences, synthetic control and synthetic difference in differences.

Synthetic control: Abadie, Diamond and Hainmueller 2010 (JASA 105:493), on outcomes before the start alone. Synthetic
difference in differences: Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021 (American Economic Review 111:4088),
algorithm 1, with the Frank-Wolfe steps and the sparsifying round of its authors' own program.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from analytics.statistics.fixed_effects import Array

PLACEBO_DRAWS = 200
FIRST_ROUNDS, MOST_ROUNDS = 100, 10_000


@dataclass(frozen=True)
class Synthetic:
    """`effect` in the outcome's unit; `unit_weights` (controls) and `time_weights` (periods before) sum to 1.

    `placebo_se`: standard deviation of the placebo effects of the controls, nan with fewer than two; `placebo_p` =
    (1 + placebos at least as large) / (1 + placebos); `fit_error` root mean square gap before the start, and the same
    with equal weights; `gaps` (periods) treated less synthetic.
    """

    effect: float
    unit_weights: Array
    time_weights: Array
    placebo_se: float
    placebo_p: float
    placebos: int
    fit_error: float
    fit_error_uniform: float
    gaps: Array


def difference_in_differences(
    outcomes: Array, treated: NDArray[np.bool_], before: int, *, seed: int = 1
) -> Synthetic:
    """`outcomes` units x periods, `treated` per unit, `before`: number of periods before the common start."""

    def effect(y: Array, inside: NDArray[np.bool_]) -> tuple[float, Array, Array]:
        controls = int((~inside).sum())
        unit_weights, time_weights = np.full(controls, 1 / controls), np.full(before, 1 / before)
        return _weighted(y, inside, before, unit_weights, time_weights), unit_weights, time_weights

    return _with_placebos(outcomes, treated, before, effect, seed, anchored=True)


def synthetic_control(outcomes: Array, treated: NDArray[np.bool_], before: int, *, seed: int = 1) -> Synthetic:
    """Weights on the simplex that come nearest to the treated mean before the start; effect = mean gap since."""

    def effect(y: Array, inside: NDArray[np.bool_]) -> tuple[float, Array, Array]:
        unit_weights = simplex_least_squares(y[~inside, :before].T, y[inside, :before].mean(axis=0))
        gap = y[inside].mean(axis=0) - unit_weights @ y[~inside]
        return float(gap[before:].mean()), unit_weights, np.full(before, 1 / before)

    return _with_placebos(outcomes, treated, before, effect, seed, anchored=False)


def synthetic_did(outcomes: Array, treated: NDArray[np.bool_], before: int, *, seed: int = 1) -> Synthetic:
    """Unit and period weights by regularised least squares on the simplex, then a weighted difference in differences.

    `outcomes` units x periods, `before` at least 2 periods. Errors by placebos: each control in turn where one unit is
    treated, otherwise random sets of controls.
    """

    def effect(y: Array, inside: NDArray[np.bool_]) -> tuple[float, Array, Array]:
        controls, many = y[~inside], int(inside.sum())
        noise = float(np.diff(controls[:, :before], axis=1).std(ddof=1))
        after = y.shape[1] - before
        stop = (1e-5 * noise) ** 2
        zeta = (many * after) ** 0.25 * noise
        time_weights = _frank_wolfe(controls[:, :before], controls[:, before:].mean(axis=1), 1e-6 * noise, stop)
        unit_weights = _frank_wolfe(controls[:, :before].T, y[inside, :before].mean(axis=0), zeta, stop)
        return _weighted(y, inside, before, unit_weights, time_weights), unit_weights, time_weights

    return _with_placebos(outcomes, treated, before, effect, seed, anchored=True)


def simplex_least_squares(a: Array, b: Array) -> Array:
    """Weights of 0 or more that sum to 1 and minimise |a w - b|^2 (a: n x m), by non-negative least squares.

    Columns are rescaled first; raises ArithmeticError should the answer be worse than equal weights.
    """
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), 1e-300)
    # Taking b off every column keeps the gap, for weights sum to 1; a heavy row then holds the sum.
    gaps = (a - b[:, None]) / scale
    heavy = 1e3 * max(1.0, float(np.abs(gaps).max())) * np.sqrt(len(b))
    stacked = np.vstack([gaps, np.full(a.shape[1], heavy)])
    weights, _ = optimize.nnls(stacked, np.append(np.zeros(len(b)), heavy), maxiter=50 * a.shape[1] + 1000)
    weights = _on_the_face(gaps, weights / weights.sum())
    uniform = np.full(a.shape[1], 1 / a.shape[1])
    if ((gaps @ weights) ** 2).sum() > ((gaps @ uniform) ** 2).sum() * (1 + 1e-9) + 1e-18:
        raise ArithmeticError("The synthetic control fits worse than equal weights: the optimiser stopped early.")
    return weights


def _on_the_face(gaps: Array, weights: Array) -> Array:
    """Solves exactly on the weights that are not 0 (the heavy row leaves an error of its own)."""
    inside = np.flatnonzero(weights > 1e-9)
    part = gaps[:, inside]
    system = np.zeros((len(inside) + 1,) * 2)
    system[:-1, :-1], system[-1, :-1], system[:-1, -1] = part.T @ part, 1.0, 1.0
    exact = np.linalg.lstsq(system, np.append(np.zeros(len(inside)), 1.0), rcond=None)[0][:-1]
    if (exact < -1e-9).any() or abs(exact.sum() - 1) > 1e-9:
        return weights
    polished = np.zeros_like(weights)
    polished[inside] = np.maximum(exact, 0)
    return polished / polished.sum()


def _frank_wolfe(a: Array, b: Array, zeta: float, stop: float) -> Array:
    """Minimises zeta^2 |w|^2 + |a w - b|^2 / n over the simplex, columns centred; sparsified after FIRST_ROUNDS."""
    weights = np.full(a.shape[1], 1 / a.shape[1])
    a, b = a - a.mean(axis=0), b - b.mean()
    weights = _frank_wolfe_rounds(a, b, zeta, stop, weights, FIRST_ROUNDS)
    weights = np.where(weights <= weights.max() / 4, 0.0, weights)
    return _frank_wolfe_rounds(a, b, zeta, stop, weights / weights.sum(), MOST_ROUNDS)


def _frank_wolfe_rounds(a: Array, b: Array, zeta: float, stop: float, weights: Array, rounds: int) -> Array:
    n, before = len(b), np.inf
    penalty = n * zeta**2
    for _ in range(rounds):
        left = a @ weights - b
        gradient = left @ a + penalty * weights
        best = int(np.argmin(gradient))
        step = -weights
        step[best] += 1
        if not step.any():
            break
        moved = a @ step
        curve = float(moved @ moved) + penalty * float(step @ step)
        length = min(1.0, max(0.0, -float(gradient @ step) / curve)) if curve > 0 else 0.0
        weights = weights + length * step
        left = left + length * moved
        value = zeta**2 * float(weights @ weights) + float(left @ left) / n
        if before - value <= stop:
            break
        before = value
    return weights


def _weighted(y: Array, inside: NDArray[np.bool_], before: int, unit_weights: Array, time_weights: Array) -> float:
    gap = y[inside].mean(axis=0) - unit_weights @ y[~inside]
    return float(gap[before:].mean() - time_weights @ gap[:before])


def _with_placebos(
    y: Array, treated: NDArray[np.bool_], before: int,
    effect: Callable[[Array, NDArray[np.bool_]], tuple[float, Array, Array]], seed: int, *, anchored: bool,
) -> Synthetic:  # fmt: skip
    value, unit_weights, time_weights = effect(y, treated)
    controls = y[~treated]
    placebos = np.array(
        [effect(controls, chosen)[0] for chosen in _placebo_sets(len(controls), int(treated.sum()), seed)]
    )
    gaps = y[treated].mean(axis=0) - unit_weights @ controls
    even = y[treated].mean(axis=0) - controls.mean(axis=0)
    if anchored:  # a free intercept is part of these designs
        gaps = gaps - time_weights @ gaps[:before]
        even = even - even[:before].mean()
    hits = int((np.abs(placebos) >= abs(value) - 1e-12).sum())
    return Synthetic(
        value, unit_weights, time_weights, float(placebos.std()) if len(placebos) > 1 else float("nan"),
        (1 + hits) / (1 + len(placebos)), len(placebos), float(np.sqrt((gaps[:before] ** 2).mean())),
        float(np.sqrt((even[:before] ** 2).mean())), gaps,
    )  # fmt: skip


def _placebo_sets(controls: int, treated: int, seed: int) -> list[NDArray[np.bool_]]:
    """Which controls play the treated: each in turn for one treated unit, random sets otherwise; none if too few."""
    if controls <= treated + 1:
        return []
    if treated == 1:
        return list(np.eye(controls, dtype=bool))
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 413])))
    sets = []
    for _ in range(PLACEBO_DRAWS):
        chosen = np.zeros(controls, dtype=bool)
        chosen[generator.choice(controls, treated, replace=False)] = True
        sets.append(chosen)
    return sets
