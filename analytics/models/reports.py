"""What people write beside a plan for its reports. Every version is kept."""

from django.conf import settings
from django.db import models

from analytics.models.kept import KeptRecord


class ReportText(KeptRecord):
    """One version of one text beside a plan: a part of the logic model, an EMMIE slot, the cost. The newest counts."""

    plan_hash = models.CharField(max_length=64)
    slot = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_texts")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["plan_hash", "slot"], name="report_text_of_plan")]

    def __str__(self) -> str:
        return f"{self.slot} of {self.plan_hash[:12]}"
