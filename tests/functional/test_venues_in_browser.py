"""The venue pages in a real browser: accessible in every scheme and width, and two taps without script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from campaign_pages.venues.check_ins import make_link
from campaign_pages.venues.models import Area, CheckIn, CheckInLink, PosterPlace, Venue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def venue(live_server: Any) -> Venue:
    area = Area.objects.create(code="E06000016", name="Leicester")
    venue = Venue.objects.create(code="SYN001", name="The Amber Anchor", area=area, kind="pub", synthetic=True)
    for zone in ("mens_toilet", "bar"):
        PosterPlace.objects.create(venue=venue, zone=zone)
    return venue


@pytest.mark.once
def test_no_accessibility_violation(browser: Browser, live_server: Any, venue: Venue) -> None:
    token = make_link(venue=venue, purpose=CheckInLink.Purpose.STICKER)
    paths = [
        "/venues/",
        "/venues/?name=amber",
        "/venues/SYN001/",
        f"/venues/check-in/{token}/",
        "/venues/check-in/nothing/",
    ]
    found = []
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,  # type: ignore[arg-type]
                bypass_csp=True,
            )
            page = context.new_page()
            for path in paths:
                page.goto(live_server.url + path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
                result = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
                found += [f"{path} {width} {scheme} {each['id']}" for each in result.response["violations"]]
            context.close()
    assert found == []


def test_two_taps_without_script(browser: Browser, live_server: Any, venue: Venue) -> None:
    token = make_link(venue=venue, purpose=CheckInLink.Purpose.STICKER)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{live_server.url}/venues/check-in/{token}/")
    assert CheckIn.objects.count() == 0, "opening the page uses nothing up"
    page.get_by_label("Bar", exact=True).check()
    page.get_by_role("button", name="It's up").click()
    assert "Saved. Thank you." in page.content()
    made = CheckIn.objects.get()
    assert (made.state, made.place.zone, made.source) == ("up", "bar", "sticker")  # type: ignore[union-attr]
    context.close()
