"""From check-ins to what was on show on a night. Pure: no database, no clock of its own.

A night counts as displayed when the item was up at 22:00 local time. So a check-in at eight in the morning starts
with the coming night, and a "down" at 23:00 still leaves that night counted. How far a check-in is believed falls
with its age (freshness); an old one is *lapsed*: then nobody knows, which is not the same as nothing on show.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from analytics import nights
from analytics.reach.parameters import Freshness

if TYPE_CHECKING:
    from campaign_pages.activity import CheckInRecord

UP, DOWN, DAMAGED, MORE = "up", "down", "damaged", "more"
SHOWN, NOT_SHOWN, LAPSED = "shown", "not shown", "lapsed"


@dataclass
class Display:
    """One asset in one place of one venue, with its reports in order of time."""

    zone: str
    asset: str
    moments: list[datetime] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def add(self, at: datetime, state: str, count: int) -> None:
        self.moments.append(at)
        self.states.append(state)
        self.counts.append(count)


@dataclass(frozen=True)
class DisplayNight:
    """What is known of one display on one night. ``credit`` is c(t), 0 to 1; ``age`` nights since the check-in."""

    status: str
    credit: float = 0.0
    count: int = 0
    age: int | None = None


def freshness(nights_since: int, settings: Freshness) -> float:
    """c(t): 1 up to ``full_nights``, a straight line to ``floor`` on ``last_night``, then 0. Negative ages: 0."""
    if nights_since < 0 or nights_since > settings.last_night:
        return 0.0
    if nights_since <= settings.full_nights:
        return 1.0
    fall = (nights_since - settings.full_nights) / (settings.last_night - settings.full_nights)
    return 1.0 - (1.0 - settings.floor) * fall


def displays_of(records: Iterable["CheckInRecord"]) -> dict[str, list[Display]]:
    """Venue code -> its displays. ``records`` come in order of time.

    A report without a place about something gone or damaged is about everything that hangs in the venue.
    """
    found: dict[str, dict[tuple[str | None, str], Display]] = defaultdict(dict)
    for record in records:
        if record.state == MORE:
            continue  # opens an order; says nothing about what is up
        venue = found[record.venue_code]
        if record.place_code is None and record.state != UP:
            for display in venue.values():
                display.add(record.at, record.state, display.counts[-1])
            continue
        key = (record.place_code or record.zone or None, record.asset)
        display = venue.setdefault(key, Display(zone=record.zone, asset=record.asset))
        display.add(record.at, record.state, max(1, record.count))
    return {code: list(venue.values()) for code, venue in sorted(found.items())}


@lru_cache(maxsize=4096)
def evening_of(night: date) -> datetime:
    """22:00 local time of a night, in UTC."""
    return nights.night_time_window(night)[0]


@lru_cache(maxsize=65536)
def _night_of(at: datetime) -> date:
    return nights.night_of(at)


def on_night(display: Display, night: date, settings: Freshness) -> DisplayNight:
    """The display at 22:00 of a night."""
    position = bisect_right(display.moments, evening_of(night)) - 1
    if position < 0 or display.states[position] == DOWN:
        return DisplayNight(NOT_SHOWN)
    age = (night - _night_of(display.moments[position])).days
    credit = freshness(age, settings)
    if credit == 0:
        return DisplayNight(LAPSED, age=age)
    if display.states[position] == DAMAGED:
        credit *= settings.damaged
    return DisplayNight(SHOWN, credit=credit, count=display.counts[position], age=age)


@dataclass(frozen=True)
class WeekShown:
    """One venue's week. ``live_share`` is None where the venue did not trade or where nobody knows."""

    trading_nights: int
    nights_live: int
    display_nights: float
    live_share: float | None
    oldest_age: int | None
    reason: str
    by_night: tuple[tuple[date, tuple[tuple[str, float], ...]], ...] = ()


def week_shown(displays: Sequence[Display], trading: Sequence[date], settings: Freshness) -> WeekShown:
    """What a venue showed on its trading nights of a week.

    ``live_share`` = sum over trading nights of the best credit / trading nights. A week whose every trading night
    is lapsed is missing, not 0; before the first check-in, and after a "down", it is 0.
    """
    if not trading:
        return WeekShown(0, 0, 0.0, None, None, "did not trade")
    best, total, live, lapsed = 0.0, 0.0, 0, 0
    ages: list[int] = []
    by_night: list[tuple[date, tuple[tuple[str, float], ...]]] = []
    for night in trading:
        states = [(display, on_night(display, night, settings)) for display in displays]
        shown = [(display.zone, state) for display, state in states if state.status == SHOWN]
        if shown:
            live += 1
            best += max(state.credit for _, state in shown)
            total += sum(state.credit * state.count for _, state in shown)
            ages += [state.age for _, state in shown if state.age is not None]
            by_night.append((night, tuple((zone, state.credit) for zone, state in shown)))
        elif any(state.status == LAPSED for _, state in states):
            lapsed += 1
    if live == 0 and lapsed == len(trading):
        reason = f"no check-in for more than {settings.last_night} nights"
        return WeekShown(len(trading), 0, 0.0, None, None, reason)
    reason = "" if live else "nothing reported up"
    return WeekShown(
        len(trading), live, total, best / len(trading), max(ages, default=None), reason, tuple(by_night)
    )
