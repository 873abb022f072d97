"""Puts a backup back."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from walkaway.backups.manifest import BackupError
from walkaway.backups.restoring import restore


class Command(BaseCommand):
    help = (
        "Checks the backup in DIR and makes this installation what it holds; works on an empty machine. Stop the "
        "website, workers and publisher first. Afterwards publishing is stopped until two people resume it."
    )
    requires_system_checks: list[str] = []  # there may be no database yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a folder that the command backup wrote")
        parser.add_argument("--replace", action="store_true", help="replace the data that are here")
        parser.add_argument("--by", default="restore", help="who does it, for the audit log")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, folder: Path, replace: bool, by: str, **options: Any) -> None:
        say = self.stderr.write if sys.stderr.isatty() else lambda line: None
        try:
            found = restore(folder, by=by, replace=replace, say=say).as_json()
        except BackupError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "problem": str(error)}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        for key in found["keys_needed"]:
            if key["state"] != "here":
                has = "is not there" if key["state"] == "missing" else "is not the one that was in use"
                self.stderr.write(f"{key['name']} ({key['id']}) {has}; it is needed for {key['for']}.")
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(
            f"Restored as of {found['made_at']}: {found['rows']:,} rows in {found['tables']} tables, {found['files']:,} "
            "files; every hash is right and the audit log holds."
        )
        if found["migrated"]:
            self.stdout.write(f"Brought up to this version: {len(found['migrated'])} migrations.")
        if found["media_bucket"]:
            self.stdout.write(
                f"Media are in the bucket {found['media_bucket']!r}: set it back to {found['made_at']} if it lost any."
            )
        if found["lost_from_quarantine"]:
            self.stdout.write(
                f"{found['lost_from_quarantine']} received police files are not in quarantine any more: give in again "
                "those that were not loaded yet."
            )
        if found["unreadable_values"]:
            self.stdout.write(
                f"{found['unreadable_values']} encrypted values cannot be read with the keys that are set."
            )
        self.stdout.write(
            f"Publishing is stopped ({found['held_posts']} posts held): what was posted since {found['made_at']} would "
            "go out again. Check the platforms, then two people resume it. Run delete_expired, and repeat withdrawals of "
            f"police data that were made since. Head of the audit log: {found['audit_head']}"
        )
