"""Long work that was asked for on a screen: simulations, runs, runs done again, panels. The database is the queue.

A worker takes a job under a lease and says that it is still at it, also from a heartbeat of its own while a step takes
longer than the lease. When it dies, another takes the job up; what was found so far is in the row. The end is written in
one transaction with what the job made, under the fence that the worker was given, so that there is exactly one result
however often the work was begun.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from analytics.audit.chain import record as record_act
from analytics.evaluation import panel_uploads
from analytics.evaluation.panel_uploads import PanelRefused
from analytics.evaluation.plan import parse_plan, plan_of
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.reproducing import differences
from analytics.evaluation.rollout_drawing import power_by_waves
from analytics.evaluation.rollout_settings import check_settings
from analytics.evaluation.running import EvaluationFailed, evaluate, store
from analytics.evaluation.simulation import CannotSimulate, simulate
from analytics.leases import Heartbeat, LostLease, lease_end
from analytics.models import EvaluationDraft, EvaluationJob, EvaluationPlan, EvaluationRun, PanelAnalysis

logger = logging.getLogger(__name__)
Kind, State = EvaluationJob.Kind, EvaluationJob.State
BEAT_SECONDS = 1.0
MOST_ATTEMPTS = 5
OPEN = (State.WAITING, State.RUNNING)


def ask(
    kind: str,
    *,
    by: Any,
    draft: EvaluationDraft | None = None,
    plan: EvaluationPlan | None = None,
    run: EvaluationRun | None = None,
    panel: PanelAnalysis | None = None,
    spec: str = "",
) -> EvaluationJob:
    """Puts a job into the queue; the one that waits already where the same was asked for before."""
    about: dict[str, Any] = {"draft": draft, "plan": plan, "run": run, "panel": panel}
    with transaction.atomic():
        same = EvaluationJob.objects.filter(kind=kind, state__in=OPEN, **about)
        values = draft.values if draft else {"spec": spec} if panel else {}
        waiting = next((each for each in same if each.values == values), None)
        if waiting is not None:
            return waiting
        job = EvaluationJob.objects.create(kind=kind, asked_by=by, values=values, **about)
        named = next((f"{what} {each.pk}" for what, each in about.items() if each is not None), "")
        record_act(f"evaluation.asked_{kind}", by=by.get_username(), about=named, detail={"job": job.pk})
    return job


class Claim:
    """A job that this worker holds."""

    def __init__(self, job: EvaluationJob) -> None:
        self.job, self.fence = job, job.fence
        self.found: dict[str, Any] = dict(job.progress)
        self._told = time.monotonic()

    def _mine(self) -> Any:
        return EvaluationJob.objects.filter(pk=self.job.pk, fence=self.fence, state=State.RUNNING)

    def say(self, line: str) -> None:
        self.found["line"] = line
        self._write()

    def note(self, found: dict[str, Any]) -> None:
        """Keeps the lease and what was found, every second."""
        self.found.update(found)
        if time.monotonic() - self._told >= BEAT_SECONDS:
            self._write()

    def _write(self) -> None:
        self._told = time.monotonic()
        try:
            kept = self._mine().update(lease_until=lease_end(), progress=self.found)
        except OperationalError:  # another writer holds the only lock; the lease outlasts that
            logger.info("%s: progress could not be noted just now", self.job)
            return
        if not kept:
            raise LostLease(f"{self.job} was taken over")

    def beating(self) -> Heartbeat:
        """Keeps the lease while the block runs, also through a step that says nothing for longer than the lease."""
        return Heartbeat(
            lambda: bool(self._mine().update(lease_until=lease_end())), heard=lambda: self._told, of=self.job
        )

    def end(self, state: str, **changes: Any) -> None:
        """Inside the transaction of what the job made."""
        ended = self._mine().update(
            state=state, ended_at=timezone.now(), lease_until=None, lease_by="", fence=F("fence") + 1,
            progress=self.found, **changes,
        )  # fmt: skip
        if not ended:
            raise LostLease(f"{self.job} was taken over")


def take(pk: int, worker: str) -> Claim | None:
    """Claims a waiting job, or one whose worker fell silent; None where there is nothing to claim."""
    job = EvaluationJob.objects.filter(pk=pk).first()
    if job is None:
        return None
    won = EvaluationJob.objects.filter(_due(), pk=pk, fence=job.fence).update(
        state=State.RUNNING,
        fence=F("fence") + 1,
        lease_by=worker,
        lease_until=lease_end(),
        attempts=F("attempts") + 1,
    )
    if not won:
        return None
    held = EvaluationJob.objects.select_related("draft", "plan", "run__plan", "panel", "asked_by").get(pk=pk)
    return Claim(held) if held.fence == job.fence + 1 else None


def work_due(*, worker: str = "") -> int:
    """Does what waits, oldest first; returns how many jobs it ended."""
    worker, done = worker or f"{socket.gethostname()}:{os.getpid()}"[:64], 0
    tried: set[int] = set()
    while True:
        pk = (
            EvaluationJob.objects.filter(_due())
            .exclude(pk__in=tried)
            .order_by("asked_at", "pk")
            .values_list("pk", flat=True)
            .first()
        )
        if pk is None:
            return done
        tried.add(pk)
        claim = take(pk, worker)
        if claim is not None:
            with claim.beating():
                done += _do(claim)


def _do(claim: Claim) -> bool:
    job = claim.job
    try:
        try:
            if job.attempts > MOST_ATTEMPTS:
                raise EvaluationFailed(
                    f"This was begun {MOST_ATTEMPTS} times and the worker never came to its end; look at its memory and log."
                )
            WORK[job.kind](claim)
        except (PlanError, CannotSimulate, EvaluationFailed, PanelRefused) as error:
            claim.end(State.FAILED, error=str(error))
        except LostLease:
            raise
        except Exception as error:
            logger.exception("%s failed", job)
            claim.end(
                State.FAILED,
                error=f"Something went wrong that nobody foresaw ({type(error).__name__}). The log has it.",
            )
    except LostLease as lost:
        logger.warning("%s", lost)
        return False
    return True


def _simulate(claim: Claim) -> None:
    plan = parse_plan(claim.job.values)
    result = simulate(plan, found=claim.found, note=claim.note)
    _keep_for_draft(claim, {"plan_hash": plan.plan_hash} | result)


def _rollout(claim: Claim) -> None:
    plan, problems = check_settings(claim.job.values)
    if plan is None:
        raise problems[0]
    _keep_for_draft(claim, {"waves": power_by_waves(plan, found=claim.found, note=claim.note)})


def _keep_for_draft(claim: Claim, result: dict[str, Any]) -> None:
    with transaction.atomic():
        claim.end(State.DONE, result=result)
        EvaluationDraft.objects.filter(jobs=claim.job, plan=None, rollout=None).update(
            simulation=result | {"values": claim.job.values}
        )


def _run(claim: Claim) -> None:
    plan = plan_of(claim.job.plan)  # type: ignore[arg-type]
    done = evaluate(plan, say=claim.say)
    with transaction.atomic():
        made = store(done, plan, by=claim.job.asked_by.get_username())
        claim.end(State.DONE, made=made, result={"verdict": made.verdict})


def _again(claim: Claim) -> None:
    before: EvaluationRun = claim.job.run  # type: ignore[assignment]
    if before.plan is None:
        raise EvaluationFailed(
            "This run had no locked plan, so its plan is not kept: run its file again by command."
        )
    plan = plan_of(before.plan)
    done = evaluate(plan, say=claim.say)
    with transaction.atomic():
        made = store(done, plan, by=claim.job.asked_by.get_username(), repeats=before)
        found = differences(before, made)
        claim.end(State.DONE, made=made, result={"same": made.result == before.result, "differences": found})


def _panel(claim: Claim) -> None:
    panel: PanelAnalysis = claim.job.panel  # type: ignore[assignment]
    spec = claim.job.values["spec"]
    claim.say("the rows")
    read = panel_uploads.read(panel, spec)
    claim.say("the model, its intervals and the chance test")
    found = panel_uploads.analysed(read, spec)
    with transaction.atomic():
        claim.end(State.DONE, result={"verdict": found["verdict"]})
        panel_uploads.keep_result(panel, read, spec, found, by=claim.job.asked_by)


WORK: dict[str, Callable[[Claim], None]] = {
    Kind.SIMULATE: _simulate, Kind.ROLLOUT: _rollout, Kind.RUN: _run, Kind.AGAIN: _again, Kind.PANEL: _panel,
}  # fmt: skip


def _due() -> Q:
    return Q(state=State.WAITING) | Q(state=State.RUNNING, lease_until__lt=timezone.now())
