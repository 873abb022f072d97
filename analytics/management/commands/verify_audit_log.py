"""Checks that nobody changed, removed or reordered rows of the audit log."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.audit.chain import verify


class Command(BaseCommand):
    help = (
        "Reads the audit log from the beginning and compares every seal. Keep the printed head outside the "
        "database: with --expect-head a tail that was cut off is found too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect-head", default="", metavar="SEAL", help="a head that was printed earlier")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify(options["expect_head"].strip().lower())
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), ensure_ascii=False))
        elif found.ok:
            self.stdout.write(f"{found.records} records, unbroken. Head: {found.head or 'none yet'}")
        if not found.guarded:
            print(
                "The triggers that protect the audit log are missing: manage.py migrate puts them back.",
                file=sys.stderr,
            )
        if not found.ok:
            raise CommandError(f"The audit log does not hold: {found.problem}.")
