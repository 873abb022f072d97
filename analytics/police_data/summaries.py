"""Summaries of a measure: by weekday, night, date, hour, offence, area, month or location.

Rows always sum to the total; what could not be placed stands under ``unknown``, and every offence of the
period that does not count stands under its reason in ``excluded``.
"""

import calendar
from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from analytics import nights
from analytics.measures.catalogue import Measure, measure_named, offence_list
from analytics.measures.location_types import title_of
from analytics.models import Offence
from analytics.police_data.area_rows import AreaRows
from analytics.police_data.areas import AREA_TYPES, AreaFinder
from analytics.police_data.importing import visible_offences
from analytics.police_data.periods import is_last_of_month
from analytics.police_data.selection import (
    NO_SPAN_REASONS,
    WEIGHT_FIELD,
    NoSuchData,
    check_one_kind,
    offences_of,
    places_of,
    source_of,
)
from analytics.police_data.summary import OtherReading, Summary, SummaryRow, tidy
from analytics.police_data.summary_caveats import basis_of, denominator_of, general_caveats, period_years
from analytics.police_data.summary_ranges import shares_by_hour

BY = ("weekday", "night", "date", "hour", "offence", "area", "month", "location")
OTHER_READING = {"weekday": "night", "night": "weekday"}
NEEDS_TIME = ("weekday", "night", "date", "hour")
UNKNOWN = "unknown"
WEEKDAY_NAMES = dict(zip(nights.WEEKDAYS, calendar.day_name, strict=True))


def summarise(
    *, measure: str, first: date, last: date, by: str, area_type: str = "local_authority", data: str = ""
) -> Summary:
    """The summary of a measure over inclusive dates.

    Raises UnknownMeasure; ValueError for a wrong ``by``, area type or range; NoSuchData where what is
    loaded cannot answer, such as months for a question about nights.
    """
    definition = measure_named(measure)
    if by not in BY:
        raise ValueError(f"by: {by!r} is none of {', '.join(BY)}")
    if area_type not in AREA_TYPES:
        raise ValueError(f"area type: {area_type!r} is none of {', '.join(AREA_TYPES)}")
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")
    return _Summariser(definition, first, last, by, area_type, data).run()


