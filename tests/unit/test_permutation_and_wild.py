"""Tests of no effect: tables give what fitting gives, gaps and offsets included, and p is what its definition says."""

import itertools

import numpy as np
import pytest

from analytics.statistics.cells import informative_cells
from analytics.statistics.correlation import raw_spearman, spearman_interval
from analytics.statistics.efficient_score import cluster_sums, null_model
from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.permutation import Grid, block_permutation, filled_forward, grids_of, strata_of
from analytics.statistics.wild import score_wild, wild_weights


def panel(seed: int, gaps: float = 0.0, units: int = 12, weeks: int = 20):
    rng = np.random.default_rng(seed)
    there = rng.random(units * weeks) >= gaps
    unit, time = np.repeat(np.arange(units), weeks)[there], np.tile(np.arange(weeks), units)[there]
    y = rng.poisson(2.0 * np.exp(rng.normal(0, 0.4, units)[unit])).astype(float)
    x = np.where(time >= rng.integers(5, 15, units)[unit], rng.random(len(unit)), 0.0)
    keep = informative_cells(y, [unit, time])[0]
    return y[keep], x[keep], codes_of(unit[keep]), codes_of(time[keep]), codes_of(unit[keep] // 2)


@pytest.mark.parametrize(("gaps", "offset"), [(0.0, False), (0.0, True), (0.15, False), (0.15, True)])
def test_every_arrangement_has_the_statistic_that_moving_the_paths_by_hand_gives(
    gaps: float, offset: bool
) -> None:
    y, x, unit, time, cluster = panel(3, gaps)
    log_offset = np.random.default_rng(1).normal(0, 0.3, len(y)) if offset else None
    null = null_model(y, np.empty((len(y), 0)), [unit, time], offset=log_offset)
    one_area = np.zeros(len(y), dtype=np.int64)
    grids = grids_of(
        x, y, null.fit.residual, null.fit.weights, unit, time, one_area, cluster, always_weighted=offset
    )
    table = np.full((unit.max() + 1, time.max() + 1), np.nan)
    table[unit, time] = x
    table = filled_forward(table)
    members = [np.flatnonzero(np.arange(len(table)) // 2 == c) for c in range(cluster.max() + 1)]

    def statistic(source: tuple[int, ...]) -> float:
        moved = np.empty_like(table)
        for own, other in enumerate(source):
            moved[members[own]] = table[members[other]]
        sums = cluster_sums(null.score_of(moved[unit, time]), cluster)
        return float(sums.sum() / np.sqrt((sums**2).sum()))

    everything = np.array([statistic(order) for order in itertools.permutations(range(len(members)))])
    found = block_permutation(grids, draws=999, seed=1)
    assert found is not None
    assert found.statistic == pytest.approx(everything[0], abs=1e-8)
    assert found.distinct == pytest.approx(len(everything))
    nearest = np.abs(found.null[:, None] - everything[None, :]).min(axis=1)
    assert nearest.max() < 1e-8  # every draw is one of the 720 arrangements
    exact = (np.abs(everything) >= abs(everything[0]) - 1e-9).mean()
    assert found.p == pytest.approx(exact, abs=0.06)


def test_the_closed_form_and_the_general_one_are_the_same() -> None:
    y, x, unit, time, cluster = panel(5)
    null = null_model(y, np.empty((len(y), 0)), [unit, time])
    arguments = x, y, null.fit.residual, null.fit.weights, unit, time, np.zeros_like(unit), cluster
    closed, general = (
        block_permutation(grids_of(*arguments, always_weighted=each), draws=199, seed=2) for each in (False, True)
    )
    assert closed is not None
    assert general is not None
    assert np.abs(closed.null - general.null).max() < 1e-9
    assert closed.p == general.p


def test_clusters_change_places_only_inside_area_size_and_half() -> None:
    outcome = np.arange(24.0).reshape(6, 4) + 1
    grid = Grid(np.zeros((6, 4)), outcome, np.array([0, 0, 1, 1, 2, 3]))
    sizes = [sorted(len(rows) for _, rows in group) for group in strata_of([grid])[0]]
    assert sorted(sizes) == [[1, 1], [2, 2]]
    halves = strata_of([grid], baseline_halves=True)[0]
    assert sorted(len(group) for group in halves) == [1, 1, 1, 1]


def test_an_unknown_week_is_as_the_last_known_one() -> None:
    known = np.array([[np.nan, 0.5, np.nan, 1.0], [np.nan, np.nan, np.nan, np.nan]])
    assert filled_forward(known).tolist() == [[0.5, 0.5, 0.5, 1.0], [0, 0, 0, 0]]


def test_wild_weights_are_rademacher_and_webb_below_twelve_clusters() -> None:
    generator = np.random.default_rng(1)
    assert set(np.unique(wild_weights(generator, 500, 12))) == {-1.0, 1.0}
    webb = wild_weights(generator, 4000, 11)
    assert len(np.unique(webb)) == 6
    assert (webb**2).mean() == pytest.approx(1, abs=0.02)


def test_the_wild_bootstrap_holds_its_level_and_sees_an_effect() -> None:
    rng = np.random.default_rng(4)
    p = [score_wild(rng.normal(size=20), draws=199, seed=seed).p for seed in range(300)]  # type: ignore[union-attr]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09
    shifted = score_wild(rng.normal(1.2, 1, 20), draws=999)
    assert shifted is not None
    assert shifted.p < 0.01
    smallest = score_wild(np.arange(1.0, 9.0), draws=999)
    assert smallest is not None
    assert smallest.weights == "webb"
    assert score_wild(np.zeros(8)) is None


def test_spearman_interval_covers_its_value_and_needs_three_clusters() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=400)
    y, clusters = x + rng.normal(size=400), np.repeat(np.arange(20), 20)
    value, ends = raw_spearman(x, y), spearman_interval(x, y, clusters)
    assert ends is not None
    assert value is not None
    assert ends[0] < value < ends[1]
    assert ends[1] - ends[0] < 0.3
    assert spearman_interval(x, y, clusters // 10) is None
