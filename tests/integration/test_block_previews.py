"""Every block that an editor can pick shows what it will look like, in words and in a picture, with sample data only."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from wagtail.blocks import Block, ListBlock, StreamBlock, StructBlock
from wagtail.fields import StreamField
from wagtail.models import Page

from campaign_pages import demo_content
from campaign_pages.incidents import hold
from tests.factories.social import people

OWN_TABLES = re.compile(r'FROM "(campaign_pages_(?:fact|helpline|publishedevaluation)|wagtailcore_page)"')


def _picked(block: Block) -> Iterator[Block]:
    """The children of every stream in a block, however deep: what stands in a block chooser."""
    if isinstance(block, StreamBlock):
        for child in block.child_blocks.values():
            yield child
            yield from _picked(child)
    elif isinstance(block, StructBlock):
        for child in block.child_blocks.values():
            yield from _picked(child)
    elif isinstance(block, ListBlock):
        yield from _picked(block.child_block)


def blocks() -> list[tuple[str, Block]]:
    return [
        (f"{model.__name__}.{field.name}.{block.name}", block)
        for model in apps.get_models()
        if issubclass(model, Page)
        for field in model._meta.get_fields()
        if isinstance(field, StreamField) and field.model is model
        for block in _picked(field.stream_block)
    ]


def test_every_block_has_a_group_a_description_and_a_preview() -> None:
    found = blocks()
    assert len({name for name, _ in found}) > 60
    wanting = [
        name
        for name, block in found
        if not (block.meta.group and block.get_description() and block.is_previewable)
    ]
    assert wanting == []


def preview(client: Client, block: Block) -> Any:
    return client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})


@pytest.mark.django_db
def test_the_admin_renders_each_preview_for_an_author_without_a_record(client: Client) -> None:
    client.force_login(people()["author"])
    client.get(reverse("wagtailadmin_home"))  # what the admin reads once is read
    seen: dict[str, str] = {}
    for name, block in blocks():
        if block.definition_prefix in seen:
            continue
        with CaptureQueriesContext(connection) as asked:
            response = preview(client, block)
        html = response.content.decode()
        assert response.status_code == 200, name
        main = html.partition("<main")[2].partition("</main>")[0]
        assert len(strip_tags(main).split()) >= 2, name
        assert "Traceback" not in html, name
        assert 'href="None"' not in main, name
        assert "is being checked" not in main, name
        assert "css/tokens.css" in html, name  # in the campaign's own look
        assert [each["sql"] for each in asked if OWN_TABLES.search(each["sql"])] == [], name
        seen[block.definition_prefix] = main
    assert len(seen) > 60
    together = " ".join(seen.values())
    for words in (
        "In 9 of 10 rows".lower(),
        'href="tel:999"',
        "We cannot tell.",
        'class="button"',
        "I hit someone",
    ):
        assert words in together, words


@pytest.mark.django_db
def test_a_preview_of_a_block_is_the_same_during_an_incident_hold(client: Client) -> None:
    demo_content.load(seed=1, say=lambda line: None)
    by = people()
    client.force_login(by["author"])
    block = next(block for name, block in blocks() if name == "StoryPage.body.line_to_use")
    before = preview(client, block).content.decode().partition("<main")[2]
    hold.start(by=by["author"], reason="A man was hurt.")
    assert "Walk with me" in before
    assert preview(client, block).content.decode().partition("<main")[2] == before
