"""How far the clock times of a measure's offences can be trusted: heaps at midnight, placeholders, long ranges (R7)."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db.models import Count, Q

from analytics.measures.catalogue import Measure
from analytics.police_data.importing import visible_offences
from analytics.police_data.selection import offences_of, places_of, source_of, weight_field

MIDNIGHT = ("0000", "0001")


@dataclass(frozen=True)
class TimeQuality:
    """Numbers of offences. ``counted`` have a part in the measure; those at exact clock times are among them.

    ``marked`` have a time that the source calls a placeholder, ``long`` a range of more than 12 hours: neither is
    counted, and each could have been.
    """

    counted: int
    at_0000: int
    at_0001: int
    at_1200: int
    on_the_hour: int
    marked: int
    long: int

    @property
    def placeholder_share(self) -> float | None:
        """At exactly 00:00 or 00:01, or marked; None where there is nothing to divide by."""
        whole = self.counted + self.marked
        return (self.at_0000 + self.at_0001 + self.marked) / whole if whole else None

    @property
    def long_share(self) -> float | None:
        whole = self.counted + self.long
        return self.long / whole if whole else None

    def as_json(self) -> dict[str, float | None]:
        return asdict(self) | {"placeholder_share": self.placeholder_share, "long_share": self.long_share}


def time_quality(measure: Measure, first: date, last: date, *, synthetic: bool) -> TimeQuality:
    """Of offences that began on the dates from ``first`` to ``last``, both included, in force extracts."""
    rows = source_of(measure, visible_offences()).filter(
        offences_of(measure) & places_of(measure),
        open_data=False,
        synthetic=synthetic,
        precision="time",
        committed_on__gte=first,
        committed_on__lte=last,
    )
    weight = weight_field(measure)
    counted = Q(**{f"{weight}__gt": 0}) if weight else ~Q(span__in=("unknown", "long"))

    def at(*marks: str) -> Count:
        return Count("pk", filter=counted & Q(clock_mark__in=marks))

    return TimeQuality(
        **rows.order_by().aggregate(
            counted=Count("pk", filter=counted),
            at_0000=at("0000"),
            at_0001=at("0001"),
            at_1200=at("1200"),
            on_the_hour=at("0000", "1200", "hour"),
            marked=Count("pk", filter=Q(span="unknown")),
            long=Count("pk", filter=Q(span="long")),
        )
    )
