"""Screens of reach in a real browser: accessible in light and dark, narrow and wide, without script, by keyboard."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from analytics.models import ReachFigure, ReachFile
from analytics.reach.importing import import_reach
from campaign_pages.accounts.models import User
from tests.factories.evaluation import demo_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [(360, "dark", False), (1280, "light", True), (360, "light", True), (1280, "dark", False)]


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    demo_world()
    lines = {
        "out_of_home": "area,week,reach,impacts,population\nE06000016,2024-W38,30000,120000,300000\n",
        "social": "area,date,platform,impressions,reach\nE06000016,2024-09-18,tiktok,9000,6000\n",
        "survey": "area,date,question,asked,yes\nE06000016,2024-09-18,seen_it,400,120\n",
    }
    for kind, text in lines.items():
        (tmp_path / f"{kind}.csv").write_text(text)
        import_reach(tmp_path / f"{kind}.csv", kind=kind)
    return tmp_path


def cookie_of(role: str) -> str:
    client = Client()
    client.force_login(User.objects.get(username=role))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.once
def test_no_violation_nothing_sticks_out_and_no_script_is_needed(
    browser: Browser, live_server: Any, world: Path
) -> None:
    cookie, found = cookie_of("evaluator"), []
    paths = [reverse(f"reach_{name}") for name in ("summary", "map", "areas", "quality", "files")]
    paths += [reverse("reach"), reverse("reach_venue", args=["SYN001"]), reverse("reach_letter", args=["SYN001"])]
    for turn, (width, scheme, script) in enumerate(LOOKS):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            bypass_csp=True,
        )
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        if not script:
            context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        # Each page is looked at twice: narrow and wide, in both schemes, with and without script over the pages.
        for path in paths[turn % 2 :: 2] if turn < 2 else paths[1 - turn % 2 :: 2]:
            page.goto(live_server.url + path)
            result = Axe().run(
                page,
                context={"include": [[".analytics"]]},
                options={"runOnly": RULES, "resultTypes": ["violations"]},
            )
            found += [
                f"{path} {width} {scheme}: {each['id']} {each['nodes'][0]['target']} {each['nodes'][0]['html'][:120]}"
                for each in result.response["violations"]
            ]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{path} {width} {scheme}: sticks out")
            if "files" not in path and "letter" not in path:
                assert page.locator("svg.chart[role=img] title").count() >= 1, path
                assert page.locator("table").count() >= 1, path
        context.close()
    assert found == []


def test_a_file_is_loaded_by_keyboard_alone(browser: Browser, live_server: Any, world: Path) -> None:
    (world / "doors.csv").write_text("venue,date,count\nSYN001,2024-03-08,250\nNOPE,2024-03-08,1\n")
    context = browser.new_context(viewport={"width": 360, "height": 900})
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie_of("importer"), "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(live_server.url + reverse("reach_files"))
    page.get_by_label("What is in the file?").focus()
    page.keyboard.type("People let in")
    page.locator("input[type=file]").set_input_files(str(world / "doors.csv"))
    page.get_by_role("button", name="See what it would do").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Rows that will not be loaded").wait_for()
    assert "is not in the register" in page.locator(".analytics").inner_text()
    assert ReachFile.objects.filter(kind="door_counts").count() == 0
    page.get_by_role("button", name="Load 1 row").focus()
    page.keyboard.press("Enter")
    page.get_by_text("2 rows read, 1 loaded").wait_for()
    assert ReachFigure.objects.get(kind="door_counts").value == 250
    context.close()
