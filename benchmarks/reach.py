"""Reach of 1,000 venues in 104 weeks, in arrays, against the same rule written one display and one night at a time."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from analytics import nights
from analytics.reach.displays import displays_of
from analytics.reach.factors import Factors
from analytics.reach.inputs import Inputs
from analytics.reach.parameters import parameters
from analytics.reach.venue_weeks import rows_of
from benchmarks.measuring import Result
from campaign_pages.activity import CheckInRecord, VenueFacts
from tests.factories.reach import SHOWN, on_night

VENUES, WEEKS, SAMPLE = 1000, 104, 20
FIRST = date(2023, 1, 2)


def records(venues: int) -> list[CheckInRecord]:
    """Two places a venue, a check-in a week each. Synthetic."""
    draw = random.Random(1)
    found = [
        CheckInRecord(
            f"V{venue:04}", f"P{venue:04}{place}", zone, "WA-A3", "up", 1,
            datetime(2023, 1, 2, 12, tzinfo=UTC) + timedelta(weeks=week, hours=draw.randrange(60)), "visit",
        )
        for venue in range(venues)
        for week in range(WEEKS)
        for place, zone in enumerate(("bar", "mens_toilet"))
        if draw.random() < 0.9
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.at)


def facts(venues: int) -> list[VenueFacts]:
    return [
        VenueFacts(
            f"V{n:04}", "", "bar", "A", "", None, None, 200, frozenset({3, 4, 5}), None, None, synthetic=True
        )
        for n in range(venues)
    ]


def one_at_a_time(reports: Sequence[CheckInRecord], venues: Sequence[VenueFacts]) -> float:
    """Live shares by the slow way; their sum, so that both ways can be compared."""
    settings = parameters().freshness
    by_place: dict[str, dict[str | None, list[CheckInRecord]]] = defaultdict(lambda: defaultdict(list))
    for each in reports:
        by_place[each.venue_code][each.place_code].append(each)
    total = 0.0
    for venue in venues:
        for week in range(WEEKS):
            best = 0.0
            for weekday in venue.open_nights:
                night = FIRST + timedelta(weeks=week, days=weekday)
                states = [on_night(each, night, settings) for each in by_place[venue.code].values()]
                best += max((each.credit for each in states if each.status == SHOWN), default=0.0)
            total += best / len(venue.open_nights)
    return total


def run() -> list[Result]:
    """Seconds for a venue-week: arrays with people, contacts and grades over the slow way with live shares alone."""
    weeks = nights.weeks_between(nights.week_of(FIRST), nights.week_of(FIRST + timedelta(weeks=WEEKS - 1)))
    few, many = records(SAMPLE), records(VENUES)
    start = time.perf_counter()
    slow = one_at_a_time(few, facts(SAMPLE))
    slow_seconds = (time.perf_counter() - start) / SAMPLE
    check = rows_of(Inputs(facts(SAMPLE), displays_of(few), Factors(parameters())), weeks, parameters())
    if abs(sum(row.live_share or 0 for row in check) - slow) > 1e-6 * slow:
        raise AssertionError("the two ways do not agree")
    start = time.perf_counter()
    rows_of(Inputs(facts(VENUES), displays_of(many), Factors(parameters())), weeks, parameters())
    seconds = time.perf_counter() - start
    ratio = seconds / VENUES / slow_seconds
    cause = "" if ratio <= 0.5 else "the machine was busy, or rows of people and grades cost more than they did"
    return [
        Result(
            f"reach, {VENUES} venues x {WEEKS} weeks ({seconds:.1f} s) / one night at a time",
            ratio,
            "<= 0.5",
            ratio <= 0.5,
            cause,
        )
    ]
