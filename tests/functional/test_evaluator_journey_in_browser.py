"""An evaluator's whole way in a real browser: plan, simulate, lock with another, import, run, read, export, run again,
and what the screen says when plan, data or code were tampered with. Then every screen of it: accessible and fitting."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from analytics.audit import guards
from analytics.evaluation import code_version, drafts, jobs
from analytics.evaluation.rollout_drawing import keep_draw
from analytics.evaluation.rollout_settings import check_settings
from analytics.measures.catalogue import measure_named
from analytics.models import EvaluationDraft, EvaluationPlan, EvaluationRun, ReceivedFile
from analytics.police_data.matching import bands_within
from analytics.police_data.received_loading import load_due
from analytics.police_data.selection import counted_rows
from analytics.police_data.synthetic import write_extract
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages import activity
from campaign_pages.accounts.models import User
from tests.factories.evaluation import demo_world
from tests.functional.test_reports_in_browser import MEASURE

pytestmark = [pytest.mark.timeout(900), pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FIRST, LAST = "2023-W14", "2024-W13"


class Person:
    """Somebody signed in at the live server."""

    def __init__(self, browser: Browser, address: str, name: str, **more: Any) -> None:
        client = Client()
        client.force_login(User.objects.get(username=name))
        self.address, self.context = address, browser.new_context(**more)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
        self.page: Page = self.context.new_page()

    def go(self, name: str, *args: Any) -> Page:
        self.page.goto(self.address + reverse(name, args=args))
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """Venues with check-ins, and a synthetic extract in which the planted rate ratio is 0.7; nothing is imported."""
    demo_world()
    dose = {
        (row.venue, row.week): row.live_share
        for row in venue_weeks(from_week=FIRST, to_week=LAST)
        if row.live_share
    }
    path = tmp_path / "extract.csv"
    write_extract(path, seed=1, venues=activity.venues(), exposure=dose, irr=0.7, offences=9000)
    return path


def test_the_whole_way(
    browser: Browser, live_server: Any, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "simulate", partial(jobs.simulate, panels=5, rule_panels=1))
    author = Person(browser, live_server.url, "evaluator")
    second = Person(browser, live_server.url, "second_evaluator", java_script_enabled=False)
    _write_simulate_lock(author, second)
    _import(Person(browser, live_server.url, "importer"), extract)
    run = _run_read_export(author)
    _again_the_same_and_signed(author, second, run)
    _screens(browser, live_server.url, run)
    _tampered(author, run, tmp_path, monkeypatch)


def _write_simulate_lock(author: Person, second: Person) -> None:
    page = author.go("evaluation_plans")
    author.press("Write a new plan")
    page.get_by_label("Title").fill("One year of posters")
    author.press("Save draft")  # incomplete, and kept
    page.get_by_text("What is counted: is needed").wait_for()
    page.get_by_label("What is counted").select_option("nte_assault")
    page.get_by_label("Kind of data").select_option("synthetic")
    page.get_by_label("First week", exact=True).fill(FIRST)
    page.get_by_label("Last week", exact=True).fill(LAST)
    page.get_by_text("52 weeks, up to Sunday 31 March 2024").wait_for()  # said while it is written
    page.get_by_label("Draws of the chance test").fill("499")
    page.get_by_text("The smallest p that can come out is 1 in 500").wait_for()
    assert page.get_by_role("img", name="Map of the clusters").is_visible()
    author.press("Save and simulate")
    page.get_by_text("Waiting for a worker").wait_for()
    assert jobs.work_due() == 1
    page.wait_for_url("**/drafts/*/")  # the page saw by itself that it is done
    page.get_by_text("With 30 venue clusters over 52 weeks we could only see a fall of").wait_for()
    assert page.get_by_text("different arrangements for the chance test").is_visible()
    author.press("Ask for it to be locked")
    page.get_by_text("Another evaluator has to confirm.").wait_for()
    assert page.get_by_role("button", name="Confirm").count() == 0
    draft = EvaluationDraft.objects.get()
    page = second.go("evaluation_draft", draft.pk)
    assert "150 venues make 30 places" in page.content()
    second.press("Confirm: lock it for ever")
    page.get_by_text("Locked. Nobody can change it now.").wait_for()
    plan = EvaluationPlan.objects.get()
    assert hashlib.sha256(plan.content.encode()).hexdigest() == plan.plan_hash
    assert not plan.outcomes_there


def _import(importer: Person, extract: Path) -> None:
    page = importer.go("police_data")
    page.locator("input[name=file]").set_input_files(extract)
    page.get_by_label("Why these data are loaded").fill("the year of the plan")
    importer.press("Give in")
    page.wait_for_url("**/received/*/")
    importer.press("Load it")
    page.get_by_role("link", name="Look again").wait_for()
    assert load_due() == 1
    assert ReceivedFile.objects.get().state == "loaded"
    importer.context.close()


def _run_read_export(author: Person) -> EvaluationRun:
    page = author.go("evaluation_plan", EvaluationPlan.objects.get().pk)
    author.press("Run it")
    page.get_by_text("Waiting for a worker").wait_for()
    assert jobs.work_due() == 1
    page.wait_for_url("**/evaluation/*/")
    run = EvaluationRun.objects.get()
    result = json.loads(run.result)
    page.get_by_text(result["verdict_sentence"][:60]).first.wait_for()
    assert page.get_by_text("It is the only plan that was ever run").is_visible()
    assert not [rule for rule in result["rules"] if rule["code"] == "R1" and rule["fired"]]
    assert result["estimate"]["ci_low"] <= 0.7 <= result["estimate"]["ci_high"]
    for name in ("result.json", "panel.csv"):
        with page.expect_download() as coming:
            page.get_by_role("link", name=name).click()
        body = Path(coming.value.path()).read_bytes()
        assert "synthetic" in coming.value.suggested_filename
        if name == "result.json":
            assert hashlib.sha256(body).hexdigest() == run.result_hash
    return run


def _again_the_same_and_signed(author: Person, second: Person, run: EvaluationRun) -> None:
    author.press("Run it again and compare")
    assert jobs.work_due() == 1
    author.page.get_by_text("Byte for byte the same").wait_for()
    page = author.go("evaluation_run", run.pk)
    assert page.get_by_role("button", name="I looked at it").count() == 0  # who ran it does not sign it
    page = second.go("evaluation_run", run.pk)
    second.press("I looked at it and stand for it")
    page.get_by_text("Signed by").first.wait_for()


def _tampered(author: Person, run: EvaluationRun, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Code: another source file. Said, and no alarm, since software is renewed.
    monkeypatch.setattr(code_version, "ROOT", folder)
    code_version.code_hash.cache_clear()
    page = author.go("evaluation_run", run.pk)
    assert page.get_by_text("Another code version").is_visible()
    assert page.get_by_text("was changed after the run").count() == 0
    monkeypatch.undo()
    code_version.code_hash.cache_clear()
    # Data: a row of an offence that nobody imported or withdrew. A run done again finds it.
    counted = counted_rows(measure_named("nte_assault")).filter(night__gte="2023-06-01", night__lte="2023-12-31")
    counted.filter(venue_code__gt="", distance_band__in=bands_within(150)).first().delete()
    author.go("evaluation_run", run.pk)
    author.press("Run it again and compare")
    assert jobs.work_due() == 1
    page.get_by_text("Not the same").wait_for()
    assert page.get_by_text("rows of the panel are different").is_visible()
    # Plan: its stored text.
    guards.take_down()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE analytics_evaluationplan SET content = content || ' '")
    page = author.go("evaluation_run", run.pk)
    assert page.get_by_text("The plan was changed after it was locked").first.is_visible()
    page = author.go("evaluation_plan", EvaluationPlan.objects.get().pk)
    assert page.get_by_text("This plan was changed after it was locked.").is_visible()
    # Result: its stored bytes.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE analytics_evaluationrun SET result = result || ' '")
    page = author.go("evaluation_run", run.pk)
    assert page.get_by_text("What is stored here was changed after the run.").is_visible()
    guards.put_up()


def _problems(page: Page, where: str, rules: list[str], width: int) -> list[str]:
    result = Axe().run(
        page, context={"include": [[".analytics"]]}, options={"runOnly": rules, "resultTypes": ["violations"]}
    )
    found = [f"{where}: {each['id']} {each['nodes'][0]['html'][:160]}" for each in result.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{where}: sticks out")
    if width == 360:  # letters of the map of clusters and of the calendar: large enough, and none on another
        found += [f"{where}: {each}" for each in page.evaluate(MEASURE)]
    return found


def _screens(browser: Browser, address: str, run: EvaluationRun) -> None:
    evaluator = User.objects.get(username="evaluator")
    draft = drafts.new_draft("plan", by=evaluator, values={"title": "Half", "seed": "x", "measure": "nte_assault"})
    settings_draft = drafts.new_draft("rollout", by=evaluator, values={"waves": 99, "excluded": [["SYN001", ""]]})
    checked, _ = check_settings(
        {"title": "Spring", "waves": 4, "seed": 7, "never": 1, "excluded": [["SYN003", "closing"]]}
    )
    assert checked is not None
    rollout = keep_draw(checked, by="evaluator", power=[{"waves": 4, "detectable_fall_percent": 31.0}])
    job = jobs.ask("run", by=evaluator, plan=EvaluationPlan.objects.get())
    pages = {
        "plans": reverse("evaluation_plans"),
        "draft": reverse("evaluation_draft", args=[draft.pk]),
        "plan": reverse("evaluation_plan", args=[EvaluationPlan.objects.get().pk]),
        "job": reverse("evaluation_job", args=[job.pk]),
        "run": reverse("evaluation_run", args=[run.pk]),
        "rollouts": reverse("rollouts"),
        "rollout_draft": reverse("rollout_draft", args=[settings_draft.pk]),
        "rollout": reverse("rollout", args=[rollout.pk]),
    }
    found = []
    for width, other, script in ((360, 1280, False), (1280, 360, True)):
        person = Person(
            browser, address, "evaluator", viewport={"width": width, "height": 3600}, color_scheme="light",
            reduced_motion="reduce", bypass_csp=True,
        )  # fmt: skip
        if not script:
            person.context.route("**/*.js", lambda route: route.abort())
        for name, path in pages.items():
            person.page.goto(address + path)
            found += _problems(person.page, f"{name} {width} light", RULES, width)
            # The same page on the other screen and in the dark: nothing is loaded anew, and only colours and width are.
            person.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            person.page.set_viewport_size({"width": other, "height": 3600})
            found += _problems(person.page, f"{name} {other} dark", ["color-contrast"], other)
            person.page.emulate_media(color_scheme="light", reduced_motion="reduce")
            person.page.set_viewport_size({"width": width, "height": 3600})
        person.context.close()
    job.delete()
    assert found == []
