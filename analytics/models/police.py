"""Police data as it is kept: one row per imported file, one row per offence."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class ImportedFile(models.Model):
    """One attempt to import one file. Rows of a file are visible only with a *loaded* record."""

    class State(models.TextChoices):
        LOADED = "loaded", "Loaded"
        REPEATED = "repeated", "Loaded before"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    name = models.CharField(max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.BigIntegerField(default=0, help_text="bytes")
    format = models.CharField(max_length=80, blank=True, help_text="name of the mapping that read the file")
    mapping_hash = models.CharField(max_length=64, blank=True)
    force = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    rows_read = models.PositiveIntegerField(default=0)
    loaded = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(
        default=0, help_text="those of the loaded rows that replace older ones"
    )
    replaced = models.PositiveIntegerField(
        default=0,
        help_text="rows of other files that no longer count, as this later issue of their month lacks them",
    )
    issue = models.CharField(max_length=7, blank=True, help_text="archive of data.police.uk, such as 2024-06")
    street_months = models.JSONField(
        default=list, help_text="of a street file: each force and month, and what became of its older rows"
    )
    flagged = models.PositiveIntegerField(default=0, help_text="those of the loaded rows that carry a flag")
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="rejected rows by reason")
    duplicate_reasons = models.JSONField(default=dict)
    flags = models.JSONField(default=dict, help_text="flags by kind, before duplicates are taken out")
    notes = models.JSONField(default=list, help_text="what a reader of the numbers should know")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    timed = models.BooleanField(default=False)
    synthetic = models.BooleanField(default=False)
    rejects_file = models.CharField(max_length=255, blank=True, help_text="path below var/private")
    error = models.TextField(blank=True)
    by = models.CharField("imported by", max_length=150, blank=True)
    received = models.ForeignKey(
        "analytics.ReceivedFile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imported_files",
        help_text="the file in quarantine that it was read from",
    )
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("loaded") + F("duplicates") + F("rejected")),
                name="imported_file_rows_reconcile",
            ),
            models.UniqueConstraint(
                fields=["sha256", "mapping_hash"], condition=Q(state="loaded"), name="imported_file_loaded_once"
            ),
        ]
        permissions = [
            ("import_police_data", "Can import police data"),
            ("view_police_summary", "Can see summaries of police data"),
        ]

    def __str__(self) -> str:
        return self.name


class Offence(models.Model):
    """One recorded offence or street-level incident.

    ``precision`` says how much of the time is known: ``time``, ``date`` or ``month`` (street files).
    ``night_weight`` and ``day_weight`` are the aoristic shares in 22:00-04:59 and 06:00-17:59; ``weight_start``,
    ``weight_middle`` and ``weight_whole`` are 1 or 0 by its start, its middle, or only if all of it lies at night.
    Flags of the source are "y", "n" or "u" for unknown, never derived from one another.

    Exact times (naive local wall-clock text with its fold) and coordinates are empty unless
    ``WALKAWAY_KEEP_EXACT`` is set: what tables need of them is kept in coarse fields (docs/decisions/0013).
    """

    file = models.ForeignKey(ImportedFile, on_delete=models.CASCADE, related_name="offences", db_index=False)
    superseded_by = models.ForeignKey(
        ImportedFile, null=True, on_delete=models.SET_NULL, related_name="superseded_offences", db_index=False
    )
    current = models.BooleanField(default=True)
    row_key = models.CharField(
        max_length=48, help_text="keyed hash of reference or of content with its occurrence"
    )
    content_hash = models.CharField(max_length=32)
    force = models.CharField(max_length=80, blank=True)
    open_data = models.BooleanField(default=False)
    synthetic = models.BooleanField(default=False)
    offence_code = models.CharField(max_length=40, blank=True)
    offence_group = models.CharField(max_length=40)
    precision = models.CharField(max_length=5)
    committed_on = models.DateField(
        help_text="local calendar date of committed_from; first of the month for months"
    )
    hour = models.PositiveSmallIntegerField(null=True)
    from_local = models.CharField(max_length=19, blank=True)
    from_fold = models.PositiveSmallIntegerField(default=0)
    to_local = models.CharField(max_length=19, blank=True)
    to_fold = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=40, blank=True)
    clock_mark = models.CharField(
        max_length=4, blank=True, help_text="0000, 0001, 1200 or hour: exactly then, or on another full hour"
    )
    hour_shares = models.CharField(
        max_length=300,
        blank=True,
        help_text="of a range: hours since midnight of its first day, each with its share",
    )
    span = models.CharField(max_length=8, blank=True, help_text="instant, range, reversed, long, unknown or empty")
    night = models.DateField(
        null=True, help_text="night that holds the weight; else noon-to-noon night of the start"
    )
    week = models.CharField(max_length=8, blank=True)
    night_weight = models.FloatField(default=0)
    day_weight = models.FloatField(default=0)
    weight_start = models.PositiveSmallIntegerField(default=0)
    weight_middle = models.PositiveSmallIntegerField(default=0)
    weight_whole = models.PositiveSmallIntegerField(default=0)
    recorded_on = models.DateField(null=True)
    as_at = models.CharField(max_length=19, blank=True)
    location_type = models.CharField(max_length=60, blank=True)
    public_place = models.CharField(max_length=1, default="u")
    domestic = models.CharField(max_length=1, default="u")
    weapon = models.CharField(max_length=1, default="u")
    alcohol = models.CharField(max_length=1, default="u")
    hate = models.CharField(max_length=1, default="u")
    district = models.CharField(max_length=80, blank=True)
    npa = models.CharField(max_length=80, blank=True)
    beat = models.CharField(max_length=80, blank=True)
    lsoa = models.CharField(max_length=12, blank=True)
    lsoa_name = models.CharField(max_length=80, blank=True)
    lsoa_vintage = models.CharField(max_length=4, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    easting = models.FloatField(null=True, help_text="metres, EPSG:27700")
    northing = models.FloatField(null=True, help_text="metres, EPSG:27700")
    placed = models.BooleanField(default=False, help_text="the source gave coordinates that could be used")
    venue_code = models.CharField(
        max_length=20, blank=True, help_text="nearest venue open in the week of its night, within 600 m"
    )
    distance_band = models.CharField(max_length=7, blank=True, help_text="metres to that venue, such as 100-150")
    venue_list = models.CharField(max_length=16, blank=True, help_text="hash of the register it was matched with")
    flags = models.CharField(max_length=200, blank=True, help_text="separated by spaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row_key"], condition=Q(current=True), name="offence_counted_once"),
            models.CheckConstraint(
                condition=Q(night_weight__gte=0, night_weight__lte=1), name="offence_night_weight"
            ),
            models.CheckConstraint(condition=Q(day_weight__gte=0, day_weight__lte=1), name="offence_day_weight"),
            models.CheckConstraint(
                condition=Q(venue_code="", distance_band="") | (~Q(venue_code="") & ~Q(distance_band="")),
                name="offence_venue_with_distance",
            ),
        ]
        indexes = [
            # Rows lie in the order of their files, and so nearly in that of their days: a note for each megabyte is
            # enough on PostgreSQL, and costs an import nothing. On SQLite these are ordinary indexes.
            BrinIndex(fields=["file"], name="offence_file"),
            BrinIndex(fields=["committed_on"], name="offence_committed"),
            models.Index(fields=["night"], name="offence_night", condition=Q(night_weight__gt=0)),
            models.Index(  # of the few that have one: an entry for every row would slow every import down
                fields=["superseded_by"], name="offence_superseded", condition=Q(superseded_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offence_code or self.offence_group} {self.committed_on}"


class OffencePerson(models.Model):
    """A victim or suspect of an offence, as far as tables need: no name, no date of birth, no address."""

    class Role(models.TextChoices):
        VICTIM = "victim", "Victim"
        SUSPECT = "suspect", "Suspect"

    AGE_BANDS = ("0-9", "10-14", "15-17", "18-21", "22-24", "25-29", "30-34", "35-44", "45-54", "55-64", "65+")

    offence = models.ForeignKey(Offence, on_delete=models.CASCADE, related_name="persons")
    role = models.CharField(max_length=7, choices=Role.choices)
    age_band = models.CharField(max_length=5, blank=True)
    sex = models.CharField(max_length=1, default="u", help_text="m, f or u for unknown")
    ethnic_group = models.CharField(max_length=40, blank=True)
    home_npa = models.CharField(max_length=80, blank=True)
    home_lsoa = models.CharField(max_length=12, blank=True)
    person_key = models.CharField(max_length=32, blank=True, help_text="keyed hash of the force's own number")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offence", "role", "person_key"],
                condition=~Q(person_key=""),
                name="person_once_in_each_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} of offence {self.offence_id}"
