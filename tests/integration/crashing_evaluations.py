"""Evaluation workers that are killed with signal 9, in processes of their own. Prints what was found, one JSON line a point.

Usage: python -m tests.integration.crashing_evaluations KIND, with the "small" example in DATABASE_URL. The worker is the
real command in its loop, with fewer panels to a simulation; it is killed from outside as soon as the job's row says that a point is reached, or by itself
at a statement, which is how the moment between a result and its commit is met.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import django

LONGEST = 240.0


def worker(*words: str) -> subprocess.Popen[bytes]:
    words = words or ("-m", "tests.integration.crashing_evaluations", "loop")
    return subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)


def until(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Waits for something that the database says; a worker that ended by itself ends the waiting too."""
    end = time.monotonic() + LONGEST
    while not reached() and process.poll() is None:
        if time.monotonic() > end:
            process.kill()
            raise TimeoutError("The point was never reached.")
        time.sleep(0.02)


def ask(kind: str) -> Any:
    from analytics.evaluation import drafts, jobs
    from analytics.models import EvaluationPlan, EvaluationRun
    from campaign_pages.accounts.models import User

    person = User.objects.get(username="evaluator")
    plan = EvaluationPlan.objects.get()
    if kind == "simulate":
        values = drafts.values_of_plan(plan)
        return jobs.ask("simulate", by=person, draft=drafts.new_draft("plan", by=person, values=values))
    if kind == "run":
        return jobs.ask("run", by=person, plan=plan)
    return jobs.ask("again", by=person, run=EvaluationRun.objects.order_by("pk")[0])


def now(pk: int) -> dict[str, Any]:
    """The job, everything that runs left behind, and what its page says of the worker."""
    from analytics.evaluation import job_views
    from analytics.models import AuditRecord, EvaluationJob, EvaluationRun, ReachSnapshot

    job = EvaluationJob.objects.get(pk=pk)
    result = job.made.result if job.made else json.dumps(job.result, sort_keys=True)
    result_of_draft = job.draft.simulation if job.draft else {}
    return {
        "state": job.state, "error": job.error, "attempts": job.attempts, "lease_by": job.lease_by,
        "worker": job_views._worker(job), "line": job_views._line(job), "steps": job_views._steps(job),
        "runs": EvaluationRun.objects.count(), "snapshots": ReachSnapshot.objects.count(),
        "audit": AuditRecord.objects.count(), "draft": sorted(result_of_draft),
        "result": hashlib.sha256(result.encode()).hexdigest(),
    }  # fmt: skip


def is_at(pk: int, point: str) -> Callable[[], bool]:
    """``steps N``: panels noted; ``line WORDS``: the step of a run; ``taken``: just claimed."""
    from analytics.evaluation.simulation import done_of
    from analytics.models import EvaluationJob

    word, _, rest = point.partition(" ")

    def reached() -> bool:
        job = EvaluationJob.objects.get(pk=pk)
        if word == "steps":
            return done_of(job.progress)[0] >= int(rest)
        if word == "line":
            return rest in job.progress.get("line", "")
        return bool(job.state == "running")

    return reached


def kill_at(kind: str, points: list[str]) -> dict[str, Any]:
    """One job whose worker dies at every point in turn; then the state when the last of them ended it."""
    from django.conf import settings

    from analytics.models import EvaluationJob

    job = ask(kind)
    died: list[dict[str, Any]] = []
    for point in points:
        if point.startswith("statement "):
            process = worker("-m", "tests.integration.crashing_evaluations", "die", point.partition(" ")[2])
            process.wait(LONGEST)
        else:
            process = worker()
            until(is_at(job.pk, point), process)
            process.kill()
        died.append({"point": point, "code": process.wait(LONGEST), **now(job.pk)})
        time.sleep(settings.WALKAWAY_IMPORT_LEASE_SECONDS + 0.1)
        died[-1]["later"] = now(job.pk)["worker"]
    two = [
        worker(),
        worker("-m", "tests.integration.crashing_evaluations", "task"),
    ]  # side by side: one of them wins
    until(lambda: EvaluationJob.objects.get(pk=job.pk).state not in ("waiting", "running"), two[0])
    two[1].wait(LONGEST)
    time.sleep(1.0)  # rounds with nothing to do
    for process in two:
        process.terminate()
    return {"died": died, "ended": [process.wait(LONGEST) for process in two], "end": now(job.pk)}


def undisturbed(kind: str) -> dict[str, Any]:
    job = ask(kind)
    process = worker("-m", "tests.integration.crashing_evaluations", "once")
    return {"code": process.wait(LONGEST), "end": now(job.pk)}


def command(*words: str) -> None:
    from django.core.management import call_command

    call_command("run_evaluation_jobs", *words)


def fewer_panels() -> None:
    """Few, each of them noted, and none so quick that nobody can see it from outside."""
    from analytics.evaluation import jobs, simulation

    simulation.simulate.__kwdefaults__ |= {"panels": 12, "rule_panels": 2}
    jobs.BEAT_SECONDS = 0.0
    draw = simulation.counts_of

    def slowly(*what: Any, **more: Any) -> Any:
        time.sleep(0.15)
        return draw(*what, **more)

    simulation.counts_of = slowly


def die_at(text: str) -> None:
    """Works like the command and is dead once a statement that begins so was executed: before any commit of it."""
    import signal

    from django.db import connection

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = run(sql, params, many, context)
        if sql.startswith(text):
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    with connection.execute_wrapper(execute):
        command("--once")


def main() -> None:
    django.setup()
    fewer_panels()
    if sys.argv[1] in ("loop", "once"):
        command(*(("--once",) if sys.argv[1] == "once" else ("--every", "0.2")))
    elif sys.argv[1] == "die":
        die_at(sys.argv[2])
    elif sys.argv[1] == "task":
        from analytics.tasks import evaluation_jobs

        evaluation_jobs()
    elif sys.argv[1] == "undisturbed":
        sys.stdout.write(json.dumps(undisturbed(sys.argv[2])) + "\n")
    else:
        sys.stdout.write(json.dumps(kill_at(sys.argv[1], sys.argv[2:])) + "\n")


if __name__ == "__main__":
    main()
