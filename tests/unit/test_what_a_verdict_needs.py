"""Ways in which a verdict word could be had without what it needs: each gives none, beside a neighbour that has its word."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analytics.evaluation.calibration import panel_of
from analytics.evaluation.panel_analysis import Panel, analyse
from analytics.evaluation.panel_spec import PanelSpec, SpecError
from analytics.evaluation.rules import Thresholds
from analytics.statistics.simulation import Scenario, simulate
from tests.unit.test_rules_and_verdict import judged

FALL = Scenario(units=150, weeks=104, ratio=0.7, mean=1.0)
SPEC = PanelSpec(
    unit="unit", time="time", outcome="y", exposure=("exposure",), cluster="cluster", area="area", permutations=999
)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return panel_of(simulate(1, FALL))


def test_sound_panels_have_their_word(panel: Panel) -> None:
    assert analyse(panel, SPEC)["verdict"] == "fewer"


def test_no_word_for_an_exposure_that_is_no_share(panel: Panel) -> None:
    """The same reach in hundreds: a rate ratio for one more of it lies near 1 and says nothing of the whole."""
    many = replace(panel, exposures={"exposure": panel.exposures["exposure"] * 100})
    found = analyse(many, SPEC)
    assert found["verdict"] == "cannot_tell"
    assert "Divide it by its mean where there is any (100)" in found["verdict_sentence"]


def test_weeks_in_which_a_unit_was_not_seen_are_no_weeks_before(panel: Panel) -> None:
    """Exposed units enter two weeks before their start."""
    assert panel.unit is not None
    exposed = panel.exposures["exposure"] > 0
    starts = {unit: panel.time[(panel.unit == unit) & exposed].min() for unit in np.unique(panel.unit[exposed])}
    kept = np.array([time >= starts.get(unit, 0) - 2 for unit, time in zip(panel.unit, panel.time, strict=True)])
    late = Panel(
        panel.time[kept], panel.outcome[kept], {"exposure": panel.exposures["exposure"][kept]}, unit=panel.unit[kept],
        cluster=panel.cluster[kept], area=panel.area[kept],
    )  # fmt: skip
    found = analyse(late, SPEC)
    assert found["verdict"] == "refused"
    assert "the middle exposed unit has 2 before its first live one" in found["verdict_sentence"]


@pytest.mark.parametrize("inference", [("model", "permutation"), ("crv1", "permutation")])
def test_no_word_without_the_jackknife(panel: Panel, inference: tuple[str, ...]) -> None:
    found = analyse(panel, replace(SPEC, inference=inference))
    assert found["verdict"] == "cannot_tell"
    assert "the jackknife by cluster (cv3)" in found["verdict_sentence"]


def test_no_word_where_the_lead_test_cannot_be_made() -> None:
    """Units seen every sixth week: the next four weeks are never known."""
    whole = panel_of(simulate(2, replace(FALL, weeks=208)))
    assert whole.unit is not None
    kept = (whole.time + whole.unit) % 6 == 0
    some = Panel(
        whole.time[kept], whole.outcome[kept], {"exposure": whole.exposures["exposure"][kept]}, unit=whole.unit[kept],
        cluster=whole.cluster[kept], area=whole.area[kept],
    )  # fmt: skip
    found = analyse(some, SPEC)
    assert (found["lead_p"], found["verdict"]) == (None, "cannot_tell")
    assert "whether reach followed trouble could not be checked (R9)" in found["verdict_sentence"]


def test_the_cause_is_open_unless_the_lot_was_followed() -> None:
    cause = "This does not show that the campaign caused it."
    followed = judged(randomised=True, rollout_broken_share=0.05)[1]
    broken = judged(randomised=True, rollout_broken_share=0.2)[1]
    assert (followed.grade, cause in followed.sentence) == (5, False)
    assert (broken.grade, cause in broken.sentence) == (4, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lead_p", math.nan), ("lead_p", 0.0), ("lead_p", 1.0), ("mde_min", 0.0), ("mde_min", 1.0), ("mde_min", 1.2),
        ("units_min", math.nan), ("units_min", math.inf), ("weeks_min", -3.0), ("margin_low", 2.0), ("margin_high", 0.9),
        ("top_cluster_max", 1.0), ("placeholder_max", 1.0), ("long_span_max", 1.0), ("rollout_broken_max", 1.0),
        ("geocoded_min", 0.0), ("residual_share_min", 0.0), ("completeness_min", 0.0), ("geocoded_gap_max", 100.0),
        ("conley_ratio_max", 1e9),
    ],
)  # fmt: skip
def test_a_limit_that_would_switch_its_rule_off_is_refused(key: str, value: float) -> None:
    with pytest.raises(SpecError, match=f"rules.{key}: must be a number from"):
        Thresholds.from_table({key: value})


def test_looser_limits_are_said() -> None:
    assert Thresholds.from_table({"lead_p": 0.001, "units_min": 12}).loosened() == ["lead_p 0.001 (usual 0.01)"]
    none = {"units_min": 0, "events_min": 0, "permutations_min": 0, "weeks_before_min": 0, "weeks_trimmed": 0}
    assert [each.split()[0] for each in Thresholds.from_table(none).loosened()] == [
        "weeks_before_min", "units_min", "permutations_min", "events_min", "weeks_trimmed",
    ]  # fmt: skip
    assert Thresholds().loosened() == []
