"""Observed over expected and the whole-area designs against diff-diff, an independent program, on panels of any shape.

All to six decimals. diff-diff's synthetic control is told to weigh every period before alike; several treated units go
to it as their mean, which is what ours fits. Where a synthetic control fits perfectly, many weights are equally good,
and only how well they fit is compared.
"""

import warnings
from collections import Counter
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics import synthetic
from analytics.statistics.fixed_effects import codes_of
from analytics.statistics.imputation import impute
from analytics.statistics.synthetic import difference_in_differences, synthetic_control, synthetic_did

pytestmark = pytest.mark.filterwarnings("ignore")  # the oracle warns about its own dependencies

LIMITS = settings(max_examples=12, deadline=None, derandomize=True)
NOISE = st.sampled_from([0.1, 0.5, 2.0])
LEVEL = st.sampled_from([0.0, 30.0])  # far from 0, rounding shows
SEED = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def diff_diff() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import diff_diff
    return diff_diff


def outcomes(seed: int, units: int, periods: int, noise: float, level: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 1, units)[:, None] + rng.normal(0, 1, periods)
    return level + effects + rng.normal(0, noise, (units, periods))


def long_frame(y: np.ndarray) -> Any:
    import pandas as pd

    units, periods = y.shape
    return pd.DataFrame(
        {"y": y.ravel(), "u": np.repeat(np.arange(units), periods), "t": np.tile(np.arange(periods), units)}
    )


@dataclass(frozen=True)
class Staggered:
    """`start` per unit, 0: never; `there` (units x periods): cells that the panel has."""

    y: np.ndarray
    start: np.ndarray
    there: np.ndarray


@st.composite
def staggered_panels(draw: st.DrawFn) -> Staggered:
    """Any starts, with or without units that never start, with or without gaps. The last unit is the one that makes every
    panel usable: whole, and never or last to start. If it starts, nobody is left to compare the last period with."""
    periods = draw(st.integers(5, 12))
    starts = draw(st.lists(st.integers(1, periods - 2), min_size=3, max_size=8))
    never = draw(st.sampled_from([0, 0, 1, 3, 5]))
    start = np.array(starts + [0] * never + [0 if never else periods - 1])
    units = len(start)
    y = outcomes(draw(SEED), units, periods, draw(NOISE), draw(LEVEL))
    there = np.random.default_rng(draw(SEED)).random(y.shape) >= draw(st.sampled_from([0.0, 0.1, 0.3]))
    there[:, 0] = there[-1] = True  # a period before every start
    there[np.arange(units), start] = True  # and one since
    return Staggered(y, start, there)


def test_imputation_agrees_with_diff_diff_on_staggered_panels(diff_diff: ModuleType) -> None:
    seen: Counter[str] = Counter()

    @LIMITS
    @given(staggered_panels(), st.integers(0, 99))
    def compare(panel: Staggered, which: int) -> None:
        frame = long_frame(panel.y)
        frame["g"] = panel.start[frame["u"]]
        frame = frame[panel.there.ravel()].reset_index(drop=True)
        exposed = ((frame["g"] > 0) & (frame["t"] >= frame["g"])).to_numpy()
        unit, period = codes_of(frame["u"].to_numpy()), codes_of(frame["t"].to_numpy())
        ours = impute(frame["y"].to_numpy(), exposed, unit, period, unit, family="gaussian")
        theirs = diff_diff.ImputationDiD().fit(frame, "y", "u", "t", "g")
        assert ours is not None
        assert ours.log_ratio == pytest.approx(float(theirs.overall_att), abs=1e-6)
        assert ours.cells == int(np.isfinite(theirs.treatment_effects["tau_hat"]).sum())
        left_out = which % (len(panel.start) - 1)  # the last unit may be the only one to compare with
        rest = diff_diff.ImputationDiD().fit(frame[frame["u"] != left_out], "y", "u", "t", "g")
        assert ours.without[left_out] == pytest.approx(float(rest.overall_att), abs=1e-6)
        seen["compared"] += 1
        seen["some without comparison"] += ours.without_comparison > 0
        seen["gaps"] += not panel.there.all()
        seen["never treated"] += int((panel.start == 0).any())

    compare()
    assert seen["compared"] >= 12
    assert min(seen["some without comparison"], seen["gaps"], seen["never treated"]) >= 1, seen


