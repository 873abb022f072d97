"""Search without script on the database itself, share cards, structured data, the manifest, the site map."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from campaign_pages.models import ArticlePage, NewsIndexPage, NewsPage, PublishedEvaluation
from campaign_pages.share_cards import GENERAL, set_in_lines, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign_site")]


def found(client: Client, words: str) -> list[str]:
    html = client.get("/search/", {"q": words}).content.decode()
    return re.findall(r'<h3><a href="([^"]+)">', html)


def test_search_finds_pages_by_what_is_in_them(client: Client) -> None:
    assert "/news/launch/" in found(client, "handstamps Snapchat") or "/news/launch/" in found(client, "Snapchat")
    assert "/help/" in found(client, "crimestoppers")
    assert found(client, "zebra") == []
    html = client.get("/search/", {"q": "zebra"}).content.decode()
    assert "Nothing with “zebra”" in html
    assert "tel:999" in html
    assert 'rel="canonical" href="http://testserver/search/"' in html  # answers are no pages of their own


def test_search_survives_whatever_is_typed(client: Client) -> None:
    for words in (
        '"',
        "'; DROP TABLE--",
        "a OR",
        "NEAR(",
        "*",
        "\0x",
        "💥",
        "%%%",
        "<script>alert(1)</script>",
        "x" * 5000,
    ):
        response = client.get("/search/", {"q": words, "p": "999999"})
        assert response.status_code == 200, words
        assert "<script>alert" not in response.content.decode()
    assert client.post("/search/").status_code == 405


def test_drafts_are_not_found(client: Client) -> None:
    ArticlePage.objects.get(slug="partners").unpublish()
    assert "/partners/" not in found(client, "Magpie")


def test_a_share_card_is_a_picture_of_the_right_size_with_the_title(client: Client) -> None:
    html = client.get("/mates/").content.decode()
    address = re.search(r'og:image" content="http://localhost(/share/[^"]+)"', html)
    assert address is not None
    response = client.get(address[1])
    picture = Image.open(BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(response.content) < 60_000
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get(address[1]).content == response.content  # kept
    other = client.get(re.search(r"/share/[^\"]+", client.get("/help/").content.decode())[0])  # type: ignore[index]
    assert other.content != response.content
    assert client.get("/share/999999-abc.png").status_code == 404


def test_titles_are_set_in_type_that_fits() -> None:
    for title in ("Help", "Look after your mates", "What one punch does to everybody who stood there that night"):
        size, lines = set_in_lines(title)
        assert 1 <= len(lines) <= 3
        assert " ".join(lines) == title
        assert 76 <= size <= 132
    assert " ".join(set_in_lines("آج رات")[1]) == GENERAL  # the font has no Urdu: never empty boxes
    assert " ".join(set_in_lines("W" * 200)[1]) == GENERAL
    assert version_of("a") != version_of("b")


def structured(html: str) -> Any:
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    return json.loads(match[1]) if match else None


def test_structured_data_is_there_where_it_is_true(client: Client) -> None:
    assert structured(client.get("/").content.decode())["@type"] == "WebSite"
    news = structured(client.get("/news/launch/").content.decode())
    assert news["@type"] == "NewsArticle"
    assert news["datePublished"] == str(NewsPage.objects.get(slug="launch").first_published_at.date())  # type: ignore[union-attr]
    assert structured(client.get("/help/").content.decode()) is None
    NewsPage.objects.filter(slug="launch").update(title="</script><script>alert(1)")
    html = client.get("/news/launch/").content.decode()
    assert "<script>alert" not in html
    assert structured(html)["headline"] == "</script><script>alert(1)"


def test_the_manifest_opens_on_tonight(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert manifest["start_url"] == "/tonight/"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192", "512x512"}


def test_news_come_ten_at_a_time_and_newest_first(client: Client) -> None:
    index = NewsIndexPage.objects.get()
    html = client.get("/news/").content.decode()
    assert html.index("An award for the campaign") < html.index("Walk Away starts in Leicester")
    for number in range(8):
        index.add_child(instance=NewsPage(title=f"More {number}", slug=f"more-{number}", lead="More.", body=[]))
    assert client.get("/news/").content.decode().count("news-item") == 10
    assert client.get("/news/?p=2").content.decode().count("news-item") == 2
    assert client.get("/news/?p=zebra").status_code == 200


def test_about_lists_evaluations_and_says_when_there_is_none(client: Client) -> None:
    assert "None yet." in client.get("/about/").content.decode()
    PublishedEvaluation.objects.create(
        title="First year", verdict="Cannot tell.", published_on="2026-11-01", link="https://example.org/report"
    )
    html = client.get("/about/").content.decode()
    assert "None yet." not in html
    assert 'href="https://example.org/report"' in html
    assert "Cannot tell." in html
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedEvaluation.objects.create(title="Nowhere", verdict="x", published_on="2026-11-01")
