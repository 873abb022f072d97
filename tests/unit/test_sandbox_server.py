"""The platform sandbox from outside: Instagram's routes, its memory, its faults."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from campaign_pages.social.platforms.contract import (
    Absent,
    Account,
    Committed,
    Handle,
    Live,
    Message,
    Ready,
    Rejected,
    Undecided,
    Unknown,
    Waiting,
)  # fmt: skip
from campaign_pages.social.platforms.instagram import Instagram
from campaign_pages.social.sandbox import instagram_routes
from campaign_pages.social.sandbox.faults import BadFaultFile, Fault, read_faults
from campaign_pages.social.sandbox.state import SandboxState
from tests.factories.social import address_of, sandbox

MESSAGE = Message("41", "Walk away. http://x.example/?utm_content=41", "http://x.example/a.jpg", "A ring")
INSTAGRAM = Instagram()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instagram_routes, "PROCESSING_SECONDS", 0)


def account(server: object) -> Account:
    return Account("1784", "token", f"{address_of(server)}/instagram")  # type: ignore[arg-type]


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def test_prepare_poll_commit_probe() -> None:
    with sandbox() as server:
        at = account(server)
        handle = INSTAGRAM.prepare(at, MESSAGE)
        assert isinstance(handle, Handle)
        assert isinstance(INSTAGRAM.poll(at, handle), Ready)
        assert isinstance(INSTAGRAM.probe(at, handle, MESSAGE, since()), Absent)
        outcome = INSTAGRAM.commit(at, handle, MESSAGE)
        assert isinstance(outcome, Committed)
        assert INSTAGRAM.probe(at, handle, MESSAGE, since()) == Live(
            outcome.platform_id, f"https://sandbox.invalid/p/{outcome.platform_id}/"
        )
        posts = httpx.get(f"{address_of(server)}/_sandbox/posts").json()["posts"]
        assert [set(post) for post in posts] == [
            {"platform", "account", "platform_id", "text", "dispatch", "published_at"}
        ]
        assert (posts[0]["dispatch"], posts[0]["account"]) == ("41", "1784")
        assert "SIMULATED" in httpx.get(address_of(server)).text


@pytest.mark.parametrize(
    ("kind", "outcome", "live"),
    [
        ("drop_after_commit", Unknown, 1),
        ("500_after_commit", Unknown, 1),
        ("hang", Unknown, 1),
        ("late_commit", Unknown, 0),
        ("500", Unknown, 0),
        ("html", Unknown, 0),
        ("429", Rejected, 0),
        ("expired_token", Rejected, 0),
        ("eventual_listing", Committed, 1),
    ],
)
def test_faults_of_the_commit(kind: str, outcome: type, live: int) -> None:
    with sandbox(Fault("instagram", "commit", kind, seconds=0.3 if kind == "hang" else 60)) as server:
        at = account(server)
        handle = INSTAGRAM.prepare(at, MESSAGE)
        assert isinstance(handle, Handle)
        assert isinstance(INSTAGRAM.commit(at, handle, MESSAGE), outcome)
        assert len(server.state.posts) == live


def test_a_post_that_is_not_listed_yet_is_not_called_absent() -> None:
    with sandbox(Fault("*", "commit", "eventual_listing", seconds=60)) as server:
        at = account(server)
        handle = INSTAGRAM.prepare(at, MESSAGE)
        assert isinstance(handle, Handle)
        INSTAGRAM.commit(at, handle, MESSAGE)
        assert isinstance(INSTAGRAM.probe(at, handle, MESSAGE, since()), Undecided)


def test_processing_for_ever_and_unreadable_probes() -> None:
    with sandbox(Fault("*", "prepare", "processing_forever"), Fault("*", "probe", "html")) as server:
        at = account(server)
        handle = INSTAGRAM.prepare(at, MESSAGE)
        assert isinstance(handle, Handle)
        assert isinstance(INSTAGRAM.poll(at, handle), Waiting)
        answer = INSTAGRAM.commit(at, handle, MESSAGE)
        assert isinstance(answer, Rejected)
        assert answer.retry
        assert isinstance(INSTAGRAM.probe(at, handle, MESSAGE, since()), Undecided)


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        at = Account("1", "t", f"http://127.0.0.1:{closed.getsockname()[1]}/instagram")
        refused = INSTAGRAM.prepare(at, MESSAGE)
        assert isinstance(refused, Rejected)
        assert refused.retry
        committed = INSTAGRAM.commit(at, Handle({"container_id": "1"}), MESSAGE)
        assert isinstance(committed, Rejected)
        assert committed.retry


def test_memory_survives_a_restart(tmp_path: Path) -> None:
    first = SandboxState(tmp_path / "kept.json")
    first.add_container(instagram_routes.Container(first.number(), "1784", "words", "http://x/a.jpg", 0.0))
    post = first.publish("instagram", next(iter(first.containers.values())))
    second = SandboxState(tmp_path / "kept.json")
    assert [kept.platform_id for kept in second.posts] == [post.platform_id]
    assert int(second.number()) > int(post.platform_id)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not toml =", "faults.toml"),
        ('[[fault]]\nplatform="myspace"\nstep="commit"\nkind="500"', "fault 1: platform"),
        ('[[fault]]\nplatform="*"\nstep="dance"\nkind="500"', "fault 1: step"),
        ('[[fault]]\nplatform="*"\nstep="commit"\nkind="fire"', "fault 1: kind"),
        ('[[fault]]\nplatform="*"\nstep="commit"\nkind="500"\ncolour=1', "colour"),
    ],
)
def test_a_wrong_fault_file_names_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(BadFaultFile, match=words):
        read_faults(path)
    with pytest.raises(BadFaultFile):
        read_faults(tmp_path / "missing.toml")
