"""What happened in a venue: scans, check-ins, downloads. Nothing about a person."""

from django.db import models
from django.db.models import Q

from campaign_pages.venues.register_models import PosterPlace, Venue


class CheckIn(models.Model):
    """Somebody at the venue said that something is up, gone, damaged, or that more is wanted."""

    class State(models.TextChoices):
        UP = "up", "It's up"
        DOWN = "down", "It's gone"
        DAMAGED = "damaged", "It's damaged"
        MORE = "more", "Send more"

    class Source(models.TextChoices):
        STICKER = "sticker", "Sticker in the back office"
        LINK = "link", "Link by e-mail"
        VISIT = "visit", "Visit by staff"
        PHOTO = "photo", "Photo"
        PROOF = "proof", "Proof of play"
        IMPORTED = "import", "Imported"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="check_ins")
    place = models.ForeignKey(
        PosterPlace, null=True, blank=True, on_delete=models.PROTECT, related_name="check_ins"
    )
    asset = models.CharField(max_length=30, default="WA-A3-EN-1")
    state = models.CharField(max_length=8, choices=State.choices)
    count = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField(help_text="The time of the tap, UTC.")
    source = models.CharField(max_length=8, choices=Source.choices)
    tap = models.CharField(
        max_length=40, blank=True, help_text="Made by the form, so that a double tap counts once."
    )

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["at"], name="checkin_at")]
        constraints = [
            models.UniqueConstraint(fields=["venue", "tap"], condition=~Q(tap=""), name="one_check_in_per_tap")
        ]

    def __str__(self) -> str:
        return f"{self.venue}: {self.get_state_display()} {self.at:%Y-%m-%d %H:%M}"


class CheckInLink(models.Model):
    """A secret address for one venue's check-ins. Only a SHA-256 of the secret is kept."""

    class Purpose(models.TextChoices):
        STICKER = "sticker", "Sticker, used many times"
        INVITATION = "invitation", "E-mail, used once"

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.venue}"


class Download(models.Model):
    """A receipt: which file, which version, when. A known venue's own files also say which venue."""

    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.SET_NULL, related_name="downloads")
    kind = models.CharField(max_length=12)
    path = models.CharField(max_length=120)
    version = models.CharField(max_length=30)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.path} {self.at:%Y-%m-%d %H:%M}"


class ScanFile(models.Model):
    """How far one day's scan file has been counted. Offset and counters move in one transaction."""

    name = models.CharField(max_length=100, primary_key=True)
    offset = models.PositiveBigIntegerField(default=0)
    lines = models.PositiveBigIntegerField(default=0)
    malformed = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} up to byte {self.offset}"


class ScanCount(models.Model):
    """Hits of one place code in one UTC hour with one result. `counted` are people, the rest were dropped."""

    code = models.CharField(max_length=5, blank=True)
    hour = models.DateTimeField(help_text="Start of the UTC hour.")
    result = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "hour", "result"], name="one_counter_per_cell")]
        indexes = [models.Index(fields=["hour"], name="scancount_hour")]

    def __str__(self) -> str:
        return f"{self.code or 'unknown'} {self.hour:%Y-%m-%d %H} {self.result}: {self.count}"
