"""Other languages: an address of their own, nothing live without a person's check, the right marks in the page."""

from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Locale, Page

from campaign_pages import demo_languages
from campaign_pages.models import HelpLine, HomePage, LanguageWords, PosterTextPage, TonightPage, TranslationCheck
from campaign_pages.venues import packs
from tests.factories.social import people

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def campaign_extra() -> Callable[[], None]:
    return lambda: demo_languages.load(seed=1, say=lambda line: None)


@pytest.fixture(autouse=True)
def site(campaign_site: None) -> None:
    cache.clear()


def publish_checked(page: Any) -> None:
    TranslationCheck.objects.create(
        page=page.page_ptr, checked_by="Community translator", checked_on=date(2026, 11, 2)
    )
    page.save_revision().publish()


def live_urdu() -> TonightPage:
    home = HomePage.objects.get(locale__language_code="ur")
    tonight = TonightPage.objects.child_of(home).get()
    for page in (home, tonight):
        publish_checked(page)
    LanguageWords.objects.filter(locale__language_code="ur").update(
        checked_by="Community translator", checked_on=date(2026, 11, 2)
    )
    return tonight


def test_drafts_of_six_languages_are_there_marked_and_none_is_live(client: Client) -> None:
    demo_languages.load(seed=1, say=lambda line: None)  # again: nothing is doubled
    drafts = Page.objects.exclude(locale__language_code="en-gb").filter(depth__gt=1)
    assert sorted(set(drafts.values_list("locale__language_code", flat=True))) == [
        "gu",
        "pa",
        "pl",
        "pt",
        "so",
        "ur",
    ]
    assert drafts.count() == 18
    assert not drafts.filter(live=True).exists()
    assert all(demo_languages.MARK in page.title for page in drafts)
    for code in demo_languages.PHRASES:
        for path in (f"/{code}/", f"/{code}/tonight/", f"/{code}/help/"):
            assert client.get(path).status_code == 404, path  # nor the English page under a Polish address
    html = client.get("/tonight/").content.decode()
    assert "hreflang" not in html


def test_a_translation_that_nobody_checked_is_refused_with_the_reason() -> None:
    page = TonightPage.objects.get(locale__language_code="pl")
    with pytest.raises(ValidationError, match="Nobody has checked this page in Polish"):
        page.save_revision().publish()
    assert not TonightPage.objects.get(pk=page.pk).live


def test_a_checked_translation_is_live_right_to_left_and_says_who_checked_it(client: Client) -> None:
    page = live_urdu()
    html = client.get("/ur/tonight/").content.decode()
    assert '<html lang="ur" dir="rtl">' in html
    assert "Translation checked by Community translator on 2 November 2026." in html
    assert "یہ سائٹ چھوڑیں" in html  # the exit button
    assert 'href="tel:999"' in html
    assert '<span lang="en" dir="ltr">Skip to main content</span>' in html  # no word is invented
    english = client.get("/tonight/").content.decode()
    assert '<html lang="en-GB" dir="ltr">' in english
    for text in (html, english):
        assert 'hreflang="en-GB" href="http://localhost/tonight/"' in text
        assert 'hreflang="ur" href="http://localhost/ur/tonight/"' in text
        assert 'hreflang="x-default" href="http://localhost/tonight/"' in text
    assert 'lang="ur" dir="rtl" hreflang="ur">اردو</a>' in english  # a plain link chooses
    places = client.get("/sitemap.xml").content.decode()
    assert "<loc>http://localhost/ur/tonight/</loc>" in places
    assert '<xhtml:link rel="alternate" hreflang="ur" href="http://localhost/ur/tonight/"/>' in places
    assert page.locale.language_code == "ur"


def test_a_translation_says_when_the_english_has_changed(client: Client) -> None:
    live_urdu()
    assert (
        "has changed since then" in client.get("/ur/tonight/").content.decode()
    )  # the demo is newer than the check
    TranslationCheck.objects.update(checked_on=date(2100, 1, 1))
    assert "has changed since then" not in client.get("/ur/tonight/").content.decode()


