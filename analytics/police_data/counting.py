"""Offences by venue and week: the outcome of the evaluation. One offence is counted in one unit only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Sum

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.models import ImportedFile
from analytics.police_data.matching import BANDS, VenueMatcher, bands_within
from analytics.police_data.selection import check_one_kind, counted_rows, weight_field

RADIUS_M = 150.0


@dataclass(frozen=True)
class VenueWeekCounts:
    """Weighted offences by (venue code, week). The sum over units equals the unique offences matched."""

    counts: dict[tuple[str, str], float]
    events_in_units: float
    unique_events: float
    excluded: dict[str, float]
    synthetic: bool
    file_hashes: tuple[str, ...]
    geocoded_share: float = 1.0
    without_place: float = 0.0
    duplicate_references: int = 0
    hashes_differ: bool = False
    notes: tuple[str, ...] = field(default=())


def assaults_by_venue_week(
    *,
    measure: str,
    from_week: str,
    to_week: str,
    radius_m: float = RADIUS_M,
    data: str = "",
    rule: str = "aoristic",
) -> VenueWeekCounts:
    """Counts of a measure for every venue and week in which something was counted.

    An offence belongs to the nearest venue open in the week of its night, within ``radius_m`` metres (100, 150,
    250, 300 or 600; EPSG:27700), as it was matched when it was loaded. Weeks are of the night for night-time
    measures, of the calendar date for others. ``rule`` says how ranges of time count at night: "aoristic" shares,
    or whole by their "start", their "middle", or only if the "whole" range lies at night.
    Raises UnknownMeasure, ValueError for a bad week, radius or rule, NoSuchData where synthetic and real rows would
    mix.
    """
    definition = measure_named(measure)
    bands = bands_within(radius_m)
    weight = weight_field(definition, rule)
    first = nights.week_start(from_week)
    last = nights.week_start(to_week) + timedelta(days=6)
    day = "night" if definition.window == "night" else "committed_on"
    rows = counted_rows(definition, rule).filter(open_data=False, **{f"{day}__gte": first, f"{day}__lte": last})
    rows, synthetic = check_one_kind(rows, data)
    fields = ["file_id", day, "placed", "venue_code", "distance_band", "venue_list", *([weight] if weight else [])]
    found = _Found()
    for file_id, date_of, placed, code, band, venues, *share in rows.order_by().values_list(*fields).iterator():
        inside = code if band in bands else ""
        found.add(file_id, nights.week_of(date_of), placed, inside, venues, float(share[0]) if share else 1.0)
    near = rows.order_by().filter(distance_band__in=bands).exclude(venue_code="")
    found.unique = float(near.aggregate(many=Sum(weight) if weight else Count("pk"))["many"] or 0)
    found.duplicates = rows.count() - rows.order_by().values("row_key").distinct().count()
    return found.result(radius_m, synthetic)


def banded_counts(
    *, measure: str, from_week: str, to_week: str, data: str, rule: str = "aoristic"
) -> dict[str, dict[tuple[str, str], float]]:
    """Weighted offences by distance band (such as "100-150", metres) and by (venue code, week), out to 600 m.

    As ``assaults_by_venue_week``, for every radius and ring at once. Raises what that raises.
    """
    definition = measure_named(measure)
    weight = weight_field(definition, rule)
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    day = "night" if definition.window == "night" else "committed_on"
    rows = counted_rows(definition, rule).filter(open_data=False, **{f"{day}__gte": first, f"{day}__lte": last})
    rows, _ = check_one_kind(rows.exclude(venue_code=""), data)
    found: dict[str, dict[tuple[str, str], float]] = {band: defaultdict(float) for band in BANDS.values()}
    grouped = rows.order_by().values_list(day, "venue_code", "distance_band")
    for of, code, band, many in grouped.annotate(many=Sum(weight) if weight else Count("pk")).iterator():
        found[band][code, nights.week_of(of)] += float(many)
    return found


@dataclass
class _Found:
    """Sums while rows go by. ``unique`` is the database's own sum, in another query, to set beside that of the units (R11)."""

    counts: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    files: set[int] = field(default_factory=set)
    venue_lists: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: float = 0.0
    placed: float = 0.0
    matched: float = 0.0
    unique: float = 0.0
    duplicates: int = 0

    def add(self, file_id: int, week: str, placed: bool, code: str, venues: str, share: float) -> None:
        self.files.add(file_id)
        self.total += share
        if placed:
            self.placed += share
            self.venue_lists[venues] += 1
        if code:
            self.matched += share
            self.counts[code, week] += share

    def result(self, radius_m: float, synthetic: bool) -> VenueWeekCounts:
        hashes = ImportedFile.objects.filter(pk__in=self.files).values_list("sha256", flat=True)
        without = round(self.total - self.placed, 6)
        return VenueWeekCounts(
            counts={key: round(count, 9) for key, count in sorted(self.counts.items())},
            events_in_units=round(sum(self.counts.values()), 6),
            unique_events=round(self.unique, 6),
            excluded={
                "no_place": without,
                f"over_{radius_m:.0f}_m_from_a_venue": round(self.placed - self.matched, 6),
            },
            synthetic=synthetic,
            file_hashes=tuple(sorted(set(hashes))),
            geocoded_share=self.placed / self.total if self.total else 1.0,
            without_place=without,
            duplicate_references=self.duplicates,
            hashes_differ=self._more_rows_than_imported(),
            notes=self._notes(),
        )

    def _more_rows_than_imported(self) -> bool:
        """Rows that stand under a file but did not come with it. (Fewer is no sign: replaced rows are let go in time.)"""
        files = ImportedFile.objects.filter(pk__in=self.files).annotate(there=Count("offences"))
        return any(there > loaded for there, loaded in files.values_list("there", "loaded"))

    def _notes(self) -> tuple[str, ...]:
        now = VenueMatcher().version
        other = sum(number for version, number in self.venue_lists.items() if version != now)
        if not other:
            return ()
        return (
            f"{other} of the offences were matched with another register of venues than today's. To match them anew, "
            "withdraw their file and import it again.",
        )
