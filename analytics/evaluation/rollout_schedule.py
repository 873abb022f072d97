"""Reading a drawn roll-out: who starts when, what was allocated, whether it was followed, and how it is drawn again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics import nights
from analytics.models import Rollout
from analytics.reach.venue_weeks import VenueWeek
from analytics.statistics.rollout import NEVER, Block, Settings, redraws

LIVE_FROM = 0.5  # share of trading nights from which a week counts as live


@dataclass(frozen=True)
class Following:
    """How delivery kept to the draw, in venue-weeks. ``share``: broken / all; the grade's limit is 0.10."""

    unit_weeks: int
    late: int
    early: int
    unknown: int

    @property
    def broken(self) -> int:
        return self.late + self.early + self.unknown

    @property
    def share(self) -> float:
        return self.broken / self.unit_weeks if self.unit_weeks else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "unit_weeks": self.unit_weeks, "late_or_off": self.late, "early": self.early, "unknown": self.unknown,
            "broken_share": round(self.share, 6),
        }  # fmt: skip


def confirmed(rollout: Rollout) -> bool:
    """Whether two people made it the roll-out before its first wave: only then is it a randomisation."""
    confirmation = getattr(rollout, "confirmation", None)
    return (
        confirmation is not None
        and confirmation.rollout_hash == rollout.rollout_hash
        and confirmation.confirmed_at.date() < rollout.first_start
    )


def allocated_by_venue(rollout: Rollout) -> dict[str, str]:
    """Venue code -> first week live; an empty text for venues that never go live. Excluded venues are not in it."""
    return {venue: cluster["start_week"] for cluster in rollout.design["clusters"] for venue in cluster["venues"]}


def allocated(rollout: Rollout) -> dict[tuple[str, str], float]:
    """(venue code, week) -> 1.0 from its first week live on, 0.0 before: the exposure of analysis as allocated."""
    weeks = nights.weeks_between(rollout.from_week, rollout.to_week)
    return {
        (venue, week): float(bool(start) and week >= start)
        for venue, start in allocated_by_venue(rollout).items()
        for week in weeks
    }


def following_of(rollout: Rollout, reach: Iterable[VenueWeek]) -> Following:
    """Delivery against the draw. Weeks in which a venue does not trade are left out.

    A venue that should be live and whose display nobody verified counts as broken; one that should not be live is
    taken to be off unless something was seen up.
    """
    wanted = allocated(rollout)
    found: Counter[str] = Counter()
    for row in reach:
        due = wanted.get((row.venue, row.week))
        if due is None or not row.trading_nights:
            continue
        found["all"] += 1
        share = row.live_share
        if due and share is None:
            found["unknown"] += 1
        elif due and (share or 0.0) < LIVE_FROM:
            found["late"] += 1
        elif not due and (share or 0.0) > 0:
            found["early"] += 1
    return Following(found["all"], found["late"], found["early"], found["unknown"])


def blocks_and_settings(rollout: Rollout) -> tuple[list[Block], Settings]:
    """The mechanism as it was recorded, to draw from again."""
    design = rollout.design
    settings = design["settings"]
    balance = settings["balance"]
    blocks = [
        Block(each["code"], each["area"], float(each["baseline"]), int(each["size"])) for each in design["blocks"]
    ]
    return blocks, Settings(
        int(settings["waves"]), int(settings["weeks"]), int(settings["before"]), int(settings["after"]),
        int(settings["never"]), None if balance is None else float(balance),
    )  # fmt: skip


def redrawn(rollout: Rollout, *, draws: int, seed: int) -> tuple[list[str], np.ndarray]:
    """(codes of blocks, draws x blocks of start indices or -1): roll-outs that this mechanism could have drawn."""
    blocks, settings = blocks_and_settings(rollout)
    return [each.code for each in sorted(blocks, key=lambda each: each.code)], redraws(
        blocks, settings, draws=draws, seed=seed
    )


def observed(rollout: Rollout) -> tuple[list[str], np.ndarray]:
    """(codes of blocks, their start indices or -1) of the roll-out that was drawn."""
    design = rollout.design
    weeks = {week: n for n, week in enumerate(nights.weeks_between(rollout.from_week, rollout.to_week))}
    start = {each["block"]: each["start_week"] for each in design["clusters"]}
    codes = sorted(start)
    return codes, np.array([weeks[start[code]] if start[code] else NEVER for code in codes])


def block_of_venue(rollout: Rollout) -> dict[str, str]:
    """Venue code -> code of the block that was drawn as one."""
    return {venue: each["block"] for each in rollout.design["clusters"] for venue in each["venues"]}
