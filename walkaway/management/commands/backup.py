"""Makes a backup of the database and the files beside it."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from walkaway.backups.making import make_backup
from walkaway.backups.manifest import BackupError


class Command(BaseCommand):
    help = (
        "Writes a backup of database, media, scan files and lists of rejected rows to DIR, a new or empty folder, while "
        "the site goes on. It holds personal data and no keys: keep it encrypted, and the keys elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a new or empty folder")
        parser.add_argument("--by", default="backup", help="who does it, for the audit log")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, folder: Path, by: str, **options: Any) -> None:
        say = self.stderr.write if sys.stderr.isatty() else lambda line: None
        try:
            found = make_backup(folder, by=by, say=say).as_json()
        except BackupError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "problem": str(error)}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found | {"dir": str(folder)}, ensure_ascii=False))
            return
        self.stdout.write(
            f"{folder}: {found['rows']:,} rows in {found['tables']} tables, {found['files']:,} files, "
            f"{found['bytes']:,} bytes, as of {found['made_at']}"
        )
        if found["media_bucket"]:
            self.stdout.write(
                f"Media are in the bucket {found['media_bucket']!r} and not in this backup: keep its versions."
            )
        for key in found["keys_needed"]:
            self.stdout.write(f"Needs the key {key['name']} ({key['id']}), which is not in it.")
