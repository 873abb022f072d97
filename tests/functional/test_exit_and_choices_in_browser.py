"""The quick exit's whole table, and every journey with script switched off."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

from campaign_pages import demo_content
from campaign_pages.models import CampaignSettings, Feedback, Reaction
from tests.functional.conftest import CHROMIUM_FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEUTRAL = "https://www.bbc.co.uk/weather"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATHS = [
    "/plan/",
    "/plan/?when=someone-spills-my-drink&say=get-the-door-staff&with=my-mates",
    "/plan/?when=someone-spills-my-drink",
    "/which-mate/",
    "/which-mate/your-mate-goes-quiet/",
    "/which-mate/the-anchor/",
    "/stories/choose/",
    "/stories/choose/the-ward/",
    "/feedback/?page=/mates/",
    "/cookies/choose/",
    "/cookies/",
]


@pytest.fixture
def address(live_server: Any) -> str:
    cache.clear()
    demo_content.load(seed=1, say=lambda line: None)
    return live_server.url


def block_outside(context: BrowserContext) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body="<title>Weather</title><h1>Weather</h1>")

    context.route(re.compile(r"^https?://(?!localhost|127\.0\.0\.1)"), answer)


def test_the_exit_table(page: Page, context: BrowserContext, address: str) -> None:
    """What must not leave, one after the other on one page; then what must."""
    block_outside(context)
    page.goto(address + "/mates/")
    here = page.url

    for key in ("Control+Escape", "Alt+Escape", "Meta+Escape", "Shift+Escape"):
        page.keyboard.press(key)
        assert page.url == here, key
    page.evaluate("""document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", repeat: true}))""")
    page.evaluate("""document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", isComposing: true}))""")
    assert page.locator(".leaving-cover").count() == 0, "a held key or an unfinished word left the page"

    page.evaluate(
        """() => { const d = document.createElement("dialog"); d.id = "d"; document.body.append(d); d.showModal(); }"""
    )
    page.keyboard.press("Escape")
    assert page.url == here, "Escape closes a dialog first"
    page.evaluate(
        """() => { document.querySelector("#d").remove(); const p = document.createElement("div"); p.id = "p";
        p.popover = "auto"; p.textContent = "menu"; document.body.append(p); p.showPopover(); }"""
    )
    page.keyboard.press("Escape")
    assert page.url == here, "Escape closes a menu first"
    page.evaluate(
        """() => { document.querySelector("#p").remove(); const i = document.createElement("input"); i.id = "i";
        i.value = "half a word"; document.querySelector("main").prepend(i); i.focus(); }"""
    )
    page.keyboard.press("Escape")
    assert page.url == here, "Escape with text typed"
    page.evaluate(
        """() => { document.querySelector("#i").remove(); const v = document.createElement("video"); v.id = "v";
        v.controls = true; v.addEventListener("click", () => v.requestFullscreen());
        document.querySelector("main").prepend(v); }"""
    )
    page.locator("#v").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("""document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}))""")
    assert page.locator(".leaving-cover").count() == 0, "Escape with a video full screen"
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("document.fullscreenElement === null")

    for keys in (("Shift", "Shift", "a", "Shift"), ("Shift+A", "Shift+B", "Shift+C")):
        for key in keys:
            page.keyboard.press(key)
        assert page.url == here, keys
        page.keyboard.press("x")  # forget what was pressed
    page.keyboard.press("Escape")
    page.wait_for_url(NEUTRAL)
    assert page.evaluate("history.length") <= 2, "the page we left is still in the history"


def test_shift_lapses_after_five_seconds_and_says_so(page: Page, context: BrowserContext, address: str) -> None:
    block_outside(context)
    page.clock.install()
    page.goto(address + "/help/")
    page.keyboard.press("Shift")
    page.clock.run_for(4900)
    page.keyboard.press("Shift")  # the five seconds begin again
    page.clock.run_for(4900)
    assert page.locator(".exit-dots .on").count() == 2
    page.clock.run_for(200)
    assert page.locator(".exit-dots").count() == 0
    assert "time ran out" in page.locator("[data-exit-status]").inner_text()
    page.clock.run_for(5000)
    assert page.locator("[data-exit-status]").inner_text() == ""
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(NEUTRAL)


