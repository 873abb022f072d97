"""Runs the whole decision rule over simulated panels and says how often it is wrong."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.calibration import CASES, PERMUTATIONS, Summary, calibrate
from analytics.evaluation.code_version import code_hash, library_versions


class Command(BaseCommand):
    help = "False verdicts, coverage and power over simulated panels (synthetic). Writes var/calibration.json."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [case.name for case in CASES]
        parser.add_argument("--panels", type=int, default=400, help="panels for each scenario (default 400)")
        parser.add_argument("--seed", type=int, default=1, help="seed of the first panel")
        parser.add_argument("--processes", type=int, default=2)
        parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
        parser.add_argument("--out", type=Path, default=None, help="default: var/calibration.json")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, panels: int, seed: int, processes: int, out: Path | None, **options: Any) -> None:
        if panels < 1 or processes < 1:
            raise CommandError("--panels and --processes must be 1 or more.", returncode=2)
        cases = [case for case in CASES if not options["only"] or case.name in options["only"]]
        path = out or Path(settings.VAR_DIR) / "calibration.json"
        self.started, self.last, self.panels = time.monotonic(), 0.0, panels
        done: list[Summary] = []
        for summary in calibrate(cases, panels=panels, seed=seed, processes=processes, say=self._progress):
            done.append(summary)
            found = self._found(done, panels, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")  # what is done stays done
        found = self._found(done, panels, seed)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self._table(found["results"])
        missed = [row for row in found["results"] if not row["met"]]
        if missed:
            names = ", ".join(f"{row['case']} ({row['measure']})" for row in missed)
            raise CommandError(f"{len(missed)} of {len(found['results'])} goals not met: {names}")

    def _found(self, done: list[Summary], panels: int, seed: int) -> dict[str, Any]:
        return {
            "what": "synthetic: simulated panels through the whole decision rule",
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "panels": panels,
            "seed": seed,
            "permutations": PERMUTATIONS,
            "code": code_hash(),
            "libraries": library_versions(),
            "results": [row for summary in done for row in summary.rows()],
            "cases": [summary.as_json() for summary in done],
        }

    def _progress(self, case: str, panels: int) -> None:
        now = time.monotonic()
        if panels < self.panels and now - self.last < 5:
            return
        self.last = now
        self.stderr.write(f"{now - self.started:6.0f} s  {case:<14} {panels} of {self.panels}")

    def _table(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(f"{'scenario':<58} {'measure':<8} {'found':>7} {'+/-':>6}  {'goal':<14} met")
        for row in rows:
            goal = f"{row['goal_low']:.2f} to {row['goal_high']:.2f}"
            self.stdout.write(
                f"{row['title']:<58} {row['measure']:<8} {row['share']:>7.3f} {row['monte_carlo_error']:>6.3f}  {goal:<14} "
                f"{'yes' if row['met'] else 'NO'}"
            )
