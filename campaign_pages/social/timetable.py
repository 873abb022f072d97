"""Local wall time to the one instant it means, also on the two nights a year when clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class NoSuchTime(ValueError):
    """The clocks jump over this time; no instant belongs to it."""


class TimeHappensTwice(ValueError):
    """The clocks go back over this time; say which of the two is meant (`second=True` or `False`)."""


def instant_of(local: datetime, time_zone: str, *, second: bool | None = None) -> datetime:
    """The UTC instant of a naive local time. Raises NoSuchTime, TimeHappensTwice, ValueError for an unknown zone."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"There is no time zone called {time_zone}.") from error
    local = local.replace(tzinfo=None)
    first, last = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime(
            f"{local:%H:%M} on {local:%d %B %Y} does not exist: the clocks go forward over it. Choose a time an hour later."
        )
    if first != last and second is None:
        raise TimeHappensTwice(
            f"{local:%H:%M} on {local:%d %B %Y} happens twice: the clocks go back. Choose another time, or say which one."
        )
    return last if second else first
