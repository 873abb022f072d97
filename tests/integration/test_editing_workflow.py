"""Writing, being told what is wrong, submitting, a second person, a schedule that really runs, reminders."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import Page
from wagtail.rich_text import RichText

from campaign_pages import reviewing
from campaign_pages.content_checks import blocking_problems, warnings_of
from campaign_pages.models import ArticlePage, CampaignSettings, Fact, HelpLine, HomePage
from campaign_pages.models.approval import OwnWork
from campaign_pages.tasks import publish_scheduled
from tests.factories.social import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(campaign_site: None) -> dict[str, Any]:
    return people()


def written(by: Any, **fields: Any) -> ArticlePage:
    page = ArticlePage(
        title="Taxi home",
        slug="taxi-home",
        body=[("text", RichText("<p>Book it before you go out.</p>"))],
        live=False,
    )
    HomePage.objects.get().add_child(instance=page)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision(user=by)
    return page


def submitted(page: ArticlePage, by: Any) -> Any:
    return page.get_workflow().start(page, user=by)


def press(client: Client, page: ArticlePage, action: str) -> Any:
    state = page.current_workflow_task_state
    return client.post(f"/admin/pages/workflow/action/{page.pk}/{action}/{state.pk}/", {"comment": ""})


def test_a_second_person_publishes_what_a_first_one_wrote(client: Client, by: dict[str, Any]) -> None:
    page = written(by["author"])
    with pytest.raises(OwnWork):
        page.get_latest_revision().publish(user=by["author"])
    submitted(page, by["author"])
    client.force_login(by["approver"])
    press(client, page, "approve")
    page.refresh_from_db()
    assert page.live
    assert client.get("/taxi-home/").status_code == 200


def test_whoever_changed_a_word_cannot_approve(client: Client, by: dict[str, Any]) -> None:
    page = written(by["author"])
    submitted(page, by["author"])
    page.title = "Taxi home, safe"
    page.save_revision(user=by["approver"])
    client.force_login(by["approver"])
    press(client, page, "approve")
    page.refresh_from_db()
    assert not page.live
    task = page.current_workflow_task
    assert [action for action, _, _ in task.get_actions(page, by["approver"])] == ["reject"]
    client.force_login(by["second_approver"])
    for _ in range(2):  # the step was begun before the last change, so it asks once more
        press(client, ArticlePage.objects.get(pk=page.pk), "approve")
    page.refresh_from_db()
    assert page.live


@pytest.mark.parametrize("who", ["author", "approver", "administrator"])
def test_nobody_publishes_from_the_editor(client: Client, by: dict[str, Any], who: str) -> None:
    client.force_login(by[who])
    page = Page.objects.get(slug="about").specific
    html = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert 'name="action-publish"' not in html
    assert "action-submit" in html or "Submit" in html


def test_a_schedule_really_runs(client: Client, by: dict[str, Any]) -> None:
    with time_machine.travel("2026-06-06T10:00:00Z", tick=False):
        page = written(
            by["author"],
            go_live_at=timezone.now() + timedelta(hours=2),
            expire_at=timezone.now() + timedelta(hours=5),
        )
        submitted(page, by["author"])
        client.force_login(by["approver"])
        press(client, page, "approve")
    for moment, live in (("11:59", False), ("12:01", True), ("14:59", True), ("15:01", False)):
        with time_machine.travel(f"2026-06-06T{moment}:00Z", tick=False):
            publish_scheduled()
            publish_scheduled()  # a doubled wake-up changes nothing
            page.refresh_from_db()
            assert page.live is live, moment


def test_links_that_lead_nowhere_stop_a_page(by: dict[str, Any]) -> None:
    stories = Page.objects.get(slug="stories")
    words = (
        f'<p>See <a linktype="page" id="{stories.pk}">stories</a> or <a id="99999" linktype="page">this</a>.</p>'
    )
    page = written(by["author"], body=[("text", RichText(words))])
    assert blocking_problems(page) == ["A link leads to a page that was deleted. Take the link out."]
    stories.specific.unpublish()
    assert any("“Stories”, which is not published" in reason for reason in blocking_problems(page))


def test_figures_without_a_source_long_sentences_and_old_pages_are_pointed_out(by: dict[str, Any]) -> None:
    words = f"<p>It is 40% of us. {'word ' * 21}end.</p>"
    page = written(by["author"], body=[("text", RichText(words))], review_by=date(2026, 1, 1))
    found = " ".join(warnings_of(page))
    assert "“40%” is a figure in plain text" in found
    assert "Body, block 1 (Text): a sentence of 22 words" in found
    assert "1 January 2026" in found.replace("01 January", "1 January")


def tips(**tip: Any) -> list[Any]:
    return [("tips", {"heading": "", "tips": [{"say": "", "detail": "", "only_if_safe": False} | tip]})]


def test_whoever_is_asked_to_step_in_is_told_only_if_it_is_safe(by: dict[str, Any]) -> None:
    home = HomePage.objects.get()
    for body, stopped in (
        (tips(action="Move him on"), True),
        (tips(action="Move him on", only_if_safe=True), False),
        (tips(action="Be there", detail="Get between them if it is safe."), False),
        (tips(action="Be there", say="Break it up, lads"), True),
        (tips(action="Shout for it"), False),
    ):
        home.body = home.body.stream_block.to_python([{"type": name, "value": value} for name, value in body])
        found = [reason for reason in blocking_problems(home) if "asks people to step in" in reason]
        assert bool(found) is stopped, body
    mates = Page.objects.get(slug="mates").specific
    assert not any("step in" in reason for reason in blocking_problems(mates))
    steps = next(child.value["steps"] for child in mates.body if child.block_type == "steps")
    next(step for step in steps if step["only_if_safe"])["only_if_safe"] = False
    assert any("“Talk to your own mate” asks people to step in" in reason for reason in blocking_problems(mates))


def test_links_take_no_tracking_words_to_other_sites(by: dict[str, Any]) -> None:
    words = '<p><a href="https://example.org/a?id=3&amp;utm_source=ours">there</a></p>'
    page = written(by["author"], body=[("text", RichText(words))])
    assert [
        reason for reason in blocking_problems(page) if "A link to example.org carries tracking words" in reason
    ]
    page.body = [("text", RichText(words.replace("utm_source", "source")))]
    assert blocking_problems(page) == []


@pytest.mark.parametrize(
    ("as_of", "old"), [("2019 to 2020", True), ("April 2024 to March 2025", False), ("", False)]
)
def test_figures_of_more_than_two_years_ago_are_pointed_out(by: dict[str, Any], as_of: str, old: bool) -> None:
    fact = Fact.objects.all()[0]
    Fact.objects.filter(pk=fact.pk).update(as_of=as_of, figure="7 in 10")
    page = Page.objects.get(slug="mates").specific
    with time_machine.travel("2026-11-20 12:00Z", tick=False):
        page.body = page.body.stream_block.to_python([{"type": "norm", "value": {"fact": fact.pk, "meaning": ""}}])
        found = [line for line in warnings_of(page) if "The figure “7 in 10” is from 2020" in line]
    assert bool(found) is old


def test_the_list_of_blaming_words_is_the_editors(by: dict[str, Any]) -> None:
    page = written(by["author"], body=[("text", RichText("<p>He is a proper hard man.</p>"))])
    assert blocking_problems(page) == []
    CampaignSettings.objects.update(blaming_words="Hard man\nlegend")
    assert blocking_problems(page) == [
        "Body, block 1 (Text): “hard man” blames people. Say what happened, not what they are."
    ]


def test_a_preview_says_what_would_stop_it(by: dict[str, Any]) -> None:
    page = written(by["author"], body=[("text", RichText("<p>They are scum.</p>"))])
    html = page.make_preview_request(preview_mode="").content.decode()
    assert "Not ready: 1 to mend" in html
    assert "blames people" in html


def test_one_reminder_a_week_names_what_is_due(by: dict[str, Any]) -> None:
    ArticlePage.objects.filter(slug="help").update(review_by=date(2026, 11, 1))
    HelpLine.objects.exclude(name="Drinkline").update(last_checked=date(2026, 11, 1))
    Fact.objects.update(review_by=date(2027, 5, 1))
    due = reviewing.due_for_review(date(2026, 11, 27))
    assert [(each.title, each.since) for each in due] == [("Drinkline", None), ("Help", date(2026, 11, 1))]
    sent = reviewing.send_reminders(date(2026, 11, 27))
    assert sent == len(mail.outbox) >= 2
    assert "Drinkline (help line, never checked)" in mail.outbox[0].body
    assert reviewing.send_reminders(date(2026, 11, 27)) == 0
    assert reviewing.send_reminders(date(2026, 11, 30)) == sent  # the next week


def test_the_front_page_of_the_admin_shows_the_campaign(
    client: Client, by: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    page = written(by["author"])
    submitted(page, by["author"])
    client.force_login(by["approver"])
    client.get("/admin/")
    with django_assert_max_num_queries(75):
        html = client.get("/admin/").content.decode()
    assert "The campaign today" in html
    assert "Waiting for a second person" in html
    assert "Taxi home" in html
    assert "never checked" in html
    client.force_login(by["evaluator"])
    html = client.get("/admin/").content.decode()
    assert "Waiting for a second person" not in html
