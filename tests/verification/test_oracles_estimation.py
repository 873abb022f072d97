"""Our fits against two independent programs, to six decimals, on simulated panels."""

import warnings

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import Panel
from analytics.statistics.covariance import crv1_errors, cv3_exact
from analytics.statistics.fitting import fit
from analytics.statistics.fixed_effects import codes_of
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
