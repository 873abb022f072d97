"""Plans: checked key by key, one text for one content."""

import json
import math
from dataclasses import asdict, fields, replace
from datetime import date

import pytest

from analytics.evaluation.plain_words import explain
from analytics.evaluation.plan import PlanError, canonical_json, parse_plan, plan_of, read_plan
from analytics.evaluation.plan_checks import DEFAULTS, REQUIRED, problems_of
from analytics.evaluation.plan_form import SECTIONS, PlanForm
from analytics.evaluation.rules import Thresholds
from analytics.evaluation.sensitivities import shrunken
from analytics.models import EvaluationPlan

GOOD = {"title": "T", "measure": "nte_assault", "from_week": "2023-W14", "to_week": "2024-W39"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": 1}, "colour: not a key"),
        ({"title": " "}, "title: is needed"),
        ({"measure": "nonsense"}, "measure: "),
        ({"measure": "open_violence"}, "month only"),
        ({"from_week": "2023-14"}, "from_week: "),
        ({"to_week": "2022-W01"}, "to_week: must lie"),
        ({"unit": "street"}, "unit: 'street' is not one of venue, catchment"),
        ({"exposure": "scans"}, "exposure: "),
        ({"radius_m": 0}, "radius_m: "),
        ({"permutations": 10}, "permutations: "),
        ({"permutations": True}, "permutations: "),
        ({"seed": 1.5}, "seed: "),
        ({"placebos": "all"}, "placebos: must be a list"),
        ({"placebos": ["acquisitive", "nte_assault"]}, "placebos: nte_assault is what the plan counts"),
        ({"placebos": ["acquisitive", "acquisitive"]}, "placebos: names something twice"),
        ({"inference": ["crv1"]}, "must hold cv3 and permutation"),
        ({"inference": ["cv3", "permutation", "magic"]}, "inference: "),
        ({"clusters": "ward"}, "clusters: 'ward' is not one of catchment, beat"),
        ({"strata": "none"}, "strata: 'none' is not one of area_size, area_size_baseline"),
        ({"sensitivities": ["rings", "tides"]}, "sensitivities: 'tides' is not one of delay, multiverse"),
        ({"sensitivities": ["rings", "rings"]}, "sensitivities: names something twice"),
        ({"prior_sd": -0.1}, "prior_sd: must be a number from 0 to 2"),
        ({"thresholds": {"mde_minimum": 0.5}}, "mde_minimum: there is no such threshold"),
        ({"thresholds": {"mde_min": "0.5"}}, "must be a number"),
    ],
)
def test_a_wrong_plan_names_its_key(change, words):
    with pytest.raises(PlanError) as error:
        parse_plan(GOOD | change)
    assert words in str(error.value)


def test_a_missing_key_is_named():
    with pytest.raises(PlanError, match="measure: is needed"):
        parse_plan({key: value for key, value in GOOD.items() if key != "measure"})


def test_the_same_plan_in_another_order_has_the_same_hash():
    one, two = parse_plan(GOOD), parse_plan(dict(reversed(GOOD.items())))
    assert one.plan_hash == two.plan_hash
    assert json.loads(one.canonical)["title"] == "T"


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"title": "U"},
        {"to_week": "2024-W38"},
        {"thresholds": {"mde_min": 0.71}},
        {"placebos": ["daytime_assault"]},
        {"unit": "catchment"},
        {"clusters": "beat"},
        {"strata": "area_size_baseline"},
        {"sensitivities": ["rings"]},
        {"prior_sd": 0.1},
    ],
)
def test_every_change_changes_the_hash(change):
    assert parse_plan(GOOD | change).plan_hash != parse_plan(GOOD).plan_hash


@pytest.mark.parametrize("name", [each.name for each in fields(Thresholds)])
def test_every_limit_of_the_rules_is_part_of_the_hash(name):
    usual = getattr(Thresholds(), name)
    assert parse_plan(GOOD).content()["thresholds"][name] == usual
    assert parse_plan(GOOD | {"thresholds": {name: usual}}).plan_hash == parse_plan(GOOD).plan_hash
    other = 1.25 if name == "margin_high" else usual / 2
    assert parse_plan(GOOD | {"thresholds": {name: other}}).plan_hash != parse_plan(GOOD).plan_hash


