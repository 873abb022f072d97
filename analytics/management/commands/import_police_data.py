"""Imports police files: force extracts through a mapping, and street files of data.police.uk."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import MappingError
from analytics.police_data.sources import UnreadableFile


class Command(BaseCommand):
    help = "Imports .csv, .csv.gz, .xlsx, .zip files or a folder of them. Each file is loaded whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+")
        parser.add_argument("--mapping", help="name of a built-in mapping, or a TOML file; default: by the header")
        parser.add_argument("--by", default="", help="who imports, for the record")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, path: list[str], mapping: str | None, by: str, **options: Any) -> None:
        loud = sys.stderr.isatty()
        try:
            report = import_paths(path, mapping=mapping, by=by, progress=self.stderr.write if loud else None)
        except (FileNotFoundError, MappingError) as error:
            raise CommandError(str(error), returncode=2) from error
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._print(report)
        if report.refused:
            raise CommandError("\n".join(each.error or "" for each in report.refused))

    def _print(self, report: Any) -> None:
        self.stdout.write(f"{'file':<45} {'read':>9} {'loaded':>9} {'duplicate':>9} {'rejected':>9}")
        for each in report.files:
            if each.error:
                self.stdout.write(f"{each.name:<45} refused: {each.error}")
                continue
            self.stdout.write(
                f"{each.name:<45} {each.rows_read:>9} {each.loaded:>9} {each.duplicates:>9} {each.rejected:>9}"
                + (" synthetic" if each.synthetic else "")
            )
            for code, count in each.reasons.items():
                self.stdout.write(f"    {count} rejected: {code}")
            for note in each.notes:
                self.stdout.write(f"    note: {note}")
            if each.rejects_file:
                self.stdout.write(f"    rejected rows: {each.rejects_file}")
        total = report.total
        self.stdout.write(
            f"{'together':<45} {total('rows_read'):>9} {total('loaded'):>9} {total('duplicates'):>9} {total('rejected'):>9}"
        )
