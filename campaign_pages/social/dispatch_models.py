"""One dispatch = one post to one account. Its row is the queue, its fence keeps two workers apart."""

from typing import Any

from django.db import models
from django.db.models import Q

from campaign_pages.social.post_models import Post, SocialAccount


class Dispatch(models.Model):
    """State machine of docs/social-publishing.md. Every move is a compare-and-set on `fence`."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        PREPARING = "preparing", "Being prepared"
        READY = "ready", "Ready, waiting for its time"
        COMMITTING = "committing", "Being published"
        LIVE = "live", "Live"
        UNKNOWN = "unknown", "Outcome unknown, being checked"
        NEEDS_HUMAN = "needs_human", "A person must look"
        AWAITING_HUMAN = "awaiting_human", "To be posted by hand"
        HELD = "held", "Held: publishing is stopped"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Missed its time"
        CANCELLED = "cancelled", "Cancelled"
        REMOVED = "removed", "Taken down"

    OPEN = (State.SCHEDULED, State.PREPARING, State.READY)
    CANCELLABLE = (*OPEN, State.HELD, State.AWAITING_HUMAN)
    ENDED_WITHOUT_POST = (State.CANCELLED, State.FAILED, State.EXPIRED)

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="dispatches")
    account = models.ForeignKey(SocialAccount, on_delete=models.PROTECT, related_name="dispatches")
    state = models.CharField(max_length=16, choices=State.choices, default=State.SCHEDULED)
    mode = models.CharField(max_length=10, choices=SocialAccount.Mode.choices)
    simulated = models.BooleanField()
    due_at = models.DateTimeField()
    not_after = models.DateTimeField(help_text="Later than this it is never posted.")
    content_hash = models.CharField(max_length=64)
    caption = models.TextField()
    image_url = models.URLField(max_length=500, blank=True)
    alt_text = models.CharField(max_length=1000, blank=True)

    fence = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField()
    next_at = models.DateTimeField()
    handle = models.JSONField(default=dict, blank=True, help_text="What the platform gave us in PREPARE.")
    prepared_at = models.DateTimeField(null=True, blank=True)
    commit_started_at = models.DateTimeField(null=True, blank=True)
    platform_id = models.CharField(max_length=80, blank=True)
    permalink = models.URLField(max_length=300, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    unknown_probes = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    repeat_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name_plural = "dispatches"
        indexes = [models.Index(fields=["state", "next_at"], name="dispatch_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "content_hash"],
                condition=~Q(state__in=["cancelled", "failed", "expired"]) & Q(repeat_reason=""),
                name="same_words_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["account", "platform_id"],
                condition=~Q(platform_id=""),
                name="one_dispatch_per_platform_id",
            ),
            models.CheckConstraint(
                condition=~Q(state="live") | ~Q(platform_id="") | ~Q(confirmed_by=""),
                name="live_means_we_know_where",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["committing", "unknown"]) | Q(commit_started_at__isnull=False),
                name="committing_has_a_start",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.post} on {self.account}"


class DispatchEvent(models.Model):
    """Append-only history. Every write to a platform is preceded by a committed row here."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    fence = models.PositiveIntegerField()
    state_before = models.CharField(max_length=16, blank=True)
    state_after = models.CharField(max_length=16)
    detail = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150, help_text="The worker, or the person.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.state_before} -> {self.state_after} {self.detail}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("History is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("History is never deleted.")


class PublisherHeartbeat(models.Model):
    """When the publisher last looked for work. One row."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
