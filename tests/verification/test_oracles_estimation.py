"""Our fits and their errors against two independent programs, to six decimals, on simulated panels of any shape."""

import warnings
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.evaluation.panel_analysis import Panel
from analytics.statistics.cells import informative_cells
from analytics.statistics.covariance import crv1_errors
from analytics.statistics.fitting import Model, fit
from analytics.statistics.fixed_effects import codes_of, components
from analytics.statistics.jackknife import cv3
from analytics.statistics.planned_power import World, jackknife_error
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
    ours_alone = pyfixest.ssc(k_adj=False, G_adj=True)  # G / (G - 1) and no other small-sample factor, as ours
    theirs = pyfixest.fepois("y ~ x | u + p", data=frame, vcov={"CRV1": "c"}, ssc=ours_alone)
    assert ours.beta[0] == pytest.approx(float(theirs.coef().iloc[0]), abs=1e-6)
    se = crv1_errors(ours, frame["c"].to_numpy()).se[0]
    assert se == pytest.approx(float(theirs.se().iloc[0]), abs=1e-6)


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
        assert np.sqrt(ours.bread[0, 0]) == pytest.approx(result.bse[0], abs=1e-6)
    assert ours.beta[0] == pytest.approx(beta, abs=1e-6)


def test_the_jackknife_is_that_of_pyfixest_without_each_cluster() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest

    panel, effects, keep = cells(11)
    x, y = panel.exposures["live_share"][keep], panel.outcome[keep]
    clusters = codes_of(panel.cluster[keep])  # type: ignore[index]
    groups = int(clusters.max()) + 1
    frame = pd.DataFrame({"y": y, "x": x, "u": effects[0], "p": effects[1], "c": clusters})
    tight = {"fixef_tol": 1e-12, "iwls_tol": 1e-12}
    without = [
        float(pyfixest.fepois("y ~ x | u + p", frame[frame["c"] != g], vcov="iid", **tight).coef().iloc[0])
        for g in range(groups)
    ]
    model = Model(y, x[:, None], effects)
    whole = model.fit()
    errors, ours = cv3(model, whole, clusters)
    assert ours[:, 0] == pytest.approx(without, abs=1e-6)
    wanted = np.sqrt((groups - 1) / groups * ((np.array(without) - whole.beta[0]) ** 2).sum())
    assert errors.method == "cv3"
    assert errors.se[0] == pytest.approx(wanted, abs=1e-6)

    linear = Model(y, x[:, None], effects, family="gaussian")
    least = pyfixest.feols(
        "y ~ x | u + p", frame, vcov={"CRV3": "c"}, ssc=pyfixest.ssc(k_adj=False, G_adj=False), fixef_tol=1e-12
    )
    plain = float(least.se().iloc[0]) * np.sqrt((groups - 1) / groups)  # they leave the factor to the adjustment
    assert cv3(linear, linear.fit(), clusters)[0].se[0] == pytest.approx(plain, abs=1e-6)

    units, weeks = len(np.unique(panel.unit)), len(np.unique(panel.time))  # type: ignore[arg-type]
    first = np.arange(units) * weeks
    world = World(
        mean=np.ones(units), season=np.ones(weeks), area=codes_of(panel.area[first]),  # type: ignore[index]
        cluster=codes_of(panel.cluster[first]),  # type: ignore[index]
    )  # fmt: skip
    square = (panel.exposures["live_share"].reshape(units, weeks), panel.outcome.reshape(units, weeks))
    assert jackknife_error(world, *square, exact=True)[1] == pytest.approx(wanted, abs=1e-6)


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
    kept = {name: values[keep] for name, values in found.items()}
    assume(len(kept["y"]) > 45 and kept["y"][kept["x0"] > 0].sum() > 5)  # less has no finite answer to compare
    return kept


LIMITS = settings(max_examples=12, deadline=None, derandomize=True)


def kinds(panel: dict[str, np.ndarray]) -> Counter[str]:
    return Counter(
        {
            "compared": 1,
            "areas": int(panel["area"].max() > 0),
            "offset": int(panel["offset"].any()),
            "weights": int((panel["prior"] != 1).any()),
            "fractions": int((panel["y"] % 1 > 0).any()),
        }
    )


def compared_on_all_kinds(compare: Callable[[], None], seen: Counter[str]) -> None:
    """Runs the property; panels that are thrown away, or all of one kind, would prove nothing."""
    compare()
    assert seen["compared"] >= 12
    assert min(seen[name] for name in ("areas", "offset", "weights", "fractions")) >= 1, seen


