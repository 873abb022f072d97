"""The whole way: check-ins to reach, extract to counts, plan to verdict. On data whose truth is known."""

import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from analytics import demo_data
from analytics.audit import guards
from analytics.evaluation.plan import lock, outcomes_loaded, parse_plan, read_plan
from analytics.evaluation.running import evaluate
from analytics.measures.catalogue import measure_named
from analytics.models import AuditRecord, EvaluationPlan, EvaluationRun, ImportedFile
from analytics.police_data.selection import counted_rows
from campaign_pages.accounts.models import User
from tests.factories.evaluation import small_demo

pytestmark = pytest.mark.django_db
CONTRACT = {
    "plan_hash", "data_hash", "verdict", "verdict_sentence", "evidence_grade", "rules", "estimate", "correlation",
    "mde_irr", "diagnostics", "events_in_units", "unique_events",
}  # fmt: skip


@pytest.fixture(scope="module")
def state(tmp_path_factory, django_db_setup, django_db_blocker):
    """The demo, loaded once for this file; each test works in a savepoint and everything is rolled back."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        small_demo(folder)
        yield folder
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


@pytest.fixture
def result(state, db):
    return json.loads(EvaluationRun.objects.get().result)


def user(name):
    return User.objects.get(username=name)


def fired(result):
    return {rule["code"] for rule in result["rules"] if rule["fired"]}


def test_the_planted_effect_lies_inside_the_interval(result, state):
    truth = json.loads((state / "demo" / demo_data.TRUTH).read_text())
    estimate = result["estimate"]
    assert estimate["ci_low"] <= truth["irr"] <= estimate["ci_high"]
    assert estimate["ci_high"] < 1
    assert estimate["p_permutation"] <= 0.05
    assert set(result) >= CONTRACT
    assert [rule["code"] for rule in result["rules"]] == [f"R{n}" for n in range(1, 15)]
    assert result["events_in_units"] == result["unique_events"] > 1000
    assert result["synthetic"] is True
    assert "R1" not in fired(result)


def test_the_same_plan_and_data_give_the_same_bytes_and_the_demo_loads_once(state, result):
    stored = EvaluationRun.objects.get()
    again = evaluate(read_plan(demo_data.PLAN_FILE))
    assert again.text == stored.result
    small_demo(state)
    assert EvaluationRun.objects.count() == EvaluationPlan.objects.count() == ImportedFile.objects.count() == 1


def test_the_command_prints_one_object_and_writes_the_report(result, tmp_path, capsys):
    out = tmp_path / "out"
    call_command("evaluate", str(demo_data.PLAN_FILE), "--out", str(out), "--json")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1
    assert json.loads(printed[0]) == result
    names = {path.name for path in out.iterdir()}
    assert {"report.html", "report.pdf", "result.json", "panel.csv", "estimates.svg", "rules.csv"} <= names
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")
    page = (out / "report.html").read_text()
    assert result["verdict_sentence"] in page
    assert "Synthetic data." in page
    assert "<script" not in page
    attempts = (out / "attempts.csv").read_text().splitlines()
    assert len(attempts) == 2  # one plan, run by the demo and now again
    assert ",2," in attempts[1]
    assert "The plan was locked by two people on" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    rows = (out / "panel.csv").read_text().splitlines()[1:]
    assert all(row.endswith(",synthetic") for row in rows)


def test_a_changed_plan_is_exploratory_and_says_so(result, tmp_path):
    changed = tmp_path / "plan.toml"
    changed.write_text(demo_data.PLAN_FILE.read_text().replace("radius_m = 150", "radius_m = 250"))
    other = evaluate(read_plan(changed)).result
    assert other["verdict"] == "exploratory"
    assert "R1" in fired(other)
    assert other["plan_locked"] is False


def test_a_plan_that_was_tampered_with_in_the_database_is_noticed(result):
    change = "UPDATE analytics_evaluationplan SET content = content || ' '"
    with pytest.raises(DatabaseError, match="locked plans are never changed"), transaction.atomic():
        connection.cursor().execute(change)
    guards.take_down()
    connection.cursor().execute(change)
    assert "R1" in fired(evaluate(read_plan(demo_data.PLAN_FILE)).result)


def test_a_plan_locked_after_the_outcomes_came_stays_exploratory(result):
    plan = parse_plan({"title": "Late", "measure": "nte_assault", "from_week": "2023-W14", "to_week": "2024-W39",
                       "unit": "catchment", "data": "synthetic", "placebos": []})  # fmt: skip
    assert outcomes_loaded(plan)
    record = lock(plan, by=user("evaluator"), second=user("approver"))
    assert record.outcomes_there
    answer = evaluate(plan).result
    assert answer["verdict"] == "exploratory"
    assert "R1" in fired(answer)


def test_the_screens_and_who_may_see_them(result, client, django_assert_max_num_queries):
    run = EvaluationRun.objects.get()
    pages = [reverse("evaluation_runs"), reverse("evaluation_run", args=[run.pk]), reverse("reach")]
    for name, statuses in (
        ("evaluator", (200, 200, 200)),
        ("administrator", (302, 302, 200)),
        ("author", (302, 302, 302)),
        ("importer", (302, 302, 302)),
    ):
        client.force_login(user(name))
        assert tuple(client.get(page).status_code for page in pages) == statuses, name
    client.force_login(user("evaluator"))
    for page in pages:
        with django_assert_max_num_queries(20):
            text = client.get(page).content.decode()
    text = client.get(pages[1]).content.decode()
    assert text.index('class="verdict__word"') < text.index('class="chart"')
    assert "busy venues get more of both" in text.lower()
    assert "we could only have seen a fall of" in text
    assert text.count('role="img"') >= 3
    for name in ("panel.csv", "rules.csv", "report.html", "report.pdf", "result.json"):
        answer = client.get(reverse("evaluation_file", args=[run.pk, name]))
        assert answer.status_code == 200
        assert "synthetic" in answer["Content-Disposition"]
    assert client.get(reverse("evaluation_file", args=[run.pk, "passwd"])).status_code == 404
    assert client.get(reverse("evaluation_file", args=[run.pk, "result.json"])).content.decode() == run.result
    seen = AuditRecord.objects.filter(about=f"run {run.pk}", by="evaluator").values_list("action", flat=True)
    assert sorted(set(seen)) == ["evaluation.exported", "evaluation.viewed"]
    csv = client.get(reverse("reach"), {"from": "2024-W10", "to": "2024-W11", "format": "csv"}).content.decode()
    assert len(csv.splitlines()) == 301
    assert client.get(reverse("reach"), {"from": "2024-W54", "to": "2024-W55"}).status_code == 400


def test_one_reference_twice_stops_everything(result):
    """Past the database's own constraint, as only a person with the database's rights could do it."""
    rows = counted_rows(measure_named("nte_assault")).filter(committed_on__year=2024, distance_band="0-100")
    offence = rows.order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX offence_counted_once")
    offence.pk = None
    offence.save(force_insert=True)
    again = evaluate(read_plan(demo_data.PLAN_FILE)).result
    assert again["verdict"] == "refused"
    assert "Stopped: the numbers do not add up (R11" in again["verdict_sentence"]
    assert "references that stand twice: 1" in again["verdict_sentence"]
