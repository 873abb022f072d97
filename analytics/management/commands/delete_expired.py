"""Deletes what has reached the end of its time: quarantine, rejects, superseded rows, persons."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.audit.chain import verify
from analytics.retention import RULES, delete_expired


class Command(BaseCommand):
    help = (
        "Deletes what is due by the retention schedule; each deletion leaves a row in the audit log. Prints the "
        "head of the audit log: keep it outside this system for verify_audit_log --expect-head."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what is due")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        deleted = delete_expired(dry_run=options["dry_run"])
        head = verify().head
        if options["json"]:
            found = {"ok": True, "dry_run": options["dry_run"], "deleted": deleted, "head": head}
            self.stdout.write(json.dumps(found))
            return
        verb = "due" if options["dry_run"] else "deleted"
        for rule in RULES:
            self.stdout.write(
                f"{rule.what}: {deleted[rule.name]} {verb} ({rule.time} {rule.unit} after {rule.starts})"
            )
        self.stdout.write(f"Head of the audit log: {head or 'none yet'}")
