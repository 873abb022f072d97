"""Estimators beside the two-way fit: each against brute force or a truth that was planted. All data are synthetic."""

import math

import numpy as np
import pytest

from analytics.statistics import fixed_effects
from analytics.statistics.bands import band
from analytics.statistics.cells import informative_cells
from analytics.statistics.covariance import cv3_one_step
from analytics.statistics.delay import completeness, development
from analytics.statistics.effect_counts import of_dose, of_imputation
from analytics.statistics.event_study import event_study
from analytics.statistics.fitting import Model, NotIdentified, fit, null_mean
from analytics.statistics.fixed_effects import DoesNotConverge, codes_of, demean, layout_of
from analytics.statistics.imputation import difference_to, impute
from analytics.statistics.influence import information_shares, residual_share
from analytics.statistics.interrupted import interrupted_time_series
from analytics.statistics.jackknife import leave_one_out
from analytics.statistics.leads_lags import lag_profile, lagged, lead_mean, lead_test
from analytics.statistics.multiplicity import holm
from analytics.statistics.power import error_without_effect, power_by_planting
from analytics.statistics.simulation import Scenario, simulate
from analytics.statistics.spatial import conley_error
from analytics.statistics.synthetic import simplex_least_squares


def cells(seed: int, scenario: Scenario):
    made = simulate(seed, scenario)
    units, weeks = made.exposure.shape
    unit, time = np.repeat(np.arange(units), weeks), np.tile(np.arange(weeks), units)
    period = made.area[unit] * weeks + time
    y, x = made.outcome.ravel(), made.exposure.ravel()
    keep = informative_cells(y, [unit, period])[0]
    codes = (codes_of(each[keep]) for each in (unit, period, time, made.street[unit]))
    return y[keep], x[keep], *codes


DOSE = Scenario(units=50, weeks=60, mean=1.0, ratio=0.7)
ON_OFF = Scenario(units=75, weeks=60, mean=1.0, ratio=0.7, on_off=True)


def test_a_ragged_panel_takes_out_effects_as_a_grid_does() -> None:
    y, x, unit, period, _, _ = cells(1, DOSE)
    weights = np.random.default_rng(1).uniform(0.1, 2, len(y))
    dense = demean(x[:, None], weights, [unit, period])
    # Cells that link a grid's corners thinly: the same data among many units that have one cell or two.
    many = 400
    far_unit = np.concatenate([unit, unit.max() + 1 + np.arange(many)])
    far_period = np.concatenate([period, period.max() + 1 + np.arange(many)])
    padded = demean(
        np.append(x, np.ones(many))[:, None], np.append(weights, np.ones(many)), [far_unit, far_period]
    )
    assert type(layout_of([far_unit, far_period], len(far_unit))).__name__ == "_Ragged"
    assert np.abs(padded[: len(y)] - dense).max() < 1e-8


def test_no_finite_size_is_refused_and_never_printed() -> None:
    y, x, unit, period, _, _ = cells(2, DOSE)
    with pytest.raises((NotIdentified, DoesNotConverge)):
        fit(np.where(x > 0, 0.0, y), x[:, None], [unit, period])
    with pytest.raises(NotIdentified):
        fit(y, np.column_stack([x, 2 * x]), [unit, period])


def test_expected_counts_without_exposure_have_the_closed_form() -> None:
    y = np.random.default_rng(3).poisson(2.0, (8, 9)).astype(float)
    unit, time = np.repeat(np.arange(8), 9), np.tile(np.arange(9), 8)
    wanted = np.outer(y.sum(axis=1), y.sum(axis=0)) / y.sum()
    assert np.abs(null_mean(y.ravel(), [unit, time]) - wanted.ravel()).max() < 1e-9


def test_the_negative_binomial_finds_its_dispersion_and_says_poisson_when_there_is_none() -> None:
    rng = np.random.default_rng(5)
    unit, time = np.repeat(np.arange(40), 50), np.tile(np.arange(50), 40)
    mean = np.full(2000, 6.0)
    plain, spread = rng.poisson(mean), rng.poisson(mean * rng.gamma(2, 0.5, 2000))
    x = rng.random((2000, 1))
    assert fit(spread.astype(float), x, [unit, time], family="negative_binomial").kappa == pytest.approx(
        0.5, abs=0.1
    )
    assert fit(plain.astype(float), x, [unit, time], family="negative_binomial").kappa < 0.02
    even = np.full(2000, 6.0) + (unit + time) % 2  # less spread than Poisson
    assert fit(even, x, [unit, time], family="negative_binomial").kappa == 0


