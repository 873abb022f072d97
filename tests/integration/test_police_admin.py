"""Police data screens: who may see them, and what they show."""

import csv
import io

import pytest
from django.urls import reverse

from analytics.models import AuditRecord
from analytics.police_data.importing import import_paths
from analytics.police_data.summary import SummaryRow
from analytics.police_data.summary_chart import count_chart
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)


@pytest.fixture
def sign_in(people, client):
    def as_(name):
        client.force_login(User.objects.get(username=name))
        return client

    return as_


@pytest.mark.parametrize(
    ("name", "files", "summary"),
    [
        ("importer", 200, 200),
        ("evaluator", 200, 200),
        ("author", 302, 302),
        ("approver", 302, 302),
        ("venue_manager", 403, 403),
    ],
)
def test_who_may_see_what(sign_in, name, files, summary):
    client = sign_in(name)
    assert client.get(reverse("police_data")).status_code == files
    assert client.get(reverse("police_summary")).status_code == summary


def test_the_summary_shows_chart_table_rule_and_csv(sign_in, tmp_path):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1, **{"Crime No": "SYN-1", "District": "=cmd()"})])])
    client = sign_in("evaluator")
    asked = {"measure": "nte_assault", "first": "2024-06-01", "last": "2024-06-30", "by": "area"}
    page = client.get(reverse("police_summary"), asked).content.decode()
    assert "<svg" in page
    assert "Synthetic data." in page
    assert "not flagged as domestic" in page
    answer = client.get(reverse("police_summary"), asked | {"format": "csv"})
    assert "synthetic" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["# taken out by", "evaluator"]
    assert [row[0] for row in rows[1:4]] == ["# taken out at", "# tier", "# data"]
    assert rows[5][:3] == ["'=cmd()", "'=cmd()", "1"]
    trail = list(AuditRecord.objects.order_by("number").values_list("action", "by"))
    assert trail[-2:] == [("police.summary_viewed", "evaluator"), ("police.summary_exported", "evaluator")]


def test_a_question_that_cannot_be_answered_says_why(sign_in):
    client = sign_in("evaluator")
    page = client.get(
        reverse("police_summary"),
        {"measure": "nte_assault", "first": "2024-06-30", "last": "2024-06-01", "by": "night"},
    )
    assert "ends before it begins" in page.content.decode()


def test_both_readings_of_weekdays_stand_side_by_side(sign_in, tmp_path):
    row = {"From Date": "16/06/2024", "From Time": "01:30"}  # Sunday's small hours, Saturday night
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1, **row)])])
    client = sign_in("evaluator")
    asked = {"measure": "nte_assault", "first": "2024-06-01", "last": "2024-06-30", "by": "weekday"}
    page = client.get(reverse("police_summary"), asked).content.decode()
    assert page.count(">By the calendar</") >= 2  # in the chart and above the table
    assert page.count(">By night</") >= 2
    assert "Denominator: Shares are of the total, 1." in page
    rows = list(
        csv.DictReader(io.StringIO(_table_of(client.get(reverse("police_summary"), asked | {"format": "csv"}))))
    )
    days = {row["key"]: (row["count"], row["count_by_night"]) for row in rows}
    assert (days["sat"], days["sun"]) == (("0", "1"), ("1", "0"))


def _table_of(answer):
    return "\n".join(line for line in answer.content.decode().splitlines() if not line.startswith("#"))


def test_the_chart_escapes_its_texts_and_draws_nothing_without_rows():
    chart = count_chart([SummaryRow("<a>", "<b>", 3), SummaryRow("b", "c", 0)], name="x", title="<t>")
    assert "<a>" not in chart
    assert "<b>" not in chart
    assert "<t>" not in chart
    assert 'width="0.0"' in chart
    assert count_chart([], name="x", title="") == ""
