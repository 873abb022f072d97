"""`design = "interrupted"` through the command: what it refuses, and the neighbour beside it that it takes. Synthetic data."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.panel_analysis import Panel, PanelError, analyse
from analytics.evaluation.panel_spec import SpecError, parse_spec
from tests.factories.series import Drawn, drawn, iso_weeks, months, write

Rows = list[list[object]]
DATA: dict[str, Any] = {"time": "time", "outcome": "offences", "exposure": ["step"], "offset_log_of": "people"}
RULES = "[rules]\nunits_min = 1\nclusters_min = 1\npermutations_min = 0\n"
SEASON = "seasonality = { period = 52.18, harmonics = 1 }\n"


def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: Rows, *, unit: bool = True, offset: bool = True, more: str = ""
) -> dict[str, Any]:  # fmt: skip
    path, spec = write(tmp_path / "panel.csv", rows), tmp_path / "spec.toml"
    spec.write_text(
        "[data]\n" + ('unit = "town"\n' if unit else "") + 'time = "time"\noutcome = "offences"\nexposure = ["step"]\n'
        + ('offset_log_of = "people"\n' if offset else "") + '[model]\ndesign = "interrupted"\n' + more
    )  # fmt: skip
    capsys.readouterr()
    call_command("evaluate_panel", str(path), str(spec), "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def two(seed: int = 1, **about: Any) -> Drawn:
    return drawn(seed, controlled=True, **about)


def rule(result: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in result["rules"] if each["code"] == code)


@pytest.mark.parametrize("unit", [False, True])
def test_one_series_is_grade_1_and_its_control_lifts_it_to_2(
    unit: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = run(tmp_path, capsys, drawn(1).rows(), unit=unit, more=SEASON)
    both = run(tmp_path, capsys, two().rows(), more=SEASON)
    assert (alone["evidence_grade"], both["evidence_grade"]) == (1, 2)
    assert (alone["n_units"], both["n_units"]) == (1, 2)
    for result in (alone, both):
        low, high = result["estimates"][0]["ci"][result["se_method"]]
        assert low < 0.8 < high < 1  # planted
        assert result["problem"] == ""
        assert len(result["interrupted_time_series"]["autocorrelation"]) == 8
        assert result["verdict"] == "cannot_tell"
        assert "can be described and no more (R3" in result["verdict_sentence"]
        for code in ("R1", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14"):
            assert not rule(result, code)["applies"]
            assert rule(result, code)["detail"].startswith("not applicable")
        assert [each["code"] for each in result["rules"] if each["applies"]] == ["R2", "R3", "R4"]


def test_what_happened_in_both_is_no_effect_of_the_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = two(ratio=1.0, common=0.6, level=300.0)
    own = made.unit == "Leicester"
    only = Drawn(*(column[own] for column in (made.unit, made.time, made.step, made.outcome, made.people)))
    alone, both = (run(tmp_path, capsys, each.rows(), more=SEASON)["estimates"][0] for each in (only, made))
    assert alone["ratio"] == pytest.approx(0.6, abs=0.1)
    assert both["ratio"] == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("controlled", [False, True])
def test_however_clear_it_is_no_verdict_word_without_a_second_test(
    controlled: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even with R3 switched off: a step in one series never becomes "fewer"."""
    made = drawn(3, ratio=0.3, level=500.0, controlled=controlled)
    result = run(tmp_path, capsys, made.rows(), more=RULES)
    assert result["estimates"][0]["ci"][result["se_method"]][1] < 0.5
    assert not any(each["fired"] for each in result["rules"])
    assert result["verdict"] == "cannot_tell"
    assert result["evidence_grade"] == (2 if controlled else 1)


def three_units() -> Rows:
    third = [["Nottingham", *row[1:]] for row in two(2).rows() if row[0] == "Derby"]
    return [*two().rows(), *third]


def with_step(made: Drawn, change: Callable[[Drawn], np.ndarray]) -> Rows:
    return replace(made, step=change(made)).rows()


def control_exposed() -> Rows:
    return with_step(two(), lambda made: (made.time >= 60).astype(float))


def without(rows: Rows, town: str, *times: int) -> Rows:
    return [row for row in rows if not (row[0] == town and int(str(row[1])) in times)]


def weeks_without(number: int) -> Rows:
    rows = drawn(1).rows(iso_weeks(date(2022, 1, 3), 104))
    return rows[:number] + rows[number + 1 :]


