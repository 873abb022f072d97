"""Reach by venue and week: each figure on its own rung, with its range and its grade, never added across rungs."""

import gc
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics import nights
from analytics.reach.displays import GRADE_C, display_grid
from analytics.reach.inputs import Inputs, Stamps, read_inputs
from analytics.reach.parameters import Parameters, Range, parameters
from analytics.reach.people import admissions, trading, venue_nights

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

NO_GRADE = "none"
NO_PARTS: dict[str, str] = {}  # shared, like those of _grades: rows are never written to
NO_STAMPS = Stamps()
LETTERS = "ABC"
VENUES_AT_ONCE = 400  # bounds memory: displays x nights arrays of one slice of venues
ZERO = Range(0, 0, 0)


@dataclass(frozen=True, slots=True)
class VenueWeek:
    """One venue in one night-week. None is missing, never 0. Ranges are people, low to high."""

    venue: str
    venue_name: str
    area: str
    area_name: str
    capacity: int | None
    week: str
    trading_nights: int
    nights_live: int
    display_nights: float
    live_share: float | None
    admissions: Range | None
    opportunities: Range | None
    likely_seen: Range | None
    scans: int
    unique_scans: int | None
    downloads: int
    handstamps: int | None
    grade: str
    reason: str
    synthetic: bool
    contacts: Range | None = None
    grade_parts: dict[str, str] = field(default_factory=dict)
    oldest_check_in: int | None = None
    stamp_gap: float | None = None
    stamp_grade: str = ""
    screen_plays: int | None = None
    web_visitors: int | None = None

    @property
    def frequency(self) -> float | None:
        """Contacts for each person reached, from the middle figures."""
        if self.contacts is None or self.likely_seen is None or self.likely_seen.mid == 0:
            return None
        return self.contacts.mid / self.likely_seen.mid

    @property
    def likely_seen_share(self) -> Range | None:
        """x = L / N, people likely reached of those let in, 0 to 1; 0 where nothing was up; None where not known."""
        if self.live_share is None:
            return None
        if self.live_share == 0:
            return ZERO
        if self.likely_seen is None or self.admissions is None or self.admissions.low == 0:
            return None
        low, mid, high = (
            getattr(self.likely_seen, level) / getattr(self.admissions, level) for level in ("low", "mid", "high")
        )
        return Range(min(low, mid), mid, min(1.0, max(mid, high)))

    def shares_json(self) -> dict[str, Any]:
        """What an evaluation may take as exposure, in the words of ``as_json``."""
        share = self.likely_seen_share
        return {
            "live_share": _short(self.live_share),
            "likely_seen_share": {
                level: _short(getattr(share, level)) if share else None for level in ("low", "mid", "high")
            },
        }

    def as_json(self) -> dict[str, Any]:
        """The row of the ``reach`` command; also what the reach hash is made of."""
        empty = {"low": None, "mid": None, "high": None}

        def ranged(value: Range | None) -> dict[str, float | None]:
            return {**value.as_json()} if value else dict(empty)

        shares = self.shares_json()
        return {
            "venue": self.venue,
            "week": self.week,
            "display_nights": round(self.display_nights, 6),
            "nights_live": self.nights_live,
            "trading_nights": self.trading_nights,
            "live_share": shares["live_share"],
            "admissions": ranged(self.admissions),
            "opportunities": ranged(self.opportunities),
            "likely_seen": ranged(self.likely_seen),
            "likely_seen_share": shares["likely_seen_share"],
            "contacts": ranged(self.contacts),
            "frequency": _short(self.frequency),
            "scans": self.scans,
            "unique_scans": self.unique_scans,
            "downloads": self.downloads,
            "handstamps": self.handstamps,
            "handstamp_gap": _short(self.stamp_gap),
            "handstamp_grade": self.stamp_grade,
            "screen_plays": self.screen_plays,
            "web_visitors": self.web_visitors,
            "grade": self.grade,
            "grade_parts": dict(self.grade_parts),
            "reason": self.reason,
            "synthetic": self.synthetic,
        }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def venue_weeks(*, from_week: str, to_week: str, only: Collection[str] | None = None) -> list[VenueWeek]:
    """Reach of every venue (or of the codes in ``only``) in every week, in order of venue and week.

    Raises ValueError for a week that is not written like 2026-W07 or weeks in the wrong order.
    """
    weeks = nights.weeks_between(from_week, to_week)
    if not weeks:
        raise ValueError(f"--to {to_week} is earlier than --from {from_week}")
    settings = parameters()
    inputs = read_inputs(from_week, to_week, settings, only)
    return rows_of(inputs, weeks, settings)


