"""What a night, a week and "night-time" are. The only place where they are defined; no Django here.

Night-time is local wall-clock time from 22:00:00 up to, not including, 05:00:00.
A night runs from noon to noon and carries the date of its first evening: half past one on Sunday
morning belongs to Saturday's night. A week is the ISO week of that date, written ``2024-W52``.
Clock changes: wall-clock values stay naive (with their ``fold``) and arithmetic is done in UTC, so
a night-time window lasts 7 hours, 6 in spring and 8 in autumn.
"""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOCAL_ZONE = "Europe/London"
NIGHT_TIME_FROM = time(22, 0)
NIGHT_TIME_TO = time(5, 0)
DAYTIME_FROM = time(6, 0)
DAYTIME_TO = time(18, 0)
NOON = timedelta(hours=12)
DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of this name. Raises ``zoneinfo.ZoneInfoNotFoundError`` when there is none."""
    return ZoneInfo(name)


def _zone(zone: ZoneInfo | str) -> ZoneInfo:
    return zone_named(zone) if isinstance(zone, str) else zone


def night_of_local(local_naive: datetime) -> date:
    """The night, noon to noon, of a local wall-clock time: its date after taking twelve hours off."""
    return (local_naive - NOON).date()


def night_of(instant: datetime, zone: ZoneInfo | str = LOCAL_ZONE) -> date:
    """The night of an aware instant, noon to noon in ``zone``. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError(
            "night_of needs an instant with a time zone; for local wall-clock times use night_of_local"
        )
    return night_of_local(instant.astimezone(_zone(zone)).replace(tzinfo=None))


def is_night_time(local_naive: datetime) -> bool:
    """Whether a local wall-clock time lies in [22:00:00, 05:00:00)."""
    clock = local_naive.time()
    return clock >= NIGHT_TIME_FROM or clock < NIGHT_TIME_TO


def night_time_night(local_naive: datetime) -> date | None:
    """The night of a local wall-clock time inside night-time, or None outside it."""
    return night_of_local(local_naive) if is_night_time(local_naive) else None


def week_of(night: date) -> str:
    """The ISO week of a night's date, such as ``2024-W52``."""
    year, week, _ = night.isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_start(week: str) -> date:
    """The Monday of a week written ``2024-W52``. Raises ValueError when it is not written so."""
    year, mark, number = week.partition("-W")
    if not (mark and len(year) == 4 and len(number) == 2 and year.isdecimal() and number.isdecimal()):
        raise ValueError(f"{week!r} is not a week; write it like 2024-W52")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError as error:
        raise ValueError(f"{week!r} is not a week of that year") from error


def nights_of_week(week: str) -> list[date]:
    """The seven nights of a week, Monday's first."""
    monday = week_start(week)
    return [monday + DAY * n for n in range(7)]


def weeks_between(first: str, last: str) -> list[str]:
    """All weeks from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    start, end = week_start(first), week_start(last)
    return [week_of(start + timedelta(weeks=n)) for n in range((end - start).days // 7 + 1)]


def to_utc(local_naive: datetime, zone: ZoneInfo | str = LOCAL_ZONE) -> datetime:
    """The instant of a wall-clock time (its ``fold`` chooses between the two of a repeated hour)."""
    return local_naive.replace(tzinfo=_zone(zone)).astimezone(UTC)


def clock_doubt(local_naive: datetime, zone: ZoneInfo | str = LOCAL_ZONE) -> str:
    """``time_not_on_clock`` in the skipped spring hour, ``time_twice`` in the repeated autumn hour, else ``""``.

    zoneinfo moves a time that never was by an hour without a word, hence the round trip.
    """
    aware = local_naive.replace(tzinfo=_zone(zone))
    if aware.utcoffset() == aware.replace(fold=1 - local_naive.fold).utcoffset():
        return ""
    back = aware.astimezone(UTC).astimezone(_zone(zone)).replace(tzinfo=None)
    return "time_twice" if back == local_naive.replace(fold=0) else "time_not_on_clock"


def night_time_window(night: date, zone: ZoneInfo | str = LOCAL_ZONE) -> tuple[datetime, datetime]:
    """Beginning and end, in UTC, of a night's night-time."""
    return (
        to_utc(datetime.combine(night, NIGHT_TIME_FROM), zone),
        to_utc(datetime.combine(night + DAY, NIGHT_TIME_TO), zone),
    )


def _nights_touched(from_local: datetime, to_local: datetime) -> Iterator[date]:
    # One day either side: an hour's clock change can carry the end past its own date.
    night, last = from_local.date() - DAY, to_local.date() + DAY
    while night <= last:
        yield night
        night += DAY


def night_time_weight(
    from_local: datetime, to_local: datetime | None, zone: ZoneInfo | str = LOCAL_ZONE
) -> dict[date, float]:
    """How much of one event falls in each night's night-time: night -> weight, weights at most 1 in all.

    The aoristic rule: overlap of [from, to) with the window over the length of the range, both as
    elapsed time (UTC). Without an end, or with both the same, the event is an instant of weight 1.
    Nights without weight are left out. Raises ValueError when the range ends before it begins.
    """
    if to_local is None or to_local == from_local:
        night = night_time_night(from_local)
        return {} if night is None else {night: 1.0}
    start, end = to_utc(from_local, zone), to_utc(to_local, zone)
    if end < start:
        raise ValueError(f"the range ends ({to_local}) before it begins ({from_local})")
    if end == start:  # a skipped hour can fold two wall-clock times into one instant
        night = night_time_night(from_local)
        return {} if night is None else {night: 1.0}
    length = (end - start).total_seconds()
    weights: dict[date, float] = {}
    for night in _nights_touched(from_local, to_local):
        opens, closes = night_time_window(night, zone)
        overlap = (min(end, closes) - max(start, opens)).total_seconds()
        if overlap > 0:
            weights[night] = overlap / length
    return weights


def hours_touched(
    from_local: datetime, to_local: datetime, zone: ZoneInfo | str = LOCAL_ZONE
) -> Iterator[tuple[date, int, float]]:
    """Shares of a range's elapsed length by local calendar date and clock hour; they sum to 1.

    The repeated autumn hour comes twice under the same date and hour. Raises ValueError for a range
    without length.
    """
    where = _zone(zone)
    start, end = to_utc(from_local, where), to_utc(to_local, where)
    if end <= start:
        raise ValueError(f"the range from {from_local} to {to_local} has no length")
    length = (end - start).total_seconds()
    at = start
    while at < end:
        clock = at.astimezone(where)
        # Zones shift by whole quarters of an hour at most, so the next full local hour is never skipped.
        after = min(end, at + timedelta(minutes=60 - clock.minute, seconds=-clock.second))
        yield clock.date(), clock.hour, (after - at).total_seconds() / length
        at = after


def daytime_weight(from_local: datetime, to_local: datetime | None, zone: ZoneInfo | str = LOCAL_ZONE) -> float:
    """The share of one event in [06:00:00, 18:00:00) local time, by the same rule as ``night_time_weight``."""
    if to_local is None or to_utc(to_local, zone) == to_utc(from_local, zone):
        return 1.0 if DAYTIME_FROM <= from_local.time() < DAYTIME_TO else 0.0
    shares = (
        share
        for _, hour, share in hours_touched(from_local, to_local, zone)
        if DAYTIME_FROM.hour <= hour < DAYTIME_TO.hour
    )
    return min(1.0, math.fsum(shares))
