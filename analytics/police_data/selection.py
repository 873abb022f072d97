"""From a measure to rows: which offences it counts, and why the others of its source are left out."""

from django.db.models import Q, QuerySet

from analytics.measures.catalogue import Measure
from analytics.models import Offence
from analytics.police_data.importing import visible_offences

WEIGHT_FIELD = {"night": "night_weight", "day": "day_weight"}
# How a range of times counts at night: by its share, or whole by one point of it.
NIGHT_RULES = {
    "aoristic": "night_weight", "start": "weight_start", "middle": "weight_middle", "whole": "weight_whole",
}  # fmt: skip
NO_SPAN_REASONS = {"reversed": "reversed_range", "long": "long_range", "unknown": "placeholder_time"}
NEVER_TOGETHER = "never counted together"


class NoSuchData(Exception):
    """The measure cannot be computed from what is loaded; the message says why and what would help."""


def offences_of(measure: Measure) -> Q:
    """Rows whose offence the measure counts, at any time and place."""
    if not measure.codes:
        return Q()
    return Q(offence_code__in=measure.codes) | Q(offence_code="", offence_group__in=measure.groups)


def places_of(measure: Measure) -> Q:
    """Rows that the measure's flags and location types let in."""
    wanted = Q()
    if measure.public_place:
        wanted &= Q(public_place="y")
    if measure.exclude_domestic:
        wanted &= ~Q(domestic="y")
    if measure.only_domestic:
        wanted &= Q(domestic="y")
    if measure.location_types:
        wanted &= Q(location_type__in=measure.location_types)
    return wanted


def source_of(measure: Measure, rows: QuerySet[Offence]) -> QuerySet[Offence]:
    """Rows of the kind of source that the measure is about: a force extract, or month-only street files."""
    if measure.open_data:
        return rows.filter(open_data=True)
    timed = rows.filter(open_data=False)
    if measure.codes or measure.timed or timed.exists():
        return timed
    return rows  # "every offence" of an installation that has street files only


def check_one_kind(rows: QuerySet[Offence], data: str = "") -> tuple[QuerySet[Offence], bool]:
    """(rows, whether they are synthetic). Raises NoSuchData where synthetic and real rows would be mixed.

    ``data`` is "real" or "synthetic" to choose between them.
    """
    if data:
        return rows.filter(synthetic=data == "synthetic"), data == "synthetic"
    kinds = set(rows.order_by().values_list("synthetic", flat=True).distinct())
    if len(kinds) > 1:
        raise NoSuchData(
            f"This period holds synthetic and real rows, which are {NEVER_TOGETHER}. Choose real rows or synthetic rows."
        )
    return rows, kinds == {True}


def weight_field(measure: Measure, rule: str = "aoristic") -> str:
    """The field that says how much of a row counts; empty where every row counts whole. Raises ValueError."""
    if rule not in NIGHT_RULES:
        raise ValueError(f"time rule: {rule!r} is none of {', '.join(NIGHT_RULES)}")
    return NIGHT_RULES[rule] if measure.window == "night" else WEIGHT_FIELD.get(measure.window, "")


def counted_rows(measure: Measure, rule: str = "aoristic") -> QuerySet[Offence]:
    """Rows that add something to the measure, any period."""
    rows = source_of(measure, visible_offences()).filter(offences_of(measure) & places_of(measure))
    weight = weight_field(measure, rule)
    return rows.filter(**{f"{weight}__gt": 0}) if weight else rows
