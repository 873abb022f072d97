"""Imports reach figures: door counts, screens, street, social, web, handstamps."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.reach.importing import KINDS, UnreadableReachFile, import_reach


class Command(BaseCommand):
    help = "Imports one CSV of reach figures, whole or not at all. The same rows again count as duplicates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument("--by", default="", help="who imports, for the record")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: str, kind: str, by: str, **options: Any) -> None:
        try:
            report = import_reach(file, kind=kind, by=by)
        except UnreadableReachFile as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        self.stdout.write(
            f"{report.name}: {report.rows_read} rows read, {report.loaded} loaded, {report.duplicates} duplicates, "
            f"{report.rejected} rejected"
        )
        for code, count in report.reasons.items():
            self.stdout.write(f"    {count} rejected: {code}")
        if report.rejects_file:
            self.stdout.write(f"    rejected rows: {report.rejects_file}")
