"""Reach by venue and week."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.reach.exports import write_reach
from analytics.reach.venue_weeks import VenueWeek, two_figures, venue_weeks


class Command(BaseCommand):
    help = "What was displayed, could be seen and was likely seen, by venue and week. Each on its own rung."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="from_week", required=True, metavar="WEEK", help="such as 2026-W07")
        parser.add_argument("--to", dest="to_week", required=True, metavar="WEEK")
        parser.add_argument("--csv", metavar="FILE", help="writes the rows to this file too")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, from_week: str, to_week: str, csv: str | None, **options: Any) -> None:
        try:
            rows = venue_weeks(from_week=from_week, to_week=to_week)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if csv:
            try:
                with Path(csv).open("w", newline="", encoding="utf-8") as stream:
                    write_reach(stream, rows)
            except OSError as error:
                raise CommandError(f"{csv} cannot be written: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps({"rows": [row.as_json() for row in rows]}, ensure_ascii=False))
        else:
            self._print(rows)

    def _print(self, rows: list[VenueWeek]) -> None:
        if any(row.synthetic for row in rows):
            self.stdout.write("Synthetic venues are among these rows.")
        self.stdout.write(
            f"{'venue':<10} {'week':<9} {'live':>5} {'nights':>7} {'likely seen, people':>22} {'scans':>6} grade"
        )
        for row in rows:
            seen = row.likely_seen
            people = (
                f"{two_figures(seen.mid)} ({two_figures(seen.low)} to {two_figures(seen.high)})" if seen else "-"
            )
            share = "-" if row.live_share is None else f"{row.live_share:.2f}"
            nights = f"{row.nights_live}/{row.trading_nights}"
            self.stdout.write(
                f"{row.venue:<10} {row.week:<9} {share:>5} {nights:>7} {people:>22} {row.scans:>6} {row.grade}"
                + (f"  {row.reason}" if row.reason else "")
            )