@dataclass(frozen=True)
class Block:
    """All treated units start in period `before`."""

    y: np.ndarray
    treated: np.ndarray
    before: int

    @property
    def after(self) -> list[int]:
        return list(range(self.before, self.y.shape[1]))


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    treated, controls = draw(st.integers(1, 3)), draw(st.integers(3, 9))
    before, after = draw(st.integers(2, 10)), draw(st.integers(1, 5))
    order = np.array(draw(st.permutations(range(treated + controls))))
    y = outcomes(draw(SEED), treated + controls, before + after, draw(NOISE), draw(LEVEL))
    return Block(y, order < treated, before)


@pytest.fixture
def few_placebos(monkeypatch: pytest.MonkeyPatch) -> None:
    """The placebos are not what is compared here, and each of the usual 200 is a fit."""
    monkeypatch.setattr(synthetic, "PLACEBO_DRAWS", 2)


@pytest.mark.usefixtures("few_placebos")
def test_synthetic_did_and_plain_did_agree_with_diff_diff(diff_diff: ModuleType) -> None:
    seen: Counter[str] = Counter()

    @LIMITS
    @given(blocks())
    def compare(block: Block) -> None:
        frame = long_frame(block.y)
        frame["ever"] = block.treated[frame["u"]].astype(int)
        frame["since"] = (frame["t"] >= block.before).astype(int)
        ours = synthetic_did(block.y, block.treated, block.before)
        theirs = diff_diff.SyntheticDiD(seed=1, n_bootstrap=2).fit(
            frame, "y", "ever", "u", "t", post_periods=block.after
        )
        assert ours.effect == pytest.approx(float(theirs.att), abs=1e-6)
        controls = np.flatnonzero(~block.treated)
        assert ours.unit_weights == pytest.approx([theirs.unit_weights[u] for u in controls], abs=1e-6)
        assert ours.time_weights == pytest.approx([theirs.time_weights[t] for t in range(block.before)], abs=1e-6)
        plain = diff_diff.DifferenceInDifferences().fit(frame, outcome="y", treatment="ever", time="since")
        mean = difference_in_differences(block.y, block.treated, block.before)
        assert mean.effect == pytest.approx(float(plain.att), abs=1e-6)
        seen["compared"] += 1
        seen["several treated"] += int(block.treated.sum() > 1)

    compare()
    assert seen["compared"] >= 12
    assert seen["several treated"] >= 1, seen


@pytest.mark.usefixtures("few_placebos")
def test_synthetic_control_agrees_with_diff_diff(diff_diff: ModuleType) -> None:
    seen: Counter[str] = Counter()

    @LIMITS
    @given(blocks())
    def compare(block: Block) -> None:
        y, before = block.y, block.before
        controls = y[~block.treated]
        frame = long_frame(np.vstack([y[block.treated].mean(axis=0), controls]))
        frame["now"] = ((frame["u"] == 0) & (frame["t"] >= before)).astype(int)
        program = diff_diff.SyntheticControl(v_method="custom", custom_v=np.ones(before), standardize="none")
        theirs = program.fit(
            frame, "y", "now", "u", "t", post_periods=block.after, treated_unit=0, pre_period_outcomes="all"
        )
        weights = np.array([theirs.donor_weights.get(u, 0.0) for u in range(1, len(controls) + 1)])
        wanted = y[block.treated].mean(axis=0)[:before]
        ours = synthetic_control(y, block.treated, before)
        gap = float(np.sqrt(((wanted - weights @ controls[:, :before]) ** 2).mean()))
        assert ours.fit_error == pytest.approx(gap, abs=1e-6)
        seen["compared"] += 1
        seen["more controls than periods"] += len(controls) > before
        if gap > 1e-6:
            assert ours.effect == pytest.approx(float(theirs.att), abs=1e-6)
            assert ours.unit_weights == pytest.approx(weights, abs=1e-6)
            seen["same weights"] += 1
            seen["several treated"] += int(block.treated.sum() > 1)

    compare()
    assert seen["compared"] >= 12
    assert seen["same weights"] >= 6, seen
    assert min(seen["more controls than periods"], seen["several treated"]) >= 1, seen
