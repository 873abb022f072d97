"""One press: posts stop, the site is sober, stories rest. Two people lift it. Nobody outside is told why."""

from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from campaign_pages.incidents import hold
from campaign_pages.models import IncidentHold
from campaign_pages.social.models import Dispatch, PublishingSwitch
from campaign_pages.social.stopping import stop_publishing
from tests.factories import venues
from tests.factories.social import approved, people
from tests.integration.test_pages_public import weight

pytestmark = pytest.mark.django_db

RESTING = ["/stories/", "/stories/one-punch/", "/stories/choose/", "/stories/choose/the-ward/", "/which-mate/"]
STANDING = ["/", "/tonight/", "/mates/", "/help/", "/about/", "/plan/", "/privacy/", "/venues/"]
REASON = "A man died in Church Gate."


@pytest.fixture
def by(campaign_site: None) -> dict[str, Any]:
    return people()


def test_one_press_and_the_site_is_sober(client: Client, by: dict[str, Any]) -> None:
    dispatch = approved(by)
    assert "headline-art" in client.get("/").content.decode()
    _, held = hold.start(by=by["author"], reason=REASON)
    assert held == 1
    dispatch.refresh_from_db()
    assert dispatch.state == Dispatch.State.HELD
    for path in STANDING:
        html = client.get(path).content.decode()
        assert "Our thoughts are with everyone it touches" in html, path
        assert "tel:999" in html
        assert 'href="/leave/"' in html or path == "/venues/"
        assert 'href="/stories/"' not in html, path
    for path in RESTING:
        response = client.get(path)
        html = response.content.decode()
        assert "This page is resting" in html, path
        assert "lay on" not in html
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex"
    front = client.get("/").content.decode()
    assert "Look after each other tonight" in front
    assert "headline-art" not in front
    assert 'class="street"' not in front
    assert "daft" not in front, "no joke, and not in the lead either"
    assert '<a class="button" href="/help/">' in front
    assert "tip-say" not in client.get("/tonight/").content.decode()
    assert "walked away" not in client.get("/no-such-page/").content.decode()
    for path in [*STANDING, *RESTING]:
        assert "Church Gate" not in client.get(path).content.decode(), "the reason is for colleagues"


def test_a_preview_says_what_visitors_see_meanwhile(by: dict[str, Any]) -> None:
    story, mates = (Page.objects.get(slug=slug).specific for slug in ("one-punch", "mates"))
    assert "incident hold" not in story.make_preview_request(preview_mode="").content.decode()
    hold.start(by=by["author"], reason=REASON)
    html = story.make_preview_request(preview_mode="").content.decode()
    assert "Visitors see “This page is resting” in place of this page" in html
    assert story.lead in unescape(html)  # the editor still reads the story
    html = mates.make_preview_request(preview_mode="").content.decode()
    assert "This is what visitors see now" in html
    assert REASON not in html


def test_two_people_lift_it_and_everything_is_back(client: Client, by: dict[str, Any]) -> None:
    hold.start(by=by["author"], reason=REASON)
    with pytest.raises(hold.HoldRefused, match="may not lift"):
        hold.lift(by=by["author"])
    assert hold.lift(by=by["approver"]) is False
    assert hold.lift(by=by["approver"]) is False, "the same person twice is one person"
    assert IncidentHold.current() is not None
    assert hold.lift(by=by["administrator"]) is True
    assert IncidentHold.current() is None
    assert not PublishingSwitch.objects.filter(scope="global", on=True).exists()
    assert "headline-art" in client.get("/").content.decode()
    assert "It took two seconds" in client.get("/stories/one-punch/").content.decode()
    with pytest.raises(hold.HoldRefused, match="No incident hold is on"):
        hold.lift(by=by["approver"])


def test_a_stop_that_was_there_before_stays(by: dict[str, Any]) -> None:
    stop_publishing(reason="Account taken over", by=by["author"])
    hold.start(by=by["author"], reason=REASON)
    hold.lift(by=by["approver"])
    hold.lift(by=by["administrator"])
    assert PublishingSwitch.objects.get(scope="global").on
    assert PublishingSwitch.objects.get(scope="global").reason == "Account taken over"


@pytest.mark.parametrize(
    ("reason", "hours", "said"), [(" ", 48, "Give a reason"), ("x", 0, "hours"), ("x", 999, "hours")]
)
def test_what_is_refused(by: dict[str, Any], reason: str, hours: int, said: str) -> None:
    with pytest.raises(hold.HoldRefused, match=said):
        hold.start(by=by["author"], reason=reason, hours=hours)
    with pytest.raises(hold.HoldRefused, match="may not start"):
        hold.start(by=by["importer"], reason="x")
    assert IncidentHold.current() is None


def test_only_one_hold_at_a_time_and_the_database_wants_two_people(by: dict[str, Any]) -> None:
    hold.start(by=by["author"], reason=REASON)
    with pytest.raises(hold.HoldRefused, match="on already"):
        hold.start(by=by["approver"], reason="Again")
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentHold.objects.update(
            lifted_at=timezone.now(), lifted_by=by["approver"], lift_asked_by=by["approver"]
        )


def test_the_screen_says_what_it_will_do_and_does_it(client: Client, by: dict[str, Any]) -> None:
    client.force_login(by["author"])
    html = client.get("/admin/incident-hold/").content.decode()
    assert "One punch" in html
    assert "Lifting it takes two people" in html
    assert client.post("/admin/incident-hold/", {"do": "start", "reason": "", "hours": "48"}).status_code == 400
    client.post("/admin/incident-hold/", {"do": "start", "reason": REASON, "hours": "24"})
    assert IncidentHold.current() is not None
    html = client.get("/admin/incident-hold/").content.decode()
    assert "The hold is on" in html
    assert 'value="lift"' not in html
    client.force_login(by["importer"])
    assert client.get("/admin/incident-hold/").status_code in {302, 403}


def test_a_scanned_poster_leads_to_a_sober_page_that_is_still_small(client: Client, by: dict[str, Any]) -> None:
    hold.start(by=by["author"], reason=REASON)
    for code, landing in ((venues.place().code, "/tonight/"), ("ZZZZZ", "/")):
        assert client.get(f"/v/{code}")["Location"] == landing
        response = client.get(landing)
        html = response.content.decode()
        assert "Our thoughts are with everyone it touches" in html
        assert "daft" not in html
        assert "tip-say" not in html
        assert weight(response.content) < 14 * 1024, landing


@pytest.mark.parametrize("path", ["/", "/tonight/", "/help/", "/stories/one-punch/"])
@pytest.mark.parametrize("moment", ["2026-11-27T12:00Z", "2026-11-27T23:30Z"], ids=["day", "night"])
def test_a_hold_costs_few_questions(client: Client, by: dict[str, Any], path: str, moment: str) -> None:
    with time_machine.travel(moment):
        hold.start(by=by["author"], reason=REASON)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
    assert len(queries) <= 13, "\n".join(query["sql"][:160] for query in queries)  # 12, and which pages rest
