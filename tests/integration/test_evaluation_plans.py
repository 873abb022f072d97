"""Plans on the screen: written, simulated, asked for, locked by another; run, run again, tampered with, signed."""

import hashlib
import json
import math
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.audit import guards
from analytics.evaluation import code_version, drafts, jobs
from analytics.evaluation.plan import check_plan, parse_plan, plan_of
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.planned import history_of, study_of
from analytics.evaluation.reproducing import checks_of, tampered
from analytics.evaluation.signing import sign, signature_of
from analytics.evaluation.simulation import simulate
from analytics.models import (
    AuditRecord,
    EvaluationDraft,
    EvaluationJob,
    EvaluationPlan,
    EvaluationRun,
    ResultSignature,
)
from campaign_pages import activity
from campaign_pages.accounts.models import User
from campaign_pages.venues.models import Venue
from tests.factories.evaluation import small_demo

pytestmark = pytest.mark.django_db
VALUES = {
    "title": "Spring", "measure": "nte_assault", "from_week": "2023-W14", "to_week": "2024-W39", "unit": "catchment",
    "data": "synthetic", "placebos": [], "permutations": 199,
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker):
    """The demo with one run, loaded once for this file; each test works in a savepoint and everything is rolled back."""
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        small_demo(tmp_path_factory.mktemp("demo"))
        yield
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


@pytest.fixture
def people(world, db):
    return {
        name: User.objects.get(username=name) for name in ("evaluator", "second_evaluator", "importer", "approver")
    }


def ready(people, **changes):
    """A draft whose simulation is of what it says."""
    made = drafts.new_draft("plan", by=people["evaluator"], values=VALUES | changes)
    made.simulation = {"sentence": "s", "values": made.values}
    made.save()
    return made


def test_only_two_different_evaluators_lock_and_only_what_was_asked_for(people):
    one, two = people["evaluator"], people["second_evaluator"]
    made = ready(people)
    with pytest.raises(PlanError, match="has not asked"):
        drafts.confirm_lock(made, by=two)
    drafts.ask_lock(made, by=one)
    with pytest.raises(PlanError, match="You wrote it"):
        drafts.confirm_lock(made, by=one)
    with pytest.raises(PlanError, match="may not lock"):
        drafts.confirm_lock(made, by=people["approver"])
    with pytest.raises(PlanError, match="Only evaluator changes"):
        drafts.save(made, by=two, values={})
    drafts.save(made, by=one, values=VALUES | {"seed": 5})  # an edit takes the question back
    with pytest.raises(PlanError, match="has not asked"):
        drafts.confirm_lock(made, by=two)
    with pytest.raises(PlanError, match="Simulate the plan"):
        drafts.ask_lock(made, by=one)
    drafts.save(made, by=one, values=VALUES)
    drafts.ask_lock(made, by=one)
    locked = drafts.confirm_lock(made, by=two)
    assert (locked.locked_by, locked.second) == (one, two)
    assert json.loads(locked.simulation) == {"sentence": "s"}
    assert hashlib.sha256(locked.content.encode()).hexdigest() == locked.plan_hash
    assert len(json.loads(locked.content)["venues"]) == 150  # fixed by name
    assert plan_of(locked).plan_hash == locked.plan_hash
    assert locked.outcomes_there  # the demo's outcomes are loaded
    for late in (
        lambda: drafts.save(made, by=one, values={}),
        lambda: drafts.confirm_lock(made, by=two),
        lambda: drafts.decline(made, by=two, reason="no"),
    ):
        with pytest.raises(PlanError, match="locked"):
            late()
    acts = set(AuditRecord.objects.values_list("action", flat=True))
    assert {"evaluation.plan_lock_asked", "evaluation.plan_locked"} <= acts


def test_a_register_that_changed_meanwhile_stops_the_lock(people):
    made = ready(people)
    drafts.ask_lock(made, by=people["evaluator"])
    venue = Venue.objects.first()
    venue.pk, venue.code, venue.name = None, "NEW001", "The New One"
    venue.save()
    with pytest.raises(PlanError, match="register of venues or a definition"):
        drafts.confirm_lock(made, by=people["second_evaluator"])


def test_declining_needs_a_reason_and_reaches_the_author(people):
    made = ready(people)
    drafts.ask_lock(made, by=people["evaluator"])
    with pytest.raises(PlanError, match="reason"):
        drafts.decline(made, by=people["second_evaluator"], reason=" ")
    drafts.decline(made, by=people["second_evaluator"], reason="Why only a year?")
    made.refresh_from_db()
    assert made.declined == "second_evaluator: Why only a year?"
    assert made.asked_hash == ""


