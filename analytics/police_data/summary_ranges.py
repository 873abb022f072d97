"""Ranges of times shared out over calendar days and clock hours: the only place of that arithmetic."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import QuerySet

from analytics import nights
from analytics.models import Offence

HOURS = {"day": tuple(range(6, 18)), "night": (22, 23, 0, 1, 2, 3, 4)}


def shares_by_hour(ranges: QuerySet[Offence], window: str) -> Iterator[tuple[date, int, float]]:
    """(calendar date, clock hour, share) of rows known as a range, for the hours of a measure's window.

    ``window`` is "night" or "day". Shares are of elapsed time; those outside the window are left away.
    """
    inside = HOURS[window]
    fields = ("from_local", "from_fold", "to_local", "to_fold", "zone")
    for from_local, from_fold, to_local, to_fold, zone in ranges.values_list(*fields).iterator(chunk_size=2000):
        start = datetime.fromisoformat(from_local).replace(fold=from_fold)
        end = datetime.fromisoformat(to_local).replace(fold=to_fold)
        for day, hour, share in nights.hours_touched(start, end, zone):
            if hour in inside:
                yield day, hour, share
