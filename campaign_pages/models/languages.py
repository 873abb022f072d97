"""Other languages: who checked a translation and when, and the few words that stand on every page.

Nothing here is translated by a machine. A translation that nobody checked is not published.
"""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PageChooserPanel

# The words of every page, in English. A language shows its own only after a person has checked them.
ENGLISH_WORDS = {
    "skip": "Skip to main content",
    "leave": "Leave this site",
    "in_danger": "In danger now? Call",
    "not_urgent": "Not urgent:",
    "call_999": "Call 999",
    "need_help": "I need help",
    "only_if_safe": "Only if it is safe.",
    "website": "Website",
    "say": "Say:",
    "large_print": "Large print",
}


OTHERS_KEY = "other-languages-are-live"
OTHERS_SECONDS = 60


def other_languages_are_live() -> bool:
    """Whether any language but English has a live home page: without one, nothing of it can be reached.

    Kept for a minute, so that a site in English alone asks nothing about translations.
    """
    from wagtail.models import Page

    found = cache.get_or_set(
        OTHERS_KEY,
        lambda: (
            Page.objects.filter(depth=2, live=True).exclude(locale__language_code=settings.LANGUAGE_CODE).exists()
        ),
        OTHERS_SECONDS,
    )
    return bool(found)


def forget_other_languages() -> None:
    """To be called where a home page goes live or is taken down."""
    cache.delete(OTHERS_KEY)


class LanguageWords(models.Model):
    """The fixed words of the site in one language: the exit button, 999, and so on."""

    locale = models.OneToOneField("wagtailcore.Locale", on_delete=models.CASCADE, related_name="campaign_words")
    skip = models.CharField("“Skip to main content”", max_length=80, blank=True)
    leave = models.CharField("“Leave this site”", max_length=60, blank=True)
    in_danger = models.CharField("“In danger now? Call” (999 follows)", max_length=80, blank=True)
    not_urgent = models.CharField("“Not urgent:” (101 follows)", max_length=80, blank=True)
    call_999 = models.CharField("“Call 999”", max_length=60, blank=True)
    need_help = models.CharField("“I need help”", max_length=60, blank=True)
    only_if_safe = models.CharField("“Only if it is safe.”", max_length=80, blank=True)
    website = models.CharField("“Website”", max_length=60, blank=True)
    say = models.CharField("“Say:”", max_length=60, blank=True)
    large_print = models.CharField("“Large print”", max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="Where the words come from.")
    checked_by = models.CharField(
        max_length=80, blank=True, help_text="A role or a name. Empty: the words are not shown to anybody."
    )
    checked_on = models.DateField(null=True, blank=True)

    panels = [
        FieldPanel("locale"),
        MultiFieldPanel([FieldPanel(name) for name in ENGLISH_WORDS], "Words"),
        FieldPanel("note"),
        FieldRowPanel([FieldPanel("checked_by"), FieldPanel("checked_on")]),
    ]

    class Meta:
        verbose_name = "words of a language"
        verbose_name_plural = "words of languages"
        ordering = ["locale__language_code"]

    def __str__(self) -> str:
        return f"{self.locale.get_display_name()}{'' if self.is_checked else ' (not checked, not shown)'}"

    @property
    def is_checked(self) -> bool:
        return bool(self.checked_by and self.checked_on)


class TranslationCheck(models.Model):
    """That a person who reads the language has read this page and found it right."""

    page = models.OneToOneField("wagtailcore.Page", on_delete=models.CASCADE, related_name="translation_check")
    checked_by = models.CharField(
        max_length=80,
        help_text="A role or a name that may be shown, for example “Community translator, Leicester”.",
    )
    checked_on = models.DateField()

    panels = [
        PageChooserPanel("page"),
        FieldRowPanel([FieldPanel("checked_by"), FieldPanel("checked_on")]),
    ]

    class Meta:
        verbose_name = "check of a translation"
        verbose_name_plural = "checks of translations"
        ordering = ["-checked_on"]

    def __str__(self) -> str:
        return f"{self.page}: {self.checked_by}, {self.checked_on}"

    @cached_property
    def english_changed_since(self) -> bool:
        """Whether the page that this is a translation of was published after the check. One query."""
        from wagtail.models import Page

        return Page.objects.filter(
            translation_key=self.page.translation_key,
            locale__language_code=settings.LANGUAGE_CODE,
            last_published_at__date__gt=self.checked_on,
        ).exists()


def check_of(page: Any) -> TranslationCheck | None:
    """The check of a translated page, or None where nobody has made one."""
    return TranslationCheck.objects.filter(page_id=page.pk).select_related("page").first()
