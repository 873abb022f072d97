"""The social screens in a real browser: accessible at every width and scheme, also while publishing is stopped."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from campaign_pages.social import demo_posts
from campaign_pages.social.models import Dispatch, Post
from campaign_pages.social.stopping import stop_publishing
from tests.factories import social

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def cookie(live_server: Any) -> dict[str, str]:
    by = social.people()
    demo_posts.load(seed=1, say=lambda line: None)
    Dispatch.objects.filter(account__platform="tiktok").update(state="awaiting_human")
    client = Client()
    client.force_login(by["approver"])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}


@pytest.mark.once
def test_no_accessibility_violation(browser: Browser, live_server: Any, cookie: dict[str, str]) -> None:
    waiting = Post.objects.get(state="in_review").pk
    paths = ["", "write/", "review/", f"{waiting}/", f"{waiting}/change/"]
    found = []
    for stopped in (False, True):
        if stopped:
            stop_publishing(reason="a bad night")
        for width, scheme in ((360, "dark"), (1280, "light")) if stopped else (
            (360, "light"), (360, "dark"), (1280, "light"), (1280, "dark"),
        ):  # fmt: skip
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,  # type: ignore[arg-type]
                bypass_csp=True,
            )
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            for path in paths:
                page.goto(f"{live_server.url}/admin/social/{path}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
                assert page.locator(".social-stopped").is_visible() == stopped
                result = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
                found += [f"{path} {width} {scheme} {each['id']}" for each in result.response["violations"]]
            context.close()
    assert found == []


def test_approving_works_without_script(browser: Browser, live_server: Any, cookie: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/social/{Post.objects.get(state='in_review').pk}/")
    page.get_by_role("button", name="Approve exactly this").click()
    assert page.locator("h2", has_text="Approved").is_visible()
    page.goto(f"{live_server.url}/admin/social/")
    page.get_by_label("Reason").fill("a bad night")
    page.get_by_role("button", name="Stop publishing now").click()
    assert page.locator(".social-stopped").is_visible()
    context.close()