def test_the_lead_test_fires_when_reach_follows_trouble_and_not_otherwise() -> None:
    sound = cells(3, DOSE)
    y, x, unit, period, time, street = sound
    assert lead_test(y, x[:, None], unit, period, time, street).p > 0.01
    y, x, unit, period, time, street = cells(3, Scenario(units=100, weeks=80, mean=1.0, reactive=True))
    found = lead_test(y, x[:, None], unit, period, time, street)
    assert found.p < 0.01
    assert found.coef > 0


def test_leads_and_lags_stay_inside_their_unit() -> None:
    unit, time = np.repeat([0, 1], 6), np.tile(np.arange(6), 2)
    x = np.array([0, 0, 1, 1, 1, 1, 5, 5, 5, 5, 5, 5], dtype=float)
    assert lead_mean(x, unit, time, 2)[:6].tolist() == [0.5, 1.0, 1.0, 1.0, pytest.approx(np.nan, nan_ok=True), pytest.approx(np.nan, nan_ok=True)]  # fmt: skip
    assert lagged(x, unit, time, 1)[6:].tolist() == [pytest.approx(np.nan, nan_ok=True), 5, 5, 5, 5, 5]


def test_lags_of_a_dose_add_up_to_its_effect() -> None:
    y, x, unit, period, time, street = cells(6, Scenario(units=100, weeks=80, mean=1.5, ratio=0.6))
    found = lag_profile(y, x[:, None], unit, period, time, street)
    assert len(found.coefs) == 9
    assert abs(found.coefs[0] - math.log(0.6)) < 4 * found.errors.se[0]
    assert abs(found.cumulative - math.log(0.6)) < 3 * found.cumulative_se
    assert found.band.critical > found.errors.critical()


def test_an_event_study_is_flat_before_and_falls_after() -> None:
    y, x, unit, period, time, street = cells(4, ON_OFF)
    found = event_study(y, x > 0, unit, period, time, street)
    assert found is not None
    before = [each for each in found.bins if each.to_week < 0]
    after = [each for each in found.bins if each.from_week >= 0]
    assert before[0].from_week >= -12
    assert after[-1].to_week <= 26
    assert all(each.events >= 30 for each in found.bins)
    assert found.pre_p is not None  # with few clusters it warns too often: docs/statistics.md
    assert abs(np.mean([each.coef for each in before])) < 0.2
    assert np.mean([each.coef for each in after]) == pytest.approx(math.log(0.7), abs=0.2)
    assert found.band.critical > found.critical


def test_the_joint_band_is_as_wide_as_independent_normals_need() -> None:
    changes = np.random.default_rng(7).normal(size=(400, 10))
    se = np.sqrt((changes**2).sum(axis=0))
    made = band(np.zeros(10), se, changes)
    assert made.critical == pytest.approx(2.80, abs=0.08)  # 0.975 ** (1 / 10) two-sided: Sidak
    assert made.p == 1.0
    assert band(4 * se, se, changes).p < 0.01


def test_a_constant_effect_gives_imputation_and_fit_no_difference() -> None:
    y, x, unit, period, _, street = cells(8, ON_OFF)
    model = Model(y, x[:, None], [unit, period])
    whole = model.fit()
    imputed = impute(y, x > 0, unit, period, street)
    assert imputed is not None
    gap = difference_to(imputed, float(whole.beta[0]), leave_one_out(model, whole, street)[:, 0])
    assert gap is not None
    assert gap.p > 0.05
    assert imputed.observed / imputed.expected == pytest.approx(imputed.ratio)


