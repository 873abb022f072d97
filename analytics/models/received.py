"""Files that wait to be loaded, mappings that people saved, and the withdrawal of what was loaded."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.models.police import ImportedFile


class SavedMapping(models.Model):
    """One version of a mapping, byte for byte. A change is a new version; only the check is added later.

    ``sha256`` is that of the text's UTF-8 bytes, the hash that an import stores as ``mapping_hash``.
    """

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    text = models.TextField("mapping", help_text="TOML")
    sha256 = models.CharField("SHA-256", max_length=64)
    author = models.CharField(max_length=150, help_text="user name")
    checker = models.CharField(
        max_length=150, blank=True, help_text="user name of another person; empty: unchecked"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="what changed, and why")

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="saved_mapping_version"),
            models.CheckConstraint(
                condition=Q(checker="") | ~Q(checker=F("author")), name="saved_mapping_checked_by_another"
            ),
            models.CheckConstraint(
                condition=Q(checker="", checked_at__isnull=True) | (~Q(checker="") & Q(checked_at__isnull=False)),
                name="saved_mapping_check_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class ReceivedFile(models.Model):
    """One file as it was given in: sealed in quarantine until its days are over, loaded once a second person agrees.

    States and who moves them: ``analytics/police_data/receiving.py``. ``purged_at`` says when the sealed bytes were
    deleted; the record stays.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        PREVIEWED = "previewed", "Previewed, waiting for approval"
        APPROVED = "approved", "Approved, waiting to be loaded"
        LOADING = "loading", "Being loaded"
        LOADED = "loaded", "Loaded"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Deleted before it was loaded"

    name = models.CharField(max_length=255, help_text="as it was given; shown on the file's own record only")
    sha256 = models.CharField("SHA-256", max_length=64, help_text="of the plain bytes")
    size = models.BigIntegerField(help_text="plain bytes")
    key_id = models.CharField(
        max_length=16, help_text="which key of WALKAWAY_FIELD_KEYS the file's own key is under"
    )
    stored = models.CharField(max_length=80, unique=True, help_text="random name below var/quarantine")
    reason = models.CharField(max_length=300, help_text="why it was given in")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="police_files_given_in"
    )
    received_at = models.DateTimeField(auto_now_add=True)
    mapping_name = models.CharField(
        max_length=80, blank=True, help_text="a built-in mapping; empty: by the header"
    )
    saved_mapping = models.ForeignKey(
        SavedMapping, null=True, blank=True, on_delete=models.PROTECT, related_name="received_files"
    )
    preview = models.JSONField(default=dict, blank=True, help_text="counts and shapes; never a value of a row")
    open_data = models.BooleanField(
        null=True, help_text="as found when it was previewed or loaded; empty: not known"
    )
    synthetic = models.BooleanField(
        null=True, help_text="as found when it was previewed or loaded; empty: not known"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="police_files_approved",
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="police_files_refused",
    )
    fence = models.PositiveIntegerField(
        default=0, help_text="goes up with every claim: an older worker writes nothing"
    )
    lease_by = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often loading was begun")
    progress = models.JSONField(default=dict, blank=True, help_text="file, files and rows so far")
    error = models.TextField(blank=True, help_text="why it was refused, in words")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when it was loaded or refused")
    purged_at = models.DateTimeField(null=True, blank=True, help_text="when the sealed bytes were deleted")

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("uploaded_by")),
                name="received_file_approved_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="received_file_has_a_reason"),
            models.CheckConstraint(
                condition=Q(mapping_name="") | Q(saved_mapping__isnull=True), name="received_file_one_mapping"
            ),
            models.CheckConstraint(
                condition=~Q(state="loading") | Q(lease_until__isnull=False),
                name="received_file_loads_under_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(state__in=["loaded", "refused", "withdrawn", "expired"]),
                name="received_file_waits_with_its_bytes",
            ),
        ]
        indexes = [models.Index(fields=["state", "received_at"], name="received_file_waiting")]
        permissions = [("approve_police_import", "Can approve and withdraw imports of police data")]

    def __str__(self) -> str:
        return f"received file {self.pk}"


class Withdrawal(models.Model):
    """One person asks that an imported file be taken out again, another confirms or declines."""

    file = models.ForeignKey(ImportedFile, on_delete=models.PROTECT, related_name="withdrawals")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="police_withdrawals_asked"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="police_withdrawals_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    confirmed = models.BooleanField(null=True, help_text="empty: not decided yet")
    offences = models.PositiveIntegerField(default=0, help_text="rows that were deleted")
    persons = models.PositiveIntegerField(default=0, help_text="victims and suspects that were deleted with them")
    restored = models.PositiveIntegerField(default=0, help_text="older versions that count again")
    not_restored = models.PositiveIntegerField(
        default=0, help_text="corrections whose older version had been deleted on schedule"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="withdrawal_decided_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True, decided_by__isnull=True, decided_at__isnull=True)
                | Q(confirmed__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="withdrawal_decided_as_a_whole",
            ),
            models.UniqueConstraint(
                fields=["file"], condition=Q(confirmed__isnull=True), name="withdrawal_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"withdrawal of file {self.file_id}"
