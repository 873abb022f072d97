"""Counts the scan files now, instead of waiting for the timetable."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaign_pages.venues.scan_counts import ScanFileShrank, count_scans


class Command(BaseCommand):
    help = "Counts what the scan files hold and has not been counted yet."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = count_scans()
        except ScanFileShrank as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{lines} lines counted")
