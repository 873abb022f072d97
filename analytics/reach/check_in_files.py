"""Check-ins from a list: a round by staff, photographs, a screen network's log. The same row again is a duplicate."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone

from analytics import nights
from analytics.reach.corrections import nights_of_check_in, note
from analytics.reach.file_kinds import EARLIEST, Known, Row, RowRefused, amount
from analytics.reach.file_reports import BATCH, Progress, ReachReport, Reading, Refusal
from analytics.reach.file_rows import EXTRA, ReachSource
from campaign_pages import activity
from campaign_pages.activity import NewCheckIn

CHECK_INS = "check_ins"
MARK = "list:"
STATES = ("up", "down", "damaged", "more")
SOURCES = ("visit", "photo", "proof", "import")
COLUMNS, OPTIONAL = ("venue", "at", "state"), ("place", "asset", "count", "source")
WORDS = "Check-ins from a list: visits, photographs, proof of play"
USUAL_ASSET = "WA-A3-EN-1"
MOST_COPIES = 100


def read_check_ins(source: ReachSource, known: Known, *, progress: Progress | None = None) -> Reading:
    """Judges every row; writes nothing. Times without an offset are local. Raises UnreadableReachFile."""
    reading = Reading(ReachReport(source.name, source.sha256, CHECK_INS))
    report, seen = reading.report, activity.known_taps(MARK)
    for line, row in source.rows(COLUMNS, OPTIONAL):
        report.rows_read += 1
        if progress and report.rows_read % BATCH == 0:
            progress(report.rows_read)
        try:
            if EXTRA in row:
                raise RowRefused("too_many_cells", "", "the row has more cells than the header")
            found = _check_in(row, known)
        except RowRefused as error:
            reading.refusals.append(Refusal(line, error.code, error.field, error.reason))
            continue
        if found.tap in seen:
            report.duplicates += 1
            continue
        seen.add(found.tap)
        report.loaded += 1
        reading.check_ins.append(found)
    reading.finish()
    return reading


def load_check_ins(rows: Sequence[NewCheckIn], *, by: str, why: str) -> None:
    """Writes them, and writes down those that change nights whose outcomes are there. In the caller's transaction."""
    activity.add_check_ins(rows)
    today = nights.night_of(timezone.now())
    by_venue: dict[str, list[NewCheckIn]] = defaultdict(list)
    for row in rows:
        by_venue[row.venue_code].append(row)
    for venue, these in sorted(by_venue.items()):
        spans = [nights_of_check_in(nights.night_of(each.at), each.state, today) for each in these]
        after = {f"{each.state} {each.place_code or ''} {each.at.isoformat()}": each.source for each in these[:40]}
        if len(these) > 40:
            after["and more check-ins"] = str(len(these) - 40)
        first, last = min(each[0] for each in spans), max(each[1] for each in spans)
        note("reach.check_ins_imported", by=by, venue=venue, first=first, last=last, after=after, why=why)


def _check_in(row: Row, known: Known) -> NewCheckIn:
    venue, place = row["venue"].strip(), row.get("place", "").strip().upper() or None
    if venue not in known.venues:
        raise RowRefused("unknown_venue", "venue", f"{venue!r} is not in the register")
    if place is not None and known.places.get(place, ("", ""))[0] != venue:
        raise RowRefused("unknown_place", "place", f"{place!r} is not a place of this venue")
    state, how = row["state"].strip().casefold(), row.get("source", "").strip().casefold() or "import"
    for field, word, allowed in (("state", state, STATES), ("source", how, SOURCES)):
        if word not in allowed:
            raise RowRefused(f"bad_{field}", field, f"{word!r} is not one of {', '.join(allowed)}")
    count = 1
    if row.get("count", "").strip():
        count = int(amount(row, "count", most=MOST_COPIES))
        if count == 0:
            raise RowRefused("bad_number", "count", "0 copies: report it as down")
    at, asset = _moment(row["at"].strip(), known), row.get("asset", "").strip()[:30] or USUAL_ASSET
    content = "\x1f".join((venue, place or "", asset, state, str(count), at.isoformat(), how))
    tap = MARK + hashlib.sha256(content.encode()).hexdigest()[:32]
    return NewCheckIn(venue, place, asset, state, count, at, how, tap)


def _moment(text: str, known: Known) -> datetime:
    for form in (text, text.replace("/", "-")):
        try:
            found = datetime.fromisoformat(form)
            break
        except ValueError:
            continue
    else:
        raise RowRefused("bad_time", "at", f"{text!r} is not a time such as 2024-03-08T16:30")
    if len(text) <= 10:
        raise RowRefused("bad_time", "at", "a day is not enough: up at 22:00 or later decides which night counts")
    if found.tzinfo is None:
        doubt = nights.clock_doubt(found)
        if doubt:
            raise RowRefused(doubt, "at", f"{text} is an hour of a clock change: add +00:00 or +01:00")
        found = nights.to_utc(found)
    found = found.astimezone(UTC)
    if found.date() < EARLIEST or found > timezone.now():
        raise RowRefused("date_out_of_range", "at", f"{text} is before 2000 or has not come yet")
    return found
