"""Exact counts of one period of one series, with every sum between them. Evaluator tier: never stored, never shown."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from analytics import nights
from analytics.disclosure.tables import Counts, Key, Sum
from analytics.disclosure.tiers import PUBLIC
from analytics.measures.catalogue import measure_named
from analytics.models import Offence
from analytics.police_data.areas import UNKNOWN, AreaFinder
from analytics.police_data.selection import counted_rows
from analytics.police_data.vintages import BEST_FIT
from analytics.publication.series import BY_NIGHT, HOURS, NIGHTS, Series
from campaign_pages import activity

ELSEWHERE = "Elsewhere"
TOTAL: Key = ("total",)
AREA_FIELDS = ("district", "npa", "beat", "lsoa", "lsoa_name", "lsoa_vintage")


class TooFewVenues(Exception):
    """The whole period stands on fewer venues than a public cell may."""


@dataclass(frozen=True)
class AreasOfPeriod:
    """Areas that get a cell of their own; every other place is counted as Elsewhere."""

    finder: AreaFinder
    own: frozenset[str]

    def name_of(self, row: dict[str, str]) -> str:
        """Name of the row's area, or Elsewhere, also where only a best fit could say: no approximation is published."""
        key, label, how = self.finder.find(row)
        return label if key != UNKNOWN[0] and how != BEST_FIT and label in self.own else ELSEWHERE


def rows_of(series: Series, synthetic: bool) -> QuerySet[Offence]:
    """The offences that a series counts, in any period; real and synthetic ones never together."""
    rows = counted_rows(measure_named(series.measure)).filter(synthetic=synthetic)
    return rows.filter(night_weight__gte=0.5) if series.by_night else rows


def counts_of(series: Series, first: date, last: date, *, synthetic: bool) -> Counts:
    """Counts of one period. Raises TooFewVenues where the three-venue rule leaves no cell at all."""
    between = {"night__range" if series.by_night else "committed_on__range": (first, last)}
    rows = list(rows_of(series, synthetic).filter(**between).values("night", "hour", *AREA_FIELDS))
    areas = _areas(series, first, last)
    by_area = Counter(dict.fromkeys(areas.own, 0))
    by_area.update(areas.name_of(row) for row in rows)
    cells: dict[Key, int] = {("area", name): count for name, count in sorted(by_area.items())}
    sums = [Sum(TOTAL, tuple(cells))]
    if BY_NIGHT in series.tables:
        grid = Counter((nights.WEEKDAYS[row["night"].weekday()], _hours(row["hour"])) for row in rows)
        cells |= {("cell", night, hours): grid[night, hours] for night in NIGHTS for hours in HOURS}
        for night in NIGHTS:
            parts = tuple(("cell", night, hours) for hours in HOURS)
            cells["night", night] = sum(cells[part] for part in parts)
            sums.append(Sum(("night", night), parts))
        for hours in HOURS:
            parts = tuple(("cell", night, hours) for night in NIGHTS)
            cells["hours", hours] = sum(cells[part] for part in parts)
            sums.append(Sum(("hours", hours), parts))
        sums.append(Sum(TOTAL, tuple(("night", night) for night in NIGHTS)))
        sums.append(Sum(TOTAL, tuple(("hours", hours) for hours in HOURS)))
    cells[TOTAL] = len(rows)
    return Counts(cells, tuple(sums))


def _hours(hour: int | None) -> str:
    """The band of the hour in which it began; a range that began before 22:00 enters the night at 22:00."""
    if hour is not None and hour < 5:
        return "00-01" if hour < 2 else "02-04"
    return "22-23"


def _areas(series: Series, first: date, last: date) -> AreasOfPeriod:
    finder = AreaFinder.for_type("local_authority")
    if not series.by_night:  # the three-venue rule is about nights out, not about whole authorities
        return AreasOfPeriod(finder, frozenset(a.name for a in finder.by_code.values() if _is_authority(a.kind)))
    venues = _venues_by_area(finder, first, last)
    if sum(venues.values()) < PUBLIC.least_venues:
        raise TooFewVenues(
            f"fewer than {PUBLIC.least_venues} venues are registered for {first} to {last}: register the venues first"
        )
    own = {name for name, count in venues.items() if count >= PUBLIC.least_venues}
    rest = sum(count for name, count in venues.items() if name not in own)
    if rest < PUBLIC.least_venues and own:
        # Elsewhere must stand on three venues too: the area with the fewest joins it.
        own.discard(min(own, key=lambda name: (venues[name], name)))
    return AreasOfPeriod(finder, frozenset(own))


def _is_authority(kind: str) -> bool:
    return kind == "local_authority"


def _venues_by_area(finder: AreaFinder, first: date, last: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for venue in activity.venues():
        if (venue.opened_on and venue.opened_on > last) or (venue.closed_on and venue.closed_on < first):
            continue
        known = finder.by_code.get(venue.area_code) or finder.by_name.get(venue.area_name.casefold())
        found[known.name if known else venue.area_name] += 1
    return found