def test_words_that_nobody_checked_stay_english(client: Client) -> None:
    live_urdu()
    LanguageWords.objects.filter(locale__language_code="ur").update(checked_by="")
    html = client.get("/ur/tonight/").content.decode()
    assert "یہ سائٹ چھوڑیں" not in html
    assert '<span lang="en" dir="ltr">Leave this site</span>' in html


def test_help_lines_have_words_in_each_language_and_one_number() -> None:
    english = HelpLine.objects.get(name="Emergency")
    polish = english.copy_for_translation(Locale.objects.get(language_code="pl"))
    polish.name = "Nagły wypadek"
    polish.save()
    assert HelpLine.objects.get(pk=polish.pk).number == "999"
    assert polish.get_translation(english.locale) == english


def test_wagtail_localize_takes_a_page_and_meets_the_same_gate() -> None:
    from wagtail_localize.models import Translation, TranslationSource

    english = PosterTextPage.objects.get(locale__language_code="en-gb")
    source, _ = TranslationSource.get_or_create_from_instance(english)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="pl"))
    assert source.stringsegment_set.exists()
    translation.save_target(publish=False)
    with pytest.raises(ValidationError, match="Nobody has checked"):
        english.get_translation(translation.target_locale).save_revision().publish()


def test_an_unfinished_translation_says_what_is_missing_and_where(client: Client) -> None:
    from wagtail_localize.models import StringTranslation, Translation, TranslationSource

    by = people()
    english = Page.objects.get(slug="mates").specific
    source, _ = TranslationSource.get_or_create_from_instance(english)
    polish = Locale.objects.get(language_code="pl")
    translation = Translation.objects.create(source=source, target_locale=polish)
    translation.save_target(publish=False)
    page = english.get_translation(polish)
    editor = f"/admin/pages/{page.pk}/edit/"

    def publish_as(name: str) -> str:
        client.force_login(by[name])
        assert client.get(editor).status_code == 200
        answer = client.post(editor, {"action": "publish"}, follow=True)
        page.refresh_from_db()
        return unescape(answer.content.decode())

    html = publish_as("approver")
    assert "“Mates” was not published in Polish." in html
    assert "texts have no translation." in html
    assert "Title: no words in Polish for “Mates”." in html
    assert "Body, block 2 (Tips): no words in Polish for “" in html
    assert "Nobody has checked this page in Polish." in html
    assert "New validation errors" not in html
    assert not page.live

    for segment in source.stringsegment_set.all():
        StringTranslation.objects.get_or_create(
            translation_of=segment.string,
            locale=polish,
            context=segment.context,
            defaults={"data": "Słowo", "last_translated_by": by["approver"]},
        )
    TranslationCheck.objects.create(page=page.page_ptr, checked_by="A reader", checked_on=date(2026, 11, 2))
    assert "You wrote part of this page." in publish_as("approver")
    assert not page.live
    assert "was not published" not in publish_as("second_approver")


def test_authors_translate_and_approvers_record_the_check() -> None:
    by = people()
    assert by["author"].has_perm("wagtail_localize.submit_translation")
    assert not by["author"].has_perm("campaign_pages.add_translationcheck")
    assert by["approver"].has_perm("campaign_pages.add_translationcheck")
    assert by["approver"].has_perm("campaign_pages.change_languagewords")


def test_the_poster_in_words_has_the_words_of_the_poster(client: Client) -> None:
    page = PosterTextPage.objects.get(locale__language_code="en-gb")
    for kind in packs.ASK_LINES:
        design = packs.design_for(venue_type=kind)
        assert (page.artwork_version, page.headline, page.line, page.help_line) == (
            design.version,
            design.headline,
            design.line,
            design.help_line,
        )
        assert design.ask_line in page.asks
    assert set(page.asks) == set(packs.ASK_LINES.values())
    landing = client.get("/tonight/").content.decode()
    assert 'href="/poster/"' in landing
    assert 'href="/poster/large-print/"' in landing
    assert 'class="large-print"' in client.get("/poster/large-print/").content.decode()
