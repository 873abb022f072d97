"""Imports reach figures: door counts, screens, street, social, web, handstamps, counts, surveys, check-ins."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.models import ReachFile
from analytics.reach.importing import ALL_KINDS, ReachReport, UnreadableReachFile, import_reach, withdraw


class Command(BaseCommand):
    help = (
        "Imports one file (.csv, .csv.gz, .tsv, .xlsx) of reach figures, whole or not at all. The same rows again count "
        "as duplicates. Figures that differ from loaded ones are refused, unless --correct says that they replace them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?")
        parser.add_argument("--kind", choices=sorted(ALL_KINDS))
        parser.add_argument("--by", default="", help="who imports, for the record")
        parser.add_argument(
            "--correct", action="store_true", help="differing figures replace earlier ones; needs --why"
        )
        parser.add_argument("--why", default="", help="the reason of a correction or a withdrawal")
        parser.add_argument(
            "--withdraw", type=int, metavar="ID", help="end every figure of a file that was imported"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: str | None, kind: str | None, **options: Any) -> None:
        if options["withdraw"] is not None:
            self._withdraw(options)
            return
        if not file or not kind:
            raise CommandError("Give a file and its --kind, or --withdraw ID.", returncode=2)
        if options["correct"] and not options["why"].strip():
            raise CommandError("A correction needs a reason: --why TEXT.", returncode=2)
        try:
            report = import_reach(
                file,
                kind=kind,
                by=options["by"],
                corrects=options["correct"],
                why=options["why"],
                progress=self._tell(),
            )
        except UnreadableReachFile as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._print(report)

    def _tell(self) -> Any:
        """Progress for people only: nothing where standard error is a file."""
        if not sys.stderr.isatty():
            return None
        return lambda rows: self.stderr.write(f"\r{rows:,} rows read", ending="")

    def _print(self, report: ReachReport) -> None:
        self.stdout.write(
            f"{report.name}: {report.rows_read} rows read, {report.loaded} loaded, {report.duplicates} duplicates, "
            f"{report.rejected} rejected"
        )
        if report.corrected:
            self.stdout.write(f"    {report.corrected} of the loaded rows correct earlier ones, which are kept")
        for code, count in report.reasons.items():
            self.stdout.write(f"    {count} rejected: {code}")
        if report.rejects_file:
            self.stdout.write(f"    rejected rows: {report.rejects_file}")

    def _withdraw(self, options: dict[str, Any]) -> None:
        found = ReachFile.objects.filter(pk=options["withdraw"]).first()
        if found is None:
            raise CommandError(f"There is no reach file {options['withdraw']}.", returncode=2)
        try:
            ended = withdraw(found, by=options["by"], why=options["why"])
        except ValueError as error:
            raise CommandError(f"{error} Give it with --why." if "reason" in str(error) else str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"withdrawn": found.pk, "figures": ended}))
        else:
            self.stdout.write(f"{found.name}: {ended} figures are no longer in force; they are kept as versions.")
