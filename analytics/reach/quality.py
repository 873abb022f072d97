"""Where reach is guesswork, in numbers: grades, what each rests on, and which count would mend most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from analytics.reach.displays import SCREEN
from analytics.reach.inputs import Inputs
from analytics.reach.parameters import Parameters
from analytics.reach.venue_weeks import NO_GRADE, VenueWeek

PARTS = {
    "admissions": "People let in",
    "display": "What was up",
    "notice": "Who uses the place and who looks",
    "opening_nights": "Opening nights",
}
MEND = {
    "admissions": "a door clicker or ID-scan total of every trading night",
    "display": "a photo or a play log at least every seven nights, or a check-in that confirms a doubtful one",
    "notice": "one count of at least {least} passers-by in each zone, with how many looked and how many were let in",
    "opening_nights": "the venue's opening nights in the register",
}


@dataclass(frozen=True)
class Mending:
    """One thing that could be counted. ``alone``: weeks that it would lift by itself; ``at_all``: weeks it holds down."""

    part: str
    words: str
    alone: int
    at_all: int


@dataclass
class Quality:
    """Counts over venue-weeks."""

    total: int
    grades: Counter[str]
    parts: dict[str, Counter[str]]
    missing: Counter[str]
    mendings: list[Mending] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)
    gaps: list[VenueWeek] = field(default_factory=list)

    def share(self, grade: str) -> float:
        return self.grades[grade] / self.total if self.total else 0.0


def weeks_by_grade(rows: Sequence[VenueWeek]) -> dict[str, int]:
    """How many venue-weeks rest on what: for the state of the data in a result."""
    found = Counter(row.grade for row in rows)
    return {grade: found[grade] for grade in ("A", "B", "C", NO_GRADE)}


def quality_of(rows: Sequence[VenueWeek], inputs: Inputs, settings: Parameters) -> Quality:
    """What the rows rest on. ``silent``: venues with something up whose last week has nobody's word on it."""
    parts = {name: Counter[str]() for name in PARTS}
    for row in rows:
        for name, grade in row.grade_parts.items():
            parts[name][grade] += 1
    found = Quality(
        total=len(rows),
        grades=Counter(row.grade for row in rows),
        parts={name: count for name, count in parts.items() if count},
        missing=Counter(row.reason for row in rows if row.reason),
        gaps=[row for row in rows if row.stamp_gap is not None and row.stamp_gap > settings.most_stamp_gap],
    )
    graded = [row for row in rows if row.grade != NO_GRADE]
    for name in PARTS:
        held = [row for row in graded if row.grade_parts.get(name) == row.grade and row.grade != "A"]
        others = [row for row in held if all(g < row.grade for n, g in row.grade_parts.items() if n != name)]
        if held:
            words = MEND[name].format(least=settings.least_count)
            found.mendings.append(Mending(PARTS[name], words, len(others), len(held)))
    found.mendings.sort(key=lambda each: (-each.alone, -each.at_all))
    last = max((row.week for row in rows), default="")
    found.silent = [
        (row.venue, row.venue_name) for row in rows if row.week == last and "no check-in" in row.reason
    ]
    return found


def assumptions(inputs: Inputs, settings: Parameters) -> list[tuple[str, str, str, str]]:
    """(what, value in force, where it comes from, how many venues have their own) of every assumed input."""
    factors, venues = inputs.factors, len(inputs.venues)
    codes = {each.code for each in inputs.venues}

    def of(count: int) -> str:
        return f"{count} of {venues} venues have their own"

    def words(share: object) -> str:
        low, mid, high = (getattr(share, level) for level in ("low", "mid", "high"))
        return f"{mid:.0%} ({low:.0%} to {high:.0%})"

    def counted(counts: dict[tuple[str, str], tuple[float, float]], zone: str) -> int:
        return len(
            {v for (v, z), (_, n) in counts.items() if z == zone and n >= settings.least_count and v in codes}
        )

    door = {code for code, _ in inputs.door if code in codes}
    profile = {code for code, _ in factors.occupancy if code in codes}
    found = [
        ("People let in", "capacity x occupancy, half to double", "our assumption where nobody counts", of(len(door))),
        ("Occupancy profile", "by weekday, with mean stay", settings.source, of(len(profile))),
        ("Men's share of people let in", words(settings.mens_share), settings.source, of(len(codes & set(factors.men)))),
    ]  # fmt: skip
    zones = sorted({each.zone or "unknown" for each in inputs.displays})
    for zone in zones:
        name = zone.replace("_", " ").replace("mens", "men's")
        found.append(
            (f"Use of the {name}", words(settings.zone(zone)), settings.source, of(counted(factors.used, zone)))
        )
        found.append(
            (f"Who looks, {name}", words(settings.notice), settings.source, of(counted(factors.noticed, zone)))
        )
    if SCREEN in zones:
        own = {venue for venue, _ in factors.playlists if venue in codes}
        found.append(("Stay and playlist of screens", "stay / loop", settings.source, of(len(own))))
    fresh = settings.freshness
    decay = f"fully for {fresh.full_nights} nights, half on night {fresh.last_night}, then not at all"
    return [*found, ("How long a check-in is believed", decay, settings.source, "the same for every venue")]
