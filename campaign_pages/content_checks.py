"""Guards on what is published: reading level, a way to help, a line to use, no claim without its source.

LIX = words / sentences + 100 x (words of more than six letters) / words (Björnsson 1968). English only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

LIX_WARN = 30
LIX_BLOCK = 40
LONG_WORD = 6
BLAMING = ("asking for it", "had it coming", "deserved it", "scum", "don't be a victim", "thugs")
LONG_SENTENCE = 20  # words
CLAIMS = ("cuts violence", "cut violence", "reduces assaults", "proven to work", "stops assaults")

READ_FIRST = ("headline", "lead", "content_note")  # words above the blocks, on the page types that have them

_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]*")
_SENTENCE_END = re.compile(r"[.!?:]+(?:\s|$)|\n+")


@dataclass(frozen=True)
class Reading:
    """Reading level of a text: LIX, with what it was worked out from."""

    words: int
    sentences: int
    long_words: int

    @property
    def lix(self) -> float:
        if not self.words:
            return 0.0
        return self.words / max(1, self.sentences) + 100 * self.long_words / self.words


def reading_level(text: str) -> Reading:
    """Counts words, sentences and words of more than six letters. Numbers are left out."""
    words = _WORD.findall(text)
    sentences = [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]
    letters = [re.sub(r"[^A-Za-zÀ-ÿ]", "", word) for word in words]
    return Reading(len(words), len(sentences), sum(len(word) > LONG_WORD for word in letters))


def plain_text(value: Any) -> str:
    """The words that a reader meets in a StreamField, block or rich text, one paragraph a line."""
    from wagtail.blocks import StreamValue, StructValue
    from wagtail.rich_text import RichText

    if isinstance(value, StreamValue):
        return "\n".join(filter(None, (plain_text(child.value) for child in value)))
    if isinstance(value, StructValue):
        return "\n".join(filter(None, (plain_text(part) for part in value.values())))
    if isinstance(value, list | tuple) or hasattr(value, "bound_blocks"):
        return "\n".join(filter(None, (plain_text(part) for part in value)))
    if isinstance(value, RichText):
        text = re.sub(r"</(p|li|h\d)>|<br/?>", "\n", value.source)
        return unescape(re.sub(r"<[^>]+>", "", text))
    return value if isinstance(value, str) else ""


def block_types(value: Any) -> set[str]:
    """Names of the blocks used at the top of a StreamField."""
    return {child.block_type for child in value}


def blocking_problems(page: Any) -> list[str]:
    """Every reason why the page may not be published, each with what to do about it."""
    from campaign_pages.link_checks import dead_links, pictures_without_words
    from campaign_pages.safety_checks import tracking_links, unguarded_tips

    problems: list[str] = []
    streams = page.stream_fields
    places = places_of(page)
    used: set[str] = set().union(*(block_types(stream) for stream in streams)) if streams else set()
    if (page.needs_help_line or "tips" in used) and "help_lines" not in used:
        problems.append("This page needs a way to get help. Add a “Help lines” block to Body.")
    if page.needs_line_to_use and "line_to_use" not in used:
        problems.append(
            "A story never stands alone. Add a “Line to use” block to Body: what a mate could have said."
        )
    if page.reading_level_guarded and page.is_english:  # LIX is not validated for other languages
        reading = reading_level(text_of(page))
        if reading.lix > LIX_BLOCK:
            level, place = max((reading_level(words).lix, place) for place, words in places)
            problems.append(
                f"This page is too hard to read (LIX {reading.lix:.0f}, at most {LIX_BLOCK}). "
                f"The hardest part is {place}, with LIX {level:.0f}. Use shorter sentences and shorter words."
            )
    problems += [
        f"{place}: “{phrase}” blames people. Say what happened, not what they are."
        for phrase in page.blaming_words() or BLAMING
        for place, words in places
        if phrase in words.lower()
    ]
    problems += [
        f"{place}: “{phrase}” claims more than we know. Say it only with a published evaluation."
        for phrase in CLAIMS
        for place, words in places
        if phrase in words.lower()
    ]
    for stream in streams:
        problems += dead_links(stream) + pictures_without_words(stream)
        problems += [*unguarded_tips(stream), *tracking_links(stream)]
    return problems


def text_of(page: Any) -> str:
    """Title and words of a page, as a reader meets them."""
    return "\n".join(words for _, words in places_of(page))


def places_of(page: Any) -> list[tuple[str, str]]:
    """Where words stand, named as the editor sees it (“Lead”, “Body, block 2 (Tips)”), and the words; from the top."""
    found = [("Title", page.title)]
    written = {field.name for field in page._meta.get_fields()}  # a page of findings works its headline out
    found += [
        (_label(page, name), getattr(page, name)) for name in READ_FIRST if name in written and getattr(page, name)
    ]
    for stream in page.stream_fields:
        found += _blocks(page, stream)
    return found


def _blocks(page: Any, stream: Any) -> Iterator[tuple[str, str]]:
    names = [field.name for field in page._meta.get_fields() if hasattr(field, "stream_block")]
    label = next((_label(page, name) for name in names if getattr(page, name) is stream), "Body")
    for number, child in enumerate(stream, 1):
        if words := plain_text(child.value):
            yield f"{label}, block {number} ({child.block.label})", words


def _label(page: Any, name: str) -> str:
    label = str(page._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:]


def warnings_of(page: Any) -> list[str]:
    """What should be looked at and does not stop anything."""
    from django.utils import timezone

    from campaign_pages.safety_checks import old_figures

    found: list[str] = []
    reading = reading_level(text_of(page))
    if page.reading_level_guarded and LIX_WARN < reading.lix <= LIX_BLOCK:
        found.append(f"Hard to read (LIX {reading.lix:.0f}; {LIX_WARN} or less is easy).")
    for place, part in places_of(page):
        for sentence in _SENTENCE_END.split(part):
            words = _WORD.findall(sentence)
            if len(words) > LONG_SENTENCE:
                found.append(
                    f"{place}: a sentence of {len(words)} words, “{' '.join(words[:6])} …”. Cut it in two."
                )
    for stream in page.stream_fields:
        found += [
            f"“{claim}” is a figure in plain text. Use a “Figure with its source” block: it says who found it, and when."
            for claim in bare_figures(stream)
        ]
        found += old_figures(stream, timezone.localdate())
    if getattr(page, "review_by", None) is not None and page.review_by <= timezone.localdate():
        found.append(f"Somebody should have looked at this page again by {page.review_by:%d %B %Y}.")
    return found


_FIGURE = re.compile(r"\b\d+(?:\.\d+)?\s?(?:%|per cent)|\b\d+ (?:in|out of) (?:\d+|ten)\b", re.IGNORECASE)


def bare_figures(stream: Any) -> list[str]:
    """Shares and ratios that stand in text blocks, where no source and no date go with them."""
    return [
        match.group()
        for child in stream
        if child.block_type in {"text", "note"}
        for match in _FIGURE.finditer(plain_text(child.value))
    ]
