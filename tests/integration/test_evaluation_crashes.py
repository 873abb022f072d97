"""Evaluation workers that are killed, hang or take long: a job ends exactly once, with the bytes of an undisturbed run.

Runs on an installation of its own, as processes of their own: SQLite in a folder of the test, or a database of its own
beside the one that DATABASE_URL names.
"""

import json
from collections.abc import Iterator

import pytest

from tests.factories.installation import Installation, installed
from tests.integration import slow_workers

LEASE = 3  # seconds; a worker that is alive renews it every second, however long a step is
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    """The example of twenty venues with its locked plan and one run."""
    var = tmp_path_factory.mktemp("installation")
    with installed(var, WALKAWAY_IMPORT_LEASE_SECONDS=str(LEASE)) as made:
        made.manage("evaluation_example", "small", "--out", str(var / "report"))
        yield made


def found(installation: Installation, *words: str) -> dict:
    return json.loads(installation.run("-m", "tests.integration.crashing_evaluations", *words, seconds=900).stdout)


def slow(installation: Installation, *words: str) -> dict:
    return json.loads(installation.run("-m", "tests.integration.slow_workers", *words, seconds=900).stdout)


def all_died_and_one_ended(killed: dict, points: int) -> None:
    assert [each["code"] for each in killed["died"]] == [-9] * points, killed["died"]
    for n, each in enumerate(killed["died"], 1):
        assert (each["state"], each["attempts"]) == ("running", n), each
        assert "Last heard of the worker at" in each["worker"] or "silent since" in each["worker"]
        assert "taken for dead" in each["later"]
        assert "goes on from there" in each["later"]
    assert f"Begun {points} times" in killed["died"][-1]["later"]
    assert killed["ended"] == [0, 0]  # a signal ends the loop in its own time
    end = killed["end"]
    assert (end["state"], end["error"], end["attempts"], end["lease_by"]) == ("done", "", points + 1, "")


def test_a_simulation_goes_on_where_it_was_and_comes_to_the_same_numbers(installation):
    clean = found(installation, "undisturbed", "simulate")
    assert (clean["code"], clean["end"]["state"]) == (0, "done")
    killed = found(
        installation, "simulate", "taken", "steps 3", "steps 13", 'statement UPDATE "analytics_evaluationdraft"'
    )
    all_died_and_one_ended(killed, 4)
    steps = [each["steps"][0] for each in killed["died"]]
    assert steps[1] >= 3
    assert steps == sorted(steps)  # nothing that was found is lost
    assert killed["died"][-1]["draft"] == []  # the result and the end of the job are written together, or neither
    assert killed["end"]["result"] == clean["end"]["result"]
    assert killed["end"]["draft"] == clean["end"]["draft"]
    assert killed["end"]["audit"] == clean["end"]["audit"] + 1  # the question, once


@pytest.mark.parametrize("kind", ["run", "again"])
def test_a_run_is_stored_once_with_the_bytes_of_an_undisturbed_one(installation, kind):
    clean = found(installation, "undisturbed", kind)
    assert (clean["code"], clean["end"]["state"]) == (0, "done")
    points = [
        "line reach by venue",
        "line the model",
        "line placebo dates",
        'statement INSERT INTO "analytics_evaluationrun"',
    ]
    killed = found(installation, kind, *points)
    all_died_and_one_ended(killed, 4)
    before, end = clean["end"], killed["end"]
    assert [each["runs"] for each in killed["died"]] == [before["runs"]] * 4  # no half of a run
    assert end["runs"] == before["runs"] + 1
    assert end["result"] == before["result"]
    assert end["snapshots"] == before["snapshots"]
    assert end["audit"] == before["audit"] + 1
    assert "Now: " in killed["died"][1]["line"]


KINDS = {"run": ("running", "done"), "load": ("loading", "loaded")}  # under way, ended


def once(found: dict, kind: str, *, begun: int) -> None:
    """One result, however often the work was begun. A fence rises when work is taken, and when it ends."""
    before, end = found["before"], found["end"]
    assert (end["state"], end["error"], end["by"], found["end"]["fence"]) == (
        KINDS[kind][1], "", "", before["fence"] + begun + 1,
    ), found  # fmt: skip
    assert end["results"] == before["results"] + 1
    assert end["rows"] == before["rows"] + (slow_workers.ROWS if kind == "load" else 0)
    if kind == "run":
        assert end["attempts"] == begun


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_longer_than_the_lease_is_begun_once_while_another_worker_asks_all_along(installation, kind):
    assert slow_workers.STEP > 3 * LEASE
    found = slow(installation, "alive", kind)
    assert found["code"] == 0
    once(found, kind, begun=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_in_a_long_step_loses_its_lease_in_the_time_of_a_lease(installation, kind):
    found = slow(installation, "killed", kind)
    assert found["code"] == -9
    kept = found["kept"]  # beaten on beyond the first lease
    assert (kept["state"], kept["fence"]) == (KINDS[kind][0], found["before"]["fence"] + 1)
    assert 0 < found["left"] <= LEASE
    once(found, kind, begun=2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_hangs_is_taken_over_and_writes_nothing_when_it_wakes(installation, kind):
    found = slow(installation, "hung", kind)
    assert found["code"] == 0
    once(found, kind, begun=2)
