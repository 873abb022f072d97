"""What a reader should know before using a summary: its date basis and its caveats, in words."""

from datetime import date

from django.db.models import QuerySet

from analytics.measures.catalogue import Measure
from analytics.measures.reviewed import warnings_of
from analytics.models import Offence
from analytics.police_data.summary import Summary

MAP_POINTS_CHANGED = date(2022, 7, 1)
SYNTHETIC = "Synthetic data: invented rows for demonstration, not a statement about any place."


def basis_of(measure: Measure, rows: QuerySet[Offence]) -> str:
    """Which date puts an offence into the period."""
    if measure.window == "night":
        return "night of the offence (noon to noon, named by its first evening), by committed date"
    if rows.filter(precision="month").exists():
        return "month of the offence as published, by committed date"
    return "calendar date on which the offence began, by committed date"


def general_caveats(summary: Summary, measure: Measure, rows: QuerySet[Offence]) -> list[str]:
    """Caveats that follow from the source, the measure and the kind of table, most important first."""
    caveats = []
    if summary.synthetic:
        caveats.append(SYNTHETIC)
    caveats += warnings_of(measure.reviews, date.today())  # noqa: DTZ011 - a calendar date is meant
    if rows.filter(open_data=True).exists():
        caveats.append(
            "Contains data.police.uk street-level crime, Open Government Licence v3.0: months only, points snapped "
            "to shared map points, anti-social behaviour included where the measure counts everything."
        )
        if summary.first < MAP_POINTS_CHANGED <= summary.last:
            caveats.append(
                "The map points of data.police.uk were replaced in July 2022: series built on coordinates or on "
                "location labels break there, series built on LSOAs do not."
            )
    forces = list(rows.order_by().values_list("force", flat=True).distinct()[:6])
    if len(forces) > 1:
        caveats.append(f"More than one force is in these figures: {', '.join(sorted(forces))}.")
    if summary.by == "weekday":
        caveats.append("Calendar days: the small hours of Sunday belong to Saturday night. See also by night.")
    if summary.by == "area" and summary.area_type != "npa":
        caveats.append("Rates are per 1,000 residents for the whole period; residents are not the people at risk.")
    return caveats
