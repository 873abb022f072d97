"""A plan that follows a roll-out drawn by lot: analysed as allocated, tested by drawing again, delivery looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analytics import nights
from analytics.evaluation.panel_analysis import Panel
from analytics.evaluation.plan import Plan
from analytics.evaluation.rollout_drawing import chosen_among, is_intact
from analytics.evaluation.rollout_schedule import (
    Following,
    allocated,
    block_of_venue,
    confirmed,
    following_of,
    observed,
    redrawn,
)
from analytics.models import Rollout
from analytics.reach.venue_weeks import VenueWeek
from analytics.statistics.permutation import PermutationTest
from analytics.statistics.rollout import NEVER, randomisation_test

COUNTED = 2_000  # draws of which the different ones are counted for R3, however few the test itself takes


class NotThisRollout(ValueError):
    """The plan and its roll-out do not fit together; the message says where."""


@dataclass(frozen=True)
class Randomised:
    """The roll-out behind a plan, with how delivery kept to it in the plan's weeks."""

    rollout: Rollout
    following: Following
    other_draws: int

    def as_json(self) -> dict[str, Any]:
        return {
            "rollout_hash": self.rollout.rollout_hash, "seed": self.rollout.seed, "analysed": "as allocated",
            "deviations_noted": self.rollout.deviations.count(), "other_draws": self.other_draws, **self.following.as_json(),
        }  # fmt: skip


def why_it_does_not_count(plan: Plan) -> str:
    """Why the roll-out that a plan names is no randomisation; empty where it is one, or where none is named."""
    if not plan.rollout:
        return ""
    rollout = Rollout.objects.select_related("confirmation").filter(rollout_hash=plan.rollout).first()
    if rollout is None:
        return "no roll-out with the hash that the plan names is kept here"
    if not is_intact(rollout):
        return "its record was changed after it was drawn: its text no longer gives its hash"
    if not confirmed(rollout):
        return "two people did not confirm it before its first wave began"
    return ""


def randomisation_of(plan: Plan, reach: list[VenueWeek]) -> Randomised | None:
    """The plan's roll-out; None where it names none, or one that two people did not confirm in time or that was changed.

    Raises NotThisRollout for other clusters, a dose as exposure, or weeks outside.
    """
    if not plan.rollout:
        return None
    if why_it_does_not_count(plan):
        return None
    rollout = Rollout.objects.select_related("confirmation").get(rollout_hash=plan.rollout)
    if float(rollout.design["settings"]["radius_m"]) != plan.radius_m:
        raise NotThisRollout(
            "The roll-out was drawn for clusters of another radius: plan it with the same radius_m."
        )
    if plan.exposure != "live_share":
        raise NotThisRollout("A roll-out is analysed as allocated, so the plan's exposure must be live_share.")
    if plan.from_week < rollout.from_week or plan.to_week > rollout.to_week:
        raise NotThisRollout(
            f"The plan's weeks must lie inside the roll-out's, {rollout.from_week} to {rollout.to_week}."
        )
    return Randomised(rollout, following_of(rollout, reach), len(chosen_among(rollout)))


def as_allocated(found: Randomised, reach: Iterable[VenueWeek]) -> list[VenueWeek]:
    """Reach with every trading week's live share as it was drawn; venues that were left out before the draw are gone."""
    wanted = allocated(found.rollout)
    return [
        replace(row, live_share=wanted[row.venue, row.week] if row.trading_nights else row.live_share)
        for row in reach
        if (row.venue, row.week) in wanted
    ]


def exact_test(found: Randomised, panel: Panel, *, draws: int, seed: int) -> PermutationTest | None:
    """The chance test by the designer's own mechanism. None where no area has every unit in every week."""
    if panel.unit is None or panel.area is None:
        return None
    blocks, start = observed(found.rollout)
    _, drawn = redrawn(found.rollout, draws=max(draws, COUNTED), seed=seed)
    distinct = float(len(np.unique(drawn, axis=0)))
    drawn = drawn[:draws]
    place, block_of = {code: n for n, code in enumerate(blocks)}, _block_of_unit(found.rollout)
    weeks = sorted(set(panel.time))
    offset = nights.weeks_between(found.rollout.from_week, str(weeks[0]))
    outcomes, members = [], []
    for area in sorted(set(panel.area)):
        inside = panel.area == area
        units = [unit for unit in sorted(set(panel.unit[inside])) if unit in block_of]
        table = np.full((len(units), len(weeks)), np.nan)
        row, column = {unit: n for n, unit in enumerate(units)}, {week: n for n, week in enumerate(weeks)}
        for unit, week, value in zip(panel.unit[inside], panel.time[inside], panel.outcome[inside], strict=True):
            if unit in row:
                table[row[unit], column[week]] = value
        whole = ~np.isnan(table).any(axis=1)
        if whole.sum() >= 2:
            outcomes.append(table[whole])
            members.append(
                np.array([place[block_of[unit]] for unit, keep in zip(units, whole, strict=True) if keep])
            )
    if not outcomes:
        return None
    # Weeks are counted from the plan's first one; who began before it is live from its beginning.
    shift = len(offset) - 1
    start, drawn = (np.where(each == NEVER, NEVER, np.maximum(each - shift, 0)) for each in (start, drawn))
    p, statistic, null = randomisation_test(outcomes, members, start, drawn)
    if np.isnan(p):
        return None
    return PermutationTest(p, statistic, draws, distinct, null, np.nan, np.nan)


def _block_of_unit(rollout: Rollout) -> dict[str, str]:
    """Units of either kind: a venue's code, or its cluster's."""
    return block_of_venue(rollout) | {each["code"]: each["block"] for each in rollout.design["clusters"]}
