"""Evaluations that have been published: what was found, in the words of the locked plan's verdict."""

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel


class PublishedEvaluation(models.Model):
    """One finished evaluation that anybody may read. The about page lists all of them, good or bad."""

    title = models.CharField(max_length=120)
    verdict = models.CharField(
        max_length=900, help_text="The verdict's own sentence, unchanged, also where it is “cannot tell”."
    )
    plan_hash = models.CharField(max_length=64, blank=True, help_text="Hash of the plan locked before looking.")
    published_on = models.DateField()
    link = models.URLField(blank=True)
    document = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("verdict"),
        FieldRowPanel([FieldPanel("published_on"), FieldPanel("plan_hash")]),
        FieldRowPanel([FieldPanel("document"), FieldPanel("link")]),
    ]

    class Meta:
        ordering = ["-published_on"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(link="") | models.Q(document__isnull=False), name="evaluation_can_be_read"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if not self.link and self.document_id is None:
            raise ValidationError("Nobody could read this evaluation. Give its address or choose the document.")

    @property
    def address(self) -> str:
        return self.document.url if self.document else self.link
