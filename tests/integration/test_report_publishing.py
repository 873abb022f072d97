"""A signed result becomes a draft of public words, an approver publishes it, and no count gets out on the way."""

import hashlib
import io
import json
import re

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.test import RequestFactory
from django.urls import reverse
from wagtail.models import Page, Site

from analytics.evaluation.report.public import public_findings
from analytics.evaluation.report.publishing import NotPublishable, ask_to_publish, why_not
from analytics.models import AuditRecord
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.models import EvaluationPage, EvaluationPdf, HomePage, PublishedEvaluation
from tests.factories.report import sample_result, stored_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title="Walk away", slug="home-of-test", lead="x", body=[]))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    return {
        name: User.objects.get(username=name)
        for name in ("evaluator", "second_evaluator", "approver", "author", "importer")
    }


@pytest.fixture
def signed(people):
    return stored_run(sample_result(), signed_by="second_evaluator")


def words(findings):
    return json.dumps({key: value for key, value in findings.items() if key not in ("facts", "result_hash")})


def test_from_signature_to_public_page_by_three_people(client, people, signed):
    client.force_login(people["evaluator"])
    screen = reverse("evaluation_publish", args=[signed.pk])
    assert "What the public would see" in client.get(screen).content.decode()
    assert client.post(screen).status_code == 302
    page = EvaluationPage.objects.get()
    assert not page.live
    assert page.intact
    assert client.post(screen).status_code == 409  # once only
    state = page.current_workflow_state
    assert state is not None
    assert not state.current_task_state.task.specific.get_actions(page, people["evaluator"])
    actions = [name for name, *_ in state.current_task_state.task.specific.get_actions(page, people["approver"])]
    assert "approve" in actions
    draft_pdf = reverse("evaluation_page_pdf", args=[page.pk])
    assert client.get(screen).content.decode().count("/publish/report.pdf") == 1
    for name, status in (("evaluator", 302), ("approver", 200), ("importer", 302)):
        client.force_login(people[name])
        assert client.get(draft_pdf).status_code == status, name
    preview = page.make_preview_request(original_request=RequestFactory().get("/"))
    assert draft_pdf in preview.rendered_content
    client.logout()
    assert client.get(draft_pdf).status_code == 302
    assert client.get(page.url).status_code == 404
    assert client.get(page.url + "?file=report.pdf").status_code == 404
    state.current_task_state.approve(user=people["approver"])
    page.refresh_from_db()
    assert page.live
    text = client.get(page.url).content.decode()
    assert text.index("Synthetic data.") < text.index("This does not show that the campaign caused it.")
    assert 'role="img"' in text
    assert "Signed by a second person" in text
    whole = client.get(page.url + "?file=report.pdf")
    assert whole["Content-Type"] == "application/pdf"
    assert hashlib.sha256(whole.content).hexdigest() == page.findings["pdf"]["sha256"]
    with pikepdf.open(io.BytesIO(whole.content)) as printed:
        assert bool(printed.Root.MarkInfo.Marked)
        number = len(printed.pages)
    size = filesizeformat(len(whole.content))
    assert (
        f'href="?file=report.pdf" type="application/pdf">The whole report as PDF ({number} pages, {size})' in text
    )
    listed = PublishedEvaluation.objects.get()
    assert listed.verdict.endswith(json.loads(signed.result)["verdict_sentence"])
    assert listed.verdict.startswith("Synthetic data.")
    csv = client.get(page.url + "?table=rings.csv")
    assert csv["Content-Type"].startswith("text/csv")
    assert "Here: within 150 m,0.790" in csv.content.decode()
    assert AuditRecord.objects.filter(action="evaluation.publication_asked", by="evaluator").count() == 1


