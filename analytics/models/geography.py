"""Areas of one census vintage, how vintages map to each other, and who lives there."""

from django.db import models


class Area(models.Model):
    """An area of one vintage. ``boundary`` is GeoJSON in WGS84, empty where only names are known."""

    class Kind(models.TextChoices):
        LSOA = "lsoa", "LSOA"
        MSOA = "msoa", "MSOA"
        WARD = "ward", "Ward"
        LOCAL_AUTHORITY = "local_authority", "Local authority"
        NPA = "npa", "Neighbourhood policing area"
        BEAT = "beat", "Beat"

    code = models.CharField(max_length=12)
    vintage = models.CharField(max_length=4)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    parent_code = models.CharField(max_length=12, blank=True, help_text="MSOA of an LSOA; authority of an MSOA")
    boundary = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "vintage"], name="area_once_per_vintage")]

    def __str__(self) -> str:
        return f"{self.name} ({self.vintage})"


class AreaLookup(models.Model):
    """What an area of one vintage became in another. ``best_fit``: of all that it became, the one that stands for it
    where nothing exact can be said."""

    from_code = models.CharField(max_length=12)
    from_vintage = models.CharField(max_length=4)
    to_code = models.CharField(max_length=12)
    to_vintage = models.CharField(max_length=4)
    change = models.CharField(
        max_length=10,
        blank=True,
        help_text="unchanged, split, merged or irregular; empty: only its best fit is known",
    )
    best_fit = models.BooleanField(default=False, db_default=False)
    to_name = models.CharField(max_length=120, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["from_code", "from_vintage", "to_code", "to_vintage"], name="area_lookup_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_code} ({self.from_vintage}) to {self.to_code} ({self.to_vintage})"


class AreaPopulation(models.Model):
    """Usual residents of an area in a year; all ages unless a band is named."""

    code = models.CharField(max_length=12)
    vintage = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    age_band = models.CharField(max_length=12, default="all")
    residents = models.PositiveIntegerField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "vintage", "year", "age_band", "source"], name="area_population_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.year}: {self.residents}"
