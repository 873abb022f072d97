"""When the Tonight page shows its night face. A matter of looks: analytics has its own, fixed definition of a night."""

from datetime import datetime, timedelta


def is_night(now: datetime, *, starts: int, ends: int) -> bool:
    """Whether a local time lies between hour `starts` (included) and hour `ends` (not included), over midnight too."""
    if starts <= ends:
        return starts <= now.hour < ends
    return now.hour >= starts or now.hour < ends


def seconds_to_switch(now: datetime, *, starts: int, ends: int) -> int:
    """Seconds that pass until the page changes its face; at least 1. `now` is an aware local time."""
    changes = []
    for hour in (starts, ends):
        change = now.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
        if change <= now:
            change += timedelta(days=1)
        changes.append(int(change.timestamp() - now.timestamp()))
    return max(1, min(changes))
