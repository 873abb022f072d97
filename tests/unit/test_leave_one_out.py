"""The fast exact jackknife gives the coefficients that fitting again without each cluster gives."""

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import PanelError, ratio_of
from analytics.evaluation.panel_spec import parse_spec
from analytics.statistics.fitting import Model, fit
from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.jackknife import leave_one_out
from analytics.statistics.simulation import Scenario, simulate
from tests.factories.panels import long_form


def informative(y, unit, period):
    keep = np.ones(len(y), dtype=bool)
    for _ in range(6):
        for code in (unit, period):
            keep &= (np.bincount(code, weights=y * keep) > 0)[code] & (np.bincount(code, weights=keep) > 1)[code]
    return keep


@pytest.mark.parametrize(("offset", "weights"), [(False, False), (True, True)])
def test_the_fast_jackknife_is_the_slow_one(offset, weights):
    rng = np.random.default_rng(7)
    made = simulate(3, Scenario(units=50, weeks=40, mean=0.6, ratio=0.8))
    units, weeks = made.exposure.shape
    there = rng.random(units * weeks) < 0.95  # an unbalanced panel
    unit, week = np.repeat(np.arange(units), weeks)[there], np.tile(np.arange(weeks), units)[there]
    y, area, street = made.outcome.ravel()[there], made.area[unit], made.street[unit]
    x = np.column_stack([made.exposure.ravel()[there], rng.normal(size=there.sum())])
    log_offset = rng.normal(0, 0.3, len(y)) if offset else None
    prior = rng.uniform(0.5, 2, len(y)) if weights else None

    def fitted(inside):
        u, p = codes_of(unit[inside]), codes_of(area[inside] * weeks + week[inside])
        keep = informative(y[inside], u, p)
        inside = np.flatnonzero(inside)[keep]
        u, p = codes_of(u[keep]), codes_of(p[keep])
        part = [None if column is None else column[inside] for column in (log_offset, prior)]
        return inside, u, p, fit(y[inside], x[inside], [u, p], offset=part[0], prior=part[1])

    cells, u, p, _ = fitted(np.ones(len(y), dtype=bool))
    clusters = codes_of(street[cells])
    model = Model(
        y[cells], x[cells], [u, p], offset=None if log_offset is None else log_offset[cells],
        prior=None if prior is None else prior[cells],
    )  # fmt: skip
    got = leave_one_out(model, model.fit(), clusters)
    wanted = [fitted(street != name)[3].beta for name in np.unique(street[cells])]
    assert np.abs(got - np.array(wanted)).max() < 1e-7


def test_a_cluster_without_which_nothing_is_known_is_named_by_a_gap():
    made = simulate(4, Scenario(units=30, weeks=60, mean=1.0, on_off=True))
    exposure = np.where((made.street == 2)[:, None] & (np.arange(60) > 30), 1.0, 0.0)
    data = {
        "unit": "unit",
        "time": "week",
        "outcome": "y",
        "exposure": ["live_share"],
        "cluster": "street",
        "area": "area",
    }
    spec = parse_spec({"data": data, "model": {"inference": ["cv3"]}})
    panel = long_form(exposure, made.outcome, made.street, made.area)
    found = ratio_of(panel, spec)  # the other five streets still give an interval; R12 tells of the gap
    assert found.low < found.ratio < found.high
    with pytest.raises(PanelError, match="three clusters"):
        ratio_of(long_form(exposure, made.outcome, made.street // 3, made.area), spec)
