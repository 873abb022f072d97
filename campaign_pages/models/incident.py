"""An incident hold: from when to when the site showed its sober face, why, and who said so."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property


def ids_that_rest() -> set[int]:
    """Primary keys of all pages that an editor lets rest during a hold: one question for all kinds of pages."""
    from wagtail.models import get_page_models

    kinds = [
        kind for kind in get_page_models() if any(field.name == "rests_in_hold" for field in kind._meta.fields)
    ]
    first, *others = (kind.objects.filter(rests_in_hold=True).order_by().values_list("pk") for kind in kinds)
    return {pk for (pk,) in first.union(*others, all=True)}


class IncidentHold(models.Model):
    """One row for each hold, kept for good. The open one is the one without an end."""

    reason = models.CharField(max_length=300)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    look_again_at = models.DateTimeField(help_text="When somebody must decide whether it still has to be on.")
    stopped_posts = models.BooleanField(
        default=True, help_text="Whether this hold stopped the posts, or found them stopped."
    )
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        permissions = [
            ("start_incident_hold", "Can start an incident hold"),
            ("lift_incident_hold", "Can lift one"),
        ]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(lifted_at__isnull=True), name="one_open_incident_hold"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | (
                    Q(lifted_by__isnull=False)
                    & Q(lift_asked_by__isnull=False)
                    & ~Q(lifted_by=models.F("lift_asked_by"))
                ),
                name="two_people_lift_a_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.reason}"

    @classmethod
    def current(cls) -> "IncidentHold | None":
        return cls.objects.filter(lifted_at__isnull=True).first()

    @cached_property
    def resting(self) -> set[int]:
        """Pages that rest, asked once for each request that has this row."""
        return ids_that_rest()
