"""A police file on its way in, in a real browser: two people, with and without script, accessible, legible at 360 px."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext

from analytics.models import Offence, ReceivedFile, SavedMapping
from analytics.police_data.received_loading import load_due
from analytics.police_data.receiving import receive
from analytics.police_data.synthetic import write_extract
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import niche_row, write_rows
from tests.integration.test_police_counting import grid

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def address(live_server: Any, settings: Any) -> str:
    settings.WALKAWAY_TWO_PERSON_IMPORT = True
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    return str(live_server.url)


def signed_in(browser: Browser, address: str, name: str, **more: Any) -> BrowserContext:
    client = Client()
    client.force_login(User.objects.get(username=name))
    context = browser.new_context(**more)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
    return context


def test_the_page_of_a_file_being_loaded_follows_in_place(browser: Browser, address: str, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "extract.csv", [niche_row(n) for n in range(30)])
    with path.open("rb") as stream:
        received = receive(stream, name="extract.csv", by=User.objects.get(username="importer"), reason="r")
    loading = ReceivedFile.objects.filter(pk=received.pk)

    def at(rows: int) -> None:
        loading.update(
            state="loading", lease_until=timezone.now() + timedelta(hours=1), preview={"rows_read": 8000, "files": 1},
            progress={"rows": rows, "file": 1, "files": 1},
        )  # fmt: skip

    at(1000)
    with signed_in(browser, address, "importer") as context:
        page = context.new_page()
        page.goto(address + reverse("received_file", args=[received.pk]))
        page.get_by_text("1,000 of 8,000 rows read so far").wait_for()
        page.get_by_role("link", name="Look again").focus()
        page.evaluate("window.here = document.querySelector('[data-progress] [role=status]')")
        at(5000)
        page.get_by_text("5,000 of 8,000 rows read so far").wait_for()
        said = page.evaluate("here.isConnected && here.textContent")
        assert " ".join(said.split()) == "Being loaded. 50 % of its rows are read."
        assert page.evaluate("document.activeElement.textContent") == "Look again"
        assert page.get_by_label("Rows read").get_attribute("value") == "5000"
        loading.update(state="refused", lease_until=None, error="it was the wrong month")
        page.get_by_text("it was the wrong month").wait_for()
        assert page.locator("[data-progress], script[src*=progress]").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_two_people_bring_a_file_in(browser: Browser, address: str, tmp_path: Path, script: bool) -> None:
    path = write_rows(tmp_path / "extract.csv", [niche_row(n) for n in range(30)])
    with signed_in(browser, address, "importer", java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(address + reverse("police_data"))
        page.locator("input[name=file]").set_input_files(path)
        page.get_by_label("Why these data are loaded").fill("spring evaluation")
        page.get_by_role("button", name="Give in").click()
        page.get_by_text("30 rows: 30 can be loaded").wait_for()
        assert page.get_by_role("button", name="Approve and load").count() == 0
    received = ReceivedFile.objects.get()
    with signed_in(browser, address, "second_importer", java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(address + reverse("received_file", args=[received.pk]))
        page.get_by_role("button", name="Approve and load").click()
        page.get_by_role("link", name="Look again").wait_for()
        assert load_due() == 1
        if not script:  # with script the page looks by itself, and stops when there is nothing more to wait for
            page.get_by_role("link", name="Look again").click()
        page.get_by_role("heading", name="What became of it").wait_for()
        assert page.locator("[data-progress]").count() == 0
    assert Offence.objects.count() == 30


@pytest.mark.once
def test_every_screen_is_accessible_and_fits(browser: Browser, address: str, tmp_path: Path) -> None:
    write_extract(tmp_path / "x.csv", seed=1, venues=grid(20), offences=4000)
    rows = [
        niche_row(
            n,
            **{
                "HO Offence": "zz" if n % 9 == 0 else "8N",
                "From Date": f"{n % 12 + 1:02d}/06/2024",
                "Loc Type": ("Licensed premises", "Kiosk", "Jordan's")[0 if n % 7 else 1 + (n > 40)],
            },
        )
        for n in range(60)
    ]
    write_rows(tmp_path / "doubtful.csv", rows)
    with signed_in(browser, address, "importer") as context:
        page = context.new_page()
        for name in ("x.csv", "doubtful.csv"):
            page.goto(address + reverse("police_data"))
            page.locator("input[name=file]").set_input_files(tmp_path / name)
            page.get_by_label("Why these data are loaded").fill("spring evaluation")
            page.get_by_role("button", name="Give in").click()
            page.wait_for_url("**/received/*/")
    SavedMapping.objects.create(
        name="own", version=1, text="", sha256="0", author="importer", note="first version"
    )
    synthetic, doubtful = ReceivedFile.objects.order_by("pk")
    path = write_rows(tmp_path / "moving.csv", rows)
    with path.open("rb") as stream:
        moving = receive(stream, name="moving.csv", by=User.objects.get(username="importer"), reason="r")
    moving.state, moving.lease_until = "loading", timezone.now() + timedelta(hours=1)
    moving.preview, moving.progress = {"rows_read": 8000, "files": 1}, {"rows": 5000, "file": 1, "files": 1}
    moving.save()
    assert synthetic.synthetic is True
    addresses = [
        reverse("police_data"),
        reverse("received_file", args=[synthetic.pk]),
        reverse("received_file", args=[doubtful.pk]),
        reverse("received_file", args=[moving.pk]),
        reverse("received_rows", args=[doubtful.pk]),
        reverse("police_mappings"),
        reverse("mapping_wizard", args=[doubtful.pk]),
    ]
    found = []
    for width, scheme in ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")):
        with signed_in(
            browser,
            address,
            "second_importer",
            viewport={"width": width, "height": 4400},
            color_scheme=scheme,
            reduced_motion="reduce",
            bypass_csp=True,
        ) as context:
            page = context.new_page()
            for n, each in enumerate(addresses):
                page.goto(address + each)
                result = Axe().run(
                    page,
                    context={"include": [[".police"]]},
                    options={"runOnly": RULES, "resultTypes": ["violations"]},
                )
                found += [
                    f"{each} {width} {scheme}: {one['id']} {one['nodes'][0]['html'][:120]}"
                    for one in result.response["violations"]
                ]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{each} {width} {scheme}: sticks out")
                page.locator(".police").screenshot(path=tmp_path / f"{n}-{width}-{scheme}.png")
    assert found == []
