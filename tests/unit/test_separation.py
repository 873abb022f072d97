"""Cells that a combination of columns and effects sets apart: found exactly, left out and said, or refused. Synthetic."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from analytics.evaluation.panel_analysis import analyse
from analytics.evaluation.panel_cells import Panel
from analytics.evaluation.panel_spec import PanelSpec, parse_spec
from analytics.statistics import separation
from analytics.statistics.cells import informative_cells
from analytics.statistics.fitting import Model, fit
from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.jackknife import leave_one_out
from analytics.statistics.separation import identified, looks_separated, separated_cells

Array = np.ndarray
UNITS, WEEKS = 30, 40
UNIT, WEEK = np.repeat(np.arange(UNITS), WEEKS), np.tile(np.arange(WEEKS), UNITS)


def by_programme(y: Array, x: Array, effects: list[Array]) -> Array:
    """The largest set that can be set apart, by a dense linear programme."""
    there = y > 0
    design = np.column_stack([x, *(np.eye(code.max() + 1)[code] for code in effects)])
    many, wide = int((~there).sum()), design.shape[1]
    found = optimize.linprog(
        np.append(np.zeros(wide), -np.ones(many)), A_ub=np.hstack([-design[~there], np.eye(many)]), b_ub=np.zeros(many),
        A_eq=np.hstack([design[there], np.zeros((int(there.sum()), many))]), b_eq=np.zeros(int(there.sum())),
        bounds=[(None, None)] * wide + [(0, 1)] * many,
    )  # fmt: skip
    assert found.status == 0
    apart = np.zeros(len(y), dtype=bool)
    apart[~there] = found.x[wide:] > 0.5
    return apart


def test_a_combination_of_two_columns_sets_cells_apart() -> None:
    rng = np.random.default_rng(1)
    y, first = rng.poisson(1.5, UNITS * WEEKS).astype(float), rng.random(UNITS * WEEKS)
    apart = rng.random(UNITS * WEEKS) < 0.05
    y[apart] = 0
    second = first - apart * rng.random(UNITS * WEEKS)  # first - second is 0 wherever something happened
    x = np.column_stack([first, second])
    assert (separated_cells(y, x, [UNIT, WEEK]) == apart).all()
    assert not separated_cells(y, x[:, :1], [UNIT, WEEK]).any()
    assert identified(x, [UNIT, WEEK]).apart.all()
    assert not identified(x[~apart], [UNIT[~apart], WEEK[~apart]]).apart.any()


def test_effects_alone_can_set_cells_apart() -> None:
    """Late starters in early weeks and early starters in late weeks: nobody links the halves but cells without an event."""
    late, second_half = UNIT >= UNITS // 2, WEEK >= WEEKS // 2
    y = np.random.default_rng(2).poisson(2.0, UNITS * WEEKS).astype(float) * (late == second_half)
    there = ~(late & ~second_half)  # nobody watched late places in the first half
    y, unit, week = y[there], UNIT[there], WEEK[there]
    found = separated_cells(y, np.empty((len(y), 0)), [unit, week])
    assert (found == (~late & second_half)[there]).all()


@pytest.mark.parametrize("rounds", [0, 200])
def test_small_sparse_panels_agree_with_a_linear_programme(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether projections settle (200 rounds) or the sparse programme has to say it (0)."""
    monkeypatch.setattr(separation, "MOST_ROUNDS", rounds)
    some = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        units, weeks = rng.integers(5, 12, 2)
        there = rng.random(units * weeks) < rng.choice([1, 0.8, 0.6])
        unit, week = np.repeat(np.arange(units), weeks)[there], np.tile(np.arange(weeks), units)[there]
        y = rng.poisson(0.2, len(unit)).astype(float)
        x = (
            np.column_stack([rng.random(len(unit)) < 0.3, rng.normal(size=len(unit))])[:, : rng.integers(0, 3)]
            * 1.0
        )
        keep = informative_cells(y, [unit, week])[0]
        if keep.sum() < 10:
            continue
        y, x, effects = y[keep], x[keep], [codes_of(unit[keep]), codes_of(week[keep])]
        wanted = by_programme(y, x, effects)
        assert (separated_cells(y, x, effects) == wanted).all(), seed
        some += bool(wanted.any())
    assert some >= 5


def test_an_expectation_of_next_to_nothing_is_the_sign_to_look() -> None:
    y = np.random.default_rng(2).poisson(2.0, UNITS * WEEKS).astype(float)
    fitted = fit(y, np.random.default_rng(3).random((UNITS * WEEKS, 1)), [UNIT, WEEK])
    assert not looks_separated(fitted, y)
    assert looks_separated(replace(fitted, mu=np.where(np.arange(len(y)) == np.argmin(y), 1e-9, fitted.mu)), y)


