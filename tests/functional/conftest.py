"""Real Chromium against a real server. Debian's browser is used where Playwright has none of its own."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from campaign_pages import display_font
from tests.conftest import skip_or_fail

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PATIENCE_MS = 120_000
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session", autouse=True)
def fonts() -> None:
    """Pages are measured in the campaign's own typeface, as people get them, not in whatever the machine has."""
    display_font.build()


@pytest.fixture(scope="session")
def playwright_of_browser() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session", autouse=True)
def no_session_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The server's threads end a moment after the browser; until then PostgreSQL refuses to drop their database."""
    yield
    with django_db_blocker.unblock():
        from django.db import connection

        if connection.vendor != "postgresql":
            return
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with connection.cursor() as cursor:
            for _ in range(50):
                cursor.execute(f"SELECT count(*) {others}")
                if cursor.fetchone()[0] == 0:
                    break
                time.sleep(0.1)
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
        connection.close()


@pytest.fixture(scope="session")
def live_server(live_server: LiveServer) -> Iterator[LiveServer]:
    """The server stops only when no thread of its answers any more.

    On SQLite all of them share one connection, and a thread that ends after the server has let go of it raises an error in
    whatever test happens to come last.
    """
    yield live_server
    deadline = time.monotonic() + 10
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(max(0.0, deadline - time.monotonic()))


@pytest.fixture(scope="session")
def browser(
    request: pytest.FixtureRequest, playwright_of_browser: Playwright, no_session_left: None
) -> Iterator[Browser]:
    request.getfixturevalue("live_server")  # asked for here, the server outlives the browser in any order of names
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        skip_or_fail("no Chromium on this machine: apt-get install chromium")
    browser = playwright_of_browser.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_FLAGS)
    _be_patient(browser)
    yield browser
    browser.close()


def _be_patient(browser: Browser) -> None:
    """Every window waits as long as a busy machine may take; Playwright's own half a minute is a guess at speed."""
    plain = browser.new_context

    def new_context(**more: Any) -> BrowserContext:
        context = plain(**more)
        context.set_default_timeout(PATIENCE_MS)
        return context

    setattr(browser, "new_context", new_context)  # noqa: B010 - a method may not be assigned to by name


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