@pytest.mark.parametrize(
    "then", [asdict(Thresholds()) | {"units_min": 9, "lead_p": 0.02}, {"mde_min": 0.75}, {}],
    ids=["other usual limits", "only what was changed", "none named"],
)  # fmt: skip
def test_a_locked_plan_keeps_its_limits_and_its_hash(then):
    """Whatever the usual limits were when it was locked, and however many its text names."""
    text = canonical_json(parse_plan(GOOD).content() | {"thresholds": then})
    plan = plan_of(EvaluationPlan(content=text))
    assert plan.thresholds == then
    assert plan.canonical == text
    assert Thresholds.from_table(plan.thresholds) == replace(Thresholds(), **then)


def test_a_limit_that_is_a_whole_number_reads_as_one():
    assert repr(Thresholds.from_table({"weeks_min": 20.0}).weeks_min) == "20"


def test_a_changed_definition_changes_the_hash():
    content = parse_plan(GOOD).content()
    assert {"nte_assault", "daytime_assault"} <= content["definitions"].keys()
    assert len(content["reach_parameters"]) == 64


def test_canonical_json_has_one_text_for_one_content():
    assert canonical_json({"b": 1.50, "a": [1, True, None, date(2024, 1, 2)]}) == (
        '{"a":["1",true,null,"2024-01-02"],"b":"1.5"}'
    )
    assert canonical_json("e\u0301") == canonical_json("\u00e9")
    assert canonical_json(1) == canonical_json(1.0) == '"1"'
    assert canonical_json(-0.0) == '"0"'
    assert canonical_json(1e-7) == '"0.0000001"'


@pytest.mark.parametrize("bad", [math.nan, math.inf, object()])
def test_canonical_json_refuses_what_json_has_no_place_for(bad):
    with pytest.raises(ValueError):
        canonical_json({"x": bad})


def test_a_plan_file_that_is_not_toml(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text("title = ")
    with pytest.raises(PlanError, match="is not TOML"):
        read_plan(path)
    with pytest.raises(PlanError, match="cannot be read"):
        read_plan(tmp_path / "none.toml")


def test_everything_that_is_missing_is_said_at_once():
    said = [str(each) for each in problems_of({"title": " ", "measure": 5})]
    assert said[:4] == [
        "title: is needed", "measure: must be text, in quotes", "from_week: is needed", "to_week: is needed",
    ]  # fmt: skip


def test_a_plan_from_before_these_keys_keeps_its_hash_and_reads_back():
    plain = parse_plan(GOOD)
    keys = {"clusters", "strata", "sensitivities", "prior_sd"}
    assert not keys & set(plain.content())
    order = {"sensitivities": ["rings", "reach_range", "placebo_dates", "multiverse", "delay"]}
    assert parse_plan(GOOD | order).plan_hash == plain.plan_hash
    chosen = parse_plan(
        GOOD | {"clusters": "beat", "strata": "area_size_baseline", "sensitivities": [], "prior_sd": 0.1}
    )
    assert keys <= set(chosen.content())
    assert plan_of(EvaluationPlan(content=chosen.canonical)) == chosen
    assert chosen.spec()["model"]["baseline_halves"] is True
    assert plain.spec()["model"]["baseline_halves"] is False


def test_every_key_of_the_form_is_said_in_plain_words(db):
    form = PlanForm(GOOD, venues=[])
    shown = {name for _, names in SECTIONS for name in names}
    assert shown == {name for name in form.fields if not name.startswith("thresholds_")}
    assert shown == {*REQUIRED, *DEFAULTS} - {"venues", "inference"}
    said = explain(GOOD | {"clusters": "beat", "sensitivities": ["multiverse"], "prior_sd": 0.1}, [])
    assert shown <= set(said)
    assert "police beat" in said["clusters"]
    assert "Next door" in said["sensitivities"]
    assert "whether offences only moved" in said["sensitivities"]
    assert "18% fewer to 22% more" in said["prior_sd"]


def test_a_shrunken_reading_is_the_mean_of_two_normals():
    error, prior, beta = 0.2, 0.1, math.log(0.7)
    ends = [math.exp(beta + side * 1.959963984540054 * error) for side in (-1, 1)]
    found = shrunken({"estimates": [{"ratio": 0.7, "ci": {"cv3": ends}}]}, prior)
    precision = 1 / prior**2 + 1 / error**2
    assert found["irr"] == pytest.approx(math.exp(beta / error**2 / precision), rel=1e-9)
    assert math.log(found["ci_high"] / found["ci_low"]) == pytest.approx(
        2 * 1.959963984540054 / math.sqrt(precision)
    )
    assert found["weight_of_the_data"] == pytest.approx(0.2)
    assert shrunken({"estimates": []}, prior) is None