def test_findings_that_were_changed_are_never_published(people, signed):
    page = ask_to_publish(signed, by=people["evaluator"])
    page.findings["sentence"] = "It works."
    with pytest.raises(ValidationError, match="changed after they were signed"):
        page.full_clean()
    revision = page.save_revision(clean=False)
    with pytest.raises(ValidationError, match="not those that were signed"):
        revision.publish()
    assert not EvaluationPage.objects.get().live


def test_a_pdf_that_was_changed_is_not_handed_out(client, people, signed):
    page = ask_to_publish(signed, by=people["evaluator"])
    assert page.pdf_response().content.startswith(b"%PDF")
    EvaluationPdf.objects.update(content=b"%PDF another")
    with pytest.raises(Http404):
        page.pdf_response()
    page.findings["pdf"] = {"sha256": EvaluationPdf.keep(b"%PDF another").pk, "bytes": 12, "pages": 1}
    with pytest.raises(Http404):  # the seal does not fit
        page.pdf_response()


def test_the_pdf_can_be_read_before_anybody_is_asked(client, people, signed):
    address = reverse("evaluation_publish_pdf", args=[signed.pk])
    client.force_login(people["evaluator"])
    assert client.get(address).content.startswith(b"%PDF")
    assert not EvaluationPdf.objects.exists()
    client.force_login(people["author"])
    assert client.get(address).status_code in (302, 403)
    client.force_login(people["evaluator"])
    unsigned = stored_run(sample_result(verdict="more"))
    assert client.get(reverse("evaluation_publish_pdf", args=[unsigned.pk])).status_code == 404


def test_what_cannot_be_published_and_why(people, settings, signed):
    unsigned = stored_run(sample_result(verdict="more"))
    assert "Nobody has signed" in why_not(unsigned)
    with pytest.raises(NotPublishable, match="may not ask"):
        ask_to_publish(signed, by=people["author"])
    settings.WALKAWAY_DEMO = False
    assert "demo only" in why_not(signed)
    settings.WALKAWAY_DEMO = True
    assert why_not(signed) == ""


@pytest.mark.parametrize("verdict", ["fewer", "cannot_tell", "refused", "exploratory"])
def test_no_count_is_in_what_is_public(verdict):
    """Counts of the sample are unlike any other number in it: 7, 3, 1840, 611, 773 and the numbers by week."""
    result = sample_result(verdict=verdict, fires=("R4",))
    small = "7 events, 3 in exposed cells, 2.4 expected there"
    for rule in result["rules"]:
        if rule["code"] == "R4":
            rule["detail"] = small
    result["verdict_sentence"] = f"Refused: the data cannot carry an answer (R4: {small})."
    found = public_findings(result, signed="", result_hash="f" * 64, attribution=[])
    assert small not in words(found)
    assert not re.search(r"1840|1,840|773|611|\b7 events|\b402\b|40\.4", words(found))
    assert "SYN0" not in words(found)
    assert "did not hold" in found["sentence"]
    assert {each["state"] for each in found["rules"]} == {
        "held",
        "did not hold",
        "not applicable",
        "nothing found against it",
    }


def test_no_ratio_of_too_few_units_is_public():
    result = sample_result(verdict="cannot_tell", n_units=9)
    result["verdict_sentence"] = "We cannot tell. The estimate is a rate ratio of 0.81 (95% CI 0.71 to 0.92)."
    found = public_findings(result, signed="", result_hash="f" * 64, attribution=[])
    assert found["figures"] == []
    assert found["could_see"] == ""
    assert not re.search(r"0\.81|0\.71|0\.79", words(found))
    enough = public_findings(sample_result(n_units=10), signed="", result_hash="f" * 64, attribution=[])
    assert [each["name"] for each in enough["figures"]] == ["estimate", "other-offences", "rings"]
    assert "<b>" not in "".join(each["svg"] for each in enough["figures"])


def test_the_page_draws_in_a_preview(people, signed):
    page = ask_to_publish(signed, by=people["evaluator"])
    request = RequestFactory().get("/")
    response = page.make_preview_request(original_request=request)
    assert response.status_code == 200
