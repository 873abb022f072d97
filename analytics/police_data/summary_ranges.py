"""Ranges of times shared out over calendar days and clock hours, from the shares kept with each offence."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import QuerySet

from analytics.models import Offence

HOURS = {"day": tuple(range(6, 18)), "night": (22, 23, 0, 1, 2, 3, 4)}


def shares_by_hour(ranges: QuerySet[Offence], window: str) -> Iterator[tuple[date, int, float]]:
    """(calendar date, clock hour, share) of rows known as a range, for the hours of a measure's window.

    ``window`` is "night" or "day". Shares are of elapsed time; those outside the window are left away.
    """
    inside = HOURS[window]
    for first_day, shares in ranges.values_list("committed_on", "hour_shares").iterator(chunk_size=2000):
        for part in shares.split():
            hours, share = part.split(":")
            days, hour = divmod(int(hours), 24)
            if hour in inside:
                yield first_day + timedelta(days=days), hour, float(share)