def test_any_ragged_panel_agrees_with_statsmodels() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

    seen: Counter[str] = Counter()

    @LIMITS
    @given(ragged_panels())
    def compare(panel: dict[str, np.ndarray]) -> None:
        u, p = codes_of(panel["u"]), codes_of(panel["p"])
        x = np.column_stack([panel["x0"], panel["x1"]])
        ours = fit(panel["y"], x, [u, p], offset=panel["offset"], prior=panel["prior"])
        parts = components(u, p)[1]  # one reference period for each part that hangs together: full rank
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
        seen.update(kinds(panel))

    compared_on_all_kinds(compare, seen)


def test_any_ragged_panel_agrees_with_pyfixest() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest

    seen: Counter[str] = Counter()

    @LIMITS
    @given(ragged_panels())
    def compare(panel: dict[str, np.ndarray]) -> None:
        frame = pd.DataFrame(panel)
        tight = {"vcov": "iid", "fixef_tol": 1e-12}
        theirs = pyfixest.fepois("y ~ x0 + x1 | u + p", data=frame, iwls_tol=1e-12, **tight)
        linear = pyfixest.feols("y ~ x0 + x1 | u + p", data=frame, **tight)
        effects = [codes_of(panel["u"]), codes_of(panel["p"])]
        x = np.column_stack([panel["x0"], panel["x1"]])
        assert np.abs(fit(panel["y"], x, effects).beta - theirs.coef().to_numpy()).max() < 1e-6
        assert np.abs(fit(panel["y"], x, effects, family="gaussian").beta - linear.coef().to_numpy()).max() < 1e-6
        seen.update(kinds(panel))

    compared_on_all_kinds(compare, seen)


@st.composite
def overdispersed_panels(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Small full grids whose counts spread more than Poisson; `prior` counts how often a cell is there (1 or 2)."""
    units, weeks, kappa = (
        draw(st.integers(5, 8)),
        draw(st.integers(10, 14)),
        draw(st.sampled_from([0.3, 0.6, 1.0])),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    u, t = np.repeat(np.arange(units), weeks), np.tile(np.arange(weeks), units)
    n = len(u)
    x = rng.random(n) * (rng.random(n) < 0.6)
    offset = rng.normal(0, 0.3, n) if draw(st.booleans()) else np.zeros(n)
    prior = rng.choice([1.0, 2.0], n) if draw(st.booleans()) else np.ones(n)
    rate = np.exp(1.3 + offset - 0.4 * x + rng.normal(0, 0.4, units)[u] + rng.normal(0, 0.3, weeks)[t])
    y = rng.poisson(rate * rng.gamma(1 / kappa, kappa, n)).astype(float)
    assume(bool(informative_cells(y, [u, t])[0].all()))
    return {"y": y, "x": x, "u": u, "t": t, "offset": offset, "prior": prior}


def test_negative_binomial_is_the_joint_maximum_that_statsmodels_finds() -> None:
    """Ours takes turns between kappa and the rest; statsmodels climbs in all at once and knows nothing of our kappa."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm
        from statsmodels.discrete.discrete_model import NegativeBinomial

    seen: Counter[str] = Counter()

    @LIMITS
    @given(overdispersed_panels())
    def compare(panel: dict[str, np.ndarray]) -> None:
        ours = fit(
            panel["y"], panel["x"][:, None], [panel["u"], panel["t"]], family="negative_binomial",
            offset=panel["offset"], prior=panel["prior"],
        )  # fmt: skip
        y, x, u, t, offset = (
            np.repeat(panel[name], panel["prior"].astype(int)) for name in ("y", "x", "u", "t", "offset")
        )
        design = np.column_stack([x, np.eye(u.max() + 1)[u], np.eye(t.max() + 1)[t][:, 1:]])
        theirs = NegativeBinomial(y, design, offset=offset).fit(method="bfgs", maxiter=5000, gtol=1e-9, disp=0)
        assert ours.kappa == pytest.approx(theirs.params[-1], abs=1e-6)
        if ours.kappa == 0:  # at the edge theirs stops short; no more spread than Poisson is Poisson
            theirs = sm.GLM(y, design, offset=offset, family=sm.families.Poisson()).fit(tol=1e-13, maxiter=300)
        assert ours.beta[0] == pytest.approx(theirs.params[0], abs=1e-6)
        assert np.repeat(ours.mu, panel["prior"].astype(int)) == pytest.approx(theirs.predict(), rel=1e-5)
        seen.update({"compared": 1, "offset": int(offset.any()), "weights": int(len(y) > len(panel["y"]))})
        seen["clearly spread"] += ours.kappa > 0.1

    compare()
    assert seen["compared"] >= 12
    assert seen["clearly spread"] >= 6, seen
    assert min(seen["offset"], seen["weights"]) >= 1, seen
