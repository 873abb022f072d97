"""Roll-outs by lot: equal for the same seed, dealt evenly, and a test that is exact under the same mechanism."""

from collections import Counter

import numpy as np
import pytest

from analytics.statistics.rollout import (
    NEVER,
    Block,
    RolloutError,
    Settings,
    draw,
    randomisation_test,
    redraws,
    start_weeks,
    strata_of,
)

BLOCKS = [Block(f"B{n:02}", f"A{n // 12}", baseline=float(n % 7)) for n in range(36)]


def test_start_weeks_are_equally_spaced_with_room_before_and_after():
    assert start_weeks(Settings(4, 52)) == (12, 23, 33, 44)
    assert start_weeks(Settings(1, 52)) == (28,)
    with pytest.raises(RolloutError, match="at least 23 weeks, not 22") as error:
        start_weeks(Settings(4, 22))
    assert error.value.key == "weeks"


def test_the_same_seed_gives_the_same_draw_whatever_the_order_and_another_seed_another():
    one, two = draw(BLOCKS, Settings(4), 7), draw(BLOCKS[::-1], Settings(4), 7)
    assert one == two
    assert one.arm != draw(BLOCKS, Settings(4), 8).arm


def test_arms_are_even_in_all_and_in_every_stratum():
    drawn = draw(BLOCKS, Settings(3, never=1), 3)
    assert sorted(Counter(drawn.arm).values()) == [9, 9, 9, 9]
    assert NEVER in drawn.arm
    strata = strata_of(drawn.blocks)
    for name in set(strata):
        inside = Counter(arm for arm, stratum in zip(drawn.arm, strata, strict=True) if stratum == name)
        assert max(inside.values()) - min(inside[arm] for arm in (0, 1, 2, NEVER)) <= 1


def test_every_block_is_as_likely_in_every_wave():
    drawn = redraws(BLOCKS, Settings(3), draws=1500, seed=5)
    for start in start_weeks(Settings(3)):
        share = (drawn == start).mean(axis=0)
        assert share.min() > 1 / 3 - 0.06
        assert share.max() < 1 / 3 + 0.06


def test_the_balance_rule_holds_in_the_draw_and_in_every_redraw():
    blocks = [Block(f"B{n:02}", "A", baseline=float(n)) for n in range(24)]
    settings = Settings(2, balance=0.1)
    drawn = draw(blocks, settings, 1)
    assert drawn.imbalance < 0.1
    assert drawn.tries > 1 or draw(blocks, settings, 2).tries > 1
    level, spread = np.arange(24.0), np.arange(24.0).std()
    first = start_weeks(settings)[0]
    for row in redraws(blocks, settings, draws=50, seed=3):
        assert abs(level[row == first].mean() - level[row != first].mean()) / spread < 0.1
    with pytest.raises(RolloutError, match="None of") as error:
        draw([Block(f"C{n}", "A", baseline=float(n**3)) for n in range(5)], Settings(2, balance=1e-3), 1)
    assert error.value.key == "balance"


def test_too_few_clusters_and_doubled_codes_are_refused():
    with pytest.raises(RolloutError, match="3 clusters cannot fill 5 arms"):
        draw(BLOCKS[:3], Settings(5), 1)
    with pytest.raises(RolloutError, match="same code"):
        draw([BLOCKS[0], BLOCKS[0]], Settings(2), 1)


def test_the_randomisation_test_is_exact_without_an_effect_and_sees_a_large_one():
    rng = np.random.default_rng(11)
    settings, areas = Settings(4, weeks=40), [np.arange(12) + 12 * n for n in range(3)]
    drawn = redraws(BLOCKS, settings, draws=199, seed=1)
    level = rng.gamma(0.8, 2.0, 36) + 0.3
    drift = np.exp(np.cumsum(rng.normal(0, 0.1, (3, 40)), axis=1))  # each area goes its own way
    noise = rng.gamma(0.7, 1 / 0.7, 36)  # and no two places are alike
    p_null, p_effect = [], []
    for trial in range(160):
        observed = redraws(BLOCKS, settings, draws=1, seed=1000 + trial)[0]
        live = (np.arange(40) >= observed[:, None]) & (observed[:, None] != NEVER)
        for ratio, found in ((1.0, p_null), (0.35, p_effect)):
            rate = (level * noise)[:, None] * drift[np.arange(36) // 12] * ratio**live
            y = rng.poisson(rate).astype(float)
            found.append(randomisation_test([y[rows] for rows in areas], areas, observed, drawn)[0])
    assert np.mean(np.array(p_null) <= 0.1) < 0.18  # 10 % expected, three standard errors above
    assert 0.35 < np.mean(p_null) < 0.65
    assert np.mean(np.array(p_effect) <= 0.05) > 0.9


def test_the_test_says_nan_where_nothing_happened():
    observed = redraws(BLOCKS, Settings(2), draws=1, seed=1)[0]
    p, statistic, _ = randomisation_test(
        [np.zeros((36, 52))], [np.arange(36)], observed, redraws(BLOCKS, Settings(2), draws=9, seed=1)
    )
    assert np.isnan(p)
    assert np.isnan(statistic)
