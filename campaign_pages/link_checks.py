"""Links that lead nowhere inside the site, and pictures without words."""

import re
from collections.abc import Iterator
from typing import Any

_PAGE_LINK = re.compile(r'<a [^>]*linktype="page"[^>]*id="(\d+)"|<a [^>]*id="(\d+)"[^>]*linktype="page"')


def dead_links(stream: Any) -> list[str]:
    """Pages that the stream links to and that nobody can open: taken down, never published, or deleted."""
    from wagtail.models import Page

    wanted = dict(_linked_pages(stream))
    live = dict(Page.objects.filter(pk__in=wanted, live=True).values_list("pk", "title"))
    known = dict(Page.objects.filter(pk__in=wanted).values_list("pk", "title"))
    return [
        f"A link leads to “{known[pk]}”, which is not published. Publish it first, or take the link out."
        if pk in known
        else "A link leads to a page that was deleted. Take the link out."
        for pk in wanted
        if pk not in live
    ]


def _linked_pages(value: Any) -> Iterator[tuple[int, None]]:
    for part in leaves_of(value):
        source = getattr(part, "source", None)
        if isinstance(source, str):
            for first, second in _PAGE_LINK.findall(source):
                yield int(first or second), None
        elif hasattr(part, "url_path") and hasattr(part, "pk"):  # a page from a chooser
            yield part.pk, None


def pictures_without_words(stream: Any) -> list[str]:
    """Pictures that neither say what they show nor are marked as decoration (WCAG 2.2, 1.1.1)."""
    from wagtail.images.models import AbstractImage

    return [
        f"The picture “{part.title}” has no words for people who cannot see it. Describe it, or mark it as decoration."
        for part in leaves_of(stream)
        if isinstance(part, AbstractImage)
        and not getattr(part, "decorative", False)
        and not (getattr(part, "contextual_alt_text", "") or "").strip()
    ]


def leaves_of(value: Any) -> Iterator[Any]:
    """Every value in a stream, however deep, leaves only."""
    from wagtail.blocks import StreamValue, StructValue

    if isinstance(value, StreamValue):
        for child in value:
            yield from leaves_of(child.value)
    elif isinstance(value, StructValue):
        for part in value.values():
            yield from leaves_of(part)
    elif isinstance(value, list | tuple) or hasattr(value, "bound_blocks"):
        for part in value:
            yield from leaves_of(part)
    elif value is not None:
        yield value
