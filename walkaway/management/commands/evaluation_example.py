"""Makes and evaluates one of the three studies whose truth is known."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.report import ReportFailed, write_report
from analytics.evaluation.report.stored import beside_of
from analytics.evaluation_examples import EXAMPLES, NotEmpty, run_example
from analytics.models import EvaluationRun


class Command(BaseCommand):
    help = (
        "A synthetic study whose truth is known: planted (fewer), reactive (cannot attribute) or small (cannot tell). "
        "Needs an installation of its own: WALKAWAY_VAR_DIR=… manage.py migrate, then this."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(EXAMPLES))
        parser.add_argument(
            "--out", type=Path, required=True, help="folder for the report and the synthetic extract"
        )
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, name: str, out: Path, seed: int, **options: Any) -> None:
        try:
            done = run_example(name, out, seed=seed, say=lambda line: print(line, file=sys.stderr))
            run = EvaluationRun.objects.filter(result_hash=done.result_hash).latest("pk")
            write_report(done, out, beside_of(done.result, run))
        except (NotEmpty, ReportFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(done.result["verdict_sentence"])
