"""Check-ins in one line, and a second, slow way to what was on show: one display, one night at a time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from analytics import nights
from analytics.reach.displays import freshness
from analytics.reach.parameters import Freshness
from campaign_pages.activity import CheckInRecord

SHOWN, NOT_SHOWN, LAPSED = "shown", "not shown", "lapsed"


def report(at, state="up", place="AAAAA", zone="bar", asset="A3", count=1, source="sticker", venue="V1"):
    return CheckInRecord(venue, place, zone, asset, state, count, at, source)


def local(day, hour, minute=0, second=0):
    """June 2024: one hour ahead of UTC."""
    return datetime(2024, 6, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=1)


@dataclass(frozen=True)
class OneNight:
    status: str
    credit: float = 0.0
    count: int = 0
    age: int | None = None


def on_night(reports: Sequence[CheckInRecord], night: date, settings: Freshness) -> OneNight:
    """The display that all these reports are about, at 22:00 of a night. Written from the rule, not from the code."""
    ordered = [each for each in reports if each.state != "more"]
    evening = nights.night_time_window(night)[0]
    position = bisect_right([each.at for each in ordered], evening) - 1
    if position < 0 or ordered[position].state == "down":
        return OneNight(NOT_SHOWN)
    age = (night - nights.night_of(ordered[position].at)).days
    credit = freshness(age, settings)
    if credit == 0:
        return OneNight(LAPSED, age=age)
    if ordered[position].state == "damaged":
        credit *= settings.damaged
    return OneNight(SHOWN, credit, ordered[position].count, age)
