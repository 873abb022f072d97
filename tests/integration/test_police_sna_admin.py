"""Screens of the needs assessment's tables: who may see them, what they show, what they leave in the audit log."""

import csv
import io
import re

import pytest
from django.urls import reverse

from analytics.models import AuditRecord
from analytics.police_data.importing import import_paths
from analytics.police_data.sna_chart import section_chart
from analytics.police_data.sna_table import Column, Row, Section
from analytics.police_data.sna_tables import TABLES
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db
JUNE = {"first": "2024-06-01", "last": "2024-06-30"}


@pytest.fixture
def sign_in(client):
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)

    def as_(name):
        client.force_login(User.objects.get(username=name))
        return client

    return as_


@pytest.fixture
def loaded(tmp_path):
    rows = [niche_row(n, **{"Crime No": f"SYN-{n}", "District": "<b>=x()</b>"}) for n in range(1, 4)]
    import_paths([write_rows(tmp_path / "a.csv", rows)])


@pytest.mark.parametrize(
    ("name", "status"),
    [("evaluator", 200), ("importer", 200), ("author", 302), ("approver", 302), ("administrator", 302)],
)
def test_who_may_see_tables(sign_in, loaded, name, status):
    client = sign_in(name)
    assert client.get(reverse("sna_tables")).status_code == status
    assert client.get(reverse("sna_table", args=["T4"]), JUNE).status_code == status
    assert client.get(reverse("sna_table", args=["T4"]), JUNE | {"format": "csv"}).status_code == status
    assert AuditRecord.objects.filter(by=name, action__startswith="police.summary").count() == (
        2 if status == 200 else 0
    )


def test_every_table_is_shown_with_its_words(sign_in, loaded):
    client = sign_in("evaluator")
    page = client.get(reverse("sna_tables"), JUNE).content.decode()
    for name in TABLES:
        assert f"{reverse('sna_table', args=[name])}?first=2024-06-01&amp;last=2024-06-30" in page
        text = client.get(reverse("sna_table", args=[name]), JUNE).content.decode()
        assert "Read this with the numbers" in text
        assert "Denominator:" in text
        assert "<b>=x()" not in text
        assert ("Synthetic data." in text) == (name != "T18")
    assert AuditRecord.objects.filter(action="police.summary_viewed", by="evaluator").count() == len(TABLES)


def test_a_table_has_its_chart_its_published_figures_and_low_numbers(sign_in, loaded):
    text = sign_in("evaluator").get(reverse("sna_table", args=["T4"]), JUNE).content.decode()
    assert text.count("<svg") >= 1
    assert "Share: published, local SNA 2024-25" in text
    assert "66%" in text
    assert "differs" in text
    assert "fewer than 20" in text
    assert "cannot be expected to agree" in text


def test_the_form_opens_with_a_period_that_is_loaded(sign_in, loaded):
    text = sign_in("evaluator").get(reverse("sna_tables")).content.decode()
    assert 'value="2024-06-01"' in text
    assert 'value="2024-06-30"' in text


def test_the_file_is_watermarked_and_safe(sign_in, loaded):
    answer = sign_in("evaluator").get(reverse("sna_table", args=["T2"]), JUNE | {"format": "csv"})
    assert answer["Content-Disposition"] == 'attachment; filename="sna-t2-2024-06-01-2024-06-30-synthetic.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["# taken out by", "evaluator"]
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"first": "2019-01-01", "last": "2019-02-01"}, "No serious violence is loaded"),
        ({"first": "2024-06-30", "last": "2024-06-01"}, "ends before it begins"),
        ({"first": "yesterday", "last": "2024-06-01"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_shown_is_said(sign_in, loaded, asked, words):
    assert words in sign_in("evaluator").get(reverse("sna_table", args=["T1"]), asked).content.decode()
    assert not AuditRecord.objects.filter(action__startswith="police.summary").exists()


def test_nothing_loaded_and_no_such_table(sign_in):
    client = sign_in("evaluator")
    assert "nothing to count" in client.get(reverse("sna_tables")).content.decode()
    assert "nothing to count" in client.get(reverse("sna_table", args=["T1"])).content.decode()
    assert client.get(reverse("sna_table", args=["T19"])).status_code == 404


def test_charts_escape_cut_and_scale():
    columns = (Column("count", "A <count>", "count"), Column("night", "By night", "count"))
    rows = [Row(f"k{n}", "<script>" + "x" * n, {"count": n, "night": 30 - n}) for n in range(30)]
    section = Section("s", "S", columns, rows, chart=("count", "night"))
    svg = section_chart(section, name="c", title="<b>")
    assert "<script>" not in svg
    assert "<b>" not in svg
    labels = re.findall(r'<text[^>]*text-anchor="start">([^<]*)</text>', svg)
    assert max(map(len, labels)) <= 37 + len("&lt;&gt;") - 2
    widths = [float(width) for width in re.findall(r'x="1" y="\d+" width="([\d.]+)"', svg)]
    assert max(widths) == 358
    section.in_time = True
    section.chart = ("count",)
    assert section_chart(section, name="c", title="t").count("<rect") == 30
    assert section_chart(Section("s", "S", columns, [], chart=("count",)), name="c", title="t") == ""
