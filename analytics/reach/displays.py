"""From check-ins and play logs to what was on show, night by night: arrays of displays x nights. No database.

A night counts as displayed when the item was up at 22:00 local time. So a check-in at eight in the morning starts
with the coming night, and a "down" at 23:00 still leaves that night counted. How far a check-in is believed falls
with its age (freshness); an old one is *lapsed*: then nobody knows, which is not the same as nothing on show. A
screen's play log speaks for its own night only, and there overrules whatever anybody reported.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics import nights
from analytics.reach.parameters import Freshness

if TYPE_CHECKING:
    from campaign_pages.activity import CheckInRecord

UP, DOWN, DAMAGED, MORE = "up", "down", "damaged", "more"
CODES = {UP: 0, DAMAGED: 1, DOWN: 2}
PROVING = ("photo", "proof")  # sources that prove a display; a check-in alone only says so
SCREEN = "screen"
GRADE_A, GRADE_B, GRADE_C = 0, 1, 2
LONG_AGO = -(10**6)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass
class Display:
    """One asset in one place of one venue, with its reports in order of time."""

    venue: str
    zone: str
    asset: str
    place: str = ""
    moments: list[float] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    proofs: list[bool] = field(default_factory=list)
    doubtful: list[bool] = field(default_factory=list)
    plays: dict[date, float] = field(default_factory=dict)

    def add(self, at: datetime, state: str, count: int, *, proof: bool = False, doubt: bool = False) -> None:
        self.moments.append(at.timestamp())
        self.states.append(CODES[state])
        self.counts.append(count)
        self.proofs.append(proof)
        self.doubtful.append(doubt)


def displays_of(records: Iterable["CheckInRecord"], doubtful: Mapping[int, str] | None = None) -> list[Display]:
    """Displays in order of venue. ``records`` come in order of time; ``doubtful`` holds positions among them.

    A report without a place about something gone or damaged is about everything that hangs in the venue; one of a
    place about an asset that is not known there is about whatever hangs in that place.
    """
    doubtful = doubtful or {}
    found: dict[str, dict[tuple[str, str], Display]] = defaultdict(dict)
    for n, record in enumerate(records):
        if record.state == MORE:
            continue  # opens an order; says nothing about what is up
        venue = found[record.venue_code]
        marks = {"proof": record.source in PROVING, "doubt": n in doubtful}
        if record.place_code is None and record.state != UP:
            for display in venue.values():
                display.add(record.at, record.state, display.counts[-1], **marks)
            continue
        where = record.place_code or record.zone
        key = (where, record.asset)
        if record.state != UP and key not in venue:
            there = [each for (place, _), each in venue.items() if place == where]
            if there:
                for display in there:
                    display.add(record.at, record.state, display.counts[-1], **marks)
                continue
        display = venue.setdefault(key, Display(record.venue_code, record.zone, record.asset, where))
        display.add(record.at, record.state, max(1, record.count), **marks)
    return [each for code in sorted(found) for each in found[code].values()]


def add_plays(displays: list[Display], plays: Iterable[tuple[str, str, date, float]]) -> list[Display]:
    """Displays with their play logs: (venue, asset or "", night, plays). Gives them back in order of venue.

    A log belongs to the venue's screen with that asset; without an asset to its only screen; else to one of its own.
    """
    screens: dict[str, list[Display]] = defaultdict(list)
    for each in displays:
        if each.zone == SCREEN:
            screens[each.venue].append(each)
    for venue, asset, night, count in plays:
        known = screens[venue]
        match = [each for each in known if each.asset == asset] or (
            known[:1] if not asset and len(known) == 1 else []
        )
        if not match:
            match = [Display(venue, SCREEN, asset)]
            known.append(match[0])
            displays.append(match[0])
        match[0].plays[night] = count
    return sorted(displays, key=lambda each: each.venue)


@lru_cache(maxsize=8192)
def _noon(night: date) -> float:
    return nights.to_utc(datetime.combine(night, time(12))).timestamp()


@lru_cache(maxsize=8192)
def _evening(night: date) -> float:
    return nights.night_time_window(night)[0].timestamp()


def freshness(nights_since: int, settings: Freshness) -> float:
    """c(t): 1 up to ``full_nights``, a straight line to ``floor`` on ``last_night``, then 0. Negative ages: 0."""
    if nights_since < 0 or nights_since > settings.last_night:
        return 0.0
    if nights_since <= settings.full_nights:
        return 1.0
    fall = (nights_since - settings.full_nights) / (settings.last_night - settings.full_nights)
    return 1.0 - (1.0 - settings.floor) * fall


@dataclass(frozen=True)
class DisplayGrid:
    """Displays x nights. ``credit`` is c(t), 0 where not shown; ``age`` nights since the check-in, -1 where unknown.

    ``lapsed``: something was reported up once, too long ago. ``grade``: 0 proved, 1 reported, 2 doubtful.
    """

    credit: Floats
    count: Ints
    lapsed: Flags
    age: Ints
    grade: NDArray[np.int8]

    @property
    def shown(self) -> Flags:
        return self.credit > 0


def display_grid(
    displays: Sequence[Display], first: date, days: int, settings: Freshness, proof_nights: int
) -> DisplayGrid:
    """What each display was on each of ``days`` nights from ``first``."""
    lead = settings.last_night + 1  # nights before the first that still matter
    calendar = [first + timedelta(days=n - lead) for n in range(days + lead)]
    noons, evenings = np.array([_noon(each) for each in calendar]), np.array([_evening(each) for each in calendar])
    shape = len(displays), len(calendar)
    lengths = [len(each.moments) for each in displays]
    owner = np.repeat(np.arange(len(displays)), lengths)
    at = np.array([moment for each in displays for moment in each.moments], dtype=float)
    order = np.lexsort((np.arange(len(at)), at, owner))  # as given, later reports of one moment win
    owner, at = owner[order], at[order]

    def column(name: str, kind: type) -> NDArray[Any]:
        return np.array([value for each in displays for value in getattr(each, name)], dtype=kind)[order]

    states, counts = column("states", np.int8), column("counts", np.int32)
    proofs, doubtful = column("proofs", np.bool_), column("doubtful", np.bool_)
    begins = np.searchsorted(evenings, at, side="left")  # the first night on which it was there at 22:00
    own_night = np.searchsorted(noons, at, side="right") - 1
    own_night = np.where(own_night < 0, LONG_AGO, own_night)
    last = _latest(owner, begins, shape, np.ones(len(at), dtype=np.bool_))
    known = last >= 0
    state = np.where(known, states[last] if len(at) else 0, CODES[DOWN])
    age = np.where(known, np.arange(len(calendar)) - (own_night[last] if len(at) else 0), -1)
    table = np.array([freshness(n, settings) for n in range(settings.last_night + 2)])
    credit = table[np.clip(age, 0, settings.last_night + 1)]
    lapsed = known & (state != CODES[DOWN]) & (credit == 0)
    credit = np.where(
        state == CODES[DOWN], 0.0, np.where(state == CODES[DAMAGED], credit * settings.damaged, credit)
    )
    count = np.where(known, counts[last] if len(at) else 0, 0)
    grade = np.where(known & (doubtful[last] if len(at) else False), GRADE_C, GRADE_B).astype(np.int8)
    if proofs.any():
        proved = _latest(owner, begins, shape, proofs & (states != CODES[DOWN]))
        since = np.where(proved >= 0, np.arange(len(calendar)) - own_night[proved], 10**6)
        grade[since <= proof_nights] = GRADE_A
    _play_logs(displays, calendar[0], (credit, count, lapsed, age, grade))
    cut = slice(lead, None)
    return DisplayGrid(
        credit[:, cut],
        count[:, cut].astype(np.int32),
        lapsed[:, cut],
        np.where(credit > 0, age, -1)[:, cut].astype(np.int32),
        grade[:, cut],
    )


def _latest(owner: NDArray[np.int64], begins: NDArray[np.int64], shape: tuple[int, int], among: Flags) -> Ints:
    """Displays x nights: the position of the report in force, -1 where there is none yet."""
    last = np.full(shape, -1, dtype=np.int32)
    wanted = np.flatnonzero(among & (begins < shape[1]))
    # Positions rise with time within a display, so the largest of a cell is the latest.
    np.maximum.at(last, (owner[wanted], begins[wanted]), wanted.astype(np.int32))
    return np.maximum.accumulate(last, axis=1)


def _play_logs(displays: Sequence[Display], start: date, grids: tuple[NDArray[np.generic], ...]) -> None:
    credit, count, lapsed, age, grade = grids
    for row, display in enumerate(displays):
        for night, plays in display.plays.items():
            n = (night - start).days
            if 0 <= n < credit.shape[1]:
                credit[row, n] = 1.0 if plays > 0 else 0.0
                count[row, n], lapsed[row, n], age[row, n], grade[row, n] = 1, False, 0, GRADE_A
