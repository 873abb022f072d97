"""Our fits against two independent programs, to six decimals, on simulated panels."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.evaluation.panel_analysis import Panel
from analytics.statistics.cells import informative_cells
from analytics.statistics.covariance import crv1_errors, cv3_exact
from analytics.statistics.fitting import fit
from analytics.statistics.fixed_effects import codes_of, components
from tests.factories.panels import Simulation, simulate

pytestmark = pytest.mark.filterwarnings("ignore")  # the oracles warn about their own dependencies


def cells(seed: int, **kwargs: object) -> tuple[Panel, list[np.ndarray], np.ndarray]:
    panel = simulate(seed, Simulation(units=40, weeks=40, mean=1.5, ratio=0.8, **kwargs))  # type: ignore[arg-type]
    period = codes_of(panel.area * 1000 + panel.time.astype(int))  # type: ignore[operator]
    effects = [codes_of(panel.unit), period]
    keep = np.ones(len(panel.outcome), dtype=bool)
    for code in effects:
        keep &= (np.bincount(code, weights=panel.outcome) > 0)[code]
    return panel, [codes_of(code[keep]) for code in effects], keep


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_way_poisson_agrees_with_pyfixest(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest

    panel, effects, keep = cells(seed)
    x, y = panel.exposures["live_share"][keep], panel.outcome[keep]
    ours = fit(y, x[:, None], effects)
    frame = pd.DataFrame({"y": y, "x": x, "u": effects[0], "p": effects[1], "c": codes_of(panel.cluster[keep])})  # type: ignore[index]
    theirs = pyfixest.fepois("y ~ x | u + p", data=frame, vcov={"CRV1": "c"})
    assert ours.beta[0] == pytest.approx(float(theirs.coef().iloc[0]), abs=1e-6)
    se = crv1_errors(ours, frame["c"].to_numpy()).se[0]
    assert se == pytest.approx(float(theirs.se().iloc[0]), rel=0.02)  # apart only by small-sample factors


@pytest.mark.parametrize("family", ["poisson", "gaussian", "negative_binomial"])
def test_dummy_variable_regression_agrees_with_statsmodels(family: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

    panel, effects, keep = cells(7)
    x, y = panel.exposures["live_share"][keep], panel.outcome[keep]
    ours = fit(y, x[:, None], effects, family=family)
    units, periods = np.eye(effects[0].max() + 1)[effects[0]], np.eye(effects[1].max() + 1)[effects[1]]
    areas = codes_of(panel.area[keep])  # type: ignore[index]
    first = [int(effects[1][areas == area].min()) for area in np.unique(areas)]
    design = np.column_stack([x, units, np.delete(periods, first, axis=1)])
    if family == "gaussian":
        beta, se = (part[0] for part in (lambda r: (r.params, r.bse))(sm.OLS(y, design).fit()))
        assert np.sqrt(ours.bread[0, 0] * ours.dispersion) == pytest.approx(se, abs=1e-6)
    else:
        chosen = (
            sm.families.Poisson()
            if family == "poisson"
            else sm.families.NegativeBinomial(alpha=ours.kappa or 1e-9)
        )
        result = sm.GLM(y, design, family=chosen).fit(tol=1e-12, maxiter=200)
        beta = result.params[0]
        if family == "poisson":
            assert np.sqrt(ours.bread[0, 0]) == pytest.approx(result.bse[0], abs=1e-6)
    assert ours.beta[0] == pytest.approx(beta, abs=1e-6)


def test_cv3_is_the_brute_force_jackknife() -> None:
    panel, effects, keep = cells(11)
    x, y = panel.exposures["live_share"][keep], panel.outcome[keep]
    clusters = codes_of(panel.cluster[keep])  # type: ignore[index]

    def refit(kept: np.ndarray) -> np.ndarray:
        y_, x_, parts = y[kept], x[kept], [codes_of(code[kept]) for code in effects]
        ok = np.ones(len(y_), dtype=bool)
        for code in parts:
            ok &= (np.bincount(code, weights=y_) > 0)[code]
        return fit(y_[ok], x_[ok][:, None], [codes_of(code[ok]) for code in parts]).beta

    whole = fit(y, x[:, None], effects)
    errors, _ = cv3_exact(whole, clusters, refit)
    groups = clusters.max() + 1
    betas = np.array([refit(clusters != g)[0] for g in range(groups)])
    assert errors.se[0] == pytest.approx(
        np.sqrt((groups - 1) / groups * ((betas - whole.beta[0]) ** 2).sum()), rel=1e-9
    )


@st.composite
def ragged_panels(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Unbalanced panels of any small shape: gaps, areas, fractional counts, offsets, weights, two regressors."""
    units, weeks = draw(st.integers(6, 14)), draw(st.integers(6, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    there = rng.random(units * weeks) > draw(st.sampled_from([0.0, 0.1, 0.3]))
    u, t = np.repeat(np.arange(units), weeks)[there], np.tile(np.arange(weeks), units)[there]
    area = u % draw(st.sampled_from([1, 2]))
    n = len(u)
    x = np.column_stack([rng.random(n) * (rng.random(n) < 0.6), rng.normal(size=n)])
    log_offset = rng.normal(0, 0.5, n) if draw(st.booleans()) else np.zeros(n)
    rate = np.exp(log_offset - 0.4 * x[:, 0] + rng.normal(0, 0.5, units)[u] + rng.normal(0, 0.3, weeks)[t])
    y = rng.poisson(1.5 * rate).astype(float)
    if draw(st.booleans()):
        y = y * rng.choice([0.25, 0.5, 1.0], n)  # aoristic parts
    prior = rng.uniform(0.5, 2, n) if draw(st.booleans()) else np.ones(n)
    period = area * weeks + t
    keep = informative_cells(y, [u, period])[0]
    found = {
        "y": y,
        "x0": x[:, 0],
        "x1": x[:, 1],
        "u": u,
        "p": period,
        "offset": log_offset,
        "prior": prior,
        "area": area,
    }
    return {name: values[keep] for name, values in found.items()}


def usable(panel: dict[str, np.ndarray]) -> bool:
    return len(panel["y"]) > 45 and panel["y"][panel["x0"] > 0].sum() > 5


LIMITS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@LIMITS
@given(ragged_panels())
def test_any_ragged_panel_agrees_with_statsmodels(panel: dict[str, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

    if not usable(panel):
        return
    u, p = codes_of(panel["u"]), codes_of(panel["p"])
    x = np.column_stack([panel["x0"], panel["x1"]])
    ours = fit(panel["y"], x, [u, p], offset=panel["offset"], prior=panel["prior"])
    parts = components(u, p)[1]  # one reference period for each part that hangs together: the design has full rank
    reference = [int(np.flatnonzero(parts == part)[0]) for part in np.unique(parts)]
    dummies = np.delete(np.eye(p.max() + 1)[p], reference, axis=1)
    design = np.column_stack([x, np.eye(u.max() + 1)[u], dummies])
    theirs = sm.GLM(
        panel["y"], design, family=sm.families.Poisson(), offset=panel["offset"], freq_weights=panel["prior"]
    ).fit(tol=1e-13, maxiter=300)
    assert np.abs(ours.beta - theirs.params[:2]).max() < 1e-6
    assert np.abs(ours.mu - theirs.fittedvalues).max() < 1e-5
    linear = fit(panel["y"], x, [u, p], family="gaussian", prior=panel["prior"])
    least = sm.WLS(panel["y"], design, weights=panel["prior"]).fit()
    assert np.abs(linear.beta - least.params[:2]).max() < 1e-6
    assert np.sqrt(linear.bread[0, 0] * linear.dispersion) == pytest.approx(least.bse[0], rel=1e-6)


@LIMITS
@given(ragged_panels())
def test_any_ragged_panel_agrees_with_pyfixest(panel: dict[str, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest

        if not usable(panel):
            return
        frame = pd.DataFrame(panel)
        theirs = pyfixest.fepois("y ~ x0 + x1 | u + p", data=frame, vcov="iid", fixef_tol=1e-12, iwls_tol=1e-12)
        linear = pyfixest.feols("y ~ x0 + x1 | u + p", data=frame, vcov="iid", fixef_tol=1e-12)
    effects = [codes_of(panel["u"]), codes_of(panel["p"])]
    x = np.column_stack([panel["x0"], panel["x1"]])
    assert np.abs(fit(panel["y"], x, effects).beta - theirs.coef().to_numpy()).max() < 1e-6
    assert np.abs(fit(panel["y"], x, effects, family="gaussian").beta - linear.coef().to_numpy()).max() < 1e-6
