"""The public site in a real browser: accessible, light, and left in one key press."""

import gzip
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route

from campaign_pages import demo_content, demo_languages
from campaign_pages.models import (
    CampaignSettings,
    HomePage,
    LanguageWords,
    PosterTextPage,
    TonightPage,
    TranslationCheck,
)
from tests.integration.test_pages_public import ALSO, NIGHT, PATHS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMS = ["/feedback/", "/feedback/thanks/", "/cookies/choose/"]
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


DAY = "2026-06-06T13:00:00+01:00"
# Each way of looking meets every page once: a page's faults hardly ever need two of them together.
WAYS: dict[str, dict[str, Any]] = {
    "phone, light": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
    "desk, dark, no script": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "400% zoom of 1280": {"viewport": {"width": 320, "height": 256}, "color_scheme": "dark"},
    "forced colours": {"viewport": {"width": 360, "height": 740}, "forced_colors": "active"},
}


@pytest.mark.parametrize("way", WAYS)
def test_no_accessibility_violation_on_any_page(browser: Browser, address: str, way: str) -> None:
    """axe, all WCAG 2.2 AA rules and best practices; nothing sticks out sideways; what is pressed is 44 px high."""
    live_in_urdu()
    found = []
    context = browser.new_context(**WAYS[way], reduced_motion="reduce", bypass_csp=True)
    if "no script" in way:
        # The product's own scripts stay out; axe itself needs an engine.
        context.route("**/*.js", lambda route: route.abort())
    page = context.new_page()
    by_day = [*PATHS, *ALSO, "/ur/tonight/", "/ur/poster/large-print/", "/accounts/login/", "/no-such-page/"]
    by_night = ["/", "/tonight/", "/ur/tonight/"]  # pages with a night face
    for moment, path in [*((DAY, path) for path in by_day), *((NIGHT, path) for path in by_night)]:
        with time_machine.travel(moment, tick=True):
            page.goto(address + path)
        result = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        found += [
            f"{path}: {violation['id']} {violation['nodes'][0]['target']}"
            for violation in result.response["violations"]
        ]
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{path}: {sideways} px stick out"] if sideways > 0 else []
        found += [f"{path}: {text!r} is less than 44 px high" for text in page.evaluate(SMALL_TARGETS)]
    context.close()
    assert not found, "\n".join(found)


SMALL_TARGETS = """[...document.querySelectorAll("main a:not(p a, li p a, .text a), button, .site-nav a, .exit-button, .site-footer li a")]
.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.9).map(e => e.textContent.trim())"""


def live_in_urdu() -> None:
    """The demo's drafts, as if a person had checked them: the only way to look at a page from right to left."""
    demo_languages.load(seed=1, say=lambda line: None)
    for row in (
        HomePage.objects.get(locale__language_code="ur"),
        TonightPage.objects.get(locale__language_code="ur"),
        PosterTextPage.objects.get(locale__language_code="ur"),
    ):
        TranslationCheck.objects.create(page=row.page_ptr, checked_by="Test", checked_on=date(2026, 11, 2))
        row.save_revision().publish()
    LanguageWords.objects.update(checked_by="Test", checked_on=date(2026, 11, 2))


def test_first_views_are_light_and_come_from_here(browser: Browser, address: str) -> None:
    """Everything that a phone loads with an empty cache, before any touch. The demo itself: test_demo_from_outside."""
    at_night = ["/", "/tonight/"]
    for moment, paths in ((DAY, [*PATHS, *ALSO, *FORMS]), (NIGHT, at_night)):
        with time_machine.travel(moment, tick=True):
            for path in paths:
                context = browser.new_context(viewport={"width": 360, "height": 740})
                page = context.new_page()
                answers: list[Any] = []
                page.on("response", lambda answer, seen=answers: seen.append(answer))
                page.goto(address + path, wait_until="load")
                assert [answer.url for answer in answers if address not in answer.url] == [], path
                sizes = {answer.url: size_on_the_wire(answer) for answer in answers}
                assert sum(sizes.values()) < (50_000 if paths is at_night else 100_000), (path, sizes)
                assert context.cookies() == [], path
                assert page.evaluate("localStorage.length + sessionStorage.length") == 0, path
                context.close()


def size_on_the_wire(answer: Any) -> int:
    """Bytes with gzip where a server would use it: the live server of the tests compresses nothing."""
    body = answer.body()
    kind = answer.headers.get("content-type", "")
    return len(gzip.compress(body)) if re.search(r"html|css|javascript|svg|json", kind) else len(body)


def test_tonight_opens_again_without_a_signal(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address + "/tonight/")
    page.goto(address + "/help/")
    context.set_offline(True)
    page.goto(address + "/tonight/")
    assert page.locator(".tip").count() == 4
    assert page.locator("h1").is_visible()


def test_a_copy_of_tonight_is_kept_only_after_a_yes_and_goes_with_the_exit(
    context: BrowserContext, address: str, neutral: list[str]
) -> None:
    CampaignSettings.objects.update(offer_offline_copy=True)
    page = context.new_page()
    registered = "navigator.serviceWorker.getRegistrations().then(all => all.length)"
    page.goto(address + "/tonight/")
    assert page.evaluate(registered) == 0
    page.get_by_role("button", name="Yes, keep it").click()
    page.evaluate("navigator.serviceWorker.ready.then(one => one.active !== null)")
    page.wait_for_function("caches.keys().then(names => names.some(name => name.startsWith('tonight-')))")
    page.goto(address + "/help/")
    context.set_offline(True)
    page.goto(address + "/tonight/")
    assert page.locator(".tip").count() == 4
    context.set_offline(False)
    page.goto(address + "/help/")
    page.keyboard.press("Escape")
    page.wait_for_url(NEUTRAL)
    page.goto(address + "/robots.txt")  # any page of the site would ask for its copy again: the yes still stands
    page.wait_for_function("navigator.serviceWorker.getRegistrations().then(all => all.length === 0)")
    page.wait_for_function("caches.keys().then(names => names.length === 0)")


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


def test_the_phones_own_language_is_offered_at_the_top_and_nobody_is_sent_there(
    browser: Browser, address: str
) -> None:
    live_in_urdu()
    offer = ".own-language a"
    for locale, path, offered in (
        ("ur-PK", "/tonight/", "/ur/tonight/"),
        ("en-GB", "/tonight/", ""),
        ("pl-PL", "/tonight/", ""),  # not published: nothing to offer
        ("ur-PK", "/ur/tonight/", ""),
        ("en-GB", "/ur/tonight/", "/tonight/"),
    ):
        context = browser.new_context(locale=locale, viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.goto(address + path, wait_until="networkidle")
        assert page.url == address + path
        assert page.locator(offer).count() == bool(offered), (locale, path)
        if offered:
            assert page.locator(offer).get_attribute("href") == offered
            assert page.locator(offer).bounding_box()["y"] < page.locator("main").bounding_box()["y"]  # type: ignore[index]
            assert not Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        context.close()