def rows_of(inputs: Inputs, weeks: Sequence[str], settings: Parameters) -> list[VenueWeek]:
    """Pure arithmetic from here on."""
    by_venue: dict[str, list[Any]] = {}
    for display in inputs.displays:
        by_venue.setdefault(display.venue, []).append(display)
    rows: list[VenueWeek] = []
    with _no_collection():
        for start in range(0, len(inputs.venues), VENUES_AT_ONCE):
            slice_ = inputs.venues[start : start + VENUES_AT_ONCE]
            displays = [each for venue in slice_ for each in by_venue.get(venue.code, ())]
            rows += _rows(slice_, displays, weeks, inputs, settings)
    return rows


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hundreds of thousands of small rows that all stay: looking for cycles among them took half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _rows(
    venues: Sequence["VenueFacts"],
    displays: list[Any],
    weeks: Sequence[str],
    inputs: Inputs,
    settings: Parameters,
) -> Iterator[VenueWeek]:
    first, days = nights.week_start(weeks[0]), 7 * len(weeks)
    grid = display_grid(displays, first, days, settings.freshness, settings.proof_nights)
    found = venue_nights([each.code for each in venues], displays, grid, inputs.factors)
    is_open = trading(venues, first, days, inputs.open_on)
    people = admissions(venues, first, days, inputs.door, inputs.factors)
    live = is_open & (found.shown > 0)

    def by_week(values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(*values.shape[:-1], len(weeks), 7)

    def summed(values: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any]:
        return by_week(np.where(where, values, 0)).sum(axis=-1)

    def worst(values: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any]:
        return by_week(np.where(where, values, -1)).max(axis=-1)

    def levels(values: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any]:
        return np.moveaxis(summed(values, where), 0, -1)

    columns = Sums(
        trading_nights=summed(is_open, is_open),
        nights_live=summed(live, live),
        lapsed=summed(is_open & ~live & found.lapsed, is_open),
        display_nights=summed(found.credit_count, is_open),
        best=summed(found.best_credit, is_open),
        oldest=worst(found.oldest_age, live),
        admissions=levels(people.people, is_open),
        could_see=levels(people.people * found.could_see, live),
        likely_saw=levels(people.people * found.likely_saw, live),
        contacts=levels(people.people * found.contacts, live),
        grade_admissions=worst(people.grade, is_open),
        grade_display=worst(found.grade_display, live),
        grade_notice=worst(found.grade_notice, live),
    )
    for v, venue in enumerate(venues):
        for week, sums in zip(weeks, zip(*(each[v].tolist() for each in columns), strict=True), strict=True):
            yield _row(venue, week, Sums(*sums), inputs, settings)


class Sums(NamedTuple):
    """Sums over the nights of a week: arrays of venues x weeks, or the values of one venue's week."""

    trading_nights: Any
    nights_live: Any
    lapsed: Any
    display_nights: Any
    best: Any
    oldest: Any
    admissions: Any
    could_see: Any
    likely_saw: Any
    contacts: Any
    grade_admissions: Any
    grade_display: Any
    grade_notice: Any


def _range(levels: list[float]) -> Range | None:
    low, mid, high = levels
    return None if low != low or mid != mid or high != high else Range(low, mid, high)  # NaN is not itself


def _row(venue: "VenueFacts", week: str, of: Sums, inputs: Inputs, settings: Parameters) -> VenueWeek:
    reason, share = "", None
    traded, live = of.trading_nights, of.nights_live
    if not traded:
        reason = "did not trade"
    elif live == 0 and of.lapsed == traded:
        reason = f"no check-in for more than {settings.freshness.last_night} nights"
    else:
        share = of.best / traded
        reason = "" if live else "nothing reported up"
    admitted = _range(of.admissions) if traded else None
    reached: tuple[Range | None, Range | None, Range | None] = (None, None, None)
    if live and admitted is None:
        reason = "no door count and no capacity"
    elif live:
        reached = _range(of.could_see), _range(of.likely_saw), _range(of.contacts)
    graded = of.grade_admissions, of.grade_display, of.grade_notice
    parts = _grades(*graded, hours_known=bool(venue.open_nights)) if live else NO_PARTS
    key = venue.code, week
    stamps = inputs.stamps.get(key, NO_STAMPS)
    return VenueWeek(
        venue=venue.code,
        venue_name=venue.name,
        area=venue.area_code,
        area_name=venue.area_name,
        capacity=venue.capacity,
        week=week,
        trading_nights=traded,
        nights_live=live,
        display_nights=of.display_nights,
        live_share=share,
        admissions=admitted,
        opportunities=reached[0],
        likely_seen=reached[1],
        contacts=reached[2],
        scans=inputs.scans.get(key, 0),
        unique_scans=inputs.unique.get(key, 0),
        downloads=inputs.downloads.get(key, 0),
        handstamps=stamps.count if key in inputs.stamps else None,
        stamp_gap=stamps.gap,
        stamp_grade=stamps.grade if key in inputs.stamps else "",
        screen_plays=round(inputs.plays[key]) if key in inputs.plays else None,
        web_visitors=inputs.visitors.get(key),
        grade=max(parts.values()) if parts else NO_GRADE,
        grade_parts=parts,
        oldest_check_in=of.oldest if live else None,
        reason=reason,
        synthetic=venue.synthetic,
    )


@lru_cache(maxsize=256)
def _grades(admissions_: int, display: int, notice: int, *, hours_known: bool) -> dict[str, str]:
    """A venue-week is as good as its worst part. Opening nights that nobody gave are an assumption like any other."""
    worst = {"admissions": admissions_, "display": display, "notice": notice}
    found = {name: LETTERS[GRADE_C if value < 0 else value] for name, value in worst.items()}
    return found | ({} if hours_known else {"opening_nights": "C"})


def two_figures(value: float | None) -> str:
    """A number as shown on a screen: two significant figures, so that nobody reads more into it."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, digits)}f}"
