"""Reach and evaluation screens in a real browser: accessible in light and dark, narrow and wide, without script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from analytics.models import EvaluationRun
from campaign_pages.accounts.models import User
from tests.factories.evaluation import small_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def signed_in(live_server: Any, tmp_path: Any) -> tuple[str, str, list[str]]:
    """(server address, session cookie, paths to look at)."""
    small_demo(tmp_path)
    client = Client()
    client.force_login(User.objects.get(username="evaluator"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    run = EvaluationRun.objects.get()
    paths = [reverse("evaluation_runs"), reverse("evaluation_run", args=[run.pk]), reverse("reach")]
    return live_server.url, cookie, paths


def test_no_accessibility_violation_and_nothing_sticks_out(
    browser: Browser, signed_in: tuple[str, str, list[str]]
) -> None:
    address, cookie, paths = signed_in
    found = []
    looks = [(360, "light", True), (360, "dark", False), (1280, "light", False), (1280, "dark", True)]
    for width, scheme, script in looks:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            bypass_csp=True,
        )
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        if not script:
            context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        for path in paths:
            page.goto(address + path)
            assert page.locator(".analytics").count() == 1, path
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
        context.close()
    assert found == []
