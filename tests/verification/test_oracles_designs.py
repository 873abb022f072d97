"""Observed over expected and the synthetic designs against diff-diff, an independent program, on random panels."""

import warnings

import numpy as np
import pytest

from analytics.statistics.imputation import impute
from analytics.statistics.synthetic import synthetic_control, synthetic_did

pytestmark = pytest.mark.filterwarnings("ignore")  # the oracle warns about its own dependencies


def outcomes(seed: int, units: int, periods: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (units, periods)) + rng.normal(0, 1, units)[:, None] + rng.normal(0, 1, periods)


def long_frame(y: np.ndarray):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd

    units, periods = y.shape
    return pd.DataFrame(
        {"y": y.ravel(), "u": np.repeat(np.arange(units), periods), "t": np.tile(np.arange(periods), units)}
    )


@pytest.mark.parametrize("seed", range(4))
def test_imputation_agrees_with_diff_diff(seed: int) -> None:
    import diff_diff

    frame = long_frame(outcomes(seed, 14, 12))
    starts = np.where(np.arange(14) < 7, np.random.default_rng(seed).integers(3, 10, 14), 0)
    frame["g"] = starts[frame["u"]]
    exposed = ((frame["g"] > 0) & (frame["t"] >= frame["g"])).to_numpy()
    unit, time = frame["u"].to_numpy(), frame["t"].to_numpy()
    ours = impute(frame["y"].to_numpy(), exposed, unit, time, unit, family="gaussian")
    theirs = diff_diff.ImputationDiD().fit(frame, "y", "u", "t", "g")
    assert ours is not None
    assert ours.log_ratio == pytest.approx(float(theirs.overall_att), abs=1e-6)


@pytest.mark.parametrize("seed", [3, 8])
def test_synthetic_designs_agree_with_diff_diff(seed: int) -> None:
    import diff_diff

    y, before = outcomes(seed, 8, 9), 6
    treated = np.arange(8) == 0
    frame = long_frame(y)
    frame["ever"] = (frame["u"] == 0).astype(int)
    frame["now"] = frame["ever"] * (frame["t"] >= before)
    after = list(range(before, 9))
    sdid = diff_diff.SyntheticDiD(seed=1, n_bootstrap=2).fit(frame, "y", "ever", "u", "t", post_periods=after)
    assert synthetic_did(y, treated, before).effect == pytest.approx(float(sdid.att), abs=1e-6)
    control = diff_diff.SyntheticControl(
        v_method="custom", custom_v=np.ones(before), standardize="none", inner_max_iter=200_000, inner_min_decrease=1e-14
    ).fit(frame, "y", "now", "u", "t", post_periods=after, treated_unit=0, pre_period_outcomes="all")  # fmt: skip
    assert synthetic_control(y, treated, before).effect == pytest.approx(float(control.att), abs=1e-6)
