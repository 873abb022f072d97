"""Locked plans and what came of them. Neither is ever edited or deleted by the product."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.models.kept import KeptRecord


class EvaluationPlan(KeptRecord):
    """What will be asked of the data, fixed by two people before the outcomes are there."""

    plan_hash = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    content = models.TextField(help_text="canonical JSON; its SHA-256 is the plan hash")
    data_kind = models.CharField(max_length=9, choices=[("real", "Real"), ("synthetic", "Synthetic")])
    outcomes_there = models.BooleanField(help_text="outcomes of its period were loaded before the plan was locked")
    code_hash = models.CharField(max_length=64)
    locked_at = models.DateTimeField()
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="plans_locked")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="plans_seconded")

    class Meta:
        ordering = ["-locked_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(locked_by=F("second")), name="plan_locked_by_two_people")
        ]
        permissions = [
            ("view_evaluation", "Can see evaluations"),
            ("run_evaluation", "Can lock plans and run evaluations"),
        ]

    def __str__(self) -> str:
        return self.title


class EvaluationRun(KeptRecord):
    """One attempt. Every attempt is kept, also those whose answer nobody liked."""

    plan = models.ForeignKey(EvaluationPlan, null=True, on_delete=models.PROTECT, related_name="runs")
    title = models.CharField(max_length=120)
    plan_hash = models.CharField(max_length=64)
    data_hash = models.CharField(max_length=64)
    result_hash = models.CharField(max_length=64)
    verdict = models.CharField(max_length=30)
    result = models.TextField(help_text="the result's JSON, byte for byte")
    panel_csv = models.TextField(help_text="the rows that were analysed")
    synthetic = models.BooleanField()
    by = models.CharField("run by", max_length=150, blank=True)
    ran_at = models.DateTimeField()

    class Meta:
        ordering = ["-ran_at", "-pk"]
        indexes = [models.Index(fields=["data_hash"], name="evaluation_run_data")]

    def __str__(self) -> str:
        return f"{self.title}: {self.verdict}"
