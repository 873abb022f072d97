"""Periods of police counts that have been published, exactly as readers may see them. Never changed again."""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q

from analytics.models.kept import KeptRecord


class PublishedPeriod(KeptRecord):
    """One period of one series, frozen for the partner and the public tier in the same moment.

    Only what is shown is kept, never the counts behind it. A later correction of the data does not change
    it: two versions of one period could be subtracted from each other.
    """

    series = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    synthetic = models.BooleanField()
    definition = models.CharField(max_length=120, help_text="measure, its version and its SHA-256")
    content = models.TextField(help_text="canonical JSON: each cell's labels and its text in both tiers")
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["series", "synthetic", "first_day"]
        default_permissions = ("view",)
        permissions = [("publish_tables", "Can freeze periods for partners and the public")]
        constraints = [
            models.UniqueConstraint(fields=["series", "synthetic", "first_day"], name="published_period_once"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="published_period_forwards"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.first_day} to {self.last_day}"

    @property
    def cells(self) -> list[dict[str, Any]]:
        """``[{"key": [...], "partner": text, "public": text}, …]``."""
        found: list[dict[str, Any]] = json.loads(self.content)["cells"]
        return found
