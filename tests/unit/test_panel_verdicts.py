"""What the engine says of panels whose truth we planted. All panels are synthetic."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import PanelError, analyse
from analytics.evaluation.panel_spec import PanelSpec, parse_spec
from analytics.evaluation.report.panel import as_result
from analytics.evaluation.rules import EvaluationContext
from tests.factories.panels import Simulation, simulate


def spec(**model: object) -> PanelSpec:
    data = {
        "unit": "unit", "time": "week", "outcome": "assaults", "exposure": ["live_share"], "cluster": "street", "area": "town",
    }  # fmt: skip
    return parse_spec({"data": data, "model": {"permutations": 999, **model}})


def fired(result: dict) -> set[str]:
    return {rule["code"] for rule in result["rules"] if rule["fired"]}


def test_a_planted_fall_is_found_and_said_without_claiming_a_cause() -> None:
    result = analyse(simulate(1, Simulation(ratio=0.65)), spec())
    assert result["verdict"] == "fewer"
    low, high = result["estimates"][0]["ci"]["cv3"]
    assert low < 0.65 < high
    assert "does not show that the campaign caused it" in result["verdict_sentence"]
    assert "There is no locked plan" in result["verdict_sentence"]
    assert "the column live_share, and what is counted is the column assaults" in result["verdict_sentence"]
    assert result["evidence_grade"] == 3


@pytest.mark.parametrize(("most", "method"), [(40, "cv3"), (10, "cv3_one_step")])
def test_with_too_many_clusters_to_refit_without_each_the_one_step_jackknife_goes_by_its_own_name(
    most: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.statistics.jackknife.EXACT_UP_TO", most)
    asked = spec(inference=["cv3", "permutation"], permutations=99)
    result = analyse(simulate(3, Simulation(units=60, weeks=40, mean=1, ratio=0.6)), asked)
    assert 10 < result["clusters"] <= 40
    assert result["se_method"] == method
    shown = as_result(result, asked, name="p", sha256="0", span="1 to 40", synthetic=True)["estimate"]
    assert [shown["ci_low"], shown["ci_high"]] == result["estimates"][0]["ci"]["cv3"]


def test_a_planted_rise_prints_more() -> None:
    result = analyse(simulate(7, Simulation(ratio=1.4)), spec())
    assert result["verdict"] == "more"
    assert "more recorded assaults" in result["verdict_sentence"]


def test_no_effect_is_hardly_ever_called_one() -> None:
    words = [
        analyse(simulate(seed, Simulation(units=75, weeks=60)), spec(permutations=199))["verdict"]
        for seed in range(100, 124)
    ]
    assert sum(word in {"fewer", "more"} for word in words) <= 3
    assert "cannot_tell" in words


def test_reach_that_follows_trouble_cannot_be_attributed() -> None:
    result = analyse(simulate(4, Simulation(reactive=True)), spec())
    assert result["verdict"] == "cannot_attribute"
    assert "R9" in fired(result)


def test_twenty_venues_in_a_year_cannot_tell() -> None:
    result = analyse(simulate(6, Simulation(units=20, weeks=52)), spec())
    assert result["verdict"] == "cannot_tell"
    assert {"R3", "R6"} <= fired(result)
    assert "could only have seen a fall" in result["verdict_sentence"]
    assert result["estimates"], "the estimate is still shown"


def test_the_same_input_gives_the_same_bytes() -> None:
    panel = simulate(9, Simulation(units=50, weeks=52))
    turned = replace(
        panel, time=panel.time[::-1], outcome=panel.outcome[::-1], unit=panel.unit[::-1], area=panel.area[::-1],
        cluster=panel.cluster[::-1], exposures={"live_share": panel.exposures["live_share"][::-1]},
    )  # fmt: skip
    first, second = (json.dumps(analyse(p, spec()), sort_keys=True) for p in (panel, turned))
    assert first == second


def test_no_event_under_exposure_is_refused_by_name() -> None:
    panel = simulate(3, Simulation(units=50, weeks=60))
    outcome = np.where(panel.exposures["live_share"] > 0, 0.0, panel.outcome)
    result = analyse(replace(panel, outcome=outcome), spec())
    assert result["verdict"] == "refused"
    assert "no finite size" in result["problem"]
    assert result["estimates"] == []


def test_the_same_exposure_everywhere_is_refused() -> None:
    panel = simulate(3, Simulation(units=50, weeks=60))
    result = analyse(replace(panel, exposures={"live_share": (panel.time > 30).astype(float)}), spec())
    assert "R5" in fired(result)
    assert result["verdict"] == "refused"


def test_events_that_do_not_add_up_stop_everything() -> None:
    panel = simulate(1, Simulation(ratio=0.65))
    context = EvaluationContext(plan_locked_before_outcomes=True, events_in_units=101, unique_events=100)
    result = analyse(panel, spec(), context=context)
    assert result["verdict"] == "refused"
    assert "do not add up" in result["verdict_sentence"]


def test_an_unlocked_plan_is_exploratory_for_ever() -> None:
    result = analyse(
        simulate(1, Simulation(ratio=0.65)), spec(), context=EvaluationContext(plan_locked_before_outcomes=False)
    )
    assert result["verdict"] == "exploratory"
    assert "R1" in fired(result)


def test_negative_counts_and_empty_panels_are_refused() -> None:
    panel = simulate(1, Simulation(units=25, weeks=30))
    with pytest.raises(PanelError, match="negative"):
        analyse(replace(panel, outcome=panel.outcome - 1), spec())
    with pytest.raises(PanelError, match="no events"):
        analyse(replace(panel, outcome=panel.outcome * 0), spec())
