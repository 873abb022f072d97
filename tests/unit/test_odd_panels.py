"""Panels as somebody might bring them: few units, holes, nothing recorded, reach that never changes, any design and family.
Each has an answer with its report, or a refusal in words; never another error. Synthetic data."""

import json
import re
from typing import Any

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import Panel, PanelError, analyse
from analytics.evaluation.panel_spec import DESIGNS, FAMILIES, SpecError, parse_spec
from analytics.evaluation.report.contents import csv_files, svg_files
from analytics.evaluation.report.panel import panel_report
from analytics.evaluation.report.rendering import report_html
from analytics.statistics.covariance import jackknife_errors

EFFECTS = (["unit", "time"], ["unit", "time"], ["unit"], ["time"], [])
MEANS = (0.02, 0.1, 0.3, 2.0, 50.0)


def odd(seed: int) -> tuple[Panel, dict[str, Any]]:
    """A panel and what is asked of it, both by lot."""
    draw = np.random.default_rng(seed)
    units, weeks = int(draw.integers(1, 30)), int(draw.integers(2, 60))
    unit, time = np.repeat(np.arange(units), weeks), np.tile(np.arange(weeks), units)
    on = (time >= draw.integers(0, weeks + 3, units)[unit]).astype(float)
    many = units * weeks
    exposure = (
        on,
        on * draw.uniform(0, 1, many),
        (time >= weeks // 2).astype(float),
        (draw.random(many) < 0.3).astype(float),
        (draw.random(many) < 0.02).astype(float),
        np.zeros(many),
    )[int(draw.integers(0, 6))]
    outcome = draw.poisson(draw.choice(MEANS), many).astype(float)
    outcome *= draw.random() > 0.1  # now and then nothing at all was recorded
    outcome[exposure > 0] *= draw.random() > 0.2  # or nothing where it was on
    outcome += (draw.random() < 0.2) * draw.random(many).round(1)
    kept = draw.random(many) < (1.0 if draw.random() < 0.7 else 0.7)
    groups = {
        "cluster": unit * int(draw.integers(1, units + 1)) // units,
        "area": unit * int(draw.integers(1, 4)) // units,
    }
    named = {name: codes for name, codes in groups.items() if draw.random() < 0.5}
    alone = not named and draw.random() < 0.2
    asked: dict[str, Any] = {
        "data": {"time": "t", "outcome": "y", "exposure": ["x"], **{name: name for name in named}}
        | ({} if alone else {"unit": "u"}),
        "model": {
            "permutations": 99, "seed": 1, "design": str(draw.choice(DESIGNS)), "family": str(draw.choice(FAMILIES)),
            "effects": EFFECTS[int(draw.integers(0, len(EFFECTS)))],
        },
    }  # fmt: skip
    if draw.random() < 0.3:  # a choice that every design knows is rare by lot
        asked["model"] |= {"design": "regression", "family": "poisson", "effects": ["unit", "time"]}
    if asked["model"]["design"] != "regression":  # each has effects of its own
        del asked["model"]["effects"]
    columns = {name: np.char.add(name, codes[kept].astype(str)) for name, codes in named.items()}
    names = None if alone else np.char.add("u", unit[kept].astype(str))
    return Panel(time[kept].astype(float), outcome[kept], {"x": exposure[kept]}, unit=names, **columns), asked


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_an_odd_panel_has_an_answer_or_a_refusal_in_words(first: int) -> None:
    answered, refusals = 0, []
    for seed in range(first, first + 40):
        panel, asked = odd(seed)
        try:
            spec = parse_spec(asked)
            found = analyse(panel, spec, diagnostics=True)
        except (PanelError, SpecError) as error:
            refusals.append(str(error))
            continue
        answered += 1
        found = json.loads(json.dumps(found, allow_nan=False))
        assert found["verdict_sentence"], seed
        assert found["verdict"] not in {"fewer", "more"} or found["estimates"], seed
        result, report = panel_report(found, spec, name="odd.csv", sha256="0" * 64, span="0 to 59", synthetic=True)
        page = report_html(report, result)
        assert found["verdict_sentence"][:40] in page, seed
        said = " ".join([found["verdict_sentence"], *(rule["detail"] for rule in found["rules"])])
        assert not re.search(r"\b(nan|inf|None)\b", said) and not re.search(r">\s*(nan|inf|None)\s*<", page), seed  # noqa: PT018
        assert csv_files(report), seed
        assert all("<title" in drawing for drawing in svg_files(report).values()), seed
    assert answered >= 10
    assert all(len(words) > 20 for words in refusals)


def test_two_rows_for_a_period_are_refused_in_a_series_without_a_name() -> None:
    twice = Panel(
        np.array([1.0, 2.0, 3.0, 3.0, 4.0]), np.full(5, 9.0), {"x": np.array([0, 0, 0, 1, 1.0])}, unit=None
    )
    asked = {"data": {"time": "t", "outcome": "y", "exposure": ["x"]}, "model": {"design": "interrupted"}}
    with pytest.raises(
        PanelError, match="one row for each period: there are 2 for 3; add them up, or say which column"
    ):
        analyse(twice, parse_spec(asked))


@pytest.mark.parametrize(("left", "known"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_jackknife_of_fewer_than_three_clusters_has_no_error(left: int, known: bool) -> None:
    without = np.full((5, 1), np.nan)
    without[:left, 0] = np.arange(left)
    assert np.isfinite(jackknife_errors("cv3", np.zeros(1), without).se[0]) == known
