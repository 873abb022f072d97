"""Nothing that somebody typed runs as a formula in a file that we hand out (ASVS 5.0 1.2.10)."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from campaign_pages.models import Fact, Feedback
from campaign_pages.models.evaluation_page import _as_csv
from campaign_pages.spreadsheet_text import safe_cell

PLANTED = '=HYPERLINK("http://evil.example","look")'


@pytest.mark.parametrize(
    "start", [*"=+-@|", *"＝＋－＠｜", "\t", "\r", "\n", "\0", " =", "\u200b=", "\ufeff@", "\0\u200b ="]
)
def test_what_a_spreadsheet_may_run_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(
    "cell", [-3, -0.5, None, True, "10-12", "a=b", "\u22129.8%", "", "\u200bplain", "O'Neill"]
)
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert safe_cell(cell) is cell


def exported(client: Client, name: str, form: str) -> list[list[Any]]:
    answer = client.get(reverse(name), {"export": form})
    body = b"".join(answer)
    if form == "csv":
        return list(csv.reader(io.StringIO(body.decode())))
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_feedback_of_the_public_runs_nothing_on_the_machine_of_who_exports_it(
    admin_client: Client, form: str
) -> None:
    Feedback.objects.create(page="/plan/", text=PLANTED)
    rows = exported(admin_client, Feedback.snippet_viewset.get_url_name("list"), form)
    assert [row[:2] for row in rows[1:]] == [["/plan/", f"'{PLANTED}"]]


@pytest.mark.django_db
def test_dates_and_numbers_of_an_export_stay_what_they_are(admin_client: Client) -> None:
    Feedback.objects.create(page="/plan/", text="fine")
    ((page, text, at),) = exported(admin_client, Feedback.snippet_viewset.get_url_name("list"), "xlsx")[1:]
    assert (page, text) == ("/plan/", "fine")
    assert at == Feedback.objects.get().at.replace(tzinfo=None, microsecond=at.microsecond)


@pytest.mark.django_db
def test_wagtails_own_reports_too(admin_client: Client) -> None:
    from wagtail.models import ModelLogEntry

    fact = Fact.objects.create(text=PLANTED, source="x", as_of="2026-01-01", review_by="2027-01-01")
    ModelLogEntry.objects.log_action(instance=fact, action="wagtail.create")
    cells = [cell for row in exported(admin_client, "wagtailadmin_reports:site_history", "csv") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_tables_of_a_published_evaluation() -> None:
    figure = {"columns": [{"label": "Area"}, {"label": "Change"}], "rows": [[PLANTED, -0.25]]}
    assert list(csv.reader(io.StringIO(_as_csv(figure)))) == [["Area", "Change"], [f"'{PLANTED}", "-0.25"]]
