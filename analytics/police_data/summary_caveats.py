"""What a reader should know before using a summary: its date basis and its caveats, in words."""

from datetime import date, timedelta

from django.db.models import Max, Min, QuerySet

from analytics.measures.catalogue import Measure
from analytics.measures.reviewed import warnings_of
from analytics.models import Offence
from analytics.police_data.periods import is_last_of_month, whole_months, years_of
from analytics.police_data.summary import Summary, tidy

MAP_POINTS_CHANGED = date(2022, 7, 1)
SLACK = timedelta(days=7)  # an extract that begins on the 1st may have its first offence some days later
SYNTHETIC = "Synthetic data: invented rows for demonstration, not a statement about any place."


def basis_of(measure: Measure, rows: QuerySet[Offence]) -> str:
    """Which date puts an offence into the period."""
    if measure.window == "night":
        return "night of the offence (noon to noon, named by its first evening), by committed date"
    if rows.filter(precision="month").exists():
        return "month of the offence as published, by committed date"
    return "calendar date on which the offence began, by committed date"


def period_years(summary: Summary, rows: QuerySet[Offence]) -> float:
    """Length of the period in years; whole months where the source has months only, as those are counted whole."""
    first, last = summary.first, summary.last
    if (first.day != 1 or not is_last_of_month(last)) and rows.filter(precision="month").exists():
        first, last = whole_months(first, last)
    return years_of(first, last)


def denominator_of(summary: Summary, residents: dict[str, tuple[int, int, str]]) -> str:
    """What shares and rates are of, with the source and year of the residents."""
    words = f"Shares are of the total, {tidy(summary.total):,}."
    if summary.by != "area":
        return words
    used = sorted(
        {f"{residents[row.key][2]}, {residents[row.key][1]}" for row in summary.rows if row.key in residents}
    )
    if not used:
        return f"{words} No residents are loaded, so there are no rates."
    return f"{words} Rates are per 1,000 residents of all ages ({'; '.join(used)})."


def _unfilled(summary: Summary, rows: QuerySet[Offence]) -> str:
    """In words, where what is loaded does not reach the ends of the period; empty where it does."""
    found = rows.order_by().aggregate(begins=Min("committed_on"), ends=Max("committed_on"))
    begins, ends = found["begins"], found["ends"]
    if begins is None:
        return ""
    if rows.filter(precision="month").exists():
        ends = whole_months(ends, ends)[1]
    if begins <= summary.first + SLACK and ends >= summary.last - SLACK:
        return ""
    return (
        f"What is loaded of this period lies between {begins:%-d %B %Y} and {ends:%-d %B %Y}. Days without any row may "
        "be days that nobody has loaded: counts, and rates for a year, can be too low."
    )


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
    if unfilled := _unfilled(summary, rows):
        caveats.append(unfilled)
    forces = list(rows.order_by().values_list("force", flat=True).distinct()[:6])
    if len(forces) > 1:
        caveats.append(f"More than one force is in these figures: {', '.join(sorted(forces))}.")
    if summary.by == "weekday":
        caveats.append(
            "Calendar days: the small hours of Sunday belong to Saturday night. Both are shown side by side."
        )
    if summary.by == "night":
        caveats.append(
            "Nights run from noon to noon. By the calendar, the small hours of Saturday night are Sunday's."
        )
    if any(row.rate_per_1000 is not None for row in summary.rows):
        caveats.append(
            "Rates are per 1,000 residents, for the whole period and for a year of it; residents are not the people at "
            "risk, and areas are not ranked by them."
        )
        if period_years(summary, rows) < 1:
            caveats.append("The period is shorter than a year: a rate for a year takes no account of the season.")
    return caveats
