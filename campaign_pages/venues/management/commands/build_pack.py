"""A venue's artwork files, made and checked, into a folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.artwork.pack import KINDS, ArtworkError, build_pack
from campaign_pages.venues.models import Venue
from campaign_pages.venues.packs import describe, design_for, first_place


class Command(BaseCommand):
    help = "Builds a venue's posters, screens, handstamp and QR. A file that fails its preflight is never written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("venue", metavar="VENUE_CODE")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--kind", action="append", choices=KINDS)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, venue: str, out: Path, kind: list[str] | None, **options: Any) -> None:
        found = Venue.objects.filter(code__iexact=venue).first()
        if found is None:
            raise CommandError(f"There is no venue with the code {venue}. `manage.py venues` lists them.")
        rows = []
        try:
            for file in build_pack(design_for(found, first_place(found)), kinds=kind):
                target = out / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.data)
                rows.append(describe(file))
                if not options["json"]:
                    self.stdout.write(
                        f"{file.path}  {len(file.data) / 1024:.0f} kB  {len(file.preflight)} checks passed"
                    )
        except ArtworkError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        if options["json"]:
            self.stdout.write(json.dumps({"venue": found.code, "files": rows}))
