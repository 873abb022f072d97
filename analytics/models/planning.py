"""Plans and roll-outs while they are written, and the long work that is done about them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from analytics.models.evaluation import EvaluationPlan, EvaluationRun
from analytics.models.panels import PanelAnalysis
from analytics.models.rollout import Rollout


class EvaluationDraft(models.Model):
    """What one person is writing, complete or not. Once it is locked or drawn it is not changed any more.

    Only its author changes it; the second person confirms exactly the text whose hash was asked for.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        ROLLOUT = "rollout", "Roll-out"

    kind = models.CharField(max_length=7, choices=Kind.choices)
    title = models.CharField(max_length=120, blank=True)
    values = models.JSONField(default=dict, blank=True, help_text="keys of a plan or of a roll-out's settings")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="evaluation_drafts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    replaces = models.ForeignKey(
        EvaluationPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    simulation = models.JSONField(
        default=dict, blank=True, help_text="the newest simulation and the hash of its plan"
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_hash = models.CharField(
        max_length=64, blank=True, help_text="what the second person is asked to confirm"
    )
    declined = models.CharField(max_length=400, blank=True, help_text="who said no last time, and why")
    plan = models.OneToOneField(
        EvaluationPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )
    rollout = models.OneToOneField(Rollout, null=True, blank=True, on_delete=models.PROTECT, related_name="draft")

    class Meta:
        ordering = ["-changed_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, asked_hash="")
                | (Q(asked_at__isnull=False) & ~Q(asked_hash="")),
                name="draft_asked_as_a_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"draft {self.pk}"

    @property
    def done(self) -> bool:
        """Locked or drawn: nothing in it changes any more."""
        return self.plan_id is not None or self.rollout_id is not None


class EvaluationJob(models.Model):
    """Long work: a simulation, a run, a run done again, a panel. A worker holds it under a lease (evaluation/jobs.py)."""

    class Kind(models.TextChoices):
        SIMULATE = "simulate", "Simulation of a plan"
        ROLLOUT = "rollout", "Simulation of a roll-out"
        RUN = "run", "Run"
        AGAIN = "again", "Run again"
        PANEL = "panel", "Analysis of a panel"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    draft = models.ForeignKey(
        EvaluationDraft, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs"
    )
    plan = models.ForeignKey(EvaluationPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    run = models.ForeignKey(
        EvaluationRun,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="jobs",
        help_text="to be repeated",
    )
    panel = models.ForeignKey(
        PanelAnalysis,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="jobs",
        help_text="goes with what was uploaded",
    )
    made = models.OneToOneField(
        EvaluationRun,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="job",
        help_text="what it made",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="evaluation_jobs"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    values = models.JSONField(
        default=dict, blank=True, help_text="what is simulated or asked, as it was when it was asked for"
    )
    fence = models.PositiveIntegerField(
        default=0, help_text="goes up with every claim: an older worker writes nothing"
    )
    lease_by = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.JSONField(
        default=dict, blank=True, help_text="steps done, of how many, and what was found so far"
    )
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True, help_text="why it failed, in words")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="evaluation_job_under_a_lease"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["simulate", "rollout"], draft__isnull=False)
                | Q(kind="run", plan__isnull=False)
                | Q(kind="again", run__isnull=False)
                | Q(kind="panel", panel__isnull=False),
                name="evaluation_job_is_about_something",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="evaluation_job_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
