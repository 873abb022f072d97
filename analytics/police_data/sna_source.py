"""What the needs assessment's tables count: serious violence of one kind of rows, and who lives in the areas."""

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min, Q, QuerySet

from analytics.measures.catalogue import measure_named
from analytics.measures.sna import definitions
from analytics.models import Area, AreaPopulation, Offence
from analytics.police_data.periods import years_of
from analytics.police_data.selection import NoSuchData, check_one_kind, counted_rows
from analytics.police_data.sna_table import TOTAL, Column, Row, Section, Value
from analytics.police_data.summaries import summarise
from analytics.police_data.summary import Summary
from analytics.police_data.vintages import SYNTHETIC_SOURCE, residents

SERIOUS = "serious_violence"
SLACK = timedelta(days=7)  # an extract that begins on the 1st may have its first offence some days later


class SnaSource:
    """Rows of serious violence over inclusive dates, all real or all synthetic.

    Raises NoSuchData where nothing is loaded for the period, or both kinds are and ``data`` names none.
    """

    def __init__(self, first: date, last: date, data: str = "") -> None:
        self.first, self.last = first, last
        everything = counted_rows(measure_named(SERIOUS))
        inside = everything.filter(committed_on__gte=first, committed_on__lte=last)
        _, self.synthetic = check_one_kind(inside, data)
        self.data = "synthetic" if self.synthetic else "real"
        self.rows = everything.filter(synthetic=self.synthetic)
        if not self.between(first, last).exists():
            raise NoSuchData(
                f"No serious violence is loaded from {first} to {last}. These tables need a force extract with "
                "times; street files have months and crime types only."
            )
        self.begins: date = self.rows.aggregate(begins=Min("committed_on"))["begins"]

    def between(self, first: date, last: date) -> QuerySet[Offence]:
        return self.rows.filter(committed_on__gte=first, committed_on__lte=last)

    @property
    def here(self) -> QuerySet[Offence]:
        return self.between(self.first, self.last)

    @property
    def at_night(self) -> QuerySet[Offence]:
        """Serious violence at night in public places, by the night's date; each row counts by its weight."""
        rows = counted_rows(measure_named("nte_serious_violence")).filter(synthetic=self.synthetic)
        return rows.filter(night__gte=self.first, night__lte=self.last)

    def covers(self, first: date) -> bool:
        """Whether what is loaded reaches back to a date."""
        return self.begins <= first + SLACK

    def summary(self, by: str, *, measure: str = SERIOUS, area_type: str = "local_authority") -> Summary:
        return summarise(
            measure=measure, first=self.first, last=self.last, by=by, area_type=area_type, data=self.data
        )

    def forces(self) -> set[str]:
        return set(self.here.order_by().values_list("force", flat=True).distinct())

    @property
    def years(self) -> float:
        """Length of the period in years: in whole months where it has them."""
        return years_of(self.first, self.last)


def a_year_before(day: date) -> date:
    """The same date one year earlier; the last day of a month stays the last day."""
    last = day.day == calendar.monthrange(day.year, day.month)[1]
    year = day.year - 1
    return date(year, day.month, calendar.monthrange(year, day.month)[1] if last else day.day)


def month_of(day: date, months_before: int) -> date:
    """The first day of the month so many months before a day's own."""
    index = day.year * 12 + day.month - 1 - months_before
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Denominators:
    """Residents by area code, in all and by age. ``under_25`` is None where no ages are loaded."""

    by_area: dict[str, int]
    total: int
    under_25: int | None
    from_25: int | None
    words: str


def denominators(source: SnaSource) -> Denominators:
    """Populations that fit the rows: invented ones for synthetic rows, loaded ones for real rows."""
    found = residents(synthetic=source.synthetic)
    parents = dict(Area.objects.values_list("code", "parent_code"))
    # Nobody is counted in an area and again in the area above it.
    tops = {code for code in found if parents.get(code, "") not in found}
    kinds = sorted({f"{origin}, {year}" for code, (_, year, origin) in found.items() if code in tops})
    young, old = _by_age(source.synthetic)
    return Denominators(
        by_area={code: count for code, (count, _, _) in found.items()},
        total=sum(found[code][0] for code in tops),
        under_25=young,
        from_25=old,
        words="; ".join(kinds[:3]) or "no population is loaded, so there are no rates",
    )


def _by_age(synthetic: bool) -> tuple[int | None, int | None]:
    young = old = 0
    bands: dict[str, int] = defaultdict(int)
    rows = AreaPopulation.objects.exclude(age_band="all")
    mine = Q(source__startswith=SYNTHETIC_SOURCE)
    for band, count in rows.filter(mine if synthetic else ~mine).values_list("age_band", "residents"):
        bands[band] += count
    for band, count in bands.items():
        low, _, high = band.rstrip("+").partition("-")
        if not low.isdecimal():
            continue
        if high.isdecimal() and int(high) <= 24:
            young += count
        elif int(low) >= 25:
            old += count
    return (young, old) if young and old else (None, None)


def finish(section: Section, total_label: str = "All") -> Section:
    """Adds the total of a section's parts and flags rows of few offences."""
    few, name = definitions().low_number, section.counted
    total = 0.0
    for row in section.rows:
        count = row.values.get(name)
        if isinstance(count, int | float):
            row.low_number = row.low_number or 0 < count < few
            total += count if row.part else 0
    if section.total is None:
        section.total = Row(TOTAL, total_label, {name: total})
    return section


def share(part: float, whole: float) -> Value:
    return part / whole if whole else None


COUNT_AND_SHARE = (Column("count", "Offences", "count"), Column("share", "Share", "share"))


def from_summary(key: str, title: str, summary: Summary, *, keep_unknown: bool = True) -> Section:
    """A section of counts and shares from a summary, with a row for what is unknown even when that is none."""
    rows = [Row(each.key, each.label, {"count": each.count, "share": each.share}) for each in summary.rows]
    if keep_unknown and not any(row.key == "unknown" for row in rows):
        rows.append(Row("unknown", "Unknown", {"count": 0, "share": 0.0}))
    section = Section(key, title, COUNT_AND_SHARE, rows, chart=("count",))
    section.total = Row(TOTAL, "All", {"count": summary.total, "share": 1.0 if summary.total else None})
    return finish(section)
