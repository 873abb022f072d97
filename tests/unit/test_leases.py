"""The heartbeat that keeps a lease: it beats while the work goes on, and ends in every way that the work can end."""

import threading
import time

import pytest
from django.db import InterfaceError, OperationalError

from analytics import leases
from analytics.leases import Heartbeat

EVERY = 0.2  # seconds between beats; a busy machine may be late by half of it


@pytest.fixture(autouse=True)
def short_lease(settings, monkeypatch):
    settings.WALKAWAY_IMPORT_LEASE_SECONDS = EVERY * leases.BEATS_A_LEASE
    monkeypatch.setattr("analytics.leases.connection", Closed)
    Closed.times = 0


class Closed:
    """In place of the thread's connection: no test here has a database."""

    times = 0

    @classmethod
    def close(cls) -> None:
        cls.times += 1


class Lease:
    """Counts its renewals; ``answers`` are given in turn, an error is raised, and the last goes on for ever."""

    def __init__(self, *answers) -> None:
        self.answers, self.at, self.threads = list(answers) or [True], [], set()

    def __call__(self) -> bool:
        self.at.append(time.monotonic())
        self.threads.add(threading.current_thread().name)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def reaches(self, count: int) -> bool:
        end = time.monotonic() + 10
        while len(self.at) < count and time.monotonic() < end:
            time.sleep(0.005)
        return len(self.at) >= count


def beating() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("heartbeat")]


def keep(lease: Lease) -> Heartbeat:
    return Heartbeat(lease, heard=time.monotonic, of="job 7")


def test_it_beats_from_a_thread_of_its_own_until_the_work_ends():
    lease = Lease()
    with keep(lease):
        assert beating() == ["heartbeat of job 7"]
        assert lease.reaches(4)
    assert beating() == []
    assert lease.threads == {"heartbeat of job 7"}
    assert Closed.times == len(lease.at)
    before = len(lease.at)
    time.sleep(EVERY * 4)
    assert len(lease.at) == before


def test_three_beats_come_within_one_lease():
    lease, begun = Lease(), time.monotonic()
    with keep(lease):
        assert lease.reaches(1)
    assert lease.at[0] - begun >= EVERY  # quick work asks the database for nothing
    assert pytest.approx(EVERY) == Heartbeat(lease, heard=time.monotonic, of="")._every


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, leases.LostLease])
def test_it_ends_with_work_that_fails(error):
    def work() -> None:
        with keep(Lease()):
            assert beating()
            raise error

    with pytest.raises(error):
        work()
    assert beating() == []


def test_a_lease_that_is_lost_ends_the_beating_and_not_the_work():
    lease = Lease(True, False, True)
    with keep(lease):
        assert lease.reaches(2)
        time.sleep(EVERY * 4)
        assert len(lease.at) == 2
        assert beating() == []


@pytest.mark.parametrize(
    "error", [OperationalError("database is locked"), InterfaceError("connection already closed")]
)
def test_a_database_that_cannot_be_written_is_asked_again_sooner(error):
    lease = Lease(error, error, True)
    with keep(lease):
        assert lease.reaches(4)
    assert lease.at[1] - lease.at[0] < EVERY  # two misses and the third still comes within the lease
    assert lease.at[3] - lease.at[2] >= EVERY


def test_work_that_is_silent_for_too_long_loses_its_lease_until_it_speaks_again(monkeypatch, caplog):
    monkeypatch.setattr(leases, "MOST_SILENT_SECONDS", EVERY * 3)
    lease, heard = Lease(), [time.monotonic()]
    with Heartbeat(lease, heard=lambda: heard[0], of="job 7"):
        time.sleep(EVERY * 8)
        beats = len(lease.at)
        assert beats <= 3
        assert "job 7: silent for too long" in caplog.text
        heard[0] = time.monotonic() + 60
        assert lease.reaches(beats + 1)
