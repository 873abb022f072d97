"""What is said, where it may be said, and the switch that stops it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaign_pages.models import CampaignImage
from campaign_pages.social.encrypted_field import EncryptedTextField
from campaign_pages.social.platforms.registry import PLATFORM_NAMES

PLATFORM_CHOICES = [(name, title) for name, title in PLATFORM_NAMES.items()]


class SocialAccount(models.Model):
    """One account on one platform. A simulated account publishes to the platform sandbox and nowhere else."""

    class Mode(models.TextChoices):
        DIRECT = "direct", "Published by Walk Away"
        HANDOFF = "handoff", "Posted by a person, who pastes the address"

    platform = models.CharField(max_length=20, choices=PLATFORM_CHOICES)
    handle = models.CharField(max_length=80)
    platform_user_id = models.CharField(max_length=80, help_text="The account's number at the platform.")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.HANDOFF)
    simulated = models.BooleanField(
        default=True, help_text="Publishes to the sandbox. A real account is a decision."
    )
    access_token = EncryptedTextField(blank=True)
    paused = models.BooleanField(default=False)

    class Meta:
        ordering = ["platform", "handle"]
        constraints = [models.UniqueConstraint(fields=["platform", "handle"], name="one_account_per_handle")]

    def __str__(self) -> str:
        return f"{self.get_platform_display()} @{self.handle}{' (SIMULATED)' if self.simulated else ''}"


class Post(models.Model):
    """A message as a person wrote it. Approval holds for exactly these words and this picture."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "Waiting for approval"
        APPROVED = "approved", "Approved"
        CANCELLED = "cancelled", "Cancelled"

    title = models.CharField(max_length=100, help_text="For the calendar; not published.")
    caption = models.TextField(help_text="The words that people read.")
    image = models.ForeignKey(CampaignImage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    alt_text = models.CharField(
        max_length=1000, blank=True, help_text="What the picture shows, for people who cannot see it."
    )
    campaign = models.SlugField(default="walk-away")
    accounts = models.ManyToManyField(SocialAccount, related_name="posts")
    due_local = models.DateTimeField("due (local time)", null=True, blank=True)
    due_at = models.DateTimeField("due (UTC)", null=True, blank=True, editable=False)
    time_zone = models.CharField(max_length=40, default="Europe/London")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    content_hash = models.CharField(max_length=64, editable=False, blank=True)
    approved_hash = models.CharField(max_length=64, editable=False, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts_written"
    )
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="posts_worked_on",
        help_text="Everybody who ever changed words, picture, accounts or time.",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="posts_approved"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-due_at", "-pk"]
        permissions = [("approve_post", "Can approve posts of other people")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("written_by")),
                name="nobody_approves_their_own_post",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (Q(approved_by__isnull=False) & Q(due_at__isnull=False)),
                name="approved_means_by_somebody_and_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PublishingSwitch(models.Model):
    """On means stopped. Rows for every scope exist from the start: a lock on a missing row locks nothing."""

    scope = models.CharField(max_length=80, unique=True, help_text="global, platform:NAME or campaign:SLUG")
    on = models.BooleanField("stopped", default=False)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(null=True, blank=True)
    resume_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        permissions = [
            ("stop_publishing", "Can stop all publishing"),
            ("resume_publishing", "Can resume publishing, with a second person"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {'STOPPED' if self.on else 'running'}"
