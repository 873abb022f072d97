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
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by", help_text="the plan it changes"
    )
    simulation = models.TextField(
        default="", help_text="JSON: what was simulated before it was locked; empty: nothing"
    )

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
    from_week = models.CharField(max_length=8, default="")
    to_week = models.CharField(max_length=8, default="")
    code_hash = models.CharField(max_length=64, default="")
    repeats = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="repeated_by",
        help_text="the run it was to repeat",
    )

    class Meta:
        ordering = ["-ran_at", "-pk"]
        indexes = [models.Index(fields=["data_hash"], name="evaluation_run_data")]

    def __str__(self) -> str:
        return f"{self.title}: {self.verdict}"


class ResultSignature(KeptRecord):
    """A second person stands for a result. Without it nothing of the run leaves the evaluator tier."""

    run = models.OneToOneField(EvaluationRun, on_delete=models.PROTECT, related_name="signature")
    result_hash = models.CharField(max_length=64, help_text="of the very bytes that were signed")
    ran_by = models.CharField(max_length=150, help_text="user name; copied, so that the database can compare")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="results_signed"
    )
    signed_name = models.CharField(max_length=150, help_text="user name of signed_by")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["-signed_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(ran_by=F("signed_name")) & ~Q(ran_by=""), name="result_signed_by_another"
            )
        ]

    def __str__(self) -> str:
        return f"run {self.run_id} signed by {self.signed_name}"
