"""A wrong specification or file is refused with the key, the row and the column."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analytics.evaluation.panel_analysis import PanelError
from analytics.evaluation.panel_file import read_panel
from analytics.evaluation.panel_spec import SpecError, parse_spec

GOOD: dict[str, Any] = {"data": {"unit": "u", "time": "t", "outcome": "y", "exposure": ["x"]}}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"data": {}}, "data.exposure"),
        ({"data": GOOD["data"] | {"exposure": []}}, "data.exposure"),
        ({"data": GOOD["data"] | {"outcom": "y"}}, "data.outcom"),
        ({"model": {"family": "logit"}}, "model.family"),
        ({"model": {"effects": ["place"]}}, "model.effects"),
        ({"model": {"permutations": 5}}, "model.permutations"),
        ({"model": {"permutations": True}}, "model.permutations"),
        ({"model": {"inference": ["bayes"]}}, "model.inference"),
        ({"model": {"trend": "yes"}}, "model.trend"),
        ({"model": {"seasonality": {"period": 12}}}, "model.seasonality"),
        ({"model": {"design": "matching"}}, "model.design"),
        ({"model": {"design": "synthetic_did", "family": "poisson"}}, "model.family"),
        ({"model": {"design": "imputation", "effects": ["unit"]}}, "model.effects"),
        ({"model": {"design": "event_study", "trend": True}}, "model.trend"),
        ({"data": GOOD["data"] | {"controls": ["z"]}, "model": {"design": "imputation"}}, "data.controls"),
        ({"model": {"newey_west_lag": -1}}, "model.newey_west_lag"),
        ({"models": {}}, "models"),
        ({"rules": {"mde_min": "low"}}, "rules"),
        ({"model": {"seasonality": {"period": "x", "harmonics": 1}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": "x"}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": [12], "harmonics": 1}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": float("inf"), "harmonics": 1}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": float("nan"), "harmonics": 1}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": 12, "harmonics": 1.5}}}, "model.seasonality"),
        ({"model": {"seasonality": {"period": 12, "harmonics": [1]}}}, "model.seasonality"),
        ({"model": {"effects": [["unit"]]}}, "model.effects"),
        ({"model": {"effects": [{"unit": 1}]}}, "model.effects"),
        ({"model": {"inference": [["cv3"]]}}, "model.inference"),
        ({"model": {"design": "interrupted", "inference": [["quasi"]]}}, "model.inference"),
        ({"model": {"family": ["poisson"]}}, "model.family"),
        ({"data": GOOD["data"] | {"time": ["t"]}}, "data.time"),
        ({"data": GOOD["data"] | {"exposure": ["x", "x"]}}, "data.exposure"),
        ({"data": GOOD["data"] | {"exposure": [["x"]]}}, "data.exposure"),
        ({"data": GOOD["data"] | {"exposure": "y"}}, "data.exposure"),
        ({"data": GOOD["data"] | {"exposure": ["x", "y"]}}, "data.exposure"),
        ({"data": GOOD["data"] | {"controls": ["x"]}}, "data.controls"),
        ({"data": GOOD["data"] | {"controls": ["y"]}}, "data.controls"),
        ({"data": GOOD["data"] | {"controls": ["z", "z"]}}, "data.controls"),
        ({"data": GOOD["data"] | {"controls": [["z"]]}}, "data.controls"),
    ],
)
def test_a_wrong_key_is_named(change: dict[str, Any], key: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(GOOD | change)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("u,t,y,x\na,1,2,0\na,1,3,1\n", "line 3: unit a, time 1 stands there twice (also line 2)"),
        ("u,t,y,x\na,1,two,0\n", "line 2, y: “two” is not a number"),
        ("u,t,y,x\na,1,-2,0\na,2,1,1\n", "line 2, y: -2 is negative"),
        ("u,t,y,x\na,1,2\n", "line 2: 3 fields, the first line has 4"),
        ("u,t,y,x\na,1,2,0\nb,1,2,0\n", "x: the same value in every row"),
        ('u,t,y,x\na,1,2,"0\n', "quote that is not closed"),
        ("u,t,y,x\n", "no rows"),
        ("u,t,y,x\na,1,inf,0\n", "finite"),
    ],
)
def test_a_bad_file_names_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "panel.csv"
    path.write_text(text)
    with pytest.raises(PanelError) as caught:
        read_panel(path, parse_spec(GOOD))
    assert words in str(caught.value)
    assert "panel.csv" in str(caught.value)


def test_a_missing_column_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_text("u;t;y\na;1;2\n")
    with pytest.raises(SpecError, match=r"data\.exposure: the file has no column x; it has u, t, y"):
        read_panel(path, parse_spec(GOOD))


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("[data]\nunit = 3\n", 2),
        ("not toml", 2),
        (None, 2),
        ('[data]\ntime = "t"\noutcome = "y"\nexposure = "x"\n[model]\nseasonality = {period = "x"}\n', 2),
        ('[data]\ntime = "t"\noutcome = "y"\nexposure = "x"\n[model]\ninference = [["cv3"]]\n', 2),
        ('[data]\ntime = "t"\noutcome = "y"\nexposure = "y"\n', 2),
    ],
)
def test_the_command_ends_with_2_for_a_bad_spec(tmp_path: Path, spec: str | None, code: int) -> None:
    panel = tmp_path / "panel.csv"
    panel.write_text("u,t,y,x\na,1,2,0\n")
    path = tmp_path / "spec.toml"
    if spec is not None:
        path.write_text(spec)
    with pytest.raises(CommandError) as caught:
        call_command("evaluate_panel", str(panel), str(path))
    assert caught.value.returncode == code