def test_an_offset_is_part_of_what_is_expected() -> None:
    rng = np.random.default_rng(9)
    unit, time = np.repeat(np.arange(40), 30), np.tile(np.arange(30), 40)
    exposed = (unit < 20) & (time >= 15)
    offset = rng.normal(0, 0.5, 1200) + exposed  # footfall rose where posters hung
    y = rng.poisson(3 * np.exp(offset) * np.where(exposed, 0.7, 1.0)).astype(float)
    found = impute(y, exposed, unit, time, unit // 4, offset=offset)
    assert found is not None
    assert found.ratio == pytest.approx(0.7, abs=0.06)
    without = impute(y, exposed, unit, time, unit // 4)
    assert without is not None
    assert without.ratio > 1.5


def test_a_control_series_takes_away_what_happened_everywhere() -> None:
    rng = np.random.default_rng(10)
    time = np.arange(120.0)
    step = (time >= 70).astype(float)
    season = 0.2 * np.sin(2 * np.pi * time / 12)
    ours = rng.poisson(np.exp(5 + season - 0.3 * step - 0.2 * step))
    theirs = rng.poisson(np.exp(4 + season - 0.3 * step))
    alone = interrupted_time_series(ours.astype(float), step, time, period=12)
    both = interrupted_time_series(
        np.concatenate([ours, theirs]).astype(float), np.tile(step, 2), np.tile(time, 2), period=12,
        exposed_series=np.repeat([1.0, 0.0], 120),
    )  # fmt: skip
    assert alone.coef == pytest.approx(-0.5, abs=0.1)
    assert both.coef == pytest.approx(-0.2, abs=0.1)
    assert both.controlled
    widest = max(float(each.se[0]) for each in both.errors.values())
    assert float(both.errors[both.headline].se[0]) == widest


def test_spatial_errors_are_the_double_sum_over_places() -> None:
    y, x, unit, period, _, _ = cells(11, DOSE)
    whole = fit(y, x[:, None], [unit, period])
    places = np.random.default_rng(1).uniform(0, 2000, (unit.max() + 1, 2))
    sums = np.bincount(unit, weights=whole.score[:, 0])
    total = sum(
        max(0.0, 1 - math.dist(places[i], places[j]) / 500) * sums[i] * sums[j]
        for i in range(len(sums))
        for j in range(len(sums))
    )
    assert conley_error(whole, unit, places) == pytest.approx(math.sqrt(total) * whole.bread[0, 0], rel=1e-9)


def test_simplex_weights_are_found_exactly() -> None:
    rng = np.random.default_rng(12)
    a = rng.normal(size=(20, 6))
    wanted = np.array([0.5, 0.3, 0.2, 0, 0, 0])
    assert np.abs(simplex_least_squares(a, a @ wanted) - wanted).max() < 1e-9


def test_information_and_leftover_exposure() -> None:
    y, x, unit, period, _, street = cells(13, DOSE)
    whole = fit(y, x[:, None], [unit, period])
    assert information_shares(whole, street).sum() == pytest.approx(1)
    share = residual_share(x, whole)
    assert share is not None
    assert 0 < share < 1


def test_power_is_planted_and_found() -> None:
    y, x, unit, period, _, street = cells(14, Scenario(units=50, weeks=60, mean=1.0))
    se = error_without_effect(
        y, x, np.empty((len(y), 0)), [unit, period], street, dispersion=1.3, panels=10, seed=1
    )
    one_step = float(cv3_one_step(fit(y, x[:, None], [unit, period]), street)[0].se[0])
    assert 0.5 < se / one_step < 2

    def decide(drawn: np.ndarray) -> str:
        return "fewer" if drawn[x > 0].sum() < 0.85 * y[x > 0].sum() else "cannot_tell"

    shares = power_by_planting(np.full(len(y), y.mean()), x, decide, frailty=0.3, ratios=(0.95, 0.5), panels=5)
    assert shares[0.5] == 1.0
    assert shares[0.95] <= shares[0.5]


def test_effects_in_counts_and_their_word() -> None:
    fewer = of_imputation(120, 141, 700, math.log(0.7), math.log(1.0))
    assert fewer is not None
    assert (fewer.word, round(fewer.per_100, 6)) == ("avoided", 3.0)
    assert fewer.low == pytest.approx(0)
    more = of_dose(np.full(4, 2.0), np.ones(4), math.log(1.25), math.log(1.1), math.log(1.4))
    assert more is not None
    assert more.word == "added"
    assert more.per_100 == pytest.approx(40)
    assert more.low < more.per_100 < more.high


def test_holm_steps_down_and_leaves_gaps_alone() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([]) == []


def test_the_chain_ladder_sees_how_much_is_still_to_come() -> None:
    # Every week 60 % are recorded at once, 30 % a week later, 10 % two weeks later.
    weeks, age = 30, 29 - np.arange(30)
    week = np.repeat(np.arange(weeks), 10)
    lag = np.tile([0] * 6 + [1] * 3 + [2], weeks)
    seen = lag <= age[week]
    table = development(week[seen], lag[seen], np.ones(int(seen.sum())), weeks=weeks)
    assert completeness(table, age)[-3:].tolist() == pytest.approx([1.0, 0.9, 0.6])


@pytest.mark.parametrize("parts", [1, 3])
def test_a_small_ragged_panel_is_solved_at_once_and_as_by_rounds(
    monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    """Few units, a tenth of the weeks each, in one part or in three that share no week; some rows have no weight."""
    draw = np.random.default_rng(parts)
    unit, period = np.nonzero(draw.random((24, 300)) < 0.1)
    period = period * parts + unit % parts
    codes = [codes_of(unit), codes_of(period)]
    weights = draw.uniform(0.1, 2, len(unit)) * (unit != 5)
    x = draw.normal(size=(len(unit), 2))
    assert type(layout_of(codes, len(unit))).__name__ == "_Ragged"
    at_once = demean(x, weights, codes)
    monkeypatch.setattr(fixed_effects, "SMALL", 0)
    by_rounds = demean(x, weights, codes)
    assert np.abs(at_once - by_rounds)[weights > 0].max() < 1e-9
    assert np.abs(at_once - x).max() > 0.1
