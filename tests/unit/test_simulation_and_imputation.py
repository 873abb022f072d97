"""The simulator makes what it says, and observed over expected finds it without leaning to one side."""

import math

import numpy as np
import pytest

from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.imputation import impute
from analytics.statistics.simulation import Scenario, simulate


def imputed(seed: int, scenario: Scenario) -> float:
    made = simulate(seed, scenario)
    units, weeks = made.exposure.shape
    unit = np.repeat(np.arange(units), weeks)
    period = codes_of(made.area[unit] * weeks + np.tile(np.arange(weeks), units))
    found = impute(made.outcome.ravel(), made.exposure.ravel() > 0, unit, period, made.street[unit])
    assert found is not None
    return found.log_ratio - math.log(made.truth)


@pytest.mark.parametrize("scenario", [Scenario(on_off=True), Scenario(on_off=True, ratio=0.85, growing=True)])
def test_imputation_leans_to_no_side_where_comparisons_are_often_empty(scenario):
    errors = [imputed(seed, scenario) for seed in range(12)]
    assert abs(float(np.mean(errors))) < 0.06  # leaving out weeks whose comparison saw nothing gives -0.17


def test_a_panel_is_what_its_scenario_says():
    made = simulate(3, Scenario())
    assert made.exposure.shape == made.outcome.shape == (150, 104)
    assert np.array_equal(simulate(3, Scenario()).outcome, made.outcome)
    assert len(set(made.street.tolist())) == 30
    assert len(set(made.area.tolist())) == 6
    assert made.exposure[made.exposure > 0].mean() == pytest.approx(1)
    has_some = made.exposure.any(axis=1)
    dose = np.array([row[row > 0].mean() for row in made.exposure[has_some]])
    ranks = [np.argsort(np.argsort(each)) for each in (made.rate.mean(axis=1)[has_some], dose)]
    assert np.corrcoef(ranks)[0, 1] > 0.9  # larger units get more
    assert 0.75 < (made.outcome == 0).mean() < 0.85
    assert 0.25 < made.outcome.mean() < 0.40
    streets = simulate(3, Scenario(on_off=True, by_street=True, street_sd=0.5))
    for street in range(30):
        assert len({row.tobytes() for row in streets.exposure[streets.street == street]}) == 1
    assert set(np.unique(streets.exposure)) == {0.0, 1.0}
    reactive = simulate(3, Scenario(reactive=True))
    starts = np.argwhere((reactive.exposure[:, 1:] > 0) & (reactive.exposure[:, :-1] == 0))
    before = [reactive.outcome[unit, max(0, week - 3) : week + 1].sum() for unit, week in starts]
    assert len(starts) > 30
    assert min(before) >= 2
    growing = simulate(3, Scenario(on_off=True, ratio=0.85, growing=True))
    assert 0.72 < growing.truth < 0.85


def test_the_jackknife_is_what_leaving_out_each_street_gives():
    made = simulate(5, Scenario(units=50, weeks=60, on_off=True, ratio=0.8))
    units, weeks = made.exposure.shape
    unit = np.repeat(np.arange(units), weeks)
    period = made.area[unit] * weeks + np.tile(np.arange(weeks), units)
    y, exposed, street = made.outcome.ravel(), made.exposure.ravel() > 0, made.street[unit]
    whole = impute(y, exposed, unit, period, street)
    assert whole is not None
    for g in (0, 7):
        keep = street != g
        part = impute(*(column[keep] for column in (y, exposed)), codes_of(unit[keep]), codes_of(period[keep]), codes_of(street[keep]))  # fmt: skip
        assert part is not None
        assert part.log_ratio == pytest.approx(whole.without[g], abs=1e-7)
