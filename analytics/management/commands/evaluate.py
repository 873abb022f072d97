"""Runs an evaluation plan and says what may be said."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.plan import PlanError, read_plan
from analytics.evaluation.report import ReportFailed, mde_sentence, write_report
from analytics.evaluation.report.stored import beside_of
from analytics.evaluation.running import EvaluationFailed, evaluate, store


class Command(BaseCommand):
    help = "Evaluates a plan. The attempt is kept, whatever the verdict. An unlocked plan is exploratory (R1)."
    requires_system_checks: list[str] = []  # they take longer than the model; ``check --deploy`` is for settings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="PLAN.toml")
        parser.add_argument("--out", metavar="DIR", help="writes the report here: HTML, PDF, CSVs, SVGs")
        parser.add_argument("--by", default="", help="who runs it, for the record")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, plan: str, out: str | None, by: str, **options: Any) -> None:
        try:
            checked = read_plan(plan)
        except PlanError as error:
            raise CommandError(str(error), returncode=2) from error
        loud = sys.stderr.isatty()
        try:
            done = evaluate(checked, say=lambda line: self.stderr.write(line) if loud else None)
        except EvaluationFailed as error:
            raise CommandError(str(error)) from error
        run = store(done, checked, by=by)  # first, so that the report's list of attempts has this one in it
        try:
            if out:
                write_report(done, out, beside_of(done.result, run))
                (Path(out) / "plan.toml").write_bytes(Path(plan).read_bytes())  # what "run it again" asks for
        except ReportFailed as error:
            raise CommandError(
                f"{error} The attempt is kept: see its report in the admin, or run it again."
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(done.result, ensure_ascii=False, sort_keys=True))
            return
        self.stdout.write(done.result["verdict_sentence"])
        self.stdout.write(mde_sentence(done.result))
        for rule in done.result["rules"]:
            self.stdout.write(f"{rule['code']:<4} {'FIRED' if rule['fired'] else '     '} {rule['detail']}")
