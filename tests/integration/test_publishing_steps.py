"""The publisher against a real sandbox over sockets: every way from due to live, and every way it can go wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaign_pages.social import publishing
from campaign_pages.social.claiming import LostLease, claim, move
from campaign_pages.social.models import Dispatch, DispatchEvent, SocialAccount
from campaign_pages.social.platforms import registry
from campaign_pages.social.platforms.contract import AlreadyPublished
from campaign_pages.social.posts import (
    PostRefused,
    cancel_dispatch,
    confirm_by_hand,
    declare_not_live,
    write_post,
)  # fmt: skip
from campaign_pages.social.publishing import lapse, tick
from campaign_pages.social.sandbox.faults import Fault
from campaign_pages.social.stopping import StopRefused, resume_publishing, stop_publishing
from tests.factories import social

pytestmark = pytest.mark.django_db
State = Dispatch.State


@pytest.fixture
def by() -> dict[str, Any]:
    return social.people()


@pytest.fixture
def quick(settings: Any) -> Any:
    settings.SOCIAL_SETTLE_SECONDS = 0
    return settings


def run(dispatch: Dispatch, rounds: int = 12, until: set[str] | None = None) -> Dispatch:
    """Ticks, with time passing in between, until the dispatch has ended or waits for a person."""
    until = until or {State.LIVE, State.FAILED, State.EXPIRED, State.NEEDS_HUMAN, State.AWAITING_HUMAN, State.HELD}
    for _ in range(rounds):
        tick(worker="test")
        dispatch.refresh_from_db()
        if dispatch.state in until:
            break
        social.make_all_due()
    return dispatch


@pytest.fixture
def instant_processing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaign_pages.social.sandbox.instagram_routes.PROCESSING_SECONDS", 0)


@pytest.mark.usefixtures("instant_processing")
class TestCommit:
    def test_a_due_post_goes_out_once(self, by: Any, quick: Any) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by))
            social.make_all_due()
            tick(worker="again")
            assert [post.dispatch for post in server.state.posts] == [str(dispatch.pk)]
        assert dispatch.state == State.LIVE
        assert dispatch.platform_id == server.state.posts[0].platform_id
        steps = list(dispatch.events.values_list("state_after", flat=True))
        assert steps[-4:] == ["preparing", "ready", "committing", "live"]

    @pytest.mark.parametrize(
        "kind", ["drop_after_commit", "500_after_commit", "hang", "eventual_listing", "429", "500", "html"]
    )
    def test_no_fault_makes_a_double_or_loses_a_post(self, by: Any, quick: Any, kind: str) -> None:
        fault = Fault("*", "commit", kind, seconds=0.2)
        with social.sandbox(fault) as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), rounds=3)
            server.faults.faults.clear()
            run(dispatch, rounds=12)
            assert dispatch.state == State.LIVE, dispatch.last_error
            assert len(server.state.posts) == 1

    def test_a_lost_reply_is_not_sent_again_before_the_settle_window(self, by: Any, settings: Any) -> None:
        settings.SOCIAL_SETTLE_SECONDS = 600
        with social.sandbox(Fault("*", "commit", "500")) as server:
            settings.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), rounds=12)
            assert dispatch.state == State.UNKNOWN
            assert dispatch.unknown_probes >= 3
            assert dispatch.events.filter(state_after="committing").count() == 1

    def test_an_expired_token_fails_with_its_reason(self, by: Any, quick: Any) -> None:
        with social.sandbox(Fault("*", "commit", "expired_token")) as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by))
        assert dispatch.state == State.FAILED
        assert "token" in dispatch.last_error

    def test_a_late_commit_found_while_preparing_is_never_committed(
        self, by: Any, quick: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), until={State.PREPARING})
            monkeypatch.setattr(
                registry.CLIENTS["instagram"], "poll", lambda *_: AlreadyPublished(), raising=False
            )
            run(dispatch, until={State.UNKNOWN})
            assert dispatch.state == State.UNKNOWN
            assert server.state.posts == []

    def test_nobody_answers_means_nothing_was_sent(self, by: Any, quick: Any) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), until={State.READY})
        run(dispatch, rounds=1)
        assert dispatch.state == State.READY
        assert "no connection" in dispatch.last_error

    def test_too_late_is_not_sent(self, by: Any, quick: Any) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), until={State.READY})
            Dispatch.objects.update(not_after=timezone.now() - timedelta(seconds=1))
            assert run(dispatch).state == State.EXPIRED
            assert server.state.posts == []

    def test_a_post_changed_after_approval_is_not_sent(self, by: Any, quick: Any) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), until={State.READY})
            post = dispatch.post
            write_post(by=by["author"], title="x", caption="Other words", accounts=[social.account()], post=post)
            social.make_all_due()
            tick(worker="test")
            dispatch.refresh_from_db()
            assert dispatch.state == State.CANCELLED
            assert server.state.posts == []


class TestLease:
    def test_of_two_workers_one_wins(self, by: Any) -> None:
        dispatch = social.approved(by)
        first = claim(dispatch.pk, fence=0, states=(State.SCHEDULED,), worker="a")
        assert first is not None
        assert claim(dispatch.pk, fence=0, states=(State.SCHEDULED,), worker="b") is None
        assert claim(dispatch.pk, fence=1, states=(State.SCHEDULED,), worker="b") is None, "the lease still holds"

    def test_who_lost_the_lease_can_write_nothing(self, by: Any) -> None:
        dispatch = social.approved(by)
        slow = claim(dispatch.pk, fence=0, states=(State.SCHEDULED,), worker="slow")
        assert slow is not None
        social.make_all_due()
        assert claim(dispatch.pk, fence=1, states=(State.SCHEDULED,), worker="fast") is not None
        events = DispatchEvent.objects.count()
        with pytest.raises(LostLease):
            move(slow, State.LIVE, by="slow", platform_id="1")
        assert DispatchEvent.objects.count() == events

    def test_a_lapsed_lease_in_committing_becomes_unknown(self, by: Any) -> None:
        dispatch = social.approved(by)
        Dispatch.objects.update(state=State.COMMITTING, commit_started_at=timezone.now())
        social.make_all_due()
        held = claim(dispatch.pk, fence=0, states=(State.COMMITTING,), worker="reaper")
        assert held is not None
        lapse(held, "reaper")
        dispatch.refresh_from_db()
        assert dispatch.state == State.UNKNOWN

    def test_a_process_that_slept_does_not_send(
        self, by: Any, quick: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dispatch = social.approved(by)
        Dispatch.objects.update(state=State.READY, handle={"container_id": "1"})
        social.make_all_due()
        clock = iter([0.0, publishing.PAUSE_LIMIT_SECONDS + 1])
        held = claim(dispatch.pk, fence=0, states=(State.READY,), worker="w")
        assert held is not None
        monkeypatch.setattr(publishing.time, "monotonic", lambda: next(clock))
        monkeypatch.setattr(publishing, "settle", lambda *_: pytest.fail("it was sent"))
        publishing.commit(held, "w")
        dispatch.refresh_from_db()
        assert dispatch.state == State.COMMITTING, "only the reaper may take it from here"


class TestStop:
    @pytest.mark.parametrize("scope", ["global", "platform:instagram", "campaign:walk-away"])
    def test_nothing_starts_while_stopped(self, by: Any, quick: Any, scope: str) -> None:
        with social.sandbox() as server:
            quick.WALKAWAY_SANDBOX_URL = social.address_of(server)
            dispatch = run(social.approved(by), until={State.READY})
            assert stop_publishing(reason="a bad night", scope=scope, by=by["author"]) == 1
            run(dispatch, rounds=4, until={State.LIVE})
            assert dispatch.state == State.HELD
            assert server.state.posts == []
            assert not resume_publishing(by=by["approver"], scope=scope)
            assert not resume_publishing(by=by["approver"], scope=scope), "the same person is not a second one"
            with pytest.raises(StopRefused):
                resume_publishing(by=by["author"], scope=scope)
            assert resume_publishing(by=by["second_approver"], scope=scope)
            run(dispatch, rounds=4, until={State.LIVE})
            assert dispatch.state == State.HELD, "past due: a person decides"
            assert server.state.posts == []

    def test_a_paused_account_posts_nothing_until_it_goes_on(self, by: Any, quick: Any) -> None:
        dispatch = social.approved(by, due=timezone.now() + timedelta(hours=1))
        SocialAccount.objects.update(paused=True)
        tick()
        dispatch.refresh_from_db()
        assert dispatch.state == State.HELD
        SocialAccount.objects.update(paused=False)
        social.make_all_due()
        tick()
        dispatch.refresh_from_db()
        assert dispatch.state != State.HELD

    def test_a_stop_of_another_platform_changes_nothing(self, by: Any) -> None:
        dispatch = social.approved(by)
        assert stop_publishing(reason="x", scope="platform:tiktok") == 0
        dispatch.refresh_from_db()
        assert dispatch.state == State.SCHEDULED

    def test_a_stop_after_the_claim_still_wins(self, by: Any, quick: Any) -> None:
        dispatch = social.approved(by)
        Dispatch.objects.update(state=State.READY, handle={"container_id": "1"})
        social.make_all_due()
        held = claim(dispatch.pk, fence=0, states=(State.READY,), worker="w")
        assert held is not None
        stop_publishing(reason="now")
        with pytest.raises(LostLease):
            publishing.commit(held, "w")
        dispatch.refresh_from_db()
        assert dispatch.state == State.HELD
        assert not dispatch.events.filter(state_after="committing").exists()

    def test_what_is_still_ahead_goes_on_after_resuming(self, by: Any) -> None:
        dispatch = social.approved(by, due=timezone.now() + timedelta(hours=1))
        stop_publishing(reason="x")
        resume_publishing(by=by["approver"])
        resume_publishing(by=by["second_approver"])
        run(dispatch, rounds=1, until={State.SCHEDULED})
        assert dispatch.state == State.SCHEDULED

    def test_wrong_scope_and_missing_reason(self, by: Any) -> None:
        for reason, scope in (("x", "platform:myspace"), ("x", "campaign:none"), (" ", "global")):
            with pytest.raises(StopRefused):
                stop_publishing(reason=reason, scope=scope)


class TestByHand:
    def test_a_person_posts_and_pastes_the_address(self, by: Any) -> None:
        dispatch = run(social.approved(by, to=[social.account("tiktok", "handoff")]))
        assert dispatch.state == State.AWAITING_HUMAN
        confirm_by_hand(dispatch=dispatch, by=by["author"], permalink="https://example.org/1")
        dispatch.refresh_from_db()
        assert (dispatch.state, dispatch.confirmed_by, dispatch.platform_id) == (State.LIVE, "author", "")
        with pytest.raises(PostRefused):
            cancel_dispatch(dispatch=dispatch, by=by["author"])

    def test_not_live_after_all(self, by: Any) -> None:
        dispatch = social.approved(by)
        with pytest.raises(PostRefused):
            declare_not_live(dispatch=dispatch, by=by["approver"])
        Dispatch.objects.update(state=State.NEEDS_HUMAN)
        declare_not_live(dispatch=dispatch, by=by["approver"])
        dispatch.refresh_from_db()
        assert dispatch.state == State.FAILED


@pytest.mark.parametrize(
    "changes",
    [{"state": "live"}, {"state": "committing"}, {"state": "unknown"}],
    ids=["live without an id", "committing without a start", "unknown without a start"],
)
def test_the_database_refuses_impossible_rows(by: Any, changes: dict[str, Any]) -> None:
    dispatch = social.approved(by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.objects.filter(pk=dispatch.pk).update(**changes)


def test_history_is_only_added_to(by: Any) -> None:
    event = social.approved(by).events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_tokens_are_not_readable_in_the_database(by: Any) -> None:
    account = social.account(access_token="planted-token-1234")
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM social_socialaccount WHERE id = %s", [account.pk])
        assert "planted" not in cursor.fetchone()[0]
    account.refresh_from_db()
    assert account.access_token == "planted-token-1234"