def test_a_cluster_whose_absence_sets_cells_apart_still_counts_in_the_jackknife() -> None:
    """One cluster alone links two halves: without it the rest has cells apart, and the exposure still has a size."""
    late, second_half, bridge = UNIT >= UNITS // 2, WEEK >= WEEKS // 2, UNIT < 2
    rng = np.random.default_rng(8)
    there = bridge | ~(late & ~second_half)
    y = rng.poisson(2.0, UNITS * WEEKS) * ((late == second_half) | bridge) * 1.0
    y, x, unit, week = y[there], rng.random((UNITS * WEEKS, 1))[there], UNIT[there], WEEK[there]
    model = Model(y, x, [unit, week])
    whole = model.fit()
    without = leave_one_out(model, whole, unit // 2)
    assert not np.isnan(without).any()
    kept = unit >= 2
    apart = separated_cells(y[kept], x[kept], [codes_of(unit[kept]), codes_of(week[kept])])
    assert apart.any()
    alone = fit(y[kept][~apart], x[kept][~apart], [codes_of(unit[kept][~apart]), codes_of(week[kept][~apart])])
    assert without[0, 0] == pytest.approx(alone.beta[0], abs=1e-7)


def spec(**data: object) -> PanelSpec:
    table = {"unit": "unit", "time": "week", "outcome": "y", "exposure": ["live_share"], **data}
    return parse_spec({"data": table, "model": {"inference": ["cv3", "permutation", "model"], "permutations": 99}})


def panel(y: Array, controls: dict[str, Array], live: Array) -> Panel:
    return Panel(
        time=WEEK.astype(float), outcome=y, exposures={"live_share": live}, unit=UNIT, controls=controls, cluster=UNIT // 2,
    )  # fmt: skip


def made(seed: int = 4) -> tuple[Array, Array, Array]:
    """(counts, exposure, cells in which something is closed and nothing can happen)."""
    rng = np.random.default_rng(seed)
    live = (rng.random(UNITS * WEEKS) < 0.5) * rng.random(UNITS * WEEKS)
    closed = rng.random(UNITS * WEEKS) < 0.04
    return rng.poisson(2 * 0.7**live).astype(float) * ~closed, live, closed


def test_a_control_that_sets_cells_apart_goes_with_them_and_is_named() -> None:
    y, live, closed = made()
    result = analyse(panel(y, {"closed": closed.astype(float)}, live), spec(controls=["closed"]))
    assert result["dropped"] == {"separated": int(closed.sum())}
    assert result["columns_left_out"] == ["closed"]
    assert result["n_obs"] == len(y) - closed.sum()
    kept = ~closed
    alone = fit(y[kept], live[kept, None], [codes_of(UNIT[kept]), codes_of(WEEK[kept])])
    assert result["estimates"][0]["coef"] == pytest.approx(alone.beta[0], abs=1e-9)
    assert result["estimates"][0]["se"]["model"] == pytest.approx(float(np.sqrt(alone.bread[0, 0])), abs=1e-9)


def test_an_exposure_that_only_separated_cells_tell_apart_is_refused_by_name() -> None:
    y, live, closed = made()
    shadow = live - closed * 0.5
    result = analyse(panel(y, {"shadow": shadow}, live), spec(controls=["shadow"]))
    assert result["estimates"] == []
    assert result["verdict"] == "refused" or result["verdict"] == "cannot_tell"
    assert "live_share: its effect has no finite size" in result["problem"]
    assert "shadow" in result["problem"]
    assert f"{closed.sum()} cells" in result["problem"]
    assert result["n_obs"] == len(y), "nothing is dropped where nothing is estimated"


def test_an_exposure_that_effects_hide_is_refused_by_name() -> None:
    """Exposed in the first half of early places and the second of late ones, where nothing ever happened."""
    late, second_half = UNIT >= UNITS // 2, WEEK >= WEEKS // 2
    live = (late == second_half).astype(float)
    y = np.random.default_rng(5).poisson(1.5, UNITS * WEEKS).astype(float) * ~(late & second_half)
    result = analyse(panel(y, {}, live), spec())
    assert result["estimates"] == []
    assert "live_share: its effect has no finite size" in result["problem"]
    assert "the effects of units, the effects of periods" in result["problem"]


def test_nothing_is_said_of_panels_without_separation() -> None:
    y, live, _ = made()
    result = analyse(panel(y, {}, live), spec())
    assert result["dropped"] == {}
    assert result["columns_left_out"] == []


@pytest.mark.filterwarnings("ignore")  # the oracles warn about their own dependencies
@pytest.mark.parametrize("make", ["control", "effects"])
def test_what_is_left_agrees_with_pyfixest_and_statsmodels(make: str) -> None:
    import pandas as pd
    import pyfixest
    import statsmodels.api as sm

    y, live, closed = made(7)
    x = np.column_stack([live, closed]) if make == "control" else live[:, None]
    there = np.ones(len(y), dtype=bool)
    if make == "effects":
        late, second_half = UNIT >= UNITS // 2, WEEK >= WEEKS // 2
        there = ~(late & ~second_half)
        y = y * (late == second_half)
    y, x, unit, week = y[there], x[there], UNIT[there], WEEK[there]
    apart = separated_cells(y, x, [unit, week])
    assert apart.sum() > 10
    frame = pd.DataFrame(
        {"y": y, "u": unit, "w": week, "c": unit // 2} | {f"x{j}": x[:, j] for j in range(x.shape[1])}
    )
    right = "x0 + x1" if make == "control" else "x0"
    if make == "control":
        theirs = pyfixest.fepois(
            f"y ~ {right} | u + w", data=frame, vcov="iid", separation_check=["ir"], iwls_tol=1e-12
        )
        assert (~apart).sum() == theirs._N, "their rectifier leaves out as many"
        assert fit(y[~apart], x[~apart, :1], [codes_of(unit[~apart]), codes_of(week[~apart])]).beta[
            0
        ] == pytest.approx(float(theirs.coef()["x0"]), abs=1e-6)
    # With the cells left in and a hundred rounds, dummies drive them to nothing: the rest comes to the same.
    dummies = np.column_stack([np.eye(unit.max() + 1)[unit], np.eye(week.max() + 1)[week][:, 1:]])
    whole = sm.GLM(y, np.column_stack([x, dummies]), family=sm.families.Poisson()).fit(maxiter=100, tol=1e-12)
    kept = fit(y[~apart], x[~apart, :1], [codes_of(unit[~apart]), codes_of(week[~apart])])
    assert kept.beta[0] == pytest.approx(whole.params[0], abs=1e-6)
    assert whole.fittedvalues[apart].max() < 1e-6
