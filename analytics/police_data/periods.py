"""Lengths of periods of inclusive dates."""

import calendar
from datetime import date, timedelta

DAYS_IN_A_YEAR = 365.25


def years_of(first: date, last: date) -> float:
    """Length in years: months by twelve where the period is of whole months, else days by 365.25."""
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1:
        return ((after.year - first.year) * 12 + after.month - first.month) / 12
    return ((last - first).days + 1) / DAYS_IN_A_YEAR


def is_last_of_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def whole_months(first: date, last: date) -> tuple[date, date]:
    """The first and last day of the months that a period touches."""
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])
