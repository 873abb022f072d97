"""When offences of a measure were recorded, and which of them have a place: what delays and gaps could feign (R7, R8).

An effect could be recording: slower in the last weeks, or better placed where the campaign was.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.police_data.matching import bands_within
from analytics.police_data.selection import check_one_kind, counted_rows, weight_field

EARLY_DAYS = 28


@dataclass
class Recording:
    """Weights by what is known of each offence. Empty ``lags`` where the source does not say when it was recorded.

    ``lags``: by (week, whole weeks from its Monday to recording). ``early``: by (venue, week), recorded within 28 days.
    ``by_area``: (with a place, all) by (district, week). ``as_at``: by week, the latest day its rows were drawn; where a
    file does not say, the last day on which it has anything recorded.
    """

    lags: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    early: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    by_area: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    as_at: dict[str, date] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return bool(self.lags)

    def drawn_on(self, week: str, day: date) -> None:
        self.as_at[week] = max(self.as_at.get(week, day), day)

    def seen_lags(self, week: str) -> int:
        """The last lag that was over when the week's rows were drawn; -1 where even the week was not over."""
        drawn = self.as_at.get(week) or max(self.as_at.values(), default=nights.week_start(week))
        return (drawn - nights.week_start(week)).days // 7 - 1


def recording_of(
    *, measure: str, from_week: str, to_week: str, radius_m: float, data: str, rule: str = "aoristic"
) -> Recording:
    """Reads the measure's rows of the period once. Raises what counting raises."""
    definition = measure_named(measure)
    bands, weight = set(bands_within(radius_m)), weight_field(definition, rule)
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    day = "night" if definition.window == "night" else "committed_on"
    rows = counted_rows(definition, rule).filter(open_data=False, **{f"{day}__gte": first, f"{day}__lte": last})
    rows, _ = check_one_kind(rows, data)
    names = [
        "file_id", day, "committed_on", "recorded_on", "as_at", "placed", "district", "venue_code", "distance_band",
    ]  # fmt: skip
    found = Recording()
    last_recorded: dict[int, date] = {}
    undated: set[tuple[int, str]] = set()
    for file, of, committed, recorded, drawn, placed, district, venue, band, *share in (
        rows.order_by().values_list(*names, *([weight] if weight else [])).iterator()
    ):
        week, many = nights.week_of(of), float(share[0]) if share else 1.0
        before = found.by_area.get((district, week), (0.0, 0.0))
        found.by_area[district, week] = before[0] + (many if placed else 0.0), before[1] + many
        if recorded is None:
            continue
        monday = nights.week_start(week)
        found.lags[week, max(0, (recorded - monday).days // 7)] += many
        last_recorded[file] = max(last_recorded.get(file, recorded), recorded)
        if drawn:
            found.drawn_on(week, date.fromisoformat(drawn[:10]))
        else:
            undated.add((file, week))
        if venue and band in bands and (recorded - committed).days <= EARLY_DAYS:
            found.early[venue, week] += many
    for file, week in undated:
        found.drawn_on(week, last_recorded[file])
    return found


def placed_shares(
    recording: Recording, live: Collection[tuple[str, str]], areas: dict[str, str]
) -> tuple[float, float] | None:
    """Share with a place where something was live in the area that week, and elsewhere. None with an empty arm.

    ``live``: (area code, week) with any exposure. ``areas``: area code by the name that the source uses for it; an
    offence of an unknown area counts as live if anything was live anywhere that week.
    """
    anywhere = {week for _, week in live}
    sums = [[0.0, 0.0], [0.0, 0.0]]
    for (district, week), (placed, total) in recording.by_area.items():
        code = areas.get(district.casefold())
        arm = sums[(code, week) in live if code else week in anywhere]
        arm[0] += placed
        arm[1] += total
    if not (sums[0][1] and sums[1][1]):
        return None
    return sums[1][0] / sums[1][1], sums[0][0] / sums[0][1]
