"""The needs assessment's tables in a real browser: accessible, legible at 360 px, usable without script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from analytics.police_data.importing import import_paths
from analytics.police_data.synthetic import write_extract
from analytics.police_data.synthetic_populations import load_synthetic_populations
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.integration.test_police_counting import grid

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MEETING_TEXTS = """() => {
  const boxes = [...document.querySelectorAll('.sna-chart__text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([one, a], n) => boxes.slice(n + 1).forEach(([two, b]) => {
    if (a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
      found.push(one + ' | ' + two);
  }));
  return found;
}"""


@pytest.fixture
def signed_in(live_server: Any, tmp_path: Any) -> tuple[str, str]:
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    write_extract(tmp_path / "extract.csv", seed=1, venues=grid(20), offences=4000)
    assert import_paths([tmp_path / "extract.csv"]).total("loaded") == 4000
    load_synthetic_populations()
    client = Client()
    client.force_login(User.objects.get(username="evaluator"))
    return live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.once
def test_tables_are_accessible_and_no_words_meet(browser: Browser, signed_in: tuple[str, str]) -> None:
    address, cookie = signed_in
    asked = "?measure=serious_violence&first=2023-04-01&last=2024-09-30&by="
    summaries = [reverse("police_summary") + asked + by for by in ("weekday", "area", "month")]
    paths = [
        *summaries,
        reverse("sna_tables"),
        *(reverse("sna_table", args=[name]) for name in ("T2", "T5", "T8", "T17", "T18")),
    ]
    found = []
    for width, scheme, script in (
        (360, "light", False),
        (360, "dark", True),
        (1280, "light", True),
        (1280, "dark", False),
    ):
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
            result = Axe().run(
                page, context={"include": [[".police"]]}, options={"runOnly": RULES, "resultTypes": ["violations"]}
            )
            found += [
                f"{path} {width} {scheme}: {each['id']} {each['nodes'][0]['html'][:120]}"
                for each in result.response["violations"]
            ]
            found += [f"{path} {width}: {words}" for words in page.evaluate(MEETING_TEXTS)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{path} {width} {scheme}: sticks out")
            if path in summaries and width == 360:
                right = page.locator("td.police-number").first.evaluate("e => e.getBoundingClientRect().right")
                assert right <= width, f"{path}: the counts are out of sight"
            if path not in (reverse("sna_tables"), reverse("sna_table", args=["T18"])):
                assert page.locator(".sna-chart").count() >= 1, path
        context.close()
    assert found == []


def test_another_period_and_the_file_without_script(
    browser: Browser, signed_in: tuple[str, str], tmp_path: Any
) -> None:
    address, cookie = signed_in
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    page = context.new_page()
    page.goto(address + reverse("sna_tables"))
    page.get_by_role("link", name="T4 Offence groups").click()
    assert "1 April 2023 to 30 September 2024" in page.locator(".police-lead").inner_text()
    page.get_by_label("From").fill("2024-01-01")
    page.get_by_role("button", name="Show").click()
    assert "1 January 2024 to 30 September 2024" in page.locator(".police-lead").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "sna-t4-2024-01-01-2024-09-30-synthetic.csv"
    download.value.save_as(tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_text().startswith("# taken out by,evaluator\n")
    context.close()
