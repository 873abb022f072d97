"""What changes in reach after outcomes came in is found, logged and shown with before and after."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from analytics.audit.chain import verify
from analytics.evaluation.out_of_date import changes_since
from analytics.models import AuditRecord, EvaluationPlan, EvaluationRun, ImportedFile, ReachChange, ReachSnapshot
from analytics.reach import snapshots
from analytics.reach.importing import import_reach
from analytics.reach.parameters import parameters
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages.accounts.models import User
from campaign_pages.venues.models import CheckIn
from tests.factories.venues import place as make_place

pytestmark = pytest.mark.django_db
FROM, TO = "2024-W09", "2024-W12"
PLAN = {"from_week": FROM, "to_week": TO, "data": "synthetic", "title": "t"}


def check_in(place, at, **more):
    return CheckIn.objects.create(
        venue=place.venue, place=place, at=at, **({"state": "up", "source": "sticker"} | more)
    )


@pytest.fixture
def place(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    place = make_place()
    place.venue.capacity = 100
    place.venue.save()
    check_in(place, datetime(2024, 2, 28, 16, tzinfo=UTC))
    return place


@pytest.fixture
def plan():
    people = [User.objects.create(username=f"p{n}", email=f"p{n}@example.test") for n in range(2)]
    text = json.dumps(PLAN, sort_keys=True)
    return EvaluationPlan.objects.create(
        plan_hash=hashlib.sha256(text.encode()).hexdigest(), title="t", content=text, data_kind="synthetic",
        outcomes_there=False, code_hash="", locked_at=timezone.now(), locked_by=people[0], second=people[1],
    )  # fmt: skip


def outcomes(first=date(2024, 2, 26), last=date(2024, 3, 25), **more):
    return ImportedFile.objects.create(
        name="o.csv", sha256=f"{first}{last}", state="loaded", timed=True, loaded=1, rows_read=1,
        first_day=first, last_day=last, **({"synthetic": True} | more),
    )  # fmt: skip


def found(plan):
    return snapshots.corrections(plan.plan_hash, FROM, TO, venue_weeks(from_week=FROM, to_week=TO))


def test_before_outcomes_nothing_is_a_correction(place, plan):
    check_in(place, datetime(2024, 3, 5, 16, tzinfo=UTC))
    assert not ReachChange.objects.exists()
    outcomes()
    [kept] = ReachSnapshot.objects.all()
    assert (kept.plan_hash, kept.occasion, kept.from_week, kept.to_week) == (plan.plan_hash, "loaded", FROM, TO)
    assert kept.reach_hash == snapshots.reach_hash(venue_weeks(from_week=FROM, to_week=TO))
    assert found(plan) == []
    assert snapshots.open_evaluation(plan.plan_hash) == 0


def test_days_may_still_be_text_when_a_file_is_saved(place, plan):
    outcomes(first="2024-02-26", last="2024-03-25")
    assert ReachSnapshot.objects.get().to_week == TO


def test_a_check_in_after_outcomes_is_logged_with_before_and_after(place, plan):
    outcomes()
    before = venue_weeks(from_week=FROM, to_week=TO)
    late = check_in(place, datetime(2024, 3, 11, 16, tzinfo=UTC))
    [act] = ReachChange.objects.all()
    assert (act.action, act.venue_code, act.first_night, act.before) == (
        "reach.check_in_added", "V1", date(2024, 3, 11), None,
    )  # fmt: skip
    assert act.after["place"] == place.code
    assert AuditRecord.objects.get(number=act.audit_number).action == "reach.check_in_added"
    venue, logged = found(plan)
    assert (venue["venue"], venue["logged"], venue["from_week"]) == ("V1", True, "2024-W11")
    assert venue["before"]["live_share"] is None  # nobody knew: the last check-in was too old
    assert venue["after"]["live_share"] == pytest.approx((1 + 5 / 7) / 2, abs=1e-6)
    assert (logged["action"], logged["audit"]) == ("reach.check_in_added", act.audit_number)
    now = venue_weeks(from_week=FROM, to_week=TO)
    opened = snapshots.opened_reach(plan.plan_hash, now)
    for row, was in zip(opened, before, strict=True):
        assert row.live_share == (None if was.live_share is None else pytest.approx(was.live_share, abs=1e-6))
        share, then = row.likely_seen_share, was.likely_seen_share
        assert (share is None) == (then is None)
        assert then is None or share.mid == pytest.approx(then.mid, abs=1e-5)
    assert [row.live_share for row in now] != [row.live_share for row in before]
    late.state = "down"
    late.save()
    late.delete()
    assert list(ReachChange.objects.values_list("action", flat=True)) == [
        "reach.check_in_added", "reach.check_in_changed", "reach.check_in_deleted",
    ]  # fmt: skip
    assert not any("venue_weeks" in each for each in found(plan))  # undone: only the acts are left
    assert verify().ok


def test_more_please_and_other_nights_are_no_correction(place, plan):
    outcomes()
    check_in(place, datetime(2024, 3, 11, 16, tzinfo=UTC), state="more")
    check_in(place, datetime(2024, 4, 30, 16, tzinfo=UTC))
    assert not ReachChange.objects.exists()
    check_in(place, datetime(2024, 2, 20, 16, tzinfo=UTC))  # before the weeks, but it is believed into them
    assert ReachChange.objects.count() == 1


def test_files_the_register_and_withdrawals_are_logged_too(place, plan, tmp_path):
    outcomes()
    (tmp_path / "d.csv").write_text("venue,date,count\nV1,2024-03-08,200\n")
    import_reach(tmp_path / "d.csv", kind="door_counts", by="someone")
    (tmp_path / "e.csv").write_text("venue,date,count\nV1,2024-03-08,250\n")
    import_reach(tmp_path / "e.csv", kind="door_counts", by="someone", corrects=True, why="misread")
    (tmp_path / "c.csv").write_text("venue,at,state\nV1,2024-03-08T16:30,down\n")
    import_reach(tmp_path / "c.csv", kind="check_ins", by="someone")
    (tmp_path / "m.csv").write_text("venue,date,share\nV1,2024-03-08,0.6\n")
    import_reach(tmp_path / "m.csv", kind="mens_share", by="someone")
    place.venue.capacity = 200
    place.venue.save()
    place.venue.name = "Another name"
    place.venue.save()
    place.zone = "entrance"
    place.save()
    acts = list(ReachChange.objects.all())
    assert [act.action for act in acts] == [
        "reach.figures_added", "reach.figures_corrected", "reach.check_ins_imported", "reach.figures_added",
        "reach.venue_changed", "reach.place_changed",
    ]  # fmt: skip
    assert acts[1].before == {"door_counts admissions 2024-03-08": 200.0}
    assert acts[1].after == {"door_counts admissions 2024-03-08": 250.0}
    assert (acts[4].before["capacity"], acts[4].after["capacity"]) == (100, 200)
    _, *listed = found(plan)
    assert len(listed) == len(acts)
    assert listed[1]["was"] == "door_counts admissions 2024-03-08: 200.0"
    assert listed[1]["became"] == "door_counts admissions 2024-03-08: 250.0"
    for act in acts:
        assert AuditRecord.objects.get(number=act.audit_number).action == act.action
    assert snapshots.changes_after(timezone.now(), FROM, TO) == []
    assert len(snapshots.changes_after(plan.locked_at, FROM, TO)) == len(acts)


def test_a_change_that_went_round_every_log_is_found_all_the_same(place, plan):
    outcomes()
    CheckIn.objects.all().update(at=datetime(2024, 3, 14, 16, tzinfo=UTC))
    assert not ReachChange.objects.exists()
    [venue] = found(plan)
    assert venue["logged"] is False
    assert venue["before"]["live_share"] != venue["after"]["live_share"]


def test_weeks_are_kept_as_their_outcomes_come_and_never_twice(place, plan):
    outcomes(last=date(2024, 3, 10))
    assert [(each.from_week, each.to_week) for each in ReachSnapshot.objects.all()] == [("2024-W09", "2024-W10")]
    check_in(place, datetime(2024, 3, 12, 16, tzinfo=UTC))  # its weeks have no outcomes yet
    outcomes(first=date(2024, 3, 4), last=date(2024, 3, 25))
    assert [(each.from_week, each.to_week) for each in ReachSnapshot.objects.all()] == [
        ("2024-W09", "2024-W10"), ("2024-W11", "2024-W12"),
    ]  # fmt: skip
    assert found(plan) == []


def test_a_week_that_is_not_over_is_not_kept(place, plan):
    with time_machine.travel(datetime(2024, 3, 13, 12, tzinfo=UTC), tick=False):
        outcomes()
        assert ReachSnapshot.objects.get().to_week == "2024-W10"
    assert snapshots.open_evaluation(plan.plan_hash) == 2
    assert ReachSnapshot.objects.get(from_week="2024-W11").occasion == "opened"
    assert snapshots.open_evaluation("no such plan") == 0


def test_real_outcomes_open_no_synthetic_plan(place, plan):
    outcomes(synthetic=False)
    assert not ReachSnapshot.objects.exists()


def test_changed_assumptions_are_named(place, plan, monkeypatch):
    outcomes()
    now = replace(parameters(), version="2030-01", sha256="new")
    monkeypatch.setattr(snapshots, "parameters", lambda: now)
    [change] = found(plan)
    assert change["what"] == "assumptions were changed"
    assert change["was"].startswith(f"version {parameters().version}, ")
    assert change["became"] == "version 2030-01, new"


def test_what_was_kept_cannot_be_changed(place, plan):
    outcomes()
    check_in(place, datetime(2024, 3, 11, 16, tzinfo=UTC))
    for model in (ReachSnapshot, ReachChange):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            model.objects.all()._raw_delete(model.objects.db)


def test_a_stored_result_is_out_of_date_after_a_correction(place, plan):
    outcomes()
    run = EvaluationRun.objects.create(
        plan=plan, title="t", plan_hash=plan.plan_hash, data_hash="", result_hash="", verdict="cannot_tell",
        result=json.dumps(PLAN), panel_csv="", synthetic=True, ran_at=timezone.now(), from_week=FROM, to_week=TO,
    )  # fmt: skip
    assert changes_since(run) == []
    check_in(place, datetime(2024, 3, 11, 16, tzinfo=UTC))
    [sentence] = changes_since(run)
    assert sentence.startswith("Reach: a check-in was added (V1) on ")
    check_in(place, datetime(2024, 3, 12, 16, tzinfo=UTC))
    [sentence] = changes_since(run)
    assert sentence.startswith("Reach: a check-in was added, 2 acts on ")
