"""`design = "interrupted"` against the published result, our own regression, and statsmodels, to six decimals."""

import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analytics.evaluation.panel_analysis import Panel, analyse
from analytics.evaluation.panel_file import read_panel
from analytics.evaluation.panel_spec import parse_spec
from tests.factories.series import Drawn, drawn, iso_weeks

SICILY: dict[str, Any] = {"time": "time", "outcome": "aces", "exposure": ["smokban"], "offset_log_of": "stdpop"}
COLUMNS: dict[str, Any] = {"time": "time", "outcome": "offences", "exposure": ["step"], "offset_log_of": "people"}
NORMAL_95 = 1.959963984540054


def panel_of(
    made: Drawn, *, time: list[str] | None = None, controlled: bool = True, controls: bool = False
) -> Panel:
    return Panel(
        time=made.time.astype(float) if time is None else np.array(time), outcome=made.outcome, exposures={"step": made.step},
        unit=made.unit if controlled else None, offset=made.people,
        controls={"trend": made.time.astype(float)} if controls else {},
    )  # fmt: skip


def interrupted(panel: Panel, data: dict[str, Any] = COLUMNS, **model: Any) -> dict[str, Any]:
    return analyse(panel, parse_spec({"data": data, "model": {"design": "interrupted"} | model}))


@pytest.mark.parametrize(
    ("model", "method", "ratio", "ends"),
    [
        ({"seasonality": {"period": 12, "harmonics": 2}}, "quasi", 0.885, [0.839, 0.933]),
        ({"family": "poisson", "inference": ["model"]}, "model", 0.894, [0.865, 0.925]),
    ],
)
def test_smoking_ban_in_sicily_by_its_own_design(
    model: dict[str, Any], method: str, ratio: float, ends: list[float], shared_data: Path
) -> None:
    """Lopez Bernal, Cummins and Gasparrini 2017, International Journal of Epidemiology 46:348."""
    spec = parse_spec({"data": SICILY, "model": {"design": "interrupted"} | model})
    result = analyse(read_panel(shared_data / "benchmarks/sicily.csv", spec), spec)
    row = result["estimates"][0]
    assert round(row["ratio"], 3) == ratio
    assert [round(end, 3) for end in row["ci"][method]] == ends
    assert result["evidence_grade"] == 1


@pytest.mark.parametrize("family", ["poisson", "quasipoisson"])
@pytest.mark.parametrize("harmonics", [0, 2])
def test_sicily_agrees_with_the_regression_to_six_decimals(family: str, harmonics: int, shared_data: Path) -> None:
    season = {"seasonality": {"period": 12, "harmonics": harmonics}} if harmonics else {}
    methods: dict[str, Any] = {"family": family, "inference": ["model", "quasi", "newey_west"]} | season
    answers = []
    for data, model in (
        (SICILY, methods | {"design": "interrupted"}),
        (SICILY | {"controls": ["time"]}, methods | {"effects": []}),
    ):
        spec = parse_spec({"data": data, "model": model})
        answers.append(analyse(read_panel(shared_data / "benchmarks/sicily.csv", spec), spec))
    _agree(*answers)


def _agree(ours: dict[str, Any], other: dict[str, Any]) -> None:
    mine, theirs = ours["estimates"][0], other["estimates"][0]
    assert mine["coef"] == pytest.approx(theirs["coef"], abs=1e-6)
    for part in ("se", "p"):
        assert mine[part] == pytest.approx(theirs[part], abs=1e-6), part
    for method, ends in mine["ci"].items():
        assert ends == pytest.approx(theirs["ci"][method], abs=1e-6)
    assert ours["dispersion"] == pytest.approx(other["dispersion"], abs=1e-6)


SERIES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000), "periods": st.integers(30, 160), "share": st.floats(0.2, 0.8),
        "ratio": st.floats(0.3, 2.5), "level": st.floats(3, 300), "season": st.floats(0, 0.5),
    }
)  # fmt: skip
RANDOMLY = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def _made(asked: dict[str, Any], *, controlled: bool, period: float) -> Drawn:
    asked = dict(asked)
    before = round(asked.pop("share") * asked["periods"])
    return drawn(**asked, before=before, controlled=controlled, period=period)


@RANDOMLY
@given(
    asked=SERIES,
    harmonics=st.integers(0, 3),
    weekly=st.booleans(),
    family=st.sampled_from(["poisson", "quasipoisson"]),
)
def test_random_single_series_agree_with_the_regression(
    asked: dict[str, Any], harmonics: int, weekly: bool, family: str
) -> None:
    """Also with ISO weeks: the season by the calendar is the season by order, the wave only starts elsewhere."""
    period = 52.18 if weekly else 12
    made = _made(asked, controlled=False, period=period)
    time = iso_weeks(date(2019, 5, 6), len(made.time)) if weekly else None
    season = {"seasonality": {"period": period, "harmonics": harmonics}} if harmonics else {}
    methods: dict[str, Any] = {"family": family, "inference": ["model", "quasi", "newey_west"]} | season
    spec = parse_spec({"data": COLUMNS | {"controls": ["trend"]}, "model": methods | {"effects": []}})
    other = analyse(panel_of(made, time=time, controlled=False, controls=True), spec)
    ours = interrupted(panel_of(made, time=time, controlled=False), **methods)
    assume(
        other["estimates"]
    )  # waves over a part of their season are more than the regression's scale of columns takes
    _agree(ours, other)


