"""Reach figures that come from outside, what became of each, and what reach was when outcomes came in."""

from django.db import models
from django.db.models import F, Q

from analytics.models.kept import KeptRecord


class ReachFile(models.Model):
    """One import of one file. Rows read = loaded + duplicates + rejected, kept by the database."""

    name = models.CharField(max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    kind = models.CharField(max_length=20)
    rows_read = models.PositiveIntegerField(default=0)
    loaded = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0, help_text="loaded rows that took the place of older ones")
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="rejected rows by reason")
    why = models.CharField(max_length=200, blank=True, help_text="of a correction, or of a withdrawal")
    by = models.CharField("imported by", max_length=150, blank=True)
    imported_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("loaded") + F("duplicates") + F("rejected")),
                name="reach_file_rows_reconcile",
            ),
            models.CheckConstraint(condition=Q(corrected__lte=F("loaded")), name="reach_file_corrected_loaded"),
        ]
        permissions = [("import_reach", "Can import reach figures"), ("view_reach", "Can see reach by venue")]

    def __str__(self) -> str:
        return self.name


class ReachFigure(models.Model):
    """One imported figure of one venue and night, or of one area and night or week. Never of a person.

    A correction is a new row; the one that it replaces stays, with the time and the file that replaced it.
    """

    file = models.ForeignKey(ReachFile, on_delete=models.PROTECT, related_name="figures")
    kind = models.CharField(max_length=20)
    metric = models.CharField(max_length=20)
    venue_code = models.CharField(max_length=20, blank=True)
    area_code = models.CharField(max_length=20, blank=True, help_text="empty for figures without geography")
    night = models.DateField(help_text="the night, or the first night of the week for weekly figures")
    detail = models.CharField(max_length=80, blank=True, help_text="platform, asset, zone or short code")
    value = models.FloatField()
    low = models.FloatField(null=True, help_text="empty: no range of its own")
    high = models.FloatField(null=True)
    source = models.CharField(max_length=80, blank=True, help_text="method of counting, time zone of the source")
    grade = models.CharField(max_length=1, default="C")
    replaced_at = models.DateTimeField(null=True, help_text="when a correction or a withdrawal ended it")
    replaced_by = models.ForeignKey(
        ReachFile, null=True, on_delete=models.PROTECT, related_name="replaced", help_text="empty: withdrawn"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "metric", "venue_code", "area_code", "night", "detail"],
                condition=Q(replaced_at__isnull=True),
                name="reach_figure_once_in_force",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="reach_figure_not_negative"),
            models.CheckConstraint(condition=Q(grade__in=["A", "B", "C"]), name="reach_figure_grade"),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True)
                | Q(low__gte=0, low__lte=F("value"), high__gte=F("value")),
                name="reach_figure_range",
            ),
            # Figures of an area are never a venue's, and the other way round: no row holds both.
            models.CheckConstraint(condition=Q(venue_code="") | Q(area_code=""), name="reach_figure_one_place"),
        ]
        indexes = [models.Index(fields=["kind", "night"], name="reach_figure_night")]

    def __str__(self) -> str:
        return f"{self.kind} {self.metric} {self.venue_code or self.area_code} {self.night}"


class ReachUpload(models.Model):
    """A file between its preview and its import. Gone when it is loaded, left, or a week old."""

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    sha256 = models.CharField("SHA-256", max_length=64)
    content = models.BinaryField()
    corrects = models.BooleanField(default=False)
    why = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class ReachChange(KeptRecord):
    """One change to what reach is made of, after outcomes of its nights were loaded. Also in the audit log."""

    at = models.DateTimeField()
    action = models.CharField(max_length=40)
    venue_code = models.CharField(max_length=20, blank=True, help_text="empty: every venue")
    first_night = models.DateField()
    last_night = models.DateField(help_text="the last night whose reach it can move")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    audit_number = models.PositiveBigIntegerField(help_text="its row of the audit log, which says who")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], name="reach_change_at")]

    def __str__(self) -> str:
        return f"{self.action} {self.venue_code} {self.first_night} to {self.last_night}"


class ReachSnapshot(KeptRecord):
    """Reach of some weeks as it was when a locked plan's outcomes for them came in, or were first looked at."""

    plan_hash = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    occasion = models.CharField(max_length=20, help_text="loaded or opened")
    from_week = models.CharField(max_length=8)
    to_week = models.CharField(max_length=8)
    reach_hash = models.CharField(max_length=64)
    parameters_version = models.CharField(max_length=20)
    parameters_hash = models.CharField(max_length=64)
    rows = models.BinaryField(help_text="zlib of canonical JSON")

    class Meta:
        ordering = ["from_week", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan_hash", "from_week"], name="reach_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.plan_hash[:12]} {self.from_week} to {self.to_week}"
