"""Claims and help lines as records, each with its source and the day on which it must be looked at again."""

from django.db import models
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import TranslatableMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField


class Fact(index.Indexed, models.Model):
    """One statement that pages may quote. A statistic on a page must point to one of these."""

    class Strength(models.TextChoices):
        FACT = "fact", "Fact: recorded or measured"
        SURVEY = "survey", "Survey: what people said"
        UNCLEAR = "unclear", "Unclear: evidence is mixed or missing"

    figure = models.CharField(
        max_length=40, blank=True, help_text="The number in large type, for example 9 in 10."
    )
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=250, help_text="Who found it, and where it is published.")
    as_of = models.CharField("as of", max_length=80, help_text="The dates that the figure covers.")
    strength = models.CharField(max_length=10, choices=Strength.choices, default=Strength.FACT)
    review_by = models.DateField(help_text="From this day on the page says that the figure is being checked.")

    panels = [
        FieldRowPanel([FieldPanel("figure"), FieldPanel("strength")]),
        FieldPanel("text"),
        FieldPanel("source"),
        FieldRowPanel([FieldPanel("as_of"), FieldPanel("review_by")]),
    ]
    search_fields = [index.SearchField("text"), index.AutocompleteField("text"), index.SearchField("source")]

    class Meta:
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text

    @property
    def is_being_checked(self) -> bool:
        return self.review_by <= timezone.localdate()


class HelpLine(TranslatableMixin, index.Indexed, models.Model):
    """Where to get help: a number or an address, with its hours and the day somebody last tried it.

    Each language has its own words; numbers, addresses and dates are those of the English record.
    """

    name = models.CharField(max_length=80)
    number = models.CharField(max_length=30, blank=True)
    link = models.URLField(blank=True)
    hours = models.CharField(max_length=120, blank=True)
    what_for = models.CharField(max_length=200, help_text="When to use it, in one plain sentence.")
    emergency = models.BooleanField(default=False)
    last_checked = models.DateField(null=True, blank=True, help_text="Empty: nobody has checked it yet.")
    review_by = models.DateField(
        null=True, blank=True, help_text="From this day on the page says that the number is being checked."
    )
    sort_order = models.PositiveSmallIntegerField(default=10)

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("number"), FieldPanel("link")]),
        FieldPanel("what_for"),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("last_checked"), FieldPanel("review_by")]),
        FieldRowPanel([FieldPanel("emergency"), FieldPanel("sort_order")]),
    ]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    override_translatable_fields = [
        TranslatableField("name"),
        TranslatableField("what_for"),
        TranslatableField("hours"),
        *(
            SynchronizedField(name, overridable=False)
            for name in ("number", "link", "last_checked", "review_by", "emergency", "sort_order")
        ),
    ]

    class Meta(TranslatableMixin.Meta):
        ordering = ["sort_order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(number="") | ~models.Q(link=""), name="helpline_has_number_or_link"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_being_checked(self) -> bool:
        """A help line is never hidden for being old: a number that may be right is better than none."""
        return self.review_by is not None and self.review_by <= timezone.localdate()

    @property
    def dial(self) -> str:
        return self.number.replace(" ", "")
