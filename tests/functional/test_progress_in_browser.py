"""A page about long work, in a real browser: it follows by itself, politely, and without script by a link."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from analytics.evaluation import drafts, jobs
from analytics.models import EvaluationJob
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.evaluation import quiet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def job() -> EvaluationJob:
    set_up_roles()
    demo_people.load(seed=1, say=quiet)
    person = User.objects.get(username="evaluator")
    draft = drafts.new_draft("rollout", by=person, values={"title": "Spring"})
    return jobs.ask("rollout", by=person, draft=draft)


def _now(job: EvaluationJob, state: str, waves: int) -> None:
    EvaluationJob.objects.filter(pk=job.pk).update(
        state=state,
        lease_until=timezone.now() + timedelta(minutes=5) if state == "running" else None,
        progress={"waves": {str(n): {} for n in range(waves)}, "of": 8},
    )


def _page(browser: Browser, address: str, job: EvaluationJob, **more: Any) -> Page:
    client = Client()
    client.force_login(job.asked_by)
    context = browser.new_context(**more)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
    page = context.new_page()
    page.goto(address + reverse("evaluation_job", args=[job.pk]))
    return page


def test_page_follows_and_keeps_its_status_line(browser: Browser, live_server: Any, job: EvaluationJob) -> None:
    page = _page(browser, live_server.url, job)
    status = page.get_by_role("status").filter(has_text="Waiting for a worker")
    status.wait_for()
    page.evaluate("document.querySelector('[data-progress] [role=status]').sameAsBefore = true")
    page.get_by_role("link", name="Look again").focus()
    _now(job, "running", 2)
    page.get_by_text("Under way. 25 % or more is done.").wait_for()
    assert page.get_by_text("2 of 8 steps").is_visible()
    assert page.get_by_role("progressbar", name="How far").evaluate("each => [each.value, each.max]") == [2, 8]
    _now(job, "running", 3)
    page.get_by_text("3 of 8 steps").wait_for()
    assert page.get_by_text("Under way. 25 % or more is done.").is_visible()  # not read out at every step
    assert page.evaluate("document.querySelector('[data-progress] [role=status]').sameAsBefore") is True
    assert page.evaluate("document.activeElement.textContent") == "Look again"
    _now(job, "done", 8)
    page.wait_for_url("**/roll-outs/drafts/*/")
    page.context.close()


def test_failed_work_is_said_by_itself(browser: Browser, live_server: Any, job: EvaluationJob) -> None:
    page = _page(browser, live_server.url, job)
    EvaluationJob.objects.filter(pk=job.pk).update(state="failed", error="No venue has a place yet.")
    page.get_by_role("alert").filter(has_text="No venue has a place yet.").wait_for()
    page.context.close()


def test_without_script_there_is_a_link(browser: Browser, live_server: Any, job: EvaluationJob) -> None:
    page = _page(browser, live_server.url, job, java_script_enabled=False)
    _now(job, "running", 4)
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("Under way. 50 % or more is done.").wait_for()
    page.context.close()
