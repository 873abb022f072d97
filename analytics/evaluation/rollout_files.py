"""What a roll-out gives out: schedule as CSV, calendar as a picture, a letter for each venue. No crime figure in any."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings

from analytics import nights
from analytics.charts.frame import width_of
from analytics.evaluation.typesetting import typeset
from analytics.models import Rollout
from analytics.shown_numbers import counted
from campaign_pages import activity
from campaign_pages.spreadsheet_text import safe_cell

LETTER = Path(__file__).with_name("letter.typ")
COLUMNS = ("venue", "name", "area", "cluster", "wave", "start_week", "start_date", "note", "synthetic")
WIDTH, ROW = 360, 34


@dataclass(frozen=True)
class VenueStart:
    """One venue's line of the schedule. ``start`` is the Monday of its first week live, None for never."""

    code: str
    name: str
    area: str
    cluster: str
    wave: int
    start_week: str
    start: date | None
    note: str
    synthetic: bool


def schedule(rollout: Rollout) -> list[VenueStart]:
    """Every venue in order of start and code; excluded ones at the end with their reason."""
    names = {each.code: each for each in activity.venues()}
    design = rollout.design
    rows = []
    for cluster in design["clusters"]:
        for code in cluster["venues"]:
            week = cluster["start_week"]
            note = "" if week else "not in this roll-out: compared with the others"
            rows.append(_line(names, code, cluster["code"], int(cluster["wave"]), week, note))
    for code, reason in design["settings"]["excluded"]:
        rows.append(_line(names, code, "", 0, "", f"left out before the draw: {reason}"))
    return sorted(rows, key=lambda row: (row.start is None, row.start or date.max, row.code))


def _line(names: dict[str, Any], code: str, cluster: str, wave: int, week: str, note: str) -> VenueStart:
    facts = names.get(code)
    start = nights.week_start(week) if week else None
    return VenueStart(
        code, facts.name if facts else code, facts.area_name if facts else "", cluster, wave, week, start, note,
        bool(facts and facts.synthetic),
    )  # fmt: skip


def schedule_csv(rollout: Rollout) -> str:
    """The schedule as CSV text; ``synthetic`` stands in every row of an invented venue."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in schedule(rollout):
        start = row.start.isoformat() if row.start else ""
        mark = "synthetic" if row.synthetic else ""
        cells = [row.code, row.name, row.area, row.cluster, row.wave or "", row.start_week, start, row.note, mark]
        writer.writerow(map(safe_cell, cells))
    return stream.getvalue()


def waves_of(rollout: Rollout) -> list[dict[str, Any]]:
    """Each wave with its start and how many clusters and venues it has; the never-live arm last, if there is one."""
    design = rollout.design
    rows: list[dict[str, Any]] = [
        {
            "wave": n,
            "label": f"Wave {n}",
            "start_week": week,
            "start": nights.week_start(week),
            "clusters": 0,
            "venues": 0,
        }
        for n, week in enumerate(design["wave_weeks"], start=1)
    ]
    never: dict[str, Any] = {
        "wave": 0,
        "label": "Not live",
        "start_week": "",
        "start": None,
        "clusters": 0,
        "venues": 0,
    }
    for cluster in design["clusters"]:
        row = rows[int(cluster["wave"]) - 1] if int(cluster["wave"]) else never
        row["clusters"] += 1
        row["venues"] += len(cluster["venues"])
    return [*rows, never] if never["clusters"] else rows


def calendar(rollout: Rollout) -> str:
    """One bar for each wave over the weeks of the study, as SVG; a table with the same numbers follows it."""
    waves, weeks = waves_of(rollout), nights.weeks_between(rollout.from_week, rollout.to_week)
    place = {week: n for n, week in enumerate(weeks)}
    left, right, top = 88, WIDTH - 8, 26

    def across(n: float) -> float:
        return left + (right - left) * n / len(weeks)

    bottom = top + ROW * len(waves)
    parts = []
    for n in range(0, len(weeks), max(1, len(weeks) // 4)):
        parts.append(
            f'<line class="chart__line" x1="{across(n):.1f}" y1="{top - 4}" x2="{across(n):.1f}" y2="{bottom}"/>'
        )
        if across(n) + width_of(weeks[n][2:]) <= WIDTH:  # a line at the very end has no room for its week
            parts.append(f'<text class="chart__text" x="{across(n):.1f}" y="{top - 10}">{weeks[n][2:]}</text>')
    for n, row in enumerate(waves):
        y = top + ROW * n
        parts.append(f'<text class="chart__text chart__strong" x="2" y="{y + 15}">{escape(row["label"])}</text>')
        parts.append(f'<text class="chart__text" x="2" y="{y + 29}">{counted(row["venues"], "venue")}</text>')
        parts.append(f'<line class="chart__line" x1="{left}" y1="{y + 16}" x2="{right}" y2="{y + 16}"/>')
        if row["start_week"]:
            begin = across(place[row["start_week"]])
            parts.append(
                f'<rect class="chart__bar" x="{begin:.1f}" y="{y + 6}" width="{right - begin:.1f}" height="20"/>'
            )
    steps = "; ".join(
        f"{row['label']}: {counted(row['venues'], 'venue')} from {row['start_week'] or 'no week'}" for row in waves
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {bottom + 6}" role="img" aria-labelledby="calendar-title calendar-desc" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="calendar-title">Calendar of the roll-out</title>'
        f'<desc id="calendar-desc">{escape(steps)}.</desc>{"".join(parts)}</svg>'
    )


def letters(rollout: Rollout, *, only: str = "") -> bytes:
    """A tagged PDF with one page for each venue, or for one. Plain words, a date, no figure about crime and no rank.

    Raises LookupError where the roll-out has no such venue.
    """
    rows = [row for row in schedule(rollout) if row.cluster and (not only or row.code == only)]
    if not rows:
        raise LookupError(f"there is no venue {only!r} in this roll-out")
    data = {
        "site": settings.WALKAWAY_SITE_NAME,
        "letters": [
            {
                "code": row.code,
                "name": row.name,
                "area": row.area,
                "start": f"{row.start:%A} {row.start.day} {row.start:%B %Y}" if row.start else "",
                "end": _end(rollout),
                "seed": str(rollout.seed),
                "synthetic": row.synthetic,
            }
            for row in rows
        ],
    }
    return typeset(LETTER, {"data": json.dumps(data)})


def _end(rollout: Rollout) -> str:
    last = nights.nights_of_week(rollout.to_week)[-1]
    return f"{last.day} {last:%B %Y}"
