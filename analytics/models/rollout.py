"""Roll-outs drawn by lot: every draw is kept, two people make one of them the roll-out that is followed."""

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.models.kept import KeptRecord


class Rollout(KeptRecord):
    """One draw of start weeks. Every draw is a row, also those that nobody liked, so drawing again is seen.

    It counts as a randomisation once a second person confirmed it before its first week (``RolloutConfirmation``).
    """

    rollout_hash = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    content = models.TextField(help_text="canonical JSON: settings, venues, exclusions, strata, seed, schedule")
    from_week = models.CharField(max_length=8, help_text="first week of the study, before the first wave")
    to_week = models.CharField(max_length=8)
    first_start = models.DateField(help_text="Monday of the first wave")
    seed = models.BigIntegerField()
    power = models.TextField(
        default="", help_text="JSON: smallest visible effect by number of waves; empty: not simulated"
    )
    drawn_by = models.CharField(
        max_length=150, blank=True, help_text="user name; empty: by command, without a name"
    )
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-drawn_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    @property
    def design(self) -> dict[str, Any]:
        """The content; numbers are decimal strings, as they were hashed."""
        found: dict[str, Any] = json.loads(self.content)
        return found


class RolloutConfirmation(KeptRecord):
    """The two people who make a draw the roll-out."""

    rollout = models.OneToOneField(Rollout, on_delete=models.PROTECT, related_name="confirmation")
    rollout_hash = models.CharField(max_length=64, help_text="of what was confirmed")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rollouts_asked")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rollouts_confirmed"
    )
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-confirmed_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by=F("confirmed_by")), name="rollout_confirmed_by_two_people"
            )
        ]

    def __str__(self) -> str:
        return f"roll-out {self.rollout_id} confirmed"


class RolloutDeviation(KeptRecord):
    """One venue or cluster did not follow the roll-out. Noted as it happens; analysis stays as allocated."""

    class Kind(models.TextChoices):
        LATE = "late", "Went live late"
        EARLY = "early", "Went live early"
        NEVER = "never", "Never went live"

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="deviations")
    cluster = models.CharField(max_length=20)
    venue = models.CharField(max_length=20, blank=True, help_text="venue code; empty: the whole cluster")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    week = models.CharField(max_length=8, blank=True, help_text="week it really went live; empty: never")
    reason = models.CharField(max_length=300)
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["noted_at", "pk"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="rollout_deviation_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.cluster} {self.kind}"
