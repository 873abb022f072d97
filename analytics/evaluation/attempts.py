"""The attempt counter: every model that was ever run on the data of some weeks, also those that nobody liked.

It stands beside a result and not inside it, because a result must come out the same, byte for byte, when it is run again.
"""

from dataclasses import dataclass
from datetime import datetime

from analytics.models import EvaluationRun


@dataclass(frozen=True)
class Attempt:
    """One plan on overlapping weeks, with how often it was run. ``same_plan``: the run that is looked at is of it."""

    title: str
    plan_hash: str
    locked: bool
    runs: int
    first: datetime
    verdicts: tuple[str, ...]
    same_plan: bool


def attempts_of(run: EvaluationRun) -> list[Attempt]:
    """Plans, locked or not, that were run on weeks that overlap with this run's, oldest first."""
    runs_then = (
        EvaluationRun.objects.filter(
            synthetic=run.synthetic, from_week__lte=run.to_week, to_week__gte=run.from_week
        )
        .order_by("ran_at", "pk")
        .defer("result", "panel_csv")
    )
    found: dict[str, list[EvaluationRun]] = {}
    for each in runs_then:
        found.setdefault(each.plan_hash, []).append(each)
    return [
        Attempt(
            runs[0].title,
            plan_hash,
            any(each.plan_id for each in runs),
            len(runs),
            runs[0].ran_at,
            tuple({each.result_hash: each.verdict for each in runs}.values()),
            plan_hash == run.plan_hash,
        )
        for plan_hash, runs in found.items()
    ]