class _Summariser:
    def __init__(self, measure: Measure, first: date, last: date, by: str, area_type: str, data: str) -> None:
        self.measure, self.first, self.last, self.by, self.area_type = measure, first, last, by, area_type
        # Dates are those of the night for night-time measures, of committed_from otherwise.
        self.day = "night" if measure.window == "night" else "committed_on"
        self.weight = WEIGHT_FIELD.get(measure.window, "")
        self.counts: dict[str, float] = defaultdict(float)
        self.labels: dict[str, str] = {}
        self.caveats: list[str] = []
        self.residents: dict[str, tuple[int, int, str]] = {}
        self.areas: AreaRows | None = None
        self.rows, self.synthetic = self._universe(data)

    def _universe(self, data: str) -> tuple[QuerySet[Offence], bool]:
        visible = source_of(self.measure, visible_offences())
        inside = Q(**{f"{self.day}__gte": self.first, f"{self.day}__lte": self.last})
        if self.day == "night":  # rows without a time have no night; their own date must do
            inside |= Q(night=None, committed_on__gte=self.first, committed_on__lte=self.last)
        months = Q(precision="month", committed_on__gte=self.first.replace(day=1), committed_on__lte=self.last)
        rows, synthetic = check_one_kind(visible.filter(inside | months), data)
        self._refuse_what_is_lacking(rows)
        if rows.filter(precision="month").exists() and (self.first.day != 1 or not is_last_of_month(self.last)):
            self.caveats.append(
                "The source has months only: every month that the period touches is counted whole."
            )
        return rows, synthetic

    def _refuse_what_is_lacking(self, rows: QuerySet[Offence]) -> None:
        measure = self.measure
        timed_question = measure.timed or self.by in NEEDS_TIME
        if timed_question and not rows.exclude(precision="month").exists():
            source = "The source"
            if measure.timed and not rows.exists():
                if not visible_offences().filter(precision="month", **_between(self.first, self.last)).exists():
                    return
                source = "What is loaded for this period"
            elif not rows.exists():
                return
            raise NoSuchData(
                f"{source} has months only: no day and no time, so {measure.name} by {self.by} cannot be computed. "
                "Use a measure without hours, by month, area or offence; or import a force extract with times."
            )
        if measure.public_place and rows.exists() and not rows.exclude(public_place="u").exists():
            raise NoSuchData(
                f"{measure.name} needs a public-place flag, and the source has none. Map its column; or, where the file "
                "holds offences in public places only, say public_place = true under [constants] of the mapping; or choose "
                "another measure."
            )

    # --- running

    def run(self) -> Summary:
        counted = self._split()
        excluded = self.excluded
        getattr(self, f"_by_{self.by}")(counted)
        total = self._total(counted)
        summary = Summary(
            measure=self.measure.name,
            first=self.first,
            last=self.last,
            by=self.by,
            basis=basis_of(self.measure, self.rows),
            total=total,
            excluded=excluded,
            synthetic=self.synthetic,
            title=self.measure.title,
            rule=self.measure.rule,
            area_type=self.area_type if self.by == "area" else "",
        )
        self.years = period_years(summary, self.rows)
        summary.rows = self._finish_rows(total)
        summary.denominator = denominator_of(summary, self.residents)
        summary.beside = self._other_reading(counted, total)
        summary.caveats = [*general_caveats(summary, self.measure, self.rows), *self.caveats]
        summary.area_notes = self.areas.caveats() if self.areas else []
        return summary

    def _other_reading(self, counted: QuerySet[Offence], total: float) -> OtherReading | None:
        other = OTHER_READING.get(self.by)
        if other is None:
            return None
        self.counts, self.labels = defaultdict(float), {}
        getattr(self, f"_by_{other}")(counted)
        return OtherReading(other, self._finish_rows(total))

    def _split(self) -> QuerySet[Offence]:
        """The counted rows; every other row of the period under its reason."""
        self.excluded: dict[str, float] = {}
        steps: list[tuple[str, Q]] = [("other_offence", offences_of(self.measure))]
        if self.measure.window:
            steps.append(("no_time", Q(precision="time")))
            steps += [(reason, ~Q(span=span)) for span, reason in NO_SPAN_REASONS.items()]
        if self.measure.public_place:
            steps += [("not_public_place", ~Q(public_place="n")), ("public_place_unknown", Q(public_place="y"))]
        if self.measure.exclude_domestic:
            steps.append(("domestic", ~Q(domestic="y")))
        if self.measure.only_domestic or self.measure.location_types:
            steps.append(("other_place_or_not_domestic", places_of(self.measure)))
        steps = [(reason, passes) for reason, passes in steps if passes]
        # All numbers in one reading of the table: each step counts what passed it and every step before.
        passed, counts = Q(), {"step_0": Count("pk")}
        for n, (_, passes) in enumerate(steps, start=1):
            passed &= passes
            counts[f"step_{n}"] = Count("pk", filter=passed)
        weighted = {"weight": Sum(self.weight, filter=passed)} if self.weight else {}
        found = self.rows.order_by().aggregate(**counts, **weighted)
        for n, (reason, _) in enumerate(steps, start=1):
            self._exclude(reason, found[f"step_{n - 1}"] - found[f"step_{n}"])
        left = self.rows.filter(passed)
        if self.weight:
            self._exclude(
                "outside_night_time" if self.measure.window == "night" else "outside_daytime",
                found[f"step_{len(steps)}"] - (found["weight"] or 0),
            )
            left = left.filter(**{f"{self.weight}__gt": 0})
        return left

    def _exclude(self, reason: str, count: float) -> None:
        if round(count, 4):
            self.excluded[reason] = self.excluded.get(reason, 0) + count

    def _sum(self) -> Any:
        return Sum(self.weight) if self.weight else Count("pk")

    def _total(self, rows: QuerySet[Offence]) -> float:
        return float(rows.aggregate(total=self._sum())["total"] or 0)

    def _grouped(self, rows: QuerySet[Offence], *fields: str) -> Any:
        return rows.order_by().values_list(*fields).annotate(total=self._sum())

    # --- by time

    def _cells(self, rows: QuerySet[Offence]) -> Any:
        """(calendar date, hour or None, count): instants grouped in the database, ranges hour by hour here."""
        if not self.weight:
            yield from self._grouped(rows, "committed_on", "hour")
            return
        yield from self._grouped(rows.exclude(span="range"), "committed_on", "hour")
        yield from shares_by_hour(rows.filter(span="range"), self.measure.window)

    def _by_weekday(self, rows: QuerySet[Offence]) -> None:
        for key in nights.WEEKDAYS:
            self._add(key, WEEKDAY_NAMES[key], 0)
        for day, _, count in self._cells(rows):
            self._add(nights.WEEKDAYS[day.weekday()], "", count)

    def _by_hour(self, rows: QuerySet[Offence]) -> None:
        for hour in range(24):
            self._add(f"{hour:02d}", f"{hour:02d}:00 to {hour:02d}:59", 0)
        for _, hour, count in self._cells(rows):
            if hour is None:
                self._add(UNKNOWN, "Hour unknown", count)
            else:
                self._add(f"{hour:02d}", "", count)

    def _by_night(self, rows: QuerySet[Offence]) -> None:
        for key in nights.WEEKDAYS:
            self._add(key, f"{WEEKDAY_NAMES[key]} night", 0)
        for night, count in self._grouped(rows, "night"):
            if night is None:
                self._add(UNKNOWN, "Night unknown", count)
            else:
                self._add(nights.WEEKDAYS[night.weekday()], "", count)

    def _by_date(self, rows: QuerySet[Offence]) -> None:
        for day, count in self._grouped(rows, self.day):
            self._add(day.isoformat(), day.strftime("%a %d %b %Y"), count)

    def _by_month(self, rows: QuerySet[Offence]) -> None:
        for day, count in self._grouped(rows, self.day):
            self._add(day.strftime("%Y-%m"), day.strftime("%B %Y"), count)

    # --- by kind and place

    def _by_offence(self, rows: QuerySet[Offence]) -> None:
        for code, group, count in self._grouped(rows, "offence_code", "offence_group"):
            self._add(code or group, offence_list().title_of(code or group), count)

    def _by_location(self, rows: QuerySet[Offence]) -> None:
        for location, count in self._grouped(rows, "location_type"):
            self._add(location or UNKNOWN, title_of(location), count)

    def _by_area(self, rows: QuerySet[Offence]) -> None:
        fields = ("lsoa", "lsoa_name", "lsoa_vintage", "district", "npa", "beat")
        cells = [
            (dict(zip(fields, values, strict=True)), float(count or 0))
            for *values, count in self._grouped(rows, *fields)
        ]
        finder = AreaFinder.for_type(self.area_type)
        finder.look_at(row for row, _ in cells)
        self.areas = AreaRows(finder, self.synthetic)
        for row, count in cells:
            self._add(*self.areas.put(row, count), count)
        self.areas.find_residents()
        self.residents = self.areas.residents
        self.caveats += self.areas.caveats()

    # --- rows and words

    def _add(self, key: str, label: str, count: float) -> None:
        self.counts[key] += float(count or 0)
        if label:
            self.labels.setdefault(key, label)

    def _finish_rows(self, total: float) -> list[SummaryRow]:
        keys = list(self.counts)
        if self.by in ("date", "month"):
            keys.sort()
        elif self.by in ("offence", "area", "location"):
            keys.sort(key=lambda key: (key == UNKNOWN, -self.counts[key], key))
        elif UNKNOWN in keys:
            keys.remove(UNKNOWN)
            keys.append(UNKNOWN)
        made = []
        for key in keys:
            people = self.residents.get(key) if self.by == "area" else None
            rate = 1000 * self.counts[key] / people[0] if people and people[0] else None
            made.append(
                SummaryRow(
                    key=key,
                    label=self.labels.get(key, key),
                    count=tidy(self.counts[key]),
                    share=round(self.counts[key] / total, 6) if total else None,
                    rate_per_1000=None if rate is None else round(rate, 4),
                    rate_per_1000_year=None if rate is None else round(rate / self.years, 4),
                    fit=self.areas.fit_of(key) if self.areas else "",
                    by_best_fit=tidy(self.areas.by_best_fit(key)) if self.areas else 0,
                )
            )
        return made


def _between(first: date, last: date) -> dict[str, date]:
    return {"committed_on__gte": first.replace(day=1), "committed_on__lte": last}
