"""Reach as CSV: exact figures, one row for each venue and week, "synthetic" said in every row."""

import csv
from collections.abc import Iterable
from typing import IO

from analytics.reach.venue_weeks import VenueWeek
from campaign_pages.spreadsheet_text import safe_cell

COLUMNS = (
    "venue", "venue_name", "area", "week", "trading_nights", "nights_live", "display_nights", "live_share",
    "opportunities_low", "opportunities_mid", "opportunities_high",
    "likely_seen_low", "likely_seen_mid", "likely_seen_high",
    "likely_seen_share_low", "likely_seen_share_mid", "likely_seen_share_high",
    "contacts_low", "contacts_mid", "contacts_high", "frequency",
    "admissions_low", "admissions_mid", "admissions_high",
    "scans", "unique_scans", "web_visitors", "downloads", "handstamps", "handstamp_gap", "handstamp_grade", "screen_plays",
    "grade", "grade_admissions", "grade_display", "grade_notice", "reason", "synthetic",
)  # fmt: skip


def write_reach(stream: IO[str], rows: Iterable[VenueWeek]) -> None:
    """Missing figures are empty cells, never 0."""
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in rows:
        data = row.as_json() | {"venue_name": row.venue_name, "area": row.area_name}
        for name in ("opportunities", "likely_seen", "likely_seen_share", "contacts", "admissions"):
            data |= {f"{name}_{level}": data[name][level] for level in ("low", "mid", "high")}
        data |= {f"grade_{part}": row.grade_parts.get(part, "") for part in ("admissions", "display", "notice")}
        data["synthetic"] = "yes" if row.synthetic else "no"
        writer.writerow(["" if data[name] is None else safe_cell(data[name]) for name in COLUMNS])
