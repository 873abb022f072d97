"""The monthly letter to one venue: its own displays, scans and stamps, a thank you and what is next. Nothing else.

It is made from reach alone. What was recorded by the police, other venues and any order among them are not in reach
of this file, and a test walks every word that a venue can get.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics import nights
from analytics.reach.parameters import Range
from analytics.reach.timelines import Strip, timeline_of
from analytics.reach.venue_weeks import VenueWeek, two_figures

SMALL = 5  # counts below are "under 5": few people could be guessed
ASK_AFTER = 7  # nights without a check-in
ZONES = {
    "mens_toilet": "the men's toilet", "womens_toilet": "the women's toilet", "bar": "the bar", "entrance": "the entrance",
    "smoking_area": "the smoking area", "screen": "the screen",
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """Paragraphs of plain English, and what to do next as a list."""

    venue: str
    title: str
    paragraphs: tuple[str, ...]
    next_steps: tuple[str, ...]
    closing: str
    synthetic: bool

    @property
    def text(self) -> str:
        """Plain text for an e-mail or a printer."""
        steps = "".join(f"- {each}\n" for each in self.next_steps)
        mark = "SYNTHETIC: an invented venue, for demonstration.\n\n" if self.synthetic else ""
        body = "\n\n".join(self.paragraphs)
        return f"{mark}{self.venue}\n{self.title}\n\n{body}\n\nWhat is next\n{steps}\n{self.closing}\n"


def weeks_of_month(month: str) -> list[str]:
    """Weeks whose Monday lies in a month written 2026-03. Raises ValueError for anything else."""
    year, _, number = month.partition("-")
    if not (len(month) == 7 and year.isdecimal() and number.isdecimal()):
        raise ValueError(f"{month!r} is not a month; write it like 2026-03")
    try:
        first = date(int(year), int(number), 1)
    except ValueError:
        raise ValueError(f"{month!r} is not a month of that year") from None
    monday = first + timedelta(days=-first.weekday() % 7)
    found = []
    while monday.month == first.month:
        found.append(nights.week_of(monday))
        monday += timedelta(weeks=1)
    return found


def letter_for(code: str, month: str) -> Letter | None:
    """The letter of one venue; None where the register has no such venue. Raises ValueError for a bad month."""
    weeks = weeks_of_month(month)
    found = timeline_of(code, weeks[0], weeks[-1])
    if found is None:
        return None
    first, last = found.nights[0], found.nights[-1]
    rows = found.weeks
    return Letter(
        venue=rows[0].venue_name,
        title=f"Walk Away in your venue, {first:%-d %B} to {last:%-d %B %Y}",
        paragraphs=_paragraphs(rows),
        next_steps=_next(found.strips, rows),
        closing=(
            "You can keep this letter with your papers for SAVI or Best Bar None. It shows that you take part. "
            "Thank you from all of us."
        ),
        synthetic=rows[0].synthetic,
    )


def counted(number: int, one: str, many: str) -> str:
    """Words for a count: small ones are never exact."""
    if number == 0:
        return f"no {many}"
    if number < SMALL:
        return f"under {SMALL} {many}"
    return f"{number:,} {one if number == 1 else many}"


def _paragraphs(rows: Sequence[VenueWeek]) -> tuple[str, ...]:
    opened, live = sum(row.trading_nights for row in rows), sum(row.nights_live for row in rows)
    found = ["Thank you for helping people to walk away."]
    if live:
        found.append(f"Your posters and screens were up on {live} of the {opened} nights that you were open.")
    else:
        found.append("This month nobody told us that a poster or screen was up.")
    seen = [row.likely_seen for row in rows if row.likely_seen is not None]
    if seen:
        people: Range = sum(seen[1:], seen[0])
        found.append(
            f"About {two_figures(people.mid)} visits had a good chance of seeing them. It may be as few as "
            f"{two_figures(people.low)} or as many as {two_figures(people.high)}. This is an estimate, not a count."
        )
    found.append(f"Your codes had {counted(sum(row.scans for row in rows), 'scan', 'scans')}.")
    stamps = [row.handstamps for row in rows if row.handstamps is not None]
    if stamps:
        found.append(f"You gave {counted(sum(stamps), 'handstamp', 'handstamps')}.")
    return tuple(found)


def _next(strips: Sequence[Strip], rows: Sequence[VenueWeek]) -> tuple[str, ...]:
    steps = []
    for strip in strips:
        where = ZONES.get(strip.zone, "your venue")
        if strip.credits[-1] is None or strip.ages[-1] > ASK_AFTER:
            steps.append(f"Please look at {where}. If it is still up, scan the sticker and press It's up.")
        elif strip.grades[-1] == 2:
            steps.append(f"Please check in once more for {where}, so that we can be sure.")
    if not strips:
        steps.append("Put one poster up, then scan the sticker in your back office and press It's up.")
    if all(row.admissions is None or row.grade_parts.get("admissions") == "C" for row in rows):
        steps.append(
            "If you count people at the door, send us the nightly totals. It makes these figures much better."
        )
    return tuple(dict.fromkeys(steps)) or ("Nothing. Everything is up and fresh.",)
