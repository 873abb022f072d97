"""Pages that break a content rule are not published, and the editor is told why."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Page
from wagtail.rich_text import RichText

from campaign_pages import demo_words
from campaign_pages.models import Fact, HelpLine, StoryIndexPage, StoryPage, TonightPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign_site")]


def story(**changes: Any) -> StoryPage:
    body = changes.pop("body")
    page = StoryPage(title="New", slug="new", content_note="A man is hurt.", lead="It was quick.", body=body)
    StoryIndexPage.objects.get().add_child(instance=page)
    return page


def help_block() -> tuple[str, Any]:
    return ("help_lines", {"heading": "Get help", "lines": [HelpLine.objects.first()]})


def line_block() -> tuple[str, Any]:
    return ("line_to_use", {"line": "Walk with me.", "when": ""})


def test_tips_without_help_are_refused() -> None:
    page = TonightPage.objects.get()
    page.body = [("tips", {"heading": "", "tips": demo_words.TIPS})]
    with pytest.raises(ValidationError, match="way to get help"):
        page.save_revision().publish()


def test_a_story_alone_is_refused() -> None:
    page = story(body=[("text", RichText("<p>It went wrong.</p>")), help_block()])
    assert any("never stands alone" in reason for reason in page.publish_problems())
    page.body = [("text", RichText("<p>It went wrong.</p>")), line_block(), help_block()]
    assert page.publish_problems() == []


def test_office_prose_is_refused() -> None:
    heavy = (
        "<p>Notwithstanding considerable organisational complexities, collaborative multi-agency interventions "
        "addressing interpersonal confrontations necessitate comprehensive, proportionate communications strategies "
        "throughout the metropolitan night-time economy.</p>"
    )
    page = story(body=[("text", RichText(heavy)), line_block(), help_block()])
    assert any("too hard to read" in reason for reason in page.publish_problems())


def test_each_reason_names_the_place() -> None:
    page = story(body=[line_block(), ("text", RichText("<p>They are scum.</p>")), help_block()])
    page.lead = "He had it coming."
    assert [reason.partition(": ")[0] for reason in page.publish_problems()] == ["Lead", "Body, block 2 (Text)"]
    page.lead = "Considerable organisational complexities necessitate proportionate communications strategies."
    page.body = [line_block(), help_block()]
    assert any("The hardest part is Lead, with LIX" in reason for reason in page.publish_problems())


def test_tips_on_any_page_need_a_way_to_get_help() -> None:
    page = Page.objects.get(slug="mates").specific
    page.body = [("tips", {"heading": "", "tips": demo_words.TIPS})]
    assert page.publish_problems() == ["This page needs a way to get help. Add a “Help lines” block to Body."]


@pytest.mark.parametrize("phrase", ["He was asking for it.", "They are scum.", "The posters cut violence."])
def test_blame_and_claims_are_refused(phrase: str) -> None:
    page = story(body=[("text", RichText(f"<p>{phrase}</p>")), line_block(), help_block()])
    assert len(page.publish_problems()) == 1


def test_a_draft_may_be_anything_but_publishing_tells_why(admin_client: Client) -> None:
    page = Page.objects.get(slug="one-punch").specific
    data = form_data(page)
    data |= {"body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "note", "body-0-id": ""}
    data["body-0-value-text"] = "A new beginning"
    answer = admin_client.post(f"/admin/pages/{page.pk}/edit/", {**data, "action-publish": "1"})
    assert answer.status_code == 200
    assert "way to get help" in answer.content.decode()
    page.refresh_from_db()
    assert page.live
    assert len(page.specific.body) == 3


def form_data(page: Any) -> dict[str, str]:
    """The fields that the editor's form sends for a story, without its blocks."""
    return {
        "title": page.title,
        "slug": page.slug,
        "content_note": page.content_note,
        "lead": page.lead,
        "seo_title": "",
        "share_text": "",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }


def test_an_old_figure_says_that_it_is_being_checked(client: Client) -> None:
    Fact.objects.filter(figure="9 in 10").update(review_by="2020-01-01")
    html = client.get("/").content.decode()
    assert "This figure is being checked." in html
    assert "9 in 10" not in html


def test_editors_reach_facts_help_lines_and_settings(admin_client: Client) -> None:
    for path in ("/admin/snippets/campaign_pages/fact/", "/admin/snippets/campaign_pages/helpline/"):
        assert admin_client.get(path).status_code == 200
    assert admin_client.get("/admin/settings/campaign_pages/campaignsettings/", follow=True).status_code == 200
