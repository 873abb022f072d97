"""What was changed in reach after the outcomes of those nights were there. Every act is logged; none is prevented.

Somebody who knows where the assaults were could, meaning well, tidy reach until it fits. So each change to an input
of nights whose outcomes are loaded becomes a ``ReachChange`` and a row of the audit log, with before and after.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from analytics.audit.chain import record as write_down
from analytics.models import ImportedFile, ReachChange, ReachFigure
from analytics.reach.parameters import parameters

MOST_LISTED = 40  # figures written out in one change; the rest are counted
STANDING = ("notice_counts", "mens_share", "occupancy")  # hold for every night, whenever they were counted
FOR_EVER = (date(2000, 1, 1), date(2100, 1, 1))


def outcomes_cover(first: date, last: date) -> bool:
    """Whether outcomes with times of any of these nights are loaded, or were once."""
    states = (ImportedFile.State.LOADED, ImportedFile.State.WITHDRAWN)
    return ImportedFile.objects.filter(
        state__in=states, timed=True, loaded__gt=0, first_day__lte=last + timedelta(days=1), last_day__gte=first
    ).exists()


def note(
    action: str,
    *,
    by: str,
    venue: str,
    first: date,
    last: date,
    before: Any = None,
    after: Any = None,
    why: str = "",
) -> ReachChange | None:
    """Writes a change down if outcomes of its nights are there; otherwise nothing was known and nothing is to say.

    Call inside the transaction that makes the change. ``venue`` is empty where every venue may be meant.
    """
    if before == after or not outcomes_cover(first, last):
        return None
    detail = {"first_night": str(first), "last_night": str(last), "before": before, "after": after, "why": why}
    act = write_down(action, by=by, about=f"venue {venue}" if venue else "reach", detail=detail)
    return ReachChange.objects.create(
        at=timezone.now(),
        action=action,
        venue_code=venue,
        first_night=first,
        last_night=last,
        before=before,
        after=after,
        audit_number=act.number,
    )


def note_figures(
    action: str,
    *,
    kind: str,
    before: Sequence[ReachFigure],
    after: Sequence[ReachFigure],
    by: str,
    why: str = "",
) -> None:
    """One change for each venue of a file (or for none, where figures are an area's)."""
    groups: dict[str, tuple[list[ReachFigure], list[ReachFigure]]] = defaultdict(lambda: ([], []))
    for side, figures in enumerate((before, after)):
        for each in figures:
            groups["" if kind in STANDING else each.venue_code][side].append(each)
    for venue, (old, new) in sorted(groups.items()):
        nights = [each.night for each in (*old, *new)]
        first, last = FOR_EVER if kind in STANDING else (min(nights), max(nights))
        note(action, by=by, venue=venue, first=first, last=last, before=_listed(old), after=_listed(new), why=why)


def _listed(figures: Sequence[ReachFigure]) -> dict[str, float]:
    found = {_name(each): each.value for each in figures[:MOST_LISTED]}
    if len(figures) > MOST_LISTED:
        found["and more figures"] = len(figures) - MOST_LISTED
    return found


def _name(figure: ReachFigure) -> str:
    where = figure.area_code or ""
    return " ".join(filter(None, (figure.kind, figure.metric, str(figure.night), where, figure.detail)))


def nights_of_check_in(night: date, state: str, today: date) -> tuple[date, date]:
    """The nights that a check-in can move: as long as it is believed; something gone is gone until somebody says else."""
    if state == "down":
        return night, max(night, today)
    return night, night + timedelta(days=parameters().freshness.last_night)
