"""Every public page: answers, keeps nothing on the device, reads easily, asks the database little."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from wagtail.models import Page, Site

from campaign_pages import demo_content
from campaign_pages.content_checks import plain_text, reading_level
from campaign_pages.models import ArticlePage, CampaignSettings, Fact, HelpLine, HomePage, NewsPage, StoryPage

pytestmark = pytest.mark.django_db

PATHS = [
    "/",
    "/tonight/",
    "/mates/",
    "/stories/",
    "/stories/one-punch/",
    "/stories/the-one-who-walked/",
    "/help/",
    "/about/",
    "/news/",
    "/news/launch/",
    "/partners/",
    "/contact/",
    "/poster/",
    "/accessibility/",
    "/privacy/",
    "/cookies/",
    "/plan/",
    "/which-mate/",
    "/stories/choose/",
]
EASY = [
    "/",
    "/tonight/",
    "/mates/",
    "/help/",
    "/plan/",
    "/which-mate/",
    "/stories/choose/",
    "/stories/one-punch/",
    "/stories/the-one-who-walked/",
]
ALSO = ["/poster/large-print/", "/search/", "/search/?q=mates"]  # addresses that are no pages of their own
NIGHT = "2026-06-06T23:58:00+01:00"
DAY = "2026-06-06T13:00:00+01:00"


@pytest.fixture(autouse=True)
def site(campaign_site: None) -> None:
    cache.clear()


def page_at(path: str) -> Any:
    home = HomePage.objects.get()
    return Page.objects.get(url_path=home.url_path + path.strip("/") + ("/" if path != "/" else "")).specific


def test_the_demo_is_idempotent_and_replaces_wagtails_welcome() -> None:
    before = set(Page.objects.values_list("pk", "latest_revision_id"))
    demo_content.load(seed=1, say=lambda line: None)
    assert set(Page.objects.values_list("pk", "latest_revision_id")) == before
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    assert Site.objects.get(is_default_site=True).root_page.specific == HomePage.objects.get()


def test_no_help_line_claims_a_check_that_nobody_made() -> None:
    assert not HelpLine.objects.filter(last_checked__isnull=False).exists()


def test_pages_answer_without_cookie_or_inline_code(client: Client) -> None:
    for moment in (DAY, NIGHT):
        with time_machine.travel(moment, tick=False):
            for path in [*PATHS, *ALSO]:
                response = client.get(path)
                html = response.content.decode()
                assert response.status_code == 200, path
                assert not response.cookies, path
                # The cookies page says whether this visitor is counted; no other page differs between visitors.
                assert ("Cookie" in response.get("Vary", "")) == (path == "/cookies/")
                assert "Accept-Language" not in response.get("Vary", ""), path
                assert response["Referrer-Policy"] == "same-origin", path
                inline = r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\")"
                assert not re.search(inline, html), path
                assert 'href="/leave/"' in html, path
                assert html.count("<h1") == 1, path
                assert "tel:999" in html, path
                loaded = re.findall(
                    r'<(?:script|img|source|iframe|link(?=[^>]*stylesheet))[^>]*?(?:src|srcset|href)="([^"]+)"',
                    html,
                )
                assert loaded, path
                assert [address for address in loaded if not address.startswith("/")] == [], path
                if path in PATHS:
                    assert 'property="og:title"' in html, path
                    assert 'property="og:image"' in html, path


def count_queries(client: Client, paths: list[str]) -> dict[str, list[str]]:
    asked = {}
    for path in paths:
        client.get(path)
        Site.clear_site_root_paths_cache()
        client.get(path)  # warm
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        asked[path] = [query["sql"][:200] for query in queries]
    return asked


def test_pages_ask_the_database_at_most_twelve_times_and_no_more_with_ten_times_the_content(
    client: Client,
) -> None:
    paths = [*PATHS, *ALSO]
    before: dict[str, dict[str, list[str]]] = {}
    for moment in (DAY, NIGHT):
        with time_machine.travel(moment, tick=False):
            before[moment] = count_queries(client, paths)
    most = max((len(asked), path, asked) for one in before.values() for path, asked in one.items())
    assert most[0] <= 12, (most[1], "\n".join(most[2]))
    grow(ten_times=9)
    for moment in (DAY, NIGHT):
        with time_machine.travel(moment, tick=False):
            for path, asked in count_queries(client, paths).items():
                now, was = len(asked), len(before[moment][path])
                assert now <= was, (path, moment, was, now, asked)


def grow(*, ten_times: int) -> None:
    """Nine more of every story, piece of news, article, fact and help line, without going through the editor."""
    for fact in Fact.objects.all():
        Fact.objects.bulk_create(
            [Fact(**{**fields(fact), "text": f"{fact.text} {number}"}) for number in range(ten_times)]
        )
    for line in HelpLine.objects.all():
        for number in range(ten_times):
            HelpLine.objects.create(
                locale=line.locale,
                name=f"{line.name} {number}",
                number=line.number,
                link=line.link,
                what_for="More.",
            )
    for model in (StoryPage, NewsPage, ArticlePage):
        for page in model.objects.filter(locale__language_code="en-gb"):
            for number in range(ten_times):
                page.copy(
                    update_attrs={"slug": f"{page.slug}-{number}", "title": f"{page.title} {number}"},
                    copy_revisions=False,
                    log_action=None,
                )


def fields(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in row._meta.fields if not field.primary_key}


def test_advice_reads_easily() -> None:
    """LIX of everything a reader meets on the page, by the project's own check."""
    hard = {}
    for path in EASY:
        page = page_at(path)
        lix = reading_level("\n".join([page.title, page.lead, *map(plain_text, page.stream_fields)])).lix
        if lix > 30:
            hard[path] = lix
    assert hard == {}


