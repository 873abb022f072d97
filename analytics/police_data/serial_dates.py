"""Day numbers of spreadsheets: 45458.979 is 23:30 on 15 June 2024.

Days since 30 December 1899, the 1900 date system (ECMA-376 part 1, 18.17.4.1), which counts a 29 February 1900 that
never was: numbers up to 60 are out by a day and of no use here. Read only in columns that the mapping declares, as any
other number looks the same.
"""

import re
from datetime import datetime, timedelta

BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 - wall-clock time
SERIAL = re.compile(r"\d{1,6}(?:\.\d+)?")
LAST = 2_958_466  # the day after 31 December 9999


def day_of_serial(text: str) -> str:
    """A day as ISO text, with the time where there is a fraction; a fraction alone is a time of day.

    What is no such number is given back as it is, for the mapping's date formats.
    """
    return _read(text, midnight=False)


def moment_of_serial(text: str) -> str:
    """As ``day_of_serial``, but a whole number is the midnight with which its day begins."""
    return _read(text, midnight=True)


def _read(text: str, *, midnight: bool) -> str:
    if not SERIAL.fullmatch(text) or float(text) >= LAST:
        return text
    days = float(text)
    at = BEGINS + timedelta(seconds=round(days * 86_400))  # a spreadsheet's fractions are good to the second
    if days < 1:
        return at.time().isoformat()
    whole = at.time() == at.time().min
    return at.date().isoformat() if whole and not midnight else at.isoformat(sep=" ")
