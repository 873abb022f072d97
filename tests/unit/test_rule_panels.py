"""For every rule a panel that fires it and its neighbour, which does not. Thresholds to the digit: test_rules_and_verdict."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import analyse
from analytics.evaluation.panel_cells import Panel
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.rules import EvaluationContext
from analytics.statistics.simulation import Scenario, SimulatedPanel, simulate
from tests.factories.panels import long_form

DATA = {
    "unit": "unit",
    "time": "week",
    "outcome": "y",
    "exposure": ["live_share"],
    "cluster": "street",
    "area": "area",
}
SPEC = parse_spec({"data": DATA, "model": {"inference": ["cv3", "permutation"], "permutations": 199}})
SOUND = Scenario(units=75, weeks=60, mean=0.6, ratio=0.75)
FINE = EvaluationContext(
    plan_locked_before_outcomes=True, geocoded_share=0.9, geocoded_gap_points=1.0, placeholder_share=0.02, long_span_share=0.02,
    completeness=0.98, trimmed_weeks=0, placebo_p=0.5, events_in_units=100.0, unique_events=100.0,
)  # fmt: skip


def fired(panel: Panel, context: EvaluationContext = FINE) -> set[str]:
    result = analyse(panel, SPEC, context=context)
    assert [rule["code"] for rule in result["rules"]] == [f"R{n}" for n in range(1, 15)]
    return {rule["code"] for rule in result["rules"] if rule["fired"]}


@pytest.fixture(scope="module")
def sound() -> SimulatedPanel:
    return simulate(2, SOUND)


@pytest.fixture(scope="module")
def quiet(sound: SimulatedPanel) -> Panel:
    """The sound panel, of which no rule has anything to say."""
    panel = panel_of(sound)
    assert fired(panel) == set()
    return panel


def panel_of(
    made: SimulatedPanel, *, exposure: object = None, outcome: object = None, weeks: int | None = None
) -> Panel:
    x = made.exposure if exposure is None else np.asarray(exposure)
    y = made.outcome if outcome is None else np.asarray(outcome)
    return long_form(x[:, :weeks], y[:, :weeks], made.street, made.area)


def one_street_has_it_all(made: SimulatedPanel) -> Panel:
    return panel_of(made, outcome=np.where((made.street == 0)[:, None], 40 * made.outcome, made.outcome))


def one_path_for_each_area(made: SimulatedPanel) -> Panel:
    first = [int(np.flatnonzero(made.area == area)[0]) for area in made.area]
    return panel_of(made, exposure=made.exposure[first])


def few_under_exposure(made: SimulatedPanel) -> Panel:
    thin = np.random.Generator(np.random.PCG64(4)).random(made.outcome.shape) < 0.04
    return panel_of(made, outcome=np.where(made.exposure > 0, made.outcome * thin, made.outcome))


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("R2", lambda made: panel_of(made, weeks=25)),
        ("R3", lambda made: panel_of(simulate(1, replace(SOUND, units=20)))),
        ("R4", few_under_exposure),
        ("R5", one_path_for_each_area),
        ("R6", lambda made: panel_of(simulate(1, replace(SOUND, mean=0.06, on_off=True)))),
        ("R9", lambda made: panel_of(simulate(2, replace(SOUND, ratio=1.0, reactive=True)))),
        ("R12", one_street_has_it_all),
        ("R13", lambda made: panel_of(simulate(8, Scenario(units=50, weeks=60, mean=0.6, ratio=0.87)))),
    ],
)
def test_the_panel_fires_the_rule_and_its_neighbour_does_not(
    code: str, make: Callable[[SimulatedPanel], Panel], sound: SimulatedPanel, quiet: Panel
) -> None:
    assert code in fired(make(sound))


def test_r14_an_effect_that_grows_and_one_that_does_not() -> None:
    growing = Scenario(units=75, weeks=60, mean=0.6, on_off=True, ratio=0.55, growing=True)
    assert "R14" in fired(panel_of(simulate(8, growing)))
    assert "R14" not in fired(panel_of(simulate(8, replace(growing, growing=False))))


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("R1", {"plan_locked_before_outcomes": False}),
        ("R7", {"geocoded_gap_points": 5.5}),
        ("R8", {"trimmed_weeks": 2}),
        ("R10", {"placebo_p": 0.03}),
        ("R11", {"events_in_units": 99.5}),
    ],
)
def test_what_only_plan_and_import_know(code: str, change: dict[str, float], quiet: Panel) -> None:
    assert fired(quiet, replace(FINE, **change)) == {code}
