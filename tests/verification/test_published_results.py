"""Published results come out to their printed precision. Each test names its source."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import analyse
from analytics.evaluation.panel_file import read_panel
from analytics.evaluation.panel_spec import parse_spec
from analytics.statistics.interrupted import MONTHS_IN_A_YEAR, interrupted_time_series

SICILY: dict[str, Any] = {
    "data": {
        "time": "time",
        "outcome": "aces",
        "exposure": ["smokban"],
        "controls": ["time"],
        "offset_log_of": "stdpop",
    },
    "model": {"family": "poisson", "effects": [], "inference": ["model"]},
}


def test_smoking_ban_in_sicily_poisson(shared_data: Path) -> None:
    """Lopez Bernal, Cummins and Gasparrini 2017, International Journal of Epidemiology 46:348: RR 0.894 (0.865-0.925)."""
    spec = parse_spec(SICILY)
    row = analyse(read_panel(shared_data / "benchmarks/sicily.csv", spec), spec)["estimates"][0]
    assert round(row["ratio"], 3) == 0.894
    assert [round(end, 3) for end in row["ci"]["model"]] == [0.865, 0.925]


def test_smoking_ban_in_sicily_with_season(shared_data: Path) -> None:
    """The same paper, quasi-Poisson with two pairs of harmonics: RR 0.885 (0.839-0.933)."""
    model = {
        "family": "quasipoisson",
        "effects": [],
        "inference": ["model"],
        "seasonality": {"period": 12, "harmonics": 2},
    }
    spec = parse_spec(SICILY | {"model": model})
    result = analyse(read_panel(shared_data / "benchmarks/sicily.csv", spec), spec)
    row = result["estimates"][0]
    assert round(row["ratio"], 3) == 0.885
    assert [round(end, 3) for end in row["ci"]["model"]] == [0.839, 0.933]
    assert result["dispersion"] == pytest.approx(2.262, abs=0.001)


def test_california_tobacco_difference_in_differences(shared_data: Path) -> None:
    """Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111:4088: -27.35 packs."""
    spec = parse_spec(
        {
            "data": {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "exposure": ["treated"]},
            "model": {"family": "gaussian", "inference": ["cv3", "crv1"]},
        }
    )
    row = analyse(read_panel(shared_data / "benchmarks/california_prop99.csv", spec), spec)["estimates"][0]
    assert row["coef"] == pytest.approx(-27.349, abs=0.001)


def test_minimum_wage_and_employment(shared_data: Path, tmp_path: Path) -> None:
    """Card and Krueger 1994, American Economic Review 84:772: +2.75 full-time equivalents (stores in both waves)."""
    with (shared_data / "benchmarks/card_krueger_1994_cleaned.csv").open(newline="") as file:
        stores = [row for row in csv.DictReader(file) if row["fte"] and row["fte2"]]
    lines = ["store,wave,fte,raised"]
    for number, row in enumerate(stores):
        for wave, column in ((1, "fte"), (2, "fte2")):
            lines.append(f"{number},{wave},{row[column]},{int(row['state'] == '1' and wave == 2)}")
    path = tmp_path / "stores.csv"
    path.write_text("\n".join(lines))
    spec = parse_spec(
        {
            "data": {"unit": "store", "time": "wave", "outcome": "fte", "exposure": ["raised"]},
            "model": {"family": "gaussian", "inference": ["crv1"]},
        }
    )
    assert analyse(read_panel(path, spec), spec)["estimates"][0]["coef"] == pytest.approx(2.75, abs=0.005)


PROP99: dict[str, Any] = {
    "data": {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "exposure": ["treated"]},
    "model": {"family": "gaussian", "design": "synthetic_did", "inference": ["permutation"]},
}


def test_california_tobacco_synthetic_difference_in_differences(shared_data: Path) -> None:
    """Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111:4088: -15.604 packs."""
    spec = parse_spec(PROP99)
    result = analyse(read_panel(shared_data / "benchmarks/california_prop99.csv", spec), spec)
    row = result["estimates"][0]
    assert round(row["coef"], 3) == -15.604
    assert result["placebos"] == 38
    assert row["p"]["permutation"] == row["p"]["placebo"]
    assert sum(result["weights"].values()) == pytest.approx(1, abs=1e-8)
    assert "California" not in result["weights"]
    assert result["verdict"] == "cannot_tell"  # one exposed unit: described, and no more


def test_california_tobacco_by_observed_and_expected(shared_data: Path) -> None:
    """With one start and no dropout, observed less expected is the difference in differences: -27.349 (same paper)."""
    spec = parse_spec(
        PROP99 | {"model": {"family": "gaussian", "design": "imputation", "inference": ["jackknife"]}}
    )
    result = analyse(read_panel(shared_data / "benchmarks/california_prop99.csv", spec), spec)
    assert round(result["estimates"][0]["coef"], 3) == -27.349


def test_smoking_ban_in_sicily_as_an_interrupted_series(shared_data: Path) -> None:
    """Lopez Bernal, Cummins and Gasparrini 2017: RR 0.885 (0.839-0.933); the wider of two intervals is the headline."""
    with (shared_data / "benchmarks/sicily.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    column = {name: np.array([float(row[name]) for row in rows]) for name in ("aces", "smokban", "time", "stdpop")}
    found = interrupted_time_series(
        column["aces"], column["smokban"], column["time"], denominator=column["stdpop"], period=MONTHS_IN_A_YEAR
    )  # fmt: skip
    half = 1.959963984540054 * found.errors["quasi"].se[0]
    assert [round(float(np.exp(found.coef + side * half)), 3) for side in (-1, 0, 1)] == [0.839, 0.885, 0.933]
    assert found.headline == "quasi"
    assert found.dispersion == pytest.approx(2.262, abs=0.001)
    assert len(found.autocorrelation) == 8