@pytest.fixture
def remembering(playwright_of_browser: Playwright) -> Iterator[BrowserContext]:
    """A Chromium that keeps pages in its back/forward cache, as phones do; test drivers switch that off."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    browser = playwright_of_browser.chromium.launch(
        executable_path=path,
        args=[*CHROMIUM_FLAGS, "--enable-features=BackForwardCache"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    browser.close()


def test_a_page_out_of_the_back_forward_cache_is_whole(remembering: BrowserContext, address: str) -> None:
    page = remembering.new_page()
    page.goto(address + "/mates/")
    page.evaluate(
        """() => { window.marker = 1; document.body.classList.add("leaving"); const c = document.createElement("div");
        c.className = "leaving-cover"; document.body.append(c); }"""
    )
    page.goto(address + "/help/")
    page.evaluate("history.back()")
    page.wait_for_function("location.pathname === '/mates/'")  # nothing loads, so there is no load to wait for
    assert page.evaluate("window.marker") == 1, "the page was loaded anew: nothing was tested"
    assert page.locator(".leaving-cover").count() == 0
    assert page.locator("h1").is_visible()


def test_focus_is_never_under_the_exit_and_the_banner_never_covers_it(page: Page, address: str) -> None:
    CampaignSettings.objects.update(offer_offline_copy=True)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 600})
        page.goto(address + "/plan/")
        assert page.locator(".consent").is_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('.consent')).position") == "static"
        box = page.locator(".exit-button").bounding_box()
        assert box is not None
        covered = page.evaluate(
            "([x, y]) => !document.elementFromPoint(x, y)?.closest('.exit-button')",
            [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
        )
        assert not covered or box["y"] > 600
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        hidden = []
        for _ in range(60):
            page.keyboard.press("Shift+Tab")
            hidden += page.evaluate(
                """() => { const e = document.activeElement; if (!e || e === document.body || e.closest('.exit-bar, .skip'))
                return []; const r = e.getBoundingClientRect(); const x = document.querySelector('.exit-button')
                .getBoundingClientRect(); const inside = r.left >= x.left && r.right <= x.right && r.top >= x.top &&
                r.bottom <= x.bottom; return inside ? [e.outerHTML.slice(0, 80)] : []; }"""
            )
        assert hidden == []


def test_accessible_in_light_dark_forced_colours_and_with_the_banner_open(browser: Browser, address: str) -> None:
    found = []
    CampaignSettings.objects.update(offer_offline_copy=True)
    for scheme, forced, width in (("light", "none", 320), ("dark", "none", 1280), ("dark", "active", 360)):
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            color_scheme=scheme,  # type: ignore[arg-type]
            forced_colors=forced,  # type: ignore[arg-type]
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page = context.new_page()
        for path in PATHS:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            rules = RULES if forced == "none" else [rule for rule in RULES if rule != "wcag2aa"]
            found += [
                f"{path} {scheme} {forced}: {violation['id']} {violation['nodes'][0]['target']}"
                for violation in Axe()
                .run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
                .response["violations"]
            ]
        context.close()
    assert found == []


def test_every_journey_without_script(browser: Browser, address: str) -> None:
    CampaignSettings.objects.update(offer_offline_copy=True)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()

    page.goto(address + "/plan/")
    page.get_by_role("button", name="No, keep nothing").click()
    assert "Saved." in page.locator("#cookies-said").inner_text()
    page.get_by_role("link", name="Hide this").click()
    assert page.locator(".consent").count() == 0
    page.get_by_label("someone stares at me").check()
    page.get_by_label("get the door staff").check()
    page.get_by_role("button", name="Show my card").click()
    assert "who you are with" in page.get_by_role("alert").inner_text()
    page.get_by_label("my team").check()
    page.get_by_role("button", name="Show my card").click()
    assert "get the door staff" in page.locator(".plan-card").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a picture").click()
    assert download.value.suggested_filename == "my-mates-plan.png"

    page.goto(address + "/which-mate/")
    page.get_by_role("link", name="First question").click()
    page.get_by_role("link", name="Stay with him and say his name").click()
    page.get_by_role("link", name="Make him laugh").click()
    assert page.locator("h1").inner_text() == "The joker"
    page.get_by_role("button", name="Not for me").click()
    assert "We counted one tap" in page.locator(".said").inner_text()
    assert Reaction.objects.get().count == 1

    page.goto(address + "/stories/choose/")
    page.get_by_role("link", name="Start the night").click()
    page.get_by_role("link", name="Say: my bad, mate").click()
    page.get_by_role("link", name="Go for chips with Jay").click()
    assert "Chips?" in page.locator(".line-to-use").inner_text()

    page.get_by_role("link", name="Tell us what you think").click()
    page.get_by_label("Your words").fill("More chips.")
    page.wait_for_timeout(2100)  # a person takes more than two seconds
    page.get_by_role("button", name="Send").click()
    assert Feedback.objects.get().page == "/stories/choose/chips/"
    page.get_by_role("link", name="Back to where you were").click()
    assert page.url == address + "/stories/choose/chips/"

    page.goto(address + "/cookies/")
    page.get_by_role("button", name="Do not count my visits").click()
    assert "not counted" in page.locator("#counting").inner_text()
    assert {cookie["name"] for cookie in context.cookies()} == {"cookie_choice", "do_not_count"}
    context.close()
