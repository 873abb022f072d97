"""Subsets the campaign's typeface to the characters that pages use and writes it for the static files."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.display_font import build


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Builds the display font (woff2) and its style sheet in var/build/fonts. Quick when up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="build even when up to date")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        try:
            result = build(force=force)
        except OSError as error:
            raise CommandError(f"The font could not be built: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            state = "built" if result["built"] else "up to date"
            self.stdout.write(f"{result['path']}: {state}, {result['bytes']:,} bytes")
