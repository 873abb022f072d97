"""The fixed cube: every series, table, row and period that may be published. There are no free filters.

Each period stands alone and no table adds periods up. So a later period can never be subtracted from an
earlier one, and a period can be frozen for good as soon as its numbers have settled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

EPOCH = date(2018, 1, 1)  # a Monday: four-week periods are counted from here, for ever
NIGHTS = {
    "mon": "Monday night", "tue": "Tuesday night", "wed": "Wednesday night", "thu": "Thursday night",
    "fri": "Friday night", "sat": "Saturday night", "sun": "Sunday night",
}  # fmt: skip
HOURS = {"22-23": "22:00 to 23:59", "00-01": "00:00 to 01:59", "02-04": "02:00 to 04:59"}
ALL = "All"


@dataclass(frozen=True)
class Table:
    """``labels`` are the columns that name a row; ``kinds`` the first words of the keys of its cells."""

    name: str
    title: str
    labels: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Series:
    """``settles`` is the number of days of later data that must be loaded before a period is frozen."""

    name: str
    title: str
    measure: str
    period: str  # "four_weeks" or "quarter"
    settles: int
    tables: tuple[Table, ...]
    denominator: str
    caveats: tuple[str, ...]
    attribution: str = ""
    by_night: bool = True  # counts nights; otherwise calendar months

    @property
    def weeks(self) -> int:
        """Full weeks in every period."""
        return 4 if self.period == "four_weeks" else 12


BY_AREA = Table("by-area", "By local authority", ("area",), ("area", "total"))
BY_NIGHT = Table(
    "by-night-and-hour", "By night of the week and hours", ("night", "hours"), ("cell", "night", "hours", "total")
)

SERIES = (
    Series(
        name="night-assaults",
        title="Night-time assaults with injury in public places, by four weeks",
        measure="nte_assault",
        period="four_weeks",
        settles=60,  # the longest usual delay between an offence and its record
        tables=(BY_AREA, BY_NIGHT),
        denominator="none; these are whole offences, not rates. Residents are not the people who are out at night.",
        caveats=(
            "A night runs from noon to noon and has the name of its first evening.",
            "An offence known only as a range of times counts once, where at least half of the range lies between "
            "22:00 and 04:59; its hours are those of the beginning of the range, or 22:00 where it began earlier.",
            "Areas with fewer than three venues are counted together as Elsewhere, with offences whose area is "
            "not known.",
            "Recorded offences only: what nobody reports is not here, and recording practice changes.",
        ),
    ),
    Series(
        name="open-violence",
        title="Violence and sexual offences, by quarter",
        measure="open_violence",
        period="quarter",
        settles=0,
        tables=(BY_AREA,),
        denominator="none; these are whole offences, not rates.",
        caveats=(
            "A far wider group than assaults at night; known by month only.",
            "Places outside the loaded authorities, and offences without a place, are counted as Elsewhere.",
            "Later corrections at the source are not followed.",
        ),
        attribution="Contains data from data.police.uk, Open Government Licence v3.0.",
        by_night=False,
    ),
)


def series_named(name: str) -> Series:
    """The series of this name. Raises LookupError with the names that exist."""
    for each in SERIES:
        if each.name == name:
            return each
    raise LookupError(f"There is no series {name!r}. Series: {', '.join(each.name for each in SERIES)}.")


def periods(series: Series, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Every fixed period of the series that lies wholly between two dates, both included."""
    if series.period == "four_weeks":
        start = EPOCH + timedelta(days=-((EPOCH - first).days // 28) * 28)
        while (end := start + timedelta(days=27)) <= last:
            if start >= first:
                yield start, end
            start = end + timedelta(days=1)
        return
    start = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while (end := _month_after(start, 3) - timedelta(days=1)) <= last:
        if start >= first:
            yield start, end
        start = end + timedelta(days=1)


def _month_after(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
