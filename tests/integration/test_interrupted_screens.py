"""A series with a step on the screen for anybody's panel: offered, explained, refused at once, and reported. Synthetic data."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from analytics.evaluation import jobs, panel_uploads
from analytics.evaluation.panel_spec import DESIGNS
from analytics.models import EvaluationJob, PanelAnalysis
from tests.factories.series import drawn, months

pytestmark = pytest.mark.django_db
CHOSEN = {
    "columns": "1", "unit": "town", "time": "time", "outcome": "offences", "exposure": ["step"], "offset_log_of": "people",
    "family": "quasipoisson", "design": "interrupted", "season": "12", "slope": "on", "effect_unit": "on", "effect_time": "on",
    "seed": "1",
}  # fmt: skip


def content(rows):
    stream = io.StringIO()
    csv.writer(stream).writerows([["town", "time", "step", "offences", "people"], *rows])
    return stream.getvalue()


def upload(client, rows):
    client.post(reverse("panels"), {"file": SimpleUploadedFile("panel.csv", content(rows).encode())})
    return PanelAnalysis.objects.latest("pk")


def two_towns():
    return drawn(1, periods=72, before=40, controlled=True, period=12).rows(months(2018, 72) * 2)


def test_the_form_offers_every_design_and_says_what_each_is_for(client, evaluator):
    panel = upload(client, two_towns())
    page = client.get(reverse("panel", args=[panel.pk])).content.decode()
    for name in DESIGNS:
        assert f'<option value="{name}"' in page
        assert f"<dt><code>{name}</code></dt>" in page
    assert "Grade 1 alone, 2 with a control, never more" in page


def test_what_is_chosen_in_the_form_is_what_the_command_finds(client, evaluator, tmp_path, capsys):
    rows = two_towns()
    panel = upload(client, rows)
    page = reverse("panel", args=[panel.pk])
    assert client.post(page, CHOSEN).status_code == 302
    assert jobs.work_due() == 1
    panel.refresh_from_db()
    found = json.loads(panel.result)
    assert found["interrupted_time_series"]["control"] == "Derby"
    assert found["interrupted_time_series"]["slope"] is not None
    assert found["evidence_grade"] == 2
    (tmp_path / "panel.csv").write_text(content(rows))
    (tmp_path / "spec.toml").write_text(panel.spec)
    capsys.readouterr()
    call_command("evaluate_panel", str(tmp_path / "panel.csv"), str(tmp_path / "spec.toml"), "--json")
    assert capsys.readouterr().out.strip() == panel.result
    text = client.get(page).content.decode()
    assert "Interrupted time series" in text
    assert "its-series.svg" in text
    for name in (
        "interrupted_series.csv",
        "its-series.svg",
        "its-autocorrelation.svg",
        "report.pdf",
        "report.html",
    ):
        assert client.get(reverse("panel_file", args=[panel.pk, name])).status_code == 200, name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"family": "gaussian"}, "model.family: the design interrupted counts events"),
        ({"cluster": "town"}, "data.cluster: the design interrupted takes none"),
        ({"exposure": ["step", "people"]}, "data.exposure: the design interrupted takes one column"),
        ({"design": "regression"}, "model.slope: a change of slope is for the design interrupted"),
    ],
)
def test_a_choice_that_does_not_fit_is_said_at_once(client, evaluator, change, words):
    panel = upload(client, two_towns())
    answer = client.post(reverse("panel", args=[panel.pk]), CHOSEN | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not EvaluationJob.objects.exists()


def test_a_panel_of_another_shape_is_said_before_a_worker_has_it(client, evaluator):
    rows = two_towns()
    panel = upload(client, rows[:20] + rows[21:])
    answer = client.post(reverse("panel", args=[panel.pk]), CHOSEN)
    assert answer.status_code == 422
    assert "Leicester has no row for 2019-09" in answer.content.decode()
    assert not EvaluationJob.objects.exists()
    panel.refresh_from_db()
    assert panel.csv


def test_a_form_without_a_design_is_the_regression_as_before():
    spec = panel_uploads.spec_from(
        {"unit": "u", "time": "t", "outcome": "y", "exposure": ["x"], "effect_unit": True}
    )
    parsed = panel_uploads.parse(spec)
    assert (parsed.design, parsed.effects, parsed.period) == ("regression", ("unit",), None)
