"""Locking plans, and what must hold before anything is loaded."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics import demo_data
from analytics.evaluation.plan import PlanError, lock, read_plan
from analytics.models import EvaluationPlan, EvaluationRun, ImmutableRecord
from analytics.panel import PanelError, build_panel
from analytics.police_data.counting import VenueWeekCounts
from campaign_pages.accounts.models import User
from tests.factories.evaluation import demo_world, quiet, small_demo

pytestmark = pytest.mark.django_db


def user(name):
    return User.objects.get(username=name)


def test_who_may_lock_and_that_nothing_is_edited():
    demo_world()
    plan = read_plan(demo_data.PLAN_FILE)
    with pytest.raises(PlanError, match="two different people"):
        lock(plan, by=user("evaluator"), second=user("evaluator"))
    with pytest.raises(PlanError, match="no right to run"):
        lock(plan, by=user("author"), second=user("evaluator"))
    with pytest.raises(PlanError, match="not an active member"):
        lock(plan, by=user("evaluator"), second=user("venue_manager"))
    record = lock(plan, by=user("evaluator"), second=user("approver"))
    with pytest.raises(PlanError, match="locked already"):
        lock(plan, by=user("evaluator"), second=user("approver"))
    record.title = "another"
    for change in (
        record.save,
        record.delete,
        EvaluationPlan.objects.all().delete,
        lambda: EvaluationPlan.objects.update(title="x"),
    ):
        with pytest.raises(ImmutableRecord):
            change()


def test_the_lock_command(capsys):
    demo_world()
    plan = str(demo_data.PLAN_FILE)
    with pytest.raises(CommandError, match="two different people") as error:
        call_command("lock_plan", plan, "--by", "evaluator", "--second", "evaluator")
    assert error.value.returncode == 1
    with pytest.raises(CommandError, match="no user") as error:
        call_command("lock_plan", plan, "--by", "nobody", "--second", "evaluator")
    assert error.value.returncode == 2
    call_command("lock_plan", plan, "--by", "evaluator@demo.example", "--second", "approver", "--json")
    assert json.loads(capsys.readouterr().out)["plan_hash"] == read_plan(Path(plan)).plan_hash


def test_offences_counted_twice_stop_everything(monkeypatch):
    demo_world()
    wrong = VenueWeekCounts({("SYN001", "2024-W01"): 2.0}, 2.0, 1.0, {}, True, ())
    monkeypatch.setattr("analytics.panel.assaults_by_venue_week", lambda **kwargs: wrong)
    with pytest.raises(PanelError, match="R11"):
        build_panel(measure="nte_assault", from_week="2024-W01", to_week="2024-W02", unit="catchment")


def test_without_an_effect_the_verdict_is_not_fewer(tmp_path):
    small_demo(tmp_path, irr=demo_data.NO_EFFECT)
    result = json.loads(EvaluationRun.objects.get().result)
    assert result["verdict"] != "fewer"
    assert result["estimate"]["ci_low"] < 1 < result["estimate"]["ci_high"]


def test_the_demo_loader_says_what_it_made(tmp_path, settings):
    demo_world()
    settings.WALKAWAY_DEMO = False
    with pytest.raises(RuntimeError, match="demo's settings"):
        demo_data.load(seed=1, say=quiet)