def test_the_database_itself_wants_two_people_and_whole_questions(people):
    one = people["evaluator"]
    run = EvaluationRun.objects.get()
    now = timezone.now()
    for wrong in (
        lambda: EvaluationPlan.objects.create(
            plan_hash="0" * 64, title="x", content="{}", data_kind="real", outcomes_there=False, code_hash="", locked_at=now,
            locked_by=one, second=one,
        ),
        lambda: ResultSignature.objects.create(
            run=run, result_hash=run.result_hash, ran_by=run.by, signed_by=one, signed_name=run.by, signed_at=now
        ),
        lambda: EvaluationDraft.objects.create(kind="plan", author=one, asked_hash="x"),
        lambda: EvaluationJob.objects.create(kind="run", asked_by=one),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_weeks_that_are_not_loaded_do_not_count_as_quiet_ones(people):
    venues = activity.venues()

    def before(week):
        return history_of("nte_assault", week, radius_m=150, data="synthetic", venues=venues)

    right_after, half_a_year_later, long_after = (before(week) for week in ("2024-W40", "2025-W14", "2026-W40"))
    levels = [math.fsum(each.per_week.values()) for each in (right_after, half_a_year_later)]
    assert levels[1] == pytest.approx(levels[0], rel=0.05)
    assert ", the last of them 2024-W" in half_a_year_later.words
    assert long_after.per_week == {}  # one loaded week is too few: a level is assumed, and said to be


def test_toml_in_and_out_and_every_problem_at_once(people):
    values = VALUES | {
        "title": 'A "quoted" title\nwith é',
        "thresholds": {"mde_min": 0.75},
        "areas": ["E06000016"],
    }
    assert drafts.read_toml(drafts.as_toml(values)) == values
    with pytest.raises(PlanError, match="colour: not a key"):
        drafts.read_toml("colour = 1")
    with pytest.raises(PlanError, match="not TOML"):
        drafts.read_toml("title =")
    plan, problems = check_plan(
        {"title": "", "measure": "x", "from_week": "2024", "to_week": "2024-W01", "seed": "a", "radius_m": 7}
    )
    assert plan is None
    assert {"title", "measure", "from_week", "seed", "radius_m"} <= {each.key for each in problems}


def test_the_simulation_reads_no_outcome_of_the_plans_weeks(people):
    """With the outcomes and without them it says the same; with offences of before it says something else."""
    plan = parse_plan(VALUES)
    first = simulate(plan, panels=4, rule_panels=1)
    assert "no offences" in first["history_from"]
    later = parse_plan(VALUES | {"from_week": "2024-W14", "to_week": "2024-W39"})
    with_history = simulate(later, panels=4, rule_panels=0)
    assert with_history["history_from"] == "recorded offences of the 53 weeks before 2024-W14"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_offenceperson")
        cursor.execute("DELETE FROM analytics_offence WHERE committed_on >= %s", [date(2024, 4, 2)])
    assert simulate(later, panels=4, rule_panels=0) == with_history
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_offence")
    assert simulate(plan, panels=4, rule_panels=1) == first
    assert first["clusters"] == 30
    assert first["sentence"].startswith("With 30 venue clusters over 78 weeks we could only see a fall of")


def test_the_simulation_looks_at_reach_as_the_plan_carries_it_over(people):
    own, carried = (study_of(parse_plan(VALUES | {"carry_over": share})) for share in (0, 0.5))
    assert "of last week's is still felt" not in own.exposure_words
    assert carried.exposure_words == f"{own.exposure_words} (50% of last week's is still felt)"
    unknown = np.isnan(own.exposure)
    assert np.isnan(carried.exposure).tolist() == unknown.tolist()
    for week, found in enumerate(carried.exposure.T):
        weights = 0.5 ** np.arange(week, -1, -1) * 0.5  # this week half, last week a quarter, and so on
        by_hand = np.nan_to_num(own.exposure)[:, : week + 1] @ weights
        known = ~unknown[:, week]
        assert found[known] == pytest.approx(by_hand[known])
    assert np.nanmax(abs(carried.exposure - own.exposure)) > 0.2


def test_a_simulation_that_was_broken_off_goes_on_and_comes_to_the_same(people, settings):
    made = ready(people)
    job = jobs.ask("simulate", by=people["evaluator"], draft=made)
    assert jobs.ask("simulate", by=people["evaluator"], draft=made) == job  # asked twice, done once
    claim = jobs.take(job.pk, "one")
    found = {}
    simulate(parse_plan(VALUES), found=found, panels=5, rule_panels=0)
    claim.note(found)
    claim._write()
    assert jobs.take(job.pk, "two") is None  # under a lease
    EvaluationJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = jobs.take(job.pk, "two")
    assert len(second.found["errors"]) == 5
    with pytest.raises(jobs.LostLease):
        claim.say("I am only slow")
    with pytest.raises(jobs.LostLease):
        claim.end("done")
    whole = simulate(parse_plan(VALUES), panels=8, rule_panels=0)
    assert simulate(parse_plan(VALUES), found=second.found, panels=8, rule_panels=0) == whole


def test_a_job_that_fails_says_why(people, monkeypatch):
    made = ready(people, areas=["E00000000"])
    job = jobs.ask("simulate", by=people["evaluator"], draft=made)
    monkeypatch.setattr(jobs, "simulate", lambda *args, **kwargs: 1 / 0)
    assert jobs.work_due() == 1
    job.refresh_from_db()
    assert job.state == "failed"
    assert "ZeroDivisionError" in job.error
    EvaluationJob.objects.filter(pk=job.pk).update(state="waiting", attempts=jobs.MOST_ATTEMPTS)
    jobs.work_due()
    job.refresh_from_db()
    assert "was begun 5 times" in job.error


def test_run_again_gives_the_same_bytes_and_tampering_is_said(people, capsys):
    run = EvaluationRun.objects.get()
    assert not tampered(checks_of(run))
    assert all(each.ok for each in checks_of(run))
    job = jobs.ask("again", by=people["second_evaluator"], run=run)
    assert jobs.work_due() == 1
    job.refresh_from_db()
    assert job.result == {"same": True, "differences": []}
    assert job.made.repeats == run
    assert job.made.result == run.result
    guards.take_down()
    change = {
        "result": ("analytics_evaluationrun", "result", "Result"),
        "panel": ("analytics_evaluationrun", "panel_csv", "Rows"),
        "plan": ("analytics_evaluationplan", "content", "Plan"),
    }
    for table, column, what in change.values():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {column} = {column} || ' '")
            fresh = EvaluationRun.objects.select_related("plan").get(pk=run.pk)
            wrong = [each.what for each in checks_of(fresh) if each.ok is False]
            assert what in wrong, what
            assert tampered(checks_of(fresh))
            with pytest.raises(PlanError, match="cannot be signed"):
                sign(fresh, by=people["second_evaluator"])
            transaction.set_rollback(True)


def test_another_code_version_is_said_but_is_no_tampering(people, tmp_path, monkeypatch):
    run = EvaluationRun.objects.get()
    (tmp_path / "analytics" / "evaluation").mkdir(parents=True)
    (tmp_path / "analytics" / "evaluation" / "rules.py").write_text("changed")
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    code_version.code_hash.cache_clear()
    try:
        checks = {each.what: each for each in checks_of(run)}
    finally:
        code_version.code_hash.cache_clear()
    assert checks["Code"].ok is False
    assert "Another code version" in checks["Code"].words
    assert not tampered(list(checks.values()))


def test_a_second_person_signs_and_never_who_ran_it(people):
    run = EvaluationRun.objects.get()
    assert signature_of(run) is None
    with pytest.raises(PlanError, match="You ran it"):
        sign(run, by=people["evaluator"])
    with pytest.raises(PlanError, match="may not sign"):
        sign(run, by=people["approver"])
    sign(run, by=people["second_evaluator"])
    run = EvaluationRun.objects.get()
    assert signature_of(run).signed_name == "second_evaluator"
    with pytest.raises(PlanError, match="signed already"):
        sign(run, by=people["second_evaluator"])


def test_who_may_see_and_do(people, client):
    made = ready(people)
    locked = EvaluationPlan.objects.get()
    pages = [
        reverse("evaluation_plans"), reverse("evaluation_draft", args=[made.pk]), reverse("evaluation_plan", args=[locked.pk]),
        reverse("evaluation_draft_toml", args=[made.pk]), reverse("rollouts"),
    ]  # fmt: skip
    for name, status in (("evaluator", 200), ("importer", 302), ("approver", 302)):
        client.force_login(people[name])
        assert [client.get(page).status_code for page in pages] == [status] * len(pages), name
    client.force_login(people["importer"])
    client.post(pages[2], {"run": "1"})
    client.post(reverse("evaluation_sign", args=[EvaluationRun.objects.get().pk]))
    assert not EvaluationJob.objects.exists()
    assert not ResultSignature.objects.exists()


def test_the_form_takes_what_is_typed_and_says_what_is_wrong(people, client):
    client.force_login(people["evaluator"])
    client.post(reverse("evaluation_plans"), {"new": "1"})
    made = EvaluationDraft.objects.get()
    address = reverse("evaluation_draft", args=[made.pk])
    client.post(
        address,
        {"title": "Half", "seed": "abc", "from_week": "2024-W99", "thresholds_mde_min": "0,8x", "save": "1"},
    )
    made.refresh_from_db()
    assert made.values["seed"] == "abc"
    page = client.get(address).content.decode()
    assert 'value="abc"' in page
    assert "Must be a whole number" in page
    assert "It is not complete yet." in page
    said = client.post(
        reverse("evaluation_explain"), {"unit": "catchment", "radius_m": "150", "permutations": "999"}
    ).json()
    assert "150 venues make 30 places" in said["words"]["unit"]
    assert "1 in 1,000" in said["words"]["permutations"]
    client.post(address, {"simulate": "1"})
    assert not EvaluationJob.objects.exists()


def test_a_change_is_a_new_plan_that_names_the_old_one(people, client):
    old = EvaluationPlan.objects.get()
    client.force_login(people["evaluator"])
    client.post(reverse("evaluation_plan", args=[old.pk]), {"change": "1"})
    made = EvaluationDraft.objects.get()
    assert made.replaces == old
    assert parse_plan(made.values).plan_hash == old.plan_hash
    drafts.save(made, by=people["evaluator"], values=made.values | {"radius_m": 250})
    made.refresh_from_db()
    made.simulation = {"values": made.values}
    made.save()
    drafts.ask_lock(made, by=people["evaluator"])
    new = drafts.confirm_lock(made, by=people["second_evaluator"])
    page = client.get(reverse("evaluation_plan", args=[new.pk])).content.decode()
    assert f'href="{reverse("evaluation_plan", args=[old.pk])}"' in page
    assert "Exploratory, for ever." in page
    assert "It was changed by" in client.get(reverse("evaluation_plan", args=[old.pk])).content.decode()


def test_every_screen_takes_at_most_twenty_queries_with_ten_times_the_venues(
    people, client, django_assert_max_num_queries
):
    venues = list(Venue.objects.filter(synthetic=True))
    Venue.objects.bulk_create(
        Venue(
            code=f"X{n}{each.code}", name=f"{each.name} {n}", kind=each.kind, area=each.area, synthetic=True,
            latitude=each.latitude + n * 0.03, longitude=each.longitude, capacity=each.capacity, open_nights=each.open_nights,
        )
        for n in range(1, 10)
        for each in venues
    )  # fmt: skip
    made, run = ready(people), EvaluationRun.objects.get()
    for n in range(12):
        drafts.new_draft("plan", by=people["second_evaluator"], values={"title": str(n)})
    from analytics.evaluation.rollout_drawing import keep_draw
    from analytics.evaluation.rollout_settings import check_settings

    draws = [keep_draw(check_settings({"seed": seed, "waves": 5})[0], by="evaluator") for seed in range(3)]
    draft = drafts.new_draft("rollout", by=people["evaluator"])
    job = jobs.ask("run", by=people["evaluator"], plan=run.plan)
    client.force_login(people["evaluator"])
    for page in (
        reverse("evaluation_runs"), reverse("evaluation_run", args=[run.pk]), reverse("evaluation_plans"),
        reverse("evaluation_draft", args=[made.pk]), reverse("evaluation_plan", args=[run.plan_id]), reverse("rollouts"),
        reverse("rollout", args=[draws[0].pk]), reverse("rollout_draft", args=[draft.pk]),
        reverse("evaluation_job", args=[job.pk]),
    ):  # fmt: skip
        with django_assert_max_num_queries(20):
            assert client.get(page).status_code == 200, page


def test_plans_may_look_at_some_venues_only_and_every_offence_still_counts_once(people):
    from analytics.evaluation.running import evaluate

    whole = json.loads(EvaluationRun.objects.get().result)
    area = Venue.objects.get(code="SYN001").area.code
    part = evaluate(parse_plan(VALUES | {"areas": [area], "permutations": 99})).result
    assert part["events_in_units"] == part["unique_events"] < whole["unique_events"]
    outside = part["diagnostics"]["excluded"]["near_a_venue_outside_the_plan"]
    assert abs(outside + part["unique_events"] - whole["unique_events"]) < 1e-3
