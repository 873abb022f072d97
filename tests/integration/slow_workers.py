"""Workers whose one step takes longer than their lease, in processes of their own. Prints what was found, one JSON line.

Usage: python -m tests.integration.slow_workers SCENARIO KIND, with the "small" example in DATABASE_URL; KIND is "run" or
"load" (a police file). Scenarios: "alive" (a second worker asks all along), "killed" (signal 9 in the middle of the
step), "hung" (the step is longer than a worker may be silent).
"""

import io
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

from tests.integration import crashing_evaluations as crashing

STEP = 10.0  # seconds; more than three leases of the installation
SILENT = 2.0  # seconds that a worker may be silent, where it hangs
ROWS = 5  # of a police file
ME = ("-m", "tests.integration.slow_workers")


def ask(kind: str) -> Any:
    """The row that the workers are after."""
    if kind == "run":
        return crashing.ask(kind)
    from analytics.models import ReceivedFile
    from analytics.police_data import receiving
    from campaign_pages.accounts.models import User
    from tests.factories.police import niche_row, write_rows

    importer, second = (User.objects.get(username=name) for name in ("importer", "second_importer"))
    first = ROWS * ReceivedFile.objects.count()  # other references than in the files before
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(Path(folder) / f"{first}.csv", [niche_row(first + n) for n in range(ROWS)])
        with path.open("rb") as stream:
            given = receiving.receive(stream, name=path.name, by=importer, reason="March delivery")
    return receiving.approve(given, by=second)


def work(kind: str) -> None:
    from django.core.management import call_command

    call_command("run_evaluation_jobs" if kind == "run" else "load_received_files", "--once")


def slowly(kind: str, silent: float | None) -> None:
    """One round with a step that keeps its processor busy all the while and says nothing."""
    from analytics import leases
    from analytics.evaluation import running
    from analytics.police_data.staging import Staging

    owner, name = (running, "analyse") if kind == "run" else (Staging, "rank")
    quick = getattr(owner, name)

    def slow(*what: Any, **more: Any) -> Any:
        end = time.monotonic() + STEP
        while time.monotonic() < end:
            pass
        return quick(*what, **more)

    setattr(owner, name, slow)
    leases.MOST_SILENT_SECONDS = silent or leases.MOST_SILENT_SECONDS
    work(kind)


def now(row: Any) -> dict[str, Any]:
    from analytics.models import EvaluationRun, ImportedFile, Offence

    row.refresh_from_db()
    return {
        "state": row.state, "attempts": row.attempts, "fence": row.fence, "error": row.error, "by": row.lease_by,
        "results": EvaluationRun.objects.count() + ImportedFile.objects.count(), "rows": Offence.objects.count(),
    }  # fmt: skip


def scenario(name: str, kind: str) -> dict[str, Any]:
    from django.conf import settings
    from django.utils import timezone

    row = ask(kind)
    before = now(row)
    first = crashing.worker(*ME, "slow", kind, *((str(SILENT),) if name == "hung" else ()))
    crashing.until(lambda: now(row)["fence"] > before["fence"], first)
    found: dict[str, Any] = {"before": before}
    if name == "killed":
        time.sleep(settings.WALKAWAY_IMPORT_LEASE_SECONDS + 2)
        found["kept"] = now(row)
        first.kill()
        first.wait()
        row.refresh_from_db()
        found["left"] = (row.lease_until - timezone.now()).total_seconds()
        time.sleep(max(found["left"], 0) + 0.1)
    while first.poll() is None and name != "killed":
        work(kind)
        time.sleep(0.2)
    work(kind)
    return found | {"code": first.wait(), "end": now(row)}


def main() -> None:
    django.setup()
    if sys.argv[1] == "slow":
        slowly(sys.argv[2], float(sys.argv[3]) if sys.argv[3:] else None)
    else:
        said, sys.stdout = sys.stdout, io.StringIO()  # what the commands say is not what is asked
        found = scenario(sys.argv[1], sys.argv[2])
        said.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
