"""Synthetic designs through the command: what they refuse, and the sound panel beside it that they do not. Synthetic data."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

Array = np.ndarray
PERIODS, START = 40, 28
DESIGNS = ("synthetic_control", "synthetic_did")


def level(donors: int = 16, seed: int = 1) -> Array:
    """Units x periods that share a season and differ in trend; unit 0 will be exposed and lies among the others."""
    rng = np.random.default_rng(seed)
    time = np.arange(PERIODS)
    slope = np.concatenate([[0.0], np.linspace(-0.4, 0.4, donors)])
    base = np.concatenate([[50.0], rng.uniform(40, 60, donors)])
    return base[:, None] + slope[:, None] * time + 5 * np.sin(time / 4) + rng.normal(0, 1.5, (donors + 1, PERIODS))


def exposed(donors: int, start: int = START) -> Array:
    on = np.zeros((donors + 1, PERIODS))
    on[0, start:] = 1
    return on


def run(tmp_path: Path, design: str, outcome: Array, on: Array, capsys: pytest.CaptureFixture[str]) -> dict:
    path, spec = tmp_path / "panel.csv", tmp_path / "spec.toml"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["town", "week", "offences", "live"])
        for unit, time in np.ndindex(outcome.shape):
            rows.writerow([f"town {unit:02d}", time, outcome[unit, time], on[unit, time]])
    spec.write_text(
        f'[data]\nunit = "town"\ntime = "week"\noutcome = "offences"\nexposure = ["live"]\n[model]\ndesign = "{design}"\n'
    )
    capsys.readouterr()
    call_command("evaluate_panel", str(path), str(spec), "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_sound_panel_is_not_refused_and_finds_what_was_planted(
    design: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = level()
    outcome[0, START:] -= 8
    result = run(tmp_path, design, outcome, exposed(16), capsys)
    assert result["refusals"] == []
    assert result["problem"] == ""
    assert result["verdict"] != "refused"
    low, high = result["estimates"][0]["ci"]["placebo"]
    assert low < -8 < high < 0


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: (level(9), exposed(9)), "at least 10 units that are never exposed, and there are 9"),
        (lambda: (level() * np.where(np.arange(17) == 0, 0, 1)[:, None], exposed(16)), "Nothing was recorded in the exposed"),
        (
            lambda: (level() + (np.arange(17) == 0)[:, None] * 30 * np.cos(np.arange(PERIODS) / 7), exposed(16)),
            "there is no place like them",
        ),
    ],
)  # fmt: skip
def test_what_is_refused_shows_its_number_and_says_why(
    design: str,
    make: Callable[[], tuple[Array, Array]],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = run(tmp_path, design, *make(), capsys)
    assert result["verdict"] == "refused"
    assert words in result["problem"]
    assert words in result["verdict_sentence"]
    assert len(result["refusals"]) == 1, result["refusals"]
    assert len(result["estimates"]) == 1


def two_starts() -> tuple[Array, Array]:
    on = exposed(16)
    on[1, START + 3 :] = 1
    return level(), on


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: (level(), exposed(16, start=0)), "at least two periods before the start, not 0"),
        (lambda: (level(), exposed(16, start=1)), "at least two periods before the start, not 1"),
        (lambda: (level(1), exposed(1)), "at least two units that are never exposed"),
        (lambda: (level(), np.maximum(exposed(16), np.arange(PERIODS) >= START)), "units that are exposed and units that"),
        (two_starts, "one common start"),
        (lambda: (level(), exposed(16) * np.linspace(0, 1, PERIODS)), "is a dose"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_ends_with_1_and_its_reason(
    design: str,
    make: Callable[[], tuple[Array, Array]],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        run(tmp_path, design, *make(), capsys)
    assert caught.value.returncode == 1