def months_without(number: int) -> Rows:
    rows = drawn(1).rows(months(2015, 104))
    return rows[:number] + rows[number + 1 :]


def with_time(text: str, at: int) -> Rows:
    rows = drawn(1).rows(iso_weeks(date(2022, 1, 3), 104))
    rows[at][1] = text
    return rows


def with_people(value: float) -> Rows:
    rows = drawn(1).rows()
    rows[4][4] = value
    return rows


REFUSED: list[tuple[Callable[[], Rows], Callable[[], Rows], str]] = [
    (three_units, lambda: two().rows(), "town has 3 units"),
    (control_exposed, lambda: two().rows(), "the control series must never be exposed; both Derby and Leicester are"),
    (lambda: with_step(drawn(1), lambda made: 0 * made.step), lambda: drawn(1).rows(), "step: the same value in every row"),
    (lambda: with_step(two(), lambda made: 0 * made.step), lambda: two().rows(), "step: the same value in every row"),
    (lambda: with_step(drawn(1), lambda made: 0 * made.step + 1), lambda: drawn(1).rows(), "step: the same value in every row"),
    (
        lambda: with_step(two(), lambda made: (made.unit == "Leicester").astype(float)),
        lambda: two().rows(), "the step is on from the first period, 0: there is nothing before it",
    ),
    (
        lambda: with_step(drawn(1), lambda made: made.step * (made.time < 90)),
        lambda: with_step(drawn(1), lambda made: made.step * (made.time < 104)), "the step goes off again in 90",
    ),
    (
        lambda: with_step(drawn(1), lambda made: made.step * 0.7),
        lambda: with_step(drawn(1), lambda made: made.step * 1.0), "needs a step, 0 before it and 1 from it on, not 0.7",
    ),
    (
        lambda: without(two().rows(), "Derby", 7, 9), lambda: without(without(two().rows(), "Derby", 103), "Leicester", 103),
        "Derby has no row for 7 and 1 more",
    ),
    (lambda: without(drawn(1).rows(), "Leicester", 50), lambda: without(drawn(1).rows(), "Leicester", 0), "between 49 and 51 some are"),
    (lambda: weeks_without(50), lambda: weeks_without(103), "between 2022-W50 and 2022-W52 some are missing"),
    (lambda: months_without(11), lambda: months_without(0), "between 2015-11 and 2016-01 some are missing"),
    (lambda: with_time("week 3", 2), lambda: with_time("2022-W03", 2), "“week 3” is not known"),
    (lambda: with_time("2022-W60", 2), lambda: with_time("2022-W03", 2), "“2022-W60” is not known"),
    (lambda: with_time("2022-01", 0), lambda: with_time("2022-01-03", 0), "mixes dates or weeks and months"),
    (lambda: with_people(0), lambda: with_people(1), "line 6, people: must be above 0"),
    (lambda: with_people(-5), lambda: with_people(5), "line 6, people: must be above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "good", "words"), REFUSED)
def test_a_panel_of_another_shape_ends_with_1_and_its_neighbour_does_not(
    bad: Callable[[], Rows],
    good: Callable[[], Rows],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CommandError) as caught:
        run(tmp_path, capsys, bad())
    assert words in str(caught.value)
    assert caught.value.returncode == 1
    assert len(run(tmp_path, capsys, good())["estimates"]) == 1


@pytest.mark.parametrize(
    ("periods", "before", "fires"),
    [(26, 12, False), (25, 12, True), (40, 11, True), (40, 12, False), (40, 29, True), (40, 28, False)],
)
def test_too_few_periods_on_either_side_are_refused_with_the_number_shown(
    periods: int, before: int, fires: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(tmp_path, capsys, drawn(1, periods=periods, before=before).rows())
    assert rule(result, "R2")["fired"] == fires
    assert (
        f"{periods} periods, {before} before the step and {periods - before} from it on"
        in rule(result, "R2")["detail"]
    )
    assert (result["verdict"] == "refused") == fires
    assert len(result["estimates"]) == 1


def without_events(where: Callable[[Drawn], np.ndarray], made: Drawn) -> Rows:
    return replace(made, outcome=np.where(where(made), 0.0, made.outcome)).rows()


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        (lambda: without_events(lambda made: made.time < 60, drawn(1)), "", "No event was recorded in the series before the step"),
        (lambda: without_events(lambda made: made.time >= 60, drawn(1)), "", "No event was recorded in the series from the step on"),
        (
            lambda: without_events(lambda made: (made.time >= 60) & (made.unit == "Derby"), two()), "",
            "No event was recorded in the series of Derby from the step on",
        ),
        (lambda: drawn(1, periods=40, before=39).rows(), "slope = true\n", "level, trend, season and step cannot be told apart"),
        (
            lambda: drawn(1, periods=7, before=3, period=12).rows(), "seasonality = { period = 12, harmonics = 2 }\n",
            "7 rows are too few to find 7 numbers",
        ),
        (
            lambda: with_people_alike(replace(drawn(1), outcome=np.full(104, 5.0))), "",
            "lies exactly on level, trend and season",
        ),
    ],
)  # fmt: skip
def test_what_has_no_size_says_why_and_gives_none(
    rows: Callable[[], Rows], more: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(tmp_path, capsys, rows(), more=more)
    assert words in result["problem"]
    assert result["estimates"] == []
    assert result["se_method"] is None
    assert result["evidence_grade"] == 1
    assert result["verdict"] in ("refused", "cannot_tell")


def test_an_interval_without_end_is_no_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One event on each side, and waves over a part of their season: the maximum is there, and says nothing."""
    rows = without_events(lambda made: ~np.isin(made.time, (10, 13)), drawn(1, periods=24, before=12))
    waves = "seasonality = {{ period = 52.18, harmonics = {} }}\n"
    assert run(tmp_path, capsys, rows)["problem"] == ""
    results = [run(tmp_path, capsys, rows, more=waves.format(number)) for number in range(1, 10)]
    for result in results:
        assert (result["estimates"] == []) == (result["problem"] != "")
        json.dumps(result, allow_nan=False)
    assert results[-1]["problem"] != ""


def test_a_lag_as_long_as_the_series_is_a_wrong_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"model\.newey_west_lag: must be less than the 104 periods") as caught:
        run(tmp_path, capsys, two().rows(), more="newey_west_lag = 104\n")
    assert caught.value.returncode == 2
    longest = run(tmp_path, capsys, two().rows(), more="newey_west_lag = 103\n")
    assert longest["interrupted_time_series"]["newey_west_lag"] == 103
    assert longest["se_method"] == "quasi"


RANDOM = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6), "periods": st.integers(1, 50), "start": st.integers(0, 50), "units": st.integers(1, 3),
        "level": st.sampled_from([0.02, 0.3, 5.0, 1e6]), "spread": st.sampled_from([0.0, 0.5, 3.0]), "slope": st.booleans(),
        "season": st.sampled_from([None, (4, 1), (12, 5), (52.18, 1), (52.18, 10)]), "lag": st.sampled_from([None, 0, 3]),
        "offset": st.sampled_from([None, 0.1, 5.0]), "family": st.sampled_from(["poisson", "quasipoisson"]),
    }
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(asked=RANDOM)
def test_whatever_the_panel_there_is_a_result_or_a_reason_and_never_a_verdict_word(asked: dict[str, Any]) -> None:
    rng = np.random.default_rng(asked["seed"])
    many = asked["periods"] * asked["units"]
    unit, time = (
        np.repeat(np.arange(asked["units"]), asked["periods"]),
        np.tile(np.arange(asked["periods"]), asked["units"]),
    )
    panel = Panel(
        time=time.astype(float), unit=unit.astype(str), exposures={"step": ((time >= asked["start"]) & (unit == 0)).astype(float)},
        outcome=rng.poisson(asked["level"] * np.exp(rng.normal(0, asked["spread"], many))).astype(float),
        offset=None if asked["offset"] is None else np.exp(rng.normal(0, asked["offset"], many)),
    )  # fmt: skip
    model = {"design": "interrupted", "slope": asked["slope"], "family": asked["family"]}
    if asked["season"] is not None:
        model["seasonality"] = dict(zip(("period", "harmonics"), asked["season"], strict=True))
    if asked["lag"] is not None:
        model["newey_west_lag"] = asked["lag"]
    try:
        result = analyse(panel, parse_spec({"data": DATA | {"unit": "town"}, "model": model}), diagnostics=True)
    except (PanelError, SpecError):  # says what the panel is not
        return
    json.dumps(result, allow_nan=False)
    assert (result["estimates"] == []) == (result["problem"] != "")
    assert result["verdict"] in ("refused", "cannot_tell")
    assert result["evidence_grade"] <= asked["units"]


def with_people_alike(made: Drawn) -> Rows:
    return replace(made, people=np.full(len(made.time), 1000.0)).rows()


def test_a_single_event_on_each_side_has_a_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(tmp_path, capsys, without_events(lambda made: ~np.isin(made.time, (20, 80)), drawn(1)))
    assert result["problem"] == ""
    assert rule(result, "R4")["fired"]
    assert result["verdict"] == "refused"


@pytest.mark.parametrize(
    ("data", "model", "key"),
    [
        ({"unit": "town"}, {"effects": ["unit", "time"]}, "model.effects"),
        ({"controls": ["z"]}, {}, "data.controls"),
        ({"weights": "z"}, {}, "data.weights"),
        ({"cluster": "z"}, {}, "data.cluster"),
        ({"area": "z"}, {}, "data.area"),
        ({"exposure": ["step", "z"]}, {}, "data.exposure"),
        ({}, {"family": "gaussian"}, "model.family"),
        ({}, {"family": "negative_binomial"}, "model.family"),
        ({}, {"trend": False}, "model.trend"),
        ({}, {"inference": ["quasi", "permutation"]}, "model.inference"),
        ({}, {"seasonality": {"period": 12, "harmonics": 6}}, "model.seasonality"),
        ({}, {"slope": 1}, "model.slope"),
        ({}, {"design": "regression", "effects": [], "slope": True}, "model.slope"),
        ({"unit": "town"}, {"design": "imputation", "slope": True}, "model.slope"),
    ],
)
def test_a_key_that_has_no_place_is_named(data: dict[str, Any], model: dict[str, Any], key: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec({"data": DATA | data, "model": {"design": "interrupted"} | model})
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("data", "model"),
    [
        ({"unit": "town"}, {}),
        ({"unit": "town"}, {"effects": []}),
        ({}, {"trend": True}),
        ({"exposure": "step"}, {"family": "poisson"}),
        ({}, {"family": "quasipoisson", "inference": ["model", "quasi", "newey_west"], "newey_west_lag": 0}),
        ({}, {"seasonality": {"period": 12, "harmonics": 5}, "slope": True}),
        ({}, {"design": "regression", "effects": [], "slope": False}),
    ],
)
def test_its_neighbours_are_taken(data: dict[str, Any], model: dict[str, Any]) -> None:
    spec = parse_spec({"data": DATA | data, "model": {"design": "interrupted"} | model})
    assert spec.effects == ()
    assert spec.inference == ("model", "quasi", "newey_west")


@pytest.mark.parametrize(
    ("times", "period"), [(months(2015, 104), 12), (iso_weeks(date(2020, 9, 7), 104), 52.18), (iso_weeks(date(2020, 9, 7), 104), 12)]
)  # fmt: skip
def test_a_season_follows_the_calendar_from_whichever_month_the_series_begins(
    times: list[str], period: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain wave is planted by weeks or months; weeks with a period of 12 are taken at their calendar month."""
    made = drawn(2, season=0.5, period=12 if times[0].count("W") == 0 else 52.18, level=400.0)
    season = f"seasonality = {{ period = {period}, harmonics = 2 }}\n"
    found = run(tmp_path, capsys, made.rows(times), more=season)
    plain = run(tmp_path, capsys, made.rows(times))
    assert found["dispersion"] < plain["dispersion"] / 2
    low, high = found["estimates"][0]["ci"][found["se_method"]]
    assert low < 0.8 < high


def test_other_methods_that_are_asked_for_leave_the_headline_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts more even than chance: the Poisson errors are the widest of three, and still not the headline."""
    made = drawn(1)
    even = replace(made, outcome=np.round(50 * np.where(made.step > 0, 0.8, 1.0) + made.time % 3))
    results = [
        run(tmp_path, capsys, even.rows(), more=f'family = "poisson"\ninference = [{names}]\n', offset=False)
        for names in ('"quasi"', '"quasi", "newey_west"', '"model", "quasi"')
    ]
    assert results[2]["estimates"][0]["se"]["model"] > results[2]["estimates"][0]["se"][results[2]["se_method"]]
    for each in results:
        assert {"quasi", "newey_west"} <= set(each["estimates"][0]["se"])
        assert each["se_method"] == results[0]["se_method"]
        assert each["verdict_sentence"] == results[0]["verdict_sentence"]
