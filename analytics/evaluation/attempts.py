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
    """Plans, locked or not, that were run on weeks that overlap with this run's, oldest first.

    Runs that only repeat an earlier one with the same bytes count as one with it.
    """
    rows = (
        EvaluationRun.objects.filter(
            synthetic=run.synthetic, from_week__lte=run.to_week, to_week__gte=run.from_week
        )
        .order_by("ran_at", "pk")
        .values_list("plan_hash", "title", "plan_id", "ran_at", "verdict", "result_hash")
    )
    found: dict[str, dict[str, object]] = {}
    for plan_hash, title, plan, ran_at, verdict, result_hash in rows:
        each = found.setdefault(
            plan_hash, {"title": title, "locked": plan is not None, "first": ran_at, "results": {}, "runs": 0}
        )
        each["runs"] += 1  # type: ignore[operator]
        each["results"].setdefault(result_hash, verdict)  # type: ignore[attr-defined]
    return [
        Attempt(
            str(each["title"]), plan_hash, bool(each["locked"]), int(each["runs"]), each["first"],  # type: ignore[arg-type,call-overload]
            tuple(each["results"].values()), plan_hash == run.plan_hash,  # type: ignore[attr-defined]
        )
        for plan_hash, each in found.items()
    ]  # fmt: skip
