"""Audit log, access review and published tables in the admin: who may see them, and what they say."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from analytics.audit import guards
from analytics.audit.chain import record, verify
from analytics.models import AuditRecord, PublishedPeriod
from campaign_pages.accounts import demo_people, roles
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.report import sample_result, stored_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)

    def as_(name):
        client.force_login(User.objects.get(username=name))
        return client

    return as_


@pytest.fixture
def frozen():
    cells = [
        {"key": ["area", "=cmd()"], "partner": "<5", "public": "fewer than 10"},
        {"key": ["area", "Leicester"], "partner": "not shown", "public": "15"},
        {"key": ["total"], "partner": "19", "public": "20"},
    ]
    return PublishedPeriod.objects.create(
        series="night-assaults",
        first_day="2024-01-22",
        last_day="2024-02-18",
        synthetic=True,
        definition="nte_assault 1",
        content=json.dumps({"cells": cells}),
        frozen_at=timezone.now(),
        frozen_by="approver",
    )


@pytest.mark.parametrize(
    ("name", "audit", "tables"),
    [
        ("administrator", 200, 302),
        ("approver", 302, 200),
        ("evaluator", 302, 200),
        ("importer", 302, 302),
        ("author", 302, 302),
        ("venue_manager", 403, 403),
    ],
)
def test_who_may_see_what(sign_in, name, audit, tables):
    client = sign_in(name)
    assert client.get(reverse("audit_log")).status_code == audit
    assert client.get(reverse("access_review")).status_code == audit
    assert client.get(reverse("published_tables")).status_code == tables
    if tables != 200:
        client.post(reverse("published_tables_copy"), {"tier": "partner"})
        assert not AuditRecord.objects.filter(action="publication.copy_taken").exists()


def test_only_an_approver_freezes_and_only_with_a_tick(sign_in):
    client = sign_in("evaluator")
    assert b"Freeze complete periods" not in client.get(reverse("published_tables")).content
    assert client.post(reverse("published_tables_freeze"), {"sure": "yes"}).status_code == 302
    client = sign_in("approver")
    page = client.post(reverse("published_tables_freeze"), follow=True).content.decode()
    assert "tick the box" in page
    page = client.post(reverse("published_tables_freeze"), {"sure": "yes"}, follow=True).content.decode()
    assert "0 periods frozen" in page
    assert client.get(reverse("published_tables_freeze")).status_code == 405


def test_the_log_page_says_that_it_holds_and_that_it_does_not(sign_in):
    record("police.loaded", by="importer", about="file 1", detail={"rows": 3})
    client = sign_in("administrator")
    page = client.get(reverse("audit_log")).content.decode()
    assert "The log holds." in page
    assert "police.loaded" in page
    assert verify().head in page
    guards.take_down()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {guards.TABLE} SET by = 'nobody' WHERE number = 1")
    page = client.get(reverse("audit_log")).content.decode()
    assert "The log does not hold: row 1 was changed" in page
    assert "own protection of this log is missing" in page
    guards.put_up()


def test_the_log_is_filtered_and_paged(sign_in):
    for n in range(60):
        record(
            "police.loaded" if n % 2 else "police.received", by="importer" if n < 50 else "other", about=f"f{n}"
        )
    client = sign_in("administrator")
    page = client.get(reverse("audit_log"), {"action": "police.loaded", "by": "importer"}).content.decode()
    assert "25 rows" in page
    assert "f1<" in page
    assert "f0<" not in page
    assert "Page 1 of 2" in client.get(reverse("audit_log")).content.decode()
    today = timezone.localdate()
    later = {"first": today + timedelta(days=1)}
    assert "No row fits" in client.get(reverse("audit_log"), later).content.decode()
    wrong = client.get(reverse("audit_log"), {"first": today, "last": today - timedelta(days=1)})
    assert wrong.status_code == 422
    assert "before the first day" in wrong.content.decode()
    assert client.get(reverse("audit_log"), {"action": "no.such"}).status_code == 422


def test_hostile_text_in_the_log_is_only_ever_text(sign_in):
    record("police.refused", by="<script>x</script>", about="<b>", detail={"<i>": "<img src=x>"})
    page = sign_in("administrator").get(reverse("audit_log")).content.decode()
    for markup in ("<script>x", "<b>", "<img src=x>"):
        assert markup not in page


def test_reading_the_log_is_itself_in_the_log(sign_in):
    client = sign_in("administrator")
    client.get(reverse("audit_log"))
    client.get(reverse("access_review"))
    assert list(AuditRecord.objects.values_list("action", "by")) == [
        ("audit.access_reviewed", "administrator"),
        ("audit.viewed", "administrator"),
    ]


def test_a_copy_is_marked_audited_and_safe_in_a_spreadsheet(sign_in, frozen):
    client = sign_in("evaluator")
    shown = client.get(reverse("published_tables"), {"tier": "partner"}).content.decode()
    assert "&lt;5" in shown
    assert "synthetic" in shown
    answer = client.post(reverse("published_tables_copy"), {"tier": "partner"})
    act = AuditRecord.objects.get(action="publication.copy_taken")
    assert (act.by, act.about) == ("evaluator", "partner tier")
    assert f"copy-{act.number}-synthetic.zip" in answer["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    lines = archive.read("night-assaults-by-area-partner-synthetic.csv").decode().splitlines()
    assert lines[1].startswith("2024-01-22,2024-02-18,'=cmd(),<5,yes,")
    assert all(f"copy {act.number}, evaluator" in line for line in lines[1:])
    assert "SYNTHETIC" in archive.read("about.txt").decode()
    for tier in ("evaluator", "raw", ""):
        assert client.post(reverse("published_tables_copy"), {"tier": tier}).status_code == 404
        assert client.get(reverse("published_tables"), {"tier": tier}).status_code == 404


def test_evaluations_and_reach_are_audited(sign_in):
    run = stored_run(sample_result())
    client = sign_in("evaluator")
    taken = client.get(reverse("evaluation_file", args=[run.pk, "panel.csv"]))
    assert taken["Content-Disposition"].endswith('-synthetic-copy-1-panel.csv"')
    lines = taken.content.decode().splitlines()
    assert lines[0] == "unit,week,marking"
    assert lines[1].startswith('SYN001,2023-W14,"evaluator tier, copy 1, evaluator, ')
    client.get(reverse("reach"), {"from": "2024-W01", "to": "2024-W02", "format": "csv"})
    acts = list(AuditRecord.objects.order_by("number").values_list("action", "by", "about"))
    assert acts == [
        ("evaluation.exported", "evaluator", f"run {run.pk}"),
        ("reach.exported", "evaluator", "2024-W01 to 2024-W02"),
    ]


def test_the_access_review_points_at_what_is_wrong(sign_in, capsys):
    sign_in("administrator")
    importer = User.objects.get(username="importer")
    importer.groups.add(User.objects.get(username="approver").groups.get())
    User.objects.filter(username="author").update(last_login=timezone.now() - timedelta(days=91))
    User.objects.filter(username="evaluator").update(is_active=False)
    User.objects.create_superuser(username="root", email="root@demo.example", password="x")
    call_command("access_review", by="reviewer", json=True)
    found = {each["user"]: each for each in json.loads(capsys.readouterr().out)["accounts"]}
    assert "imports police data and can publish" in found["importer"]["remarks"]
    assert "has not signed in for 90 days" in found["author"]["remarks"]
    assert found["evaluator"]["remarks"] == ["is closed and still has roles"]
    assert "superuser: every permission, whatever the roles say" in found["root"]["remarks"]
    assert found["approver"]["roles"] == [roles.APPROVER]
    assert AuditRecord.objects.get(action="audit.access_reviewed").by == "reviewer"
    call_command("access_review")
    assert "look at: has never signed in" in capsys.readouterr().out
