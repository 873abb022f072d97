"""Screens round a result: its page and files, the texts beside it, the explorer, anybody's panel. Few queries, audited."""

import csv
import io
import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.audit import guards
from analytics.evaluation import jobs, panel_uploads
from analytics.evaluation.panel_analysis import PanelError
from analytics.models import AuditRecord, EvaluationJob, PanelAnalysis, ReportText
from analytics.police_data.counting import assaults_by_venue_week
from analytics.police_data.importing import import_paths
from analytics.police_data.places import degrees_of
from analytics.publication.freezing import freeze_what_is_complete
from analytics.retention import delete_expired
from campaign_pages.accounts.models import User
from campaign_pages.venues.models import Area, Venue
from tests.factories.police import niche_row, write_rows
from tests.factories.report import sample_result, stored_run

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


@pytest.fixture
def run(evaluator):
    return stored_run(sample_result())


def make_venues(number, *, start=0):
    areas = [
        Area.objects.get_or_create(code=f"E0700000{n}", defaults={"name": name})[0]
        for n, name in enumerate(("Leicester", "Charnwood", "Melton"))
    ]
    for n in range(start, start + number):
        [(lon, lat)] = degrees_of(np.array([458000.0 + 120 * (n % 40)]), np.array([304000.0 + 700 * (n // 40)]))
        Venue.objects.create(
            code=f"V{n:03}", name=f"Venue {n}", area=areas[n % 3], longitude=float(lon), latitude=float(lat), capacity=200
        )  # fmt: skip


@pytest.fixture
def town(evaluator, tmp_path):
    """Sixty venues, a night's assault every few days near the first ones, over the spring of 2024."""
    make_venues(60)
    rows = [
        niche_row(
            n, District="Melton" if n % 14 == 0 else "Charnwood" if n % 3 == 0 else "Leicester", X=str(458000 + 120 * (n % 5) + (0 if n % 3 else 200)), Y="304000", **{"From Date": f"{date(2024, 1, 6) + timedelta(days=n):%d/%m/%Y}"}
        )
        for n in range(150)
    ]  # fmt: skip
    report = import_paths([write_rows(tmp_path / "town.csv", rows)])
    assert report.total("loaded") == 150


def test_a_run_has_its_report_with_a_csv_for_each_table(client, run, django_assert_max_num_queries):
    page = reverse("evaluation_run", args=[run.pk])
    client.get(page)
    with django_assert_max_num_queries(MOST_QUERIES):
        text = client.get(page).content.decode()
    links = set(re.findall(rf"{page}files/([\w.-]+)", text))
    assert {"estimates.csv", "rings.csv", "report.pdf", "rings.svg", "attempts.csv"} <= links
    for name in sorted(links - {"report.pdf"}):
        answer = client.get(reverse("evaluation_file", args=[run.pk, name]))
        assert answer.status_code == 200, name
        assert "synthetic" in answer["Content-Disposition"]
    marked = list(csv.DictReader(io.StringIO(client.get(f"{page}files/rings.csv").content.decode())))
    assert [row["synthetic"] for row in marked] == ["yes"] * 4
    assert "evaluator tier, copy" in marked[0]["marking"]


def test_texts_beside_a_plan_are_kept_in_every_version(client, run):
    page = reverse("evaluation_texts", args=[run.pk])
    assert "Logic model" in client.get(page).content.decode()
    assert client.post(page, {"mechanism": "He thinks <first>.", "cost_pounds": "12,500"}).status_code == 302
    text = client.get(reverse("evaluation_run", args=[run.pk])).content.decode()
    assert "He thinks &lt;first&gt;." in text
    assert "£77" in text
    client.post(page, {"mechanism": "", "cost_pounds": "12,500"})
    assert [each.text for each in ReportText.objects.filter(slot="mechanism")] == ["He thinks <first>.", ""]
    assert ReportText.objects.filter(slot="cost_pounds").count() == 1
    wrong = client.post(page, {"mechanism": "new", "cost_pounds": "a lot"})
    assert wrong.status_code == 422
    assert "not a number of pounds" in wrong.content.decode()
    assert not ReportText.objects.filter(text="new").exists()
    assert AuditRecord.objects.filter(action="evaluation.texts_changed").count() == 2
    client.force_login(User.objects.get(username="author"))
    assert client.post(page, {"mechanism": "x"}).status_code == 302
    assert not ReportText.objects.filter(text="x").exists()
    guards.put_up()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE analytics_reporttext SET text = 'changed'")


def test_the_explorer_from_areas_to_one_venue(client, town, django_assert_max_num_queries):
    query = {"from": "2024-W01", "to": "2024-W12"}
    views = {
        "explorer_venues": (reverse("explorer_venues"), {"over_time.csv", "reach.csv", "assaults.csv"}),
        "explorer_map": (reverse("explorer_map"), {"catchments.csv"}),
        "explorer_venue": (reverse("explorer_venue", args=["V001"]), {"over_time.csv", "rings.csv"}),
    }
    for path, files in views.values():
        client.get(path, query)
        with django_assert_max_num_queries(MOST_QUERIES):
            text = client.get(path, query).content.decode()
        assert set(re.findall(r"csv=([\w.-]+)", text)) == files
        assert "Evaluator tier." in text
        for name in files:
            answer = client.get(path, query | {"csv": name})
            assert answer.status_code == 200
            assert "evaluator tier, copy" in answer.content.decode().splitlines()[1]
        assert client.get(path, query | {"csv": "passwd"}).status_code == 404
        drawn = set(re.findall(r"svg=([\w.-]+)", text))
        assert len(drawn) == text.count('<svg class="chart') > 0, "every picture can be taken"
        for name in drawn:
            answer = client.get(path, query | {"svg": name})
            assert answer["Content-Type"] == "image/svg+xml"
            assert "evaluator tier, copy" in (ElementTree.fromstring(answer.content).findtext("{*}title") or "")
        assert client.get(path, query | {"svg": "passwd"}).status_code == 404

    def table(view, name, **more):
        answer = client.get(views[view][0], query | {"csv": name} | more)
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    pages = [table("explorer_venues", "assaults.csv", p=n) for n in (1, 2)]
    assert [len(rows) for rows in pages] == [40, 20]
    total = sum(float(row[week]) for rows in pages for row in rows for week in row if week.startswith("2024-"))
    assert total == pytest.approx(sum(float(row["assaults"]) for row in table("explorer_venues", "over_time.csv")))
    assert total > 40
    counted = assaults_by_venue_week(measure="nte_assault", from_week="2024-W01", to_week="2024-W12")
    assert sum(counted.counts.values()) == pytest.approx(total)
    rings = table("explorer_venue", "rings.csv")
    assert [row["ring"] for row in rings] == ["within 150 m", "150 to 300 m", "300 to 600 m"]
    acts = AuditRecord.objects.filter(action="explorer.exported", by="evaluator")
    assert acts.count() == 10 + 6  # tables and pictures
    assert client.get(views["explorer_venues"][0], {"from": "2024-W60", "to": "x"}).status_code == 400
    assert client.get(views["explorer_venues"][0], query | {"area": "Nowhere"}).status_code == 400
    assert client.get(views["explorer_venues"][0], query | {"measure": "nothing"}).status_code == 400
    assert client.get(reverse("explorer_venue", args=["V999"]), query).status_code == 404
    for name in ("author", "importer", "administrator"):
        client.force_login(User.objects.get(username=name))
        for path, _ in views.values():
            assert client.get(path, query).status_code == 302, name


def test_queries_do_not_grow_with_venues(client, town, django_assert_max_num_queries):
    make_venues(140, start=60)
    for path in (reverse("explorer_venues"), reverse("explorer_map"), reverse("explorer_venue", args=["V150"])):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(path, {"from": "2024-W01", "to": "2024-W04", "p": "4"}).status_code == 200


def test_areas_show_what_partners_may_see_and_no_more(client, town, tmp_path, django_assert_max_num_queries):
    page = reverse("explorer")
    assert "Nothing is frozen for partners yet" in client.get(page).content.decode()
    later = [
        niche_row(9000 + n, **{"From Date": f"{date(2024, 6, 1) + timedelta(days=n):%d/%m/%Y}"})
        for n in range(120)
    ]
    import_paths([write_rows(tmp_path / "later.csv", later)])
    frozen, _ = freeze_what_is_complete(by="approver")
    assert frozen
    with django_assert_max_num_queries(MOST_QUERIES):
        text = client.get(page).content.decode()
    shown = {cell["partner"] for period in frozen for cell in period.cells if cell["key"][0] in ("area", "total")}
    rows = list(csv.DictReader(io.StringIO(client.get(page, {"csv": "areas.csv"}).content.decode())))
    cells = {row[name] for row in rows for name in row if name.startswith("from_")}
    assert cells <= shown | {""}
    assert "<5" in cells
    pictures = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    exact = connection.cursor()
    exact.execute("SELECT COUNT(*) FROM analytics_offence")
    words = " ".join(re.findall(r"<(?:title|desc|text)[^>]*>([^<]*)", pictures))
    for small in range(1, 5):  # no number of a cell, least of all a small one, stands in a picture or its words
        assert not re.search(rf"(?<![\d-]){small}(?![\d-]) (?:offence|assault)", words)
    assert "partner tier" in AuditRecord.objects.filter(action="explorer.exported").latest("pk").detail["tier"]


PANEL = "unit,week,live,assaults,street\n" + "".join(
    f"u{u},{w},{int(w >= 20 + 3 * (u % 5) and u % 2)},{(u * 7 + w * 3 + u * w) % 5},s{u // 2}\n"
    for u in range(24)
    for w in range(52)
)
SPEC = """[data]
unit = "unit"
time = "week"
outcome = "assaults"
exposure = ["live"]
cluster = "street"
[model]
permutations = 199
"""


def upload(client, content=PANEL, name="panel.csv", **more):
    return client.post(
        reverse("panels"),
        {"file": SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode()), **more},
    )


def test_a_panel_with_a_specification_gives_what_the_command_gives(
    client, evaluator, tmp_path, capsys, django_assert_max_num_queries
):
    answer = upload(client, spec=SPEC, synthetic="on")
    panel = PanelAnalysis.objects.get()
    job = EvaluationJob.objects.get()
    assert answer["Location"] == reverse("evaluation_job", args=[job.pk])
    assert panel.csv  # nothing was worked out while the browser waited
    assert jobs.work_due() == 1
    panel.refresh_from_db()
    assert panel.csv == ""
    assert client.get(answer["Location"])["Location"] == reverse("panel", args=[panel.pk])
    (tmp_path / "panel.csv").write_text(PANEL)
    (tmp_path / "spec.toml").write_text(SPEC)
    capsys.readouterr()
    call_command("evaluate_panel", str(tmp_path / "panel.csv"), str(tmp_path / "spec.toml"), "--json")
    assert capsys.readouterr().out.strip() == panel.result
    with django_assert_max_num_queries(MOST_QUERIES):
        text = client.get(reverse("panel", args=[panel.pk])).content.decode()
    assert "There is no locked plan." in text
    assert "Synthetic data." in text
    files = set(re.findall(r"/files/([\w.-]+)", text))
    assert {
        "result.json",
        "report.pdf",
        "spec.toml",
        "rules.csv",
        "estimates_by_method.csv",
        "by-method.svg",
    } <= files
    for name in files:
        answer = client.get(reverse("panel_file", args=[panel.pk, name]))
        assert answer.status_code == 200
        assert "synthetic" in answer["Content-Disposition"]
    assert client.get(reverse("panel_file", args=[panel.pk, "other.csv"])).status_code == 404
    client.force_login(User.objects.get(username="second_evaluator"))
    assert client.get(reverse("panel", args=[panel.pk])).status_code == 404
    assert client.get(reverse("evaluation_job", args=[job.pk])).status_code == 404
    client.force_login(User.objects.get(username="importer"))
    assert client.get(reverse("panels")).status_code == 302


def test_columns_chosen_in_a_form_are_the_same_as_a_specification(client, evaluator):
    upload(client)
    panel = PanelAnalysis.objects.get()
    page = reverse("panel", args=[panel.pk])
    assert "unit, week, live, assaults, street" in client.get(page).content.decode()
    chosen = {"columns": "1", "unit": "unit", "time": "week", "outcome": "assaults", "exposure": ["live"], "cluster": "street",
              "family": "poisson", "effect_unit": "on", "effect_time": "on", "seed": "1"}  # fmt: skip
    assert client.post(page, chosen | {"outcome": "street"}).status_code == 422
    panel.refresh_from_db()
    assert panel.csv
    answer = client.post(page, chosen)
    assert answer["Location"] == client.get(page)["Location"]  # while it is under way, its page is the job's
    assert client.post(page, chosen)["Location"] == answer["Location"]  # and it is asked for once
    assert "under way" in client.get(reverse("panels")).content.decode()
    assert jobs.work_due() == 1
    panel.refresh_from_db()
    assert 'cluster = "street"' in panel.spec
    assert json.loads(panel.result)["estimates"][0]["exposure"] == "live"
    assert client.post(reverse("panel_delete", args=[panel.pk])).status_code == 302
    assert not PanelAnalysis.objects.exists()
    assert not EvaluationJob.objects.exists()


def test_what_the_engine_refuses_is_said_above_the_columns_and_can_be_asked_anew(client, evaluator, monkeypatch):
    def refuse(*args, **kwargs):
        raise PanelError("The columns live and street say the same.")

    answer = upload(client, spec=SPEC)
    panel = PanelAnalysis.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(panel_uploads, "analyse", refuse)
        assert jobs.work_due() == 1
    assert client.get(answer["Location"])["Location"] == reverse("panel", args=[panel.pk])
    page = client.get(reverse("panel", args=[panel.pk]))
    assert "The columns live and street say the same." in page.content.decode()
    assert "permutations = 199" in page.content.decode()  # what was asked is there to be mended
    panel.refresh_from_db()
    assert panel.csv
    assert client.post(reverse("panel", args=[panel.pk]), {"spec": SPEC}).status_code == 302
    assert jobs.work_due() == 1
    panel.refresh_from_db()
    assert panel.result


def test_an_upload_that_is_deleted_takes_its_work_with_it(client, evaluator, monkeypatch):
    answer = upload(client, spec=SPEC)
    panel = PanelAnalysis.objects.get()
    assert "delete the upload" in client.get(answer["Location"]).content.decode()
    analyse = panel_uploads.analyse

    def deleted_meanwhile(*args, **kwargs):
        assert client.post(reverse("panel_delete", args=[panel.pk])).status_code == 302
        return analyse(*args, **kwargs)

    monkeypatch.setattr(panel_uploads, "analyse", deleted_meanwhile)
    assert jobs.work_due() == 0
    assert not PanelAnalysis.objects.exists()
    assert not EvaluationJob.objects.exists()
    assert not AuditRecord.objects.filter(action="evaluation.panel_analysed").exists()


@pytest.mark.parametrize(
    ("content", "spec", "words"),
    [
        (b"unit,week,live\n\xff,1,2\n", "", "line 2: not UTF-8"),
        ("unit,week,live\nu\0,1,2\n", "", "line 2: holds a NUL"),
        ("unit,unit\n1,2\n", "", "line 1: every column needs a name of its own"),
        ("alone\n1\n", "", "has 1 columns"),
        ("unit,week\n", "", "no rows below"),
        ("a,b\n" + "1,2\n" * 20_001, "", "20,001 rows; here at most 20,000"),
        (b"a,b\n" + b"1,2\n" * 1_300_000, "", "5,000,000"),
        (PANEL, "[data", "not TOML"),
        (PANEL, SPEC.replace("poisson", "x") + 'family = "x"\n', "model.family"),
    ],
)
def test_a_bad_upload_is_refused_by_row_and_column_and_nothing_is_kept(client, evaluator, content, spec, words):
    answer = upload(client, content, spec=spec)
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not PanelAnalysis.objects.exists()


def test_a_wrong_cell_is_named_and_the_rows_wait_for_another_try(client, evaluator):
    upload(client, PANEL.replace("u0,3,0,", "u0,3,0,many"), spec=SPEC)
    panel = PanelAnalysis.objects.get()
    assert panel.csv
    text = client.get(reverse("panel", args=[panel.pk])).content.decode()
    assert "line 5, assaults" in text
    assert not EvaluationJob.objects.exists()
    delete_expired(now=timezone.now() + timedelta(hours=23))
    assert PanelAnalysis.objects.exists()
    delete_expired(now=timezone.now() + timedelta(hours=25))
    assert not PanelAnalysis.objects.exists()
