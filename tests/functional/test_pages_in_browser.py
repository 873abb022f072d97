"""The public site in a real browser: accessible, light, and left in one key press."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route

from campaign_pages import demo_content
from campaign_pages.models import CampaignSettings
from tests.integration.test_pages_public import PATHS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NEUTRAL = "https://www.bbc.co.uk/weather"


@pytest.fixture
def address(live_server: Any) -> str:
    demo_content.load(seed=1, say=lambda line: None)
    return live_server.url


@pytest.fixture
def neutral(context: BrowserContext) -> list[str]:
    """The outside world: every address that is not this machine answers with a plain page, and is noted."""
    seen: list[str] = []

    def answer(route: Route) -> None:
        seen.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<title>Weather</title><h1>Weather</h1>")

    context.route(re.compile(r"^https?://(?!localhost|127\.0\.0\.1)"), answer)
    return seen


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_no_accessibility_violation_on_any_page(browser: Browser, address: str, script: bool) -> None:
    found = []
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 740},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
                bypass_csp=True,
            )
            if not script:
                # The product's own scripts stay out; axe itself needs an engine.
                context.route("**/*.js", lambda route: route.abort())
            page = context.new_page()
            for path in [*PATHS, "/accounts/login/", "/no-such-page/"]:
                page.goto(address + path)
                result = Axe().run(page, options={"runOnly": RULES})
                found += [
                    f"{path} {width} {scheme}: {violation['id']} {violation['nodes'][0]['target']}"
                    for violation in result.response["violations"]
                ]
            context.close()
    assert found == []


@pytest.mark.parametrize("path", PATHS)
def test_nothing_sticks_out_and_targets_are_large(page: Page, address: str, path: str) -> None:
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        """[...document.querySelectorAll("a.button, .site-nav a, .exit-button, .site-footer li a, .help-number")]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.textContent)"""
    )
    assert small == []


def test_first_view_weighs_less_than_100_kb(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    weights: dict[str, int] = {}
    page.on("response", lambda response: weights.update({response.url: len(response.body())}))
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if address not in request.url else None)
    page.goto(address + "/", wait_until="networkidle")
    assert sum(weights.values()) < 100_000, weights
    assert outside == []
    assert context.cookies() == []


def test_four_tips_and_999_fit_on_one_phone_screen(page: Page, address: str) -> None:
    page.goto(address + "/tonight/")
    bottom = page.locator(".call").bounding_box()
    assert bottom is not None
    assert bottom["y"] + bottom["height"] <= 740


def test_escape_leaves_and_back_does_not_return(page: Page, address: str, neutral: list[str]) -> None:
    page.goto(address + "/help/")
    page.goto(address + "/mates/")
    page.keyboard.press("Escape")
    page.wait_for_url(NEUTRAL)
    page.go_back()
    assert page.url == address + "/help/"
    assert page.locator("h1").is_visible()
    assert page.locator(".leaving-cover").count() == 0


def test_shift_three_times_leaves_and_two_do_not(page: Page, address: str, neutral: list[str]) -> None:
    page.goto(address + "/")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert page.locator(".exit-dots .on").count() == 2
    assert "1 more" in page.locator("[data-exit-status]").inner_text()
    page.keyboard.press("a")
    assert page.locator(".exit-dots").count() == 0
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(NEUTRAL)


def test_shift_as_a_modifier_does_not_count(page: Page, address: str, neutral: list[str]) -> None:
    page.goto(address + "/")
    for letter in "ABC":
        page.keyboard.press(f"Shift+{letter}")
    assert page.url == address + "/"
    assert page.locator(".exit-dots").count() == 0


def test_escape_in_a_dialog_or_a_filled_field_stays(page: Page, address: str, neutral: list[str]) -> None:
    page.goto(address + "/")
    page.evaluate(
        """() => { const d = document.createElement("dialog"); d.id = "d"; document.body.append(d); d.showModal(); }"""
    )
    page.keyboard.press("Escape")
    assert page.url == address + "/"
    page.evaluate(
        """() => { document.querySelector("#d").remove(); const i = document.createElement("input"); i.value = "x";
        document.querySelector("main").append(i); i.focus(); }"""
    )
    page.keyboard.press("Escape")
    assert page.url == address + "/"


def test_a_page_restored_by_back_is_whole_again(page: Page, address: str) -> None:
    page.goto(address + "/")
    page.evaluate(
        """() => { document.body.classList.add("leaving");
        const c = document.createElement("div"); c.className = "leaving-cover"; document.body.append(c);
        window.dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})); }"""
    )
    assert page.locator(".leaving-cover").count() == 0
    assert page.locator("h1").is_visible()


def test_without_script_the_button_is_a_plain_way_out(browser: Browser, address: str) -> None:
    # The far side of the redirect must be a server that really answers: one of our own pages stands in.
    CampaignSettings.objects.update(exit_address=f"{address}/cookies/")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address + "/mates/")
    assert "Escape" not in page.locator("body").inner_text()
    page.locator(".exit-button").click()
    page.wait_for_url(f"{address}/cookies/")
    context.close()


def test_the_exit_stays_on_screen_when_scrolled(page: Page, address: str) -> None:
    page.goto(address + "/mates/")
    page.mouse.wheel(0, 2500)
    page.wait_for_function("window.scrollY > 500")
    box = page.locator(".exit-button").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 100


def test_keyboard_reaches_skip_link_then_exit(page: Page, address: str) -> None:
    page.goto(address + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/leave/"
