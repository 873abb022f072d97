"""Checks somebody's artwork file as a printer would."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.artwork.design import UnreadableArtwork
from campaign_pages.artwork.preflight import KINDS, check_artwork


class Command(BaseCommand):
    help = "Checks a poster, screen, handstamp or QR file. Exit 1 when a check fails or the file cannot be read."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=KINDS)
        parser.add_argument("--size-mm", type=float)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, kind: str, size_mm: float | None, **options: Any) -> None:
        try:
            checks = check_artwork(file.read_bytes(), kind, size_mm=size_mm)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except UnreadableArtwork as error:
            raise CommandError(f"{file}: {error}") from error
        ok = all(check.ok for check in checks)
        if options["json"]:
            rows = [{"check": check.check, "ok": check.ok, "detail": check.detail} for check in checks]
            self.stdout.write(json.dumps({"ok": ok, "checks": rows}))
        else:
            for check in checks:
                self.stdout.write(f"{'ok  ' if check.ok else 'FAIL'} {check.check}: {check.detail}")
        if not ok:
            failed = ", ".join(check.check for check in checks if not check.ok)
            raise CommandError(f"{file}: failed {failed}.")
