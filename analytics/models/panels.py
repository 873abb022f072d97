"""Anybody's panel on its way through the engine: the data go when it has been analysed, the rest after a day."""

from django.conf import settings
from django.db import models


class PanelAnalysis(models.Model):
    """One uploaded panel of one person. ``csv`` is emptied once there is a result; the row goes by the clock."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    csv = models.TextField(blank=True, help_text="the uploaded rows; empty once analysed")
    spec = models.TextField(blank=True, help_text="TOML, as it was asked")
    result = models.TextField(blank=True, help_text="the result's JSON, byte for byte")
    span = models.CharField(max_length=120, blank=True, help_text="first to last period, as the file writes them")
    synthetic = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="panel_analyses")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["made_at"], name="panel_analysis_age")]

    def __str__(self) -> str:
        return self.name