def design_matrix(made: Drawn, *, period: float, harmonics: int, slope: bool) -> np.ndarray:
    """Written out anew: series x step first, then everything that either series has of its own, and a common season."""
    own, time = (made.unit == "Leicester").astype(float), made.time.astype(float)
    start = time[made.step > 0].min()
    on = (time >= start).astype(float)
    since = on * (time - start)
    columns = [own * on, *([own * since, since] if slope else []), on, own, 1 - own, own * time, (1 - own) * time]
    for k in range(1, harmonics + 1):
        columns += [np.sin(2 * np.pi * k * time / period), np.cos(2 * np.pi * k * time / period)]
    return np.column_stack(columns)


def newey_west_by_hand(design: np.ndarray, y: np.ndarray, mu: np.ndarray, unit: np.ndarray, lag: int) -> float:
    """The same sum by statsmodels' sandwich for each series apart, added up."""
    meat = np.zeros((design.shape[1], design.shape[1]))
    for series in np.unique(unit):
        score = (design * (y - mu)[:, None])[unit == series]
        for i in range(len(score)):
            for j in range(max(0, i - lag), min(len(score), i + lag + 1)):
                meat += (1 - abs(i - j) / (lag + 1)) * np.outer(score[i], score[j])
    bread = np.linalg.inv(design.T @ (design * mu[:, None]))
    return float(np.sqrt((bread @ meat @ bread)[0, 0]))


@pytest.mark.filterwarnings("ignore")  # the oracle warns about its own dependencies
@RANDOMLY
@given(
    asked=SERIES,
    common=st.floats(0.5, 1.5),
    harmonics=st.integers(0, 2),
    slope=st.booleans(),
    lag=st.integers(0, 6),
)
def test_random_controlled_series_agree_with_statsmodels(
    asked: dict[str, Any], common: float, harmonics: int, slope: bool, lag: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

        made = _made(asked | {"common": common}, controlled=True, period=12)
        design = design_matrix(made, period=12, harmonics=harmonics, slope=slope)
        oracle = sm.GLM(made.outcome, design, family=sm.families.Poisson(), offset=np.log(made.people))
        theirs = oracle.fit(tol=1e-13, maxiter=300)
    season = {"seasonality": {"period": 12, "harmonics": harmonics}} if harmonics else {}
    result = interrupted(
        panel_of(made), COLUMNS | {"unit": "town"}, slope=slope, newey_west_lag=lag, inference=["model"], family="poisson", **season
    )  # fmt: skip
    row, found = result["estimates"][0], result["interrupted_time_series"]
    dispersion = theirs.pearson_chi2 / theirs.df_resid
    assert row["coef"] == pytest.approx(theirs.params[0], abs=1e-6)
    assert row["se"]["model"] == pytest.approx(theirs.bse[0], abs=1e-6)
    assert row["se"]["quasi"] == pytest.approx(theirs.bse[0] * np.sqrt(dispersion), abs=1e-6)
    by_hand = newey_west_by_hand(design, made.outcome, theirs.fittedvalues, made.unit, lag)
    assert row["se"]["newey_west"] == pytest.approx(by_hand, abs=1e-6)
    assert result["dispersion"] == pytest.approx(dispersion, abs=1e-6)
    assert (found["slope"] is not None) == slope
    if slope:
        assert np.log(found["slope"]["irr"]) == pytest.approx(theirs.params[1], abs=1e-6)
    own = made.unit == "Leicester"
    mu = np.array([each["expected"] for each in found["series"]])
    assert mu == pytest.approx(theirs.fittedvalues[own], rel=1e-6)
    effect = design[:, :1] @ theirs.params[:1] + (design[:, 1:2] @ theirs.params[1:2] if slope else 0)
    without = np.array([each["expected_without_step"] for each in found["series"]])
    assert without == pytest.approx((theirs.fittedvalues * np.exp(-effect))[own], rel=1e-6)
    widest = max(("quasi", "newey_west"), key=lambda name: row["se"][name])
    assert result["se_method"] == found["se_method"] == widest
    assert found["ci_low"] == pytest.approx(np.exp(row["coef"] - NORMAL_95 * row["se"][widest]), rel=1e-6)


def test_the_order_of_rows_and_the_name_of_the_control_change_nothing() -> None:
    made = drawn(5, controlled=True)
    shuffled = np.random.default_rng(1).permutation(len(made.time))
    other = Drawn(*(column[shuffled] for column in (made.unit, made.time, made.step, made.outcome, made.people)))
    data = COLUMNS | {"unit": "town"}
    first = interrupted(panel_of(made), data)
    assert interrupted(panel_of(other), data) == first
    renamed = replace(made, unit=np.where(made.unit == "Derby", "Zwickau", made.unit))  # now after the exposed one
    found = interrupted(panel_of(renamed), data)
    assert found["estimates"][0]["coef"] == pytest.approx(first["estimates"][0]["coef"], abs=1e-9)
    assert found["estimates"][0]["se"] == pytest.approx(first["estimates"][0]["se"], abs=1e-9)
    assert (found["interrupted_time_series"]["exposed"], found["interrupted_time_series"]["control"]) == (
        "Leicester",
        "Zwickau",
    )
