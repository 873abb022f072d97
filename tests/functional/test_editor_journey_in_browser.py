"""A comms officer's whole way in a real browser: write, preview, be stopped, mend, submit, no approval of one's own
words, a second person, the timetable, a visitor, and by two people back to the old words."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from campaign_pages import demo_content
from campaign_pages.accounts.demo_people import DEMO_PASSWORD
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import APPROVER
from campaign_pages.models import ArticlePage, HomePage
from campaign_pages.tasks import publish_scheduled
from tests.factories.social import people

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def by() -> dict[str, User]:
    demo_content.load(seed=1, say=lambda line: None)
    return people()


def signed_in(browser: Browser, address: str, user: User) -> Page:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = _context(browser)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])
    return context.new_page()


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")


def test_the_whole_way(browser: Browser, live_server: Any, by: dict[str, User]) -> None:
    author = _context(browser).new_page()
    _sign_in_by_hand(author, live_server.url, by["author"])
    _write(author)
    _preview(author)
    _stopped_then_mended(author)
    soon = _schedule_and_submit(author)
    page = ArticlePage.objects.get(title="Taxi rank")
    editor = f"{live_server.url}/admin/pages/{page.pk}/edit/"
    _nobody_approves_their_own(browser, live_server.url, author, editor, by["author"])
    second = signed_in(browser, live_server.url, by["approver"])
    _approve(second, editor)
    visitor = _context(browser).new_page()
    address = f"{live_server.url}/taxi-rank/"
    publish_scheduled()  # too early
    assert _seen(visitor, address) == 404
    with time_machine.travel(soon + timedelta(minutes=1)):
        publish_scheduled()
        assert _seen(visitor, address) == 200
        assert visitor.get_by_text("Wait inside with your mates.").is_visible()
        author, second = (signed_in(browser, live_server.url, by[name]) for name in ("author", "approver"))
        _other_words_and_back(author, second, visitor, editor, address)
    for context in browser.contexts:
        context.close()


def _other_words_and_back(author: Page, second: Page, visitor: Page, editor: str, address: str) -> None:
    author.goto(editor)
    _type(author, "Wait on the kerb.")
    _submit(author)
    _approve(second, editor)
    assert _seen(visitor, address) == 200
    assert visitor.get_by_text("Wait on the kerb.").is_visible()
    _take_up_the_old_version(author, editor)
    _submit(author)
    assert _seen(visitor, address) == 200
    assert visitor.get_by_text("Wait on the kerb.").is_visible()  # one person alone changes nothing
    _approve(second, editor)
    assert _seen(visitor, address) == 200
    assert visitor.get_by_text("Wait inside with your mates.").is_visible()
    assert visitor.get_by_text("Wait on the kerb.").count() == 0


def _seen(visitor: Page, address: str) -> int:
    answer = visitor.goto(address)
    assert answer is not None
    return answer.status


def _sign_in_by_hand(page: Page, address: str, user: User) -> None:
    page.goto(f"{address}/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="The campaign today").wait_for()


def _write(page: Page) -> None:
    home = HomePage.objects.get(locale__language_code="en-gb")
    page.goto(page.url.split("/admin/")[0] + f"/admin/pages/{home.pk}/add_subpage/")
    page.get_by_role("link", name="Article", exact=True).click()
    page.locator("#id_title").fill("Taxi rank")
    _insert(page, "Tips")
    page.locator("#body-0-value-tips-0-value-action").fill("Book it before you go out")
    page.locator("#body-0-value-tips-0-value-say").fill("Our cab is here, come on.")
    _insert(page, "Text")
    _type(page, "Wait with your mates. They are scum.")
    # "Updated" where the editor's own saving was quicker than the button.
    _save(page, re.compile("Page 'Taxi rank' (created|has been updated)"))


def _insert(page: Page, label: str) -> None:
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name=label, exact=True).click()


def _type(page: Page, words: str) -> None:
    page.locator("[contenteditable=true]").last.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    page.wait_for_function(  # the editor hands its words to the form a moment later
        "words => [...document.querySelectorAll('input[type=hidden]')].some(each => each.value.includes(words))",
        arg=words,
    )


def _save(page: Page, said: str | re.Pattern[str]) -> None:
    _press(page, "Save draft")
    page.locator(".messages").get_by_text(said).wait_for()


def _preview(page: Page) -> None:
    page.get_by_role("button", name="Toggle preview").click()
    frame = page.frame_locator("iframe[title=Preview]").last
    frame.get_by_text("Wait with your mates. They are scum.").wait_for()
    assert frame.get_by_text("“Our cab is here, come on.”").is_visible()
    assert frame.get_by_text("Not ready: 2 to mend").is_visible()
    page.get_by_role("button", name="Toggle preview").click()


def _stopped_then_mended(page: Page) -> None:
    _press(page, "Submit to Two people")
    said = page.locator(".messages")
    said.get_by_text("Body, block 2 (Text): “scum” blames people. Say what happened").wait_for()
    assert said.get_by_text("Add a “Help lines” block to Body.").is_visible()
    assert ArticlePage.objects.get(title="Taxi rank").current_workflow_state is None
    _type(page, "Wait inside with your mates.")
    _insert(page, "Help lines")
    page.get_by_role("button", name="Choose help line").click()
    page.get_by_role("link", name="Emergency").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    _save(page, "Page 'Taxi rank' has been updated.")


def _press(page: Page, name: str) -> None:
    if not page.get_by_role("button", name=name, exact=True).first.is_visible():
        page.locator("footer").get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=name, exact=True).first.click()


def _schedule_and_submit(page: Page) -> Any:
    soon = timezone.localtime().replace(second=0, microsecond=0) + timedelta(days=2)
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="Set schedule").click()
    page.get_by_label("Go live date/time").fill(f"{soon:%Y-%m-%d %H:%M}")
    calendar = page.locator(".xdsoft_datetimepicker").locator("visible=true")
    calendar.wait_for()
    page.get_by_text("Choose when this page should go live").click()
    calendar.wait_for(state="hidden")
    page.get_by_role("button", name="Save schedule").click()
    page.get_by_text("Once scheduled:").wait_for()
    _submit(page)
    return soon


def _submit(page: Page) -> None:
    _press(page, "Submit to Two people")
    page.get_by_text("has been submitted for moderation").wait_for()


def _nobody_approves_their_own(browser: Browser, address: str, author: Page, editor: str, writer: User) -> None:
    author.goto(editor)
    assert author.get_by_role("button", name="Approve", exact=True).count() == 0
    assert author.locator("footer").get_by_text("Page locked").count() == 1
    writer.groups.add(Group.objects.get(name=APPROVER))
    both = signed_in(browser, address, writer)
    both.goto(editor)
    both.locator("footer").get_by_role("button", name="More actions").click()
    both.get_by_role("button", name="Request changes").wait_for()
    assert both.get_by_text("You wrote part of this page. Another person must approve it").is_visible()
    assert both.get_by_role("button", name="Approve", exact=True).count() == 0
    writer.groups.remove(Group.objects.get(name=APPROVER))
    both.context.close()


def _approve(page: Page, editor: str) -> None:
    page.goto(editor)
    _press(page, "Approve")
    page.locator(".messages").get_by_text("“Taxi rank” is approved").wait_for()


def _take_up_the_old_version(page: Page, editor: str) -> None:
    page.goto(editor.replace("/edit/", "/history/"))
    page.get_by_role("row", name="Published scheduled draft").get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Review this version").locator("visible=true").click()
    page.get_by_text("You are viewing a previous version").wait_for()
    assert page.locator("[contenteditable=true]").last.inner_text().strip() == "Wait inside with your mates."
    _press(page, "Replace current draft")
    page.locator(".messages").get_by_text("has been replaced with version from").wait_for()
