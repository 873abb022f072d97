"""Where a panel's periods stand in the calendar: so that a gap is seen, and a season follows the year. No web framework."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.panel_cells import PanelError
from analytics.statistics.fixed_effects import Array
from analytics.statistics.interrupted import MONTHS_IN_A_YEAR, WEEKS_IN_A_YEAR

WEEK, MONTH = re.compile(r"(\d{4})-?W(\d{2})"), re.compile(r"(\d{4})-(\d{2})")
WIDEST = 1.5  # times the usual distance between two periods: months differ by less, a missing period is 2
NEAR_A_YEAR = 0.1


@dataclass(frozen=True)
class Calendar:
    """Distinct periods in time order (`times`), and `at`: days for dates and ISO weeks, months, or the numbers as given."""

    times: NDArray[Any]
    at: Array
    kind: str

    def said(self, position: int) -> str:
        """A period as somebody would write it: 7, not 7.0."""
        time = self.times[position]
        return f"{time:.10g}" if self.kind == "numbers" else str(time)

    def gap(self) -> tuple[str, str] | None:
        """The periods on either side of the first hole; None without one."""
        apart = np.diff(self.at)
        if not len(apart) or not (wide := apart > WIDEST * float(np.median(apart))).any():
            return None
        first = int(np.argmax(wide))
        return self.said(first), self.said(first + 1)

    def moment(self, period: float) -> Array:
        """Where each period stands in a season of `period`, in its unit.

        With dates and weeks a period of 12 is the calendar month, one of 52.18 weeks that run on over the year's end;
        else the season runs with the numbers of the column, or with the order of periods, as in the regression.
        """
        yearly = abs(period - WEEKS_IN_A_YEAR) < NEAR_A_YEAR
        if self.kind == "days" and yearly:
            return self.at / 7
        if self.kind == "days" and period == MONTHS_IN_A_YEAR:
            return np.array([float(date.fromordinal(int(day)).month) for day in self.at])
        if self.kind == "months" and (yearly or period == MONTHS_IN_A_YEAR):
            return self.at * (period / MONTHS_IN_A_YEAR)
        return self.at if self.kind == "numbers" else np.arange(len(self.at), dtype=float)


def calendar_of(times: NDArray[Any]) -> Calendar:
    """From the time column, in any order. Raises PanelError for a text that is no date, ISO week or month."""
    distinct = np.unique(times)
    if np.issubdtype(distinct.dtype, np.number):
        return Calendar(distinct, distinct.astype(float), "numbers")
    read = [_read(str(each)) for each in distinct]
    kinds = {kind for kind, _ in read}
    if len(kinds) > 1:
        raise PanelError(
            f"The time column mixes {_said(kinds)}, for example {distinct[0]} and {distinct[-1]}: use one of them throughout."
        )
    at = np.array([float(number) for _, number in read])
    if (np.diff(at) <= 0).any():
        raise PanelError("The time column writes periods in more than one way: use one throughout.")
    return Calendar(distinct, at, kinds.pop())


def _read(text: str) -> tuple[str, int]:
    try:
        if week := WEEK.fullmatch(text):
            return "days", date.fromisocalendar(int(week[1]), int(week[2]), 1).toordinal()
        if (month := MONTH.fullmatch(text)) and 1 <= int(month[2]) <= 12:
            return "months", 12 * int(month[1]) + int(month[2])
        return "days", date.fromisoformat(text).toordinal()
    except ValueError:
        raise PanelError(
            f"The time “{text[:30]}” is not known: use numbers, dates (2024-01-29), ISO weeks (2024-W05) or months (2024-01)."
        ) from None


def _said(kinds: set[str]) -> str:
    return " and ".join(sorted({"days": "dates or weeks"}.get(kind, kind) for kind in kinds))
