"""What stops a translation made on wagtail-localize's screen from going live: which words are missing, and where.

That screen publishes by itself, says only that “new validation errors were found”, and would put English words where a
translation is missing. So it is asked here first.
"""

from typing import Any

from wagtail_localize.models import StringTranslation, Translation

from campaign_pages.models.approval import OWN_WORK, writers_of

NAMED = 12  # places; more than that is a page that nobody began


def translation_of(page: Any) -> Translation | None:
    """The translation that made this page and still feeds it; None for a page written by hand."""
    return Translation.objects.filter(
        source__object_id=page.translation_key, target_locale_id=page.locale_id, enabled=True
    ).first()


def reasons_against(translation: Translation, page: Any, user: Any) -> list[str]:
    """Every reason why this person may not publish the translation now, in words; empty when they may."""
    found = _missing(translation)
    if user.pk in _translators(translation) | writers_of(page):
        found.append(OWN_WORK)
    found += page.publish_problems()
    return found


def _missing(translation: Translation) -> list[str]:
    """One line for each place where words are missing, with how many and the first of them in English."""
    segments = translation.source.stringsegment_set.select_related("context", "string").order_by("order")
    open_ones = [
        each for each in segments.annotate_translation(translation.target_locale) if each.translation is None
    ]
    if not open_ones:
        return []
    english = translation.source.get_source_instance()
    language = translation.target_locale.get_display_name()
    places: dict[str, list[str]] = {}
    for each in open_ones:
        places.setdefault(_place(english, each.context.path), []).append(str(each.string.data))
    lines = [
        f"{place}: no words in {language} for “{words[0][:60]}”"
        + (f" and {len(words) - 1} more here." if len(words) > 1 else ".")
        for place, words in list(places.items())[:NAMED]
    ]
    if len(places) > NAMED:
        lines.append(f"And {len(places) - NAMED} more places.")
    total = len(open_ones)
    return [
        f"Not finished: {total} of {len(segments)} texts {'has' if total == 1 else 'have'} no translation.",
        *lines,
    ]


def _place(page: Any, path: str) -> str:
    """ "title" is Title; "body.<id of a block>.heading" is Body, block 2 (Tips)."""
    name, _, rest = path.partition(".")
    label = str(page._meta.get_field(name).verbose_name)
    label = label[:1].upper() + label[1:]
    block_id = rest.partition(".")[0]
    for number, child in enumerate(getattr(page, name) if block_id else (), 1):
        if str(child.id) == block_id:
            return f"{label}, block {number} ({child.block.label})"
    return label


def _translators(translation: Translation) -> set[int]:
    """Whoever put in words of it."""
    texts = translation.source.stringsegment_set.values("string_id")
    written = StringTranslation.objects.filter(translation_of_id__in=texts, locale=translation.target_locale)
    return set(written.exclude(last_translated_by=None).values_list("last_translated_by_id", flat=True))
