"""Freezes complete periods and writes the fixed tables of the partner or the public tier."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.publication.publishing import publish


class Command(BaseCommand):
    help = (
        "Freezes every period that is complete, for both tiers at once, and writes all frozen tables of one tier. "
        "A frozen period never changes again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tier", required=True, choices=["public", "partner"])
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--by", default="command line", help="who takes this copy; stands in every row")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} is a file: give a folder.", returncode=2)
        done = publish(options["tier"], by=options["by"])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for each in done.files:
                (folder / each.name).write_bytes(each.content)
        except OSError as error:
            raise CommandError(f"The tables could not be written to {folder}: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(done.as_json(), ensure_ascii=False))
            return
        for each in done.files:
            self.stdout.write(f"{folder / each.name}{f', {each.rows} rows' if each.rows else ''}")
        self.stdout.write(
            f"{len(done.frozen)} periods newly frozen, {len(done.waiting)} waiting. Copy {done.copy}"
        )
        for late in done.waiting:
            self.stdout.write(f"waiting: {late.series} {late.first_day} to {late.last_day}: {late.reason}")
