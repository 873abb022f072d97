"""Reach figures that come from outside: door counts, handstamps, screens, street and social media."""

from django.db import models
from django.db.models import F, Q


class ReachFile(models.Model):
    """One import of one file. Rows read = loaded + duplicates + rejected, kept by the database."""

    name = models.CharField(max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    kind = models.CharField(max_length=20)
    rows_read = models.PositiveIntegerField(default=0)
    loaded = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="rejected rows by reason")
    by = models.CharField("imported by", max_length=150, blank=True)
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("loaded") + F("duplicates") + F("rejected")),
                name="reach_file_rows_reconcile",
            )
        ]
        permissions = [("import_reach", "Can import reach figures"), ("view_reach", "Can see reach by venue")]

    def __str__(self) -> str:
        return self.name


class ReachFigure(models.Model):
    """One imported figure of one venue and night, or of one area and night or week. Never of a person."""

    file = models.ForeignKey(ReachFile, on_delete=models.PROTECT, related_name="figures")
    kind = models.CharField(max_length=20)
    metric = models.CharField(max_length=20)
    venue_code = models.CharField(max_length=20, blank=True)
    area_code = models.CharField(max_length=20, blank=True, help_text="empty for figures without geography")
    night = models.DateField(help_text="the night, or the first night of the week for weekly figures")
    detail = models.CharField(max_length=80, blank=True, help_text="platform, asset or short code")
    value = models.FloatField()
    grade = models.CharField(max_length=1, default="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "metric", "venue_code", "area_code", "night", "detail"], name="reach_figure_once"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="reach_figure_not_negative"),
            models.CheckConstraint(condition=Q(grade__in=["A", "B", "C"]), name="reach_figure_grade"),
        ]
        indexes = [models.Index(fields=["kind", "night"], name="reach_figure_night")]

    def __str__(self) -> str:
        return f"{self.kind} {self.metric} {self.venue_code or self.area_code} {self.night}"
