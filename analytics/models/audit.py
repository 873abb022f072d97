"""Who did what with protected data: rows that are only ever added, each sealed to the one before it."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from analytics.models.kept import KeptRecord


class AuditRecord(KeptRecord):
    """One act. Written by ``analytics.audit.chain.record`` only; triggers in the database refuse changes.

    A migration that changes this table rebuilds it on SQLite, without its triggers; ``analytics.apps`` puts
    them up again after every ``migrate``.
    """

    number = models.PositiveBigIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap")
    at = models.DateTimeField(help_text="UTC, when the row was written")
    action = models.CharField(max_length=60)
    by = models.CharField(max_length=150, help_text="user name, or the name of the job")
    about = models.CharField(max_length=200, blank=True, help_text="what it was done to")
    detail_json = models.TextField(default="{}", help_text="canonical JSON, byte for byte as it was sealed")
    previous = models.CharField(max_length=64, unique=True, help_text="seal of the row before")
    seal = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the previous seal and this row")

    class Meta:
        ordering = ["-number"]
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="audit_numbers_from_one")]
        indexes = [
            models.Index(fields=["action", "number"], name="audit_action"),
            models.Index(fields=["by", "number"], name="audit_by"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} by {self.by}"

    @property
    def detail(self) -> dict[str, Any]:
        """What was recorded beside the act."""
        found: dict[str, Any] = json.loads(self.detail_json)
        return found