def test_every_published_page_passes_its_own_guards() -> None:
    assert {path: problems for path in PATHS if (problems := page_at(path).publish_problems())} == {}


def test_about_says_what_is_not_known(client: Client) -> None:
    html = client.get("/about/").content.decode()
    assert "We do not know yet" in html
    assert "Unclear" in html


def test_a_story_carries_a_warning_a_way_out_a_line_and_help(client: Client) -> None:
    for path in ("/stories/one-punch/", "/stories/the-one-who-walked/"):
        html = client.get(path).content.decode()
        warning, line, lines = html.index("Before you read"), html.index("line-to-use"), html.index('class="help"')
        assert warning < html.index("Get help instead") < line < lines


def test_tonight_by_day_and_by_night(client: Client) -> None:
    with time_machine.travel("2026-06-06T13:00:00+01:00", tick=False):
        day = client.get("/tonight/")
    with time_machine.travel("2026-06-06T23:58:00+01:00", tick=False):
        night = client.get("/tonight/")
    assert "at-night" not in day.content.decode()
    assert 'class="tonight at-night"' in night.content.decode()
    for response in (day, night):
        assert response.content.decode().count('class="tip"') == 4
        assert "Only if it is safe" in response.content.decode()


def test_home_puts_tonight_first_at_night(client: Client) -> None:
    with time_machine.travel(DAY, tick=False):
        day = client.get("/").content.decode()
    with time_machine.travel(NIGHT, tick=False):
        night = client.get("/").content.decode()
    assert day.index("headline-art") < day.index('class="tip"')
    assert night.index('class="tip"') < night.index("headline-art")
    assert 'class="tonight at-night"' in night
    assert night.count('class="tip"') == 4
    assert "at-night" not in day


def test_a_copy_of_tonight_never_outlives_the_switch(client: Client) -> None:
    for path in ("/tonight/", "/"):
        with time_machine.travel("2026-06-06T21:59:00+01:00", tick=False):
            assert client.get(path)["Cache-Control"] == "public, max-age=60, s-maxage=60"
        with time_machine.travel("2026-06-06T12:00:00+01:00", tick=False):
            assert client.get(path)["Cache-Control"] == "public, max-age=300, s-maxage=300"
        with time_machine.travel("2026-06-07T01:00:00+01:00", tick=False):  # the phone's own copy lasts the night
            assert client.get(path)["Cache-Control"] == "public, max-age=14400, s-maxage=300"


def weight(html: bytes) -> int:
    """Bytes of the page with its style sheets and scripts, each compressed alone as it goes over the wire."""
    names = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', html.decode())
    assert "css/site.css" in names
    files = [finders.find(name) for name in names if not name.startswith("build/")]
    return sum(len(gzip.compress(Path(str(name)).read_bytes())) for name in files) + len(gzip.compress(html))


def test_tonight_and_the_landing_of_a_scan_are_small(client: Client) -> None:
    for moment in (DAY, NIGHT):
        with time_machine.travel(moment, tick=False):
            for path in ("/tonight/", "/poster/", "/"):
                assert weight(client.get(path).content) < 14 * 1024, (path, moment)


def test_leaving_without_script(client: Client) -> None:
    response = client.get("/leave/")
    assert response.status_code == 303
    assert response["Location"] == "https://www.bbc.co.uk/weather"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert client.post("/leave/").status_code == 405


def test_editors_choose_where_leaving_leads(client: Client) -> None:
    row = CampaignSettings.for_site(Site.objects.get(is_default_site=True))
    row.exit_address = "https://example.org/recipes"
    row.exit_on_escape = False
    row.save()
    assert client.get("/leave/")["Location"] == "https://example.org/recipes"
    html = client.get("/").content.decode()
    assert 'data-exit="https://example.org/recipes"' in html
    assert 'data-exit-on-escape="false"' in html


def test_leaving_works_before_any_site_is_set_up(client: Client) -> None:
    Site.objects.all().delete()
    assert client.get("/leave/").status_code == 303


def test_a_page_without_exit_shows_none(client: Client) -> None:
    ArticlePage.objects.filter(slug="about").update(show_exit=False)
    assert "/leave/" not in client.get("/about/").content.decode()


def test_signposts(client: Client) -> None:
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()
    assert "Expires: " in client.get("/.well-known/security.txt").content.decode()
    places = client.get("/sitemap.xml").content.decode()
    assert "/tonight/</loc>" in places
    assert "/stories/one-punch/</loc>" in places


def test_a_missing_page_offers_help(client: Client) -> None:
    response = client.get("/nothing-of-the-kind/")
    html = response.content.decode()
    assert response.status_code == 404
    assert escape("This page walked away.") in html
    assert "/help/" in html
    assert not response.cookies


def test_the_broken_page_needs_no_database(client: Client, django_db_blocker: Any) -> None:
    from django.test import RequestFactory
    from django.views.defaults import server_error

    with django_db_blocker.block():
        response = server_error(RequestFactory().get("/"))
    assert b"It was us" in response.content


def test_sign_in_is_ours(client: Client) -> None:
    html = client.get("/accounts/login/").content.decode()
    assert "Staff sign-in" in html
    assert "sign up" not in html.lower()
    assert "/leave/" not in html


def test_fonts_are_built_once() -> None:
    from campaign_pages.display_font import build

    first = build()
    assert first["bytes"] < 20_000
    assert build()["built"] is False
    assert (settings.VAR_DIR / "build" / "fonts" / "OFL.txt").exists()
