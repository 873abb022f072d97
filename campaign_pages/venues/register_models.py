"""The register: areas, venues and the places in them where a poster hangs."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.models import Orderable
from wagtail.search import index

from campaign_pages.venues.codes import new_code

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Area(models.Model):
    """A town or police area. Its code is the statisticians' or the force's own."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=30, default="local_authority")

    panels = [FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]), FieldPanel("name")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Venue(index.Indexed, ClusterableModel):
    """A pub, club, takeaway or taxi rank that takes part."""

    class Kind(models.TextChoices):
        CLUB = "club", "Club"
        PUB = "pub", "Pub"
        BAR = "bar", "Bar"
        TAKEAWAY = "takeaway", "Takeaway"
        TAXI_RANK = "taxi_rank", "Taxi rank"

    code = models.CharField(max_length=20, unique=True, help_text="Our own short code for the venue.")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PUB)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="venues")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS84.")
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS84.")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Licensed capacity, people.")
    open_nights = models.CharField(
        max_length=27, default="Thu,Fri,Sat", help_text="Evenings on which it opens: Mon,Tue,Wed,Thu,Fri,Sat,Sun."
    )
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    synthetic = models.BooleanField(default=False, help_text="Invented for the demo.")

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("code")]),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("area")]),
        FieldRowPanel([FieldPanel("longitude"), FieldPanel("latitude")]),
        FieldRowPanel([FieldPanel("capacity"), FieldPanel("open_nights")]),
        FieldRowPanel([FieldPanel("opened_on"), FieldPanel("closed_on")]),
        InlinePanel("places", label="Poster place", heading="Poster places"),
    ]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.SearchField("code")]

    class Meta:
        ordering = ["name", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__gte=-180, longitude__lte=180, latitude__gte=-90, latitude__lte=90),
                name="venue_point_is_on_earth",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} (synthetic)" if self.synthetic else self.name

    def clean(self) -> None:
        wrong = [day for day in self.open_nights.split(",") if day.strip() not in WEEKDAYS]
        if wrong:
            raise ValidationError(
                {"open_nights": f"{', '.join(wrong)}: use Mon,Tue,Wed,Thu,Fri,Sat,Sun with commas."}
            )

    @property
    def open_weekdays(self) -> frozenset[int]:
        """0 = Monday; the weekday of the night's first evening."""
        return frozenset(
            WEEKDAYS.index(day.strip()) for day in self.open_nights.split(",") if day.strip() in WEEKDAYS
        )


class PosterPlace(Orderable):
    """One place in a venue. Its code is on the poster's QR; it names the place, never a person or a copy."""

    class Zone(models.TextChoices):
        MENS_TOILET = "mens_toilet", "Men's toilet"
        WOMENS_TOILET = "womens_toilet", "Women's toilet"
        BAR = "bar", "Bar"
        ENTRANCE = "entrance", "Entrance"
        SMOKING_AREA = "smoking_area", "Smoking area"
        SCREEN = "screen", "Screen"

    venue = ParentalKey(Venue, on_delete=models.PROTECT, related_name="places")
    code = models.CharField(max_length=5, unique=True, default=new_code, editable=False)
    zone = models.CharField(max_length=15, choices=Zone.choices, default=Zone.BAR)
    retired = models.BooleanField(
        default=False, help_text="The code still leads somewhere, and is never used again."
    )

    panels = [
        FieldPanel("code", read_only=True),
        FieldRowPanel([FieldPanel("zone"), FieldPanel("retired")]),
    ]

    def __str__(self) -> str:
        return f"{self.get_zone_display()} ({self.code})"
