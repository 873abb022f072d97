"""Check-ins that look wrong. Whoever has a photo of the sticker can only raise false "up" reports; these are the signs.

A doubtful check-in still counts, at grade C, until a plausible one confirms it. Pure: no database.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics import nights
from analytics.reach.parameters import Plausibility

if TYPE_CHECKING:
    from campaign_pages.activity import CheckInRecord

SELF_REPORTED = ("sticker", "link")
ALL_AT_ONCE = "several places at the same moment"
TOO_FAST = "reports faster than anybody walks"
CLOSED = "sent when nobody is there"


def doubts(records: Sequence["CheckInRecord"], settings: Plausibility) -> dict[int, str]:
    """Index of a record -> why it looks wrong. ``records`` of any venues, in order of time."""
    found: dict[int, str] = {}
    by_venue: dict[str, list[int]] = defaultdict(list)
    for n, record in enumerate(records):
        if record.source in SELF_REPORTED:
            by_venue[record.venue_code].append(n)
    for places in by_venue.values():
        found |= _of_one_venue(records, places, settings)
    return found


def _of_one_venue(records: Sequence["CheckInRecord"], places: list[int], settings: Plausibility) -> dict[int, str]:
    found: dict[int, str] = {}
    moments = [records[n].at for n in places]
    within, hour = timedelta(seconds=settings.within_seconds), timedelta(hours=1)
    flip = timedelta(seconds=settings.flip_seconds)
    start = 0
    latest: dict[str, int] = {}
    for position, n in enumerate(places):
        record = records[n]
        if position - bisect_left(moments, record.at - hour) >= settings.most_per_hour:
            found.setdefault(n, TOO_FAST)
        before = latest.get(record.place_code or "")
        if before is not None and records[before].state != record.state and record.at - records[before].at < flip:
            found.setdefault(n, TOO_FAST)
            found.setdefault(before, TOO_FAST)
        latest[record.place_code or ""] = n
        while moments[start] < record.at - within:
            start += 1
        if position - start + 1 >= settings.many_places:
            window = [each for each in places[start : position + 1] if records[each].state == "up"]
            if len({records[each].place_code for each in window}) >= settings.many_places:
                for each in window:
                    found.setdefault(each, ALL_AT_ONCE)
        clock = record.at.astimezone(nights.zone_named(nights.LOCAL_ZONE)).hour
        if settings.closed_from <= clock < settings.closed_to:
            found.setdefault(n, CLOSED)
    return found
