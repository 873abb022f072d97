"""One venue, night by night: what hung where, how fresh the news of it was, every report, every scan."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from analytics import nights
from analytics.reach.displays import SCREEN, display_grid
from analytics.reach.inputs import read_inputs, span
from analytics.reach.parameters import parameters
from analytics.reach.people import trading
from analytics.reach.venue_weeks import VenueWeek, rows_of
from campaign_pages import activity
from campaign_pages.activity import CheckInRecord


@dataclass
class Strip:
    """One display over the nights: c(t), None where too old to know; ``grades``: 0 proved, 1 reported, 2 doubtful."""

    zone: str
    place: str
    asset: str
    credits: list[float | None]
    ages: list[int]
    grades: list[int]
    reports: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Timeline:
    """Nights in order, and what is known of each."""

    nights: list[date]
    open_on: list[bool]
    strips: list[Strip]
    scans: list[int]
    reports: list[tuple[CheckInRecord, str]]
    weeks: list[VenueWeek]


def timeline_of(code: str, from_week: str, to_week: str) -> Timeline | None:
    """None where the register has no such venue. ``reports``: those of the period, newest first, with any doubt."""
    settings = parameters()
    inputs = read_inputs(from_week, to_week, settings, {code})
    if not inputs.venues:
        return None
    first = nights.week_start(from_week)
    days = (nights.week_start(to_week) - first).days + 7
    calendar = [first + timedelta(days=n) for n in range(days)]
    start, end = span(from_week, to_week)
    grid = display_grid(inputs.displays, first, days, settings.freshness, settings.proof_nights)
    why = {id(record): reason for record, reason in inputs.doubtful}
    records = [each for each in inputs.records if start <= each.at < end]
    strips = []
    for n, display in enumerate(inputs.displays):
        credits = [
            None if lapsed else float(credit)
            for credit, lapsed in zip(grid.credit[n], grid.lapsed[n], strict=True)
        ]
        strip = Strip(
            display.zone, display.place, display.asset, credits, grid.age[n].tolist(), grid.grade[n].tolist()
        )
        for record in records:
            here = record.place_code is None or (record.place_code == display.place)
            if here and (record.asset == display.asset or record.state != "up"):
                strip.reports.append(((nights.night_of(record.at) - first).days, record.state))
        strips.append(strip)
    scans: dict[date, int] = defaultdict(int)
    for scan in activity.scans(start=start, end=end):
        if scan.venue_code == code:
            scans[nights.night_of(scan.hour)] += scan.scans
    return Timeline(
        nights=calendar,
        open_on=trading(inputs.venues, first, days, inputs.open_on)[0].tolist(),
        strips=sorted(strips, key=lambda each: (each.zone == SCREEN, each.zone, each.place, each.asset)),
        scans=[scans[night] for night in calendar],
        weeks=rows_of(inputs, nights.weeks_between(from_week, to_week), settings),
        reports=[(record, why.get(id(record), "")) for record in reversed(records)],
    )
