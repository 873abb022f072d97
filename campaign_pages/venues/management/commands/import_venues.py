"""Loads a list of venues."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.venues.importing_venues import VenueFileRefused, import_venues


class Command(BaseCommand):
    help = "Loads venues from a CSV file. A second run of the same file loads nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            result = import_venues(file)
        except VenueFileRefused as error:
            raise CommandError(str(error)) from error
        for line in result.rejects[:20]:
            self.stderr.write(f"rejected: {line}")
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
        else:
            self.stdout.write(
                f"{result.rows_read} rows read = {result.loaded} loaded + {result.duplicates} already there + "
                f"{result.rejected} rejected"
            )
