"""Fixtures that every kind of test may use. Nothing here touches the network outside this machine."""

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.factories import migrated

REQUIRE_SERVICES = os.environ.get("WALKAWAY_REQUIRE_SERVICES") == "1"
WITHOUT_DATABASE = ("unit", "repository", "verification")  # folders whose tests use it only where they ask for it
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup", "admin_client", "admin_user"}
# Files of half a minute and more. They are started first, so that no process is left with one when all others are done.
LONG = (
    "test_evaluation_crashes.py", "test_backup_drill.py", "test_field_keys.py",
    "test_police_canaries.py", "test_police_crashes.py", "test_pages_in_browser.py", "test_demo_from_outside.py",
    "test_police_received.py", "test_police_intake_in_browser.py", "test_social_admin_in_browser.py",
    "test_evaluation_in_browser.py", "test_police_sna_in_browser.py", "test_police_sna_tables.py",
    "test_evaluation_examples.py",
    "test_who_may_open_what.py", "test_venues_in_browser.py", "test_house_redis.py", "test_publishing_soak.py", "test_evaluation_demo.py",
    "test_editor_journey_in_browser.py", "test_evaluator_journey_in_browser.py", "test_reports_in_browser.py",
    "test_exit_and_choices_in_browser.py", "test_reach_in_browser.py", "test_police_bad_files.py",
)  # fmt: skip
# The same page, picture or panel whichever database it came from; journeys, imports, counts and commands run on both.
ONCE = (
    "test_evaluation_in_browser.py", "test_exit_and_choices_in_browser.py", "test_pages_in_browser.py",
    "test_progress_in_browser.py", "test_reports_in_browser.py", "test_who_may_open_what.py",
    "test_evaluation_choices.py", "test_evaluation_examples.py", "test_venues_packs.py", "test_pictures_uploaded.py",
    "test_rules_by_imported_data.py",
)  # fmt: skip
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def skip_or_fail(reason: str) -> None:
    """Skips by name on a machine that lacks a service; fails where services are promised (.ci/run)."""
    if REQUIRE_SERVICES:
        pytest.fail(f"{reason} (WALKAWAY_REQUIRE_SERVICES=1 allows no skip)")
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks as ``pure`` and ``once`` what cannot depend on which database there is, before -m looks; long files first."""
    for item in items:
        asks = set(getattr(item, "fixturenames", ())) & DATABASE_FIXTURES or item.get_closest_marker("django_db")
        if not asks and set(item.path.parts) & set(WITHOUT_DATABASE):
            item.add_marker("pure")
        if item.path.name in ONCE:
            item.add_marker("once")
    yield
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))  # a stable sort: the rest keeps its order


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; none of it is part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data not found at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The database of the tests begins as a copy of one that was migrated once, not as an empty one in each process."""
    from django.db import connection

    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.name_of(migrated.on_postgresql())
        yield
        return
    with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as memory:
        with closing(sqlite3.connect(migrated.on_sqlite())) as file:
            file.backup(memory)
        yield  # what is in memory is there as long as somebody is connected


def pytest_sessionstart() -> None:
    """The program is loaded and stays: looking through all of it for what could be let go slows every test."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        migrated.put_away()


@pytest.fixture(autouse=True)
def first_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """A transactional test ends by emptying every table, also the rows that migrations made.

    Whatever test comes next in this process, of either kind, finds them put back. Records that are kept for good
    refuse to be emptied, so their guards come down for that moment; the signal after the flush puts them up again.
    """
    marker = request.node.get_closest_marker("django_db")
    names = set(request.fixturenames)
    transactional = {"transactional_db", "live_server"} & names or (
        marker is not None and marker.kwargs.get("transaction")
    )
    if not transactional and marker is None and "db" not in names:
        yield
        return
    request.getfixturevalue("transactional_db" if transactional else "db")
    _put_first_rows_back()
    yield
    if not transactional:
        return
    from analytics.audit import guards

    guards.take_down()


@pytest.fixture(scope="module")
def campaign_extra() -> Callable[[], None]:
    """What a file wants loaded besides, once."""
    return lambda: None


@pytest.fixture(scope="module")
def campaign_site(
    django_db_setup: None, django_db_blocker: Any, campaign_extra: Callable[[], None]
) -> Iterator[None]:
    """The demo's pages, loaded once for the tests of a file; what each of them changes is taken back after it.

    Not for files with transactional tests: those empty every table.
    """
    from django.db import transaction

    from campaign_pages import demo_content

    with django_db_blocker.unblock(), transaction.atomic():
        _put_first_rows_back()
        demo_content.load(seed=1, say=lambda line: None)
        campaign_extra()
        yield
        transaction.set_rollback(True)


def _put_first_rows_back() -> None:
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Collection, Locale, Page

    from campaign_pages.accounts.roles import set_up_roles
    from campaign_pages.approval import set_up_workflow

    if Page.objects.filter(depth=1).exists():
        return
    locale, _ = Locale.objects.get_or_create(language_code="en-gb")
    Page.add_root(
        title="Root",
        slug="root",
        locale=locale,
        content_type=ContentType.objects.get_for_model(Page),
        url_path="/",
    )
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    Permission.objects.get_or_create(  # made by a migration of wagtail-localize, not with its models
        content_type=ContentType.objects.get(app_label="wagtail_localize", model="translation"),
        codename="submit_translation",
        defaults={"name": "Can submit translations"},
    )
    set_up_roles()
    set_up_workflow()
