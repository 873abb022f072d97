"""Loads areas, boundaries, lookups and populations from ONS-style files."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.police_data.geography import GeographyError, load_geography


class Command(BaseCommand):
    help = "Loads GeoJSON boundaries and CSV tables of areas, populations and lookups. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, path: list[str], **options: Any) -> None:
        try:
            report = load_geography(path)
        except FileNotFoundError as error:
            raise CommandError(str(error), returncode=2) from error
        except GeographyError as error:
            raise CommandError(str(error)) from error
        numbers = report.as_json()
        if options["json"]:
            self.stdout.write(json.dumps(numbers))
            return
        self.stdout.write(
            f"{numbers['areas']} new areas, {numbers['boundaries']} boundaries, {numbers['populations']} new "
            f"populations and {numbers['lookups']} new lookups from {len(report.files)} files"
            + (f"; best fits named: {numbers['best_fits']}" if numbers["best_fits"] else "")
        )
