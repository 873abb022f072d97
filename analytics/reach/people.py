"""From what was on show to people: arrays of venues x nights, three levels (low, mid, high). No database.

People are not contacts. Of those let in, 1 - product over displays of (1 - share of the zone x notice x credit) were
reached at least once, displays taken as independent; the sum of the same products is contacts. So people never
exceed those let in, and contacts may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics.reach.displays import GRADE_C, Display, DisplayGrid
from analytics.reach.factors import SCREEN, Factors
from analytics.reach.parameters import Range

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

Floats = NDArray[np.float64]
LEVELS = ("low", "mid", "high")
GRADES = {"A": 0, "B": 1, "C": GRADE_C}


def _levels(share: Range) -> list[float]:
    return [share.low, share.mid, share.high]


@dataclass(frozen=True)
class VenueNights:
    """Venues x nights. Shares of those let in; ``grade_*`` of what was on show, -1 where nothing was."""

    best_credit: Floats
    credit_count: Floats
    shown: NDArray[np.int32]
    lapsed: NDArray[np.bool_]
    oldest_age: NDArray[np.int32]
    could_see: Floats  # levels x venues x nights
    likely_saw: Floats
    contacts: Floats
    grade_display: NDArray[np.int8]
    grade_notice: NDArray[np.int8]


def venue_nights(
    codes: Sequence[str], displays: Sequence[Display], grid: DisplayGrid, factors: Factors
) -> VenueNights:
    """Displays, in order of venue, brought together by venue."""
    venues, days = len(codes), grid.credit.shape[1]
    cells = venues, days
    found = VenueNights(
        best_credit=np.zeros(cells),
        credit_count=np.zeros(cells),
        shown=np.zeros(cells, np.int32),
        lapsed=np.zeros(cells, np.bool_),
        oldest_age=np.full(cells, -1, np.int32),
        could_see=np.zeros((3, *cells)),
        likely_saw=np.zeros((3, *cells)),
        contacts=np.zeros((3, *cells)),
        grade_display=np.full(cells, -1, np.int8),
        grade_notice=np.full(cells, -1, np.int8),
    )
    if not displays:
        return found
    place = {code: n for n, code in enumerate(codes)}
    owner = np.array([place[each.venue] for each in displays])
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    rows = owner[starts]
    shown = grid.shown
    found.best_credit[rows] = np.maximum.reduceat(grid.credit, starts, axis=0)
    found.credit_count[rows] = np.add.reduceat(grid.credit * grid.count, starts, axis=0)
    found.shown[rows] = np.add.reduceat(shown.astype(np.int32), starts, axis=0)
    found.lapsed[rows] = np.logical_or.reduceat(grid.lapsed, starts, axis=0)
    found.oldest_age[rows] = np.maximum.reduceat(grid.age, starts, axis=0)
    found.grade_display[rows] = np.maximum.reduceat(np.where(shown, grid.grade, -1), starts, axis=0)
    zones, looks, contacts, grades = _of_displays(displays, factors)
    found.grade_notice[rows] = np.maximum.reduceat(np.where(shown, grades[:, None], -1), starts, axis=0)
    for level in range(3):
        z, q, f = zones[:, level, None], looks[:, level, None], contacts[:, level, None]
        found.could_see[level, rows] = 1 - np.multiply.reduceat(1 - z * grid.credit, starts, axis=0)
        found.likely_saw[level, rows] = 1 - np.multiply.reduceat(1 - z * q * grid.credit, starts, axis=0)
        found.contacts[level, rows] = np.add.reduceat(z * f * grid.credit * grid.count, starts, axis=0)
    return found


def _of_displays(displays: Sequence[Display], factors: Factors) -> tuple[Floats, Floats, Floats, NDArray[np.int8]]:
    """Displays x levels: z, chance to notice at least once, looks of one person; and the worse grade of z and q."""
    known: dict[tuple[str, str, str], tuple[list[float], list[float], list[float], int]] = {}
    for each in displays:
        key = each.venue, each.zone, each.asset if each.zone == SCREEN else ""
        if key in known:
            continue
        zone, notice = factors.zone(each.venue, each.zone), factors.notice(each.venue, each.zone)
        once, often = notice.share, notice.share
        grade = max(zone.grade, notice.grade)
        if each.zone == SCREEN:
            met, plays = factors.slide(each.venue, each.asset)
            once, often = once * met, often * plays
            if (each.venue, each.asset) not in factors.playlists:
                grade = GRADE_C
        known[key] = _levels(zone.share), _levels(once), _levels(often), grade
    found = [known[each.venue, each.zone, each.asset if each.zone == SCREEN else ""] for each in displays]
    zones, noticed, looks = (np.array([each[n] for each in found], dtype=float) for n in range(3))
    return zones, noticed, looks, np.array([each[3] for each in found], dtype=np.int8)


@dataclass(frozen=True)
class Admissions:
    """Levels x venues x nights, NaN where nobody counted and no capacity is known; ``grade`` 0 to 2, -1 likewise."""

    people: Floats
    grade: NDArray[np.int8]


def admissions(
    venues: Sequence["VenueFacts"],
    first: date,
    days: int,
    counted: dict[tuple[str, date], tuple[Range, str]],
    factors: Factors,
) -> Admissions:
    """People let in on each night: a count where there is one, else capacity x profile, else missing."""
    low, high = factors.settings.admissions["C"]
    people = np.full((3, len(venues), days), np.nan)
    grade = np.full((len(venues), days), -1, np.int8)
    weekdays = (first.weekday() + np.arange(days)) % 7
    row_of = {}
    for row, venue in enumerate(venues):
        row_of[venue.code] = row
        if venue.capacity:
            week = np.array([factors.people_per_capacity(venue.code, n)[0] for n in range(7)]) * venue.capacity
            mid = week[weekdays]
            people[:, row] = mid * low, mid, mid * high
            grade[row] = GRADE_C
    for (code, night), (value, letter) in counted.items():
        n = (night - first).days
        if code in row_of and 0 <= n < days:
            people[:, row_of[code], n] = _levels(value)
            grade[row_of[code], n] = GRADES[letter]
    return Admissions(people, grade)


def trading(
    venues: Sequence["VenueFacts"], first: date, days: int, exceptions: dict[tuple[str, date], bool]
) -> NDArray[np.bool_]:
    """Venues x nights: open by its usual evenings, its dates and its exceptions. Unknown evenings: assumed open."""
    calendar = np.array([(first + timedelta(days=n)).toordinal() for n in range(days)])
    weekdays = (first.weekday() + np.arange(days)) % 7
    found = np.zeros((len(venues), days), np.bool_)
    row_of = {}
    for row, venue in enumerate(venues):
        row_of[venue.code] = row
        found[row] = np.isin(weekdays, list(venue.open_nights)) if venue.open_nights else True
    for (code, night), is_open in exceptions.items():
        n = (night - first).days
        if code in row_of and 0 <= n < days:
            found[row_of[code], n] = is_open
    for row, venue in enumerate(venues):
        if venue.opened_on is not None:
            found[row] &= calendar >= venue.opened_on.toordinal()
        if venue.closed_on is not None:
            found[row] &= calendar <= venue.closed_on.toordinal()
    return found
