"""Re-encrypts everything under the newest of WALKAWAY_FIELD_KEYS."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from walkaway.field_keys import CannotRotate, rotate

NAMED = 20  # problems that the message names


class Command(BaseCommand):
    help = (
        "Re-encrypts what is encrypted with WALKAWAY_FIELD_KEYS (social accounts, files in quarantine) with the first "
        "of them. Safe while the site runs and to begin again after a kill; when it ends without an error, the older "
        "keys may be taken off the list."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="open everything, write nothing")
        parser.add_argument("--by", default="rotate_field_keys", help="who does it, for the audit log")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, dry_run: bool, by: str, **options: Any) -> None:
        def say(line: str) -> None:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{line}", ending="")

        try:
            found = rotate(by=by, dry_run=dry_run, say=say)
        except CannotRotate as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(dry_run=dry_run), ensure_ascii=False))
        else:
            verb = "to be re-encrypted" if dry_run else "re-encrypted"
            for kind in found.kinds:
                self.stdout.write(
                    f"{kind.what}: {kind.reencrypted} {verb}, {kind.already} already under the newest key, "
                    f"{kind.unreadable} could not be read" + (f", {kind.gone} without bytes" if kind.gone else "")
                )
            self.stdout.write(f"Newest key: {found.key}")
        if not found.ok:
            more = [f"and {len(found.problems) - NAMED} more"] if len(found.problems) > NAMED else []
            raise CommandError(
                "Not everything could be read; what could not was left as it is. Add the missing key to "
                "WALKAWAY_FIELD_KEYS and run this again, or connect the account or give in the file again:\n"
                + "\n".join(found.problems[:NAMED] + more)
            )
