"""Who uses a zone, and who notices what hangs there: counted here, counted at a like venue, or assumed. No database.

A count is an observer's: of the people who passed, how many looked. Until one of at least fifty people exists for
a zone, a wide assumption stands in, and everything made from it is grade C.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from analytics.reach.parameters import Parameters, Range
from analytics.reach.proportions import wilson

MENS_TOILET, SCREEN = "mens_toilet", "screen"
HERE, LIKE, ASSUMED = 0, 1, 2


@dataclass(frozen=True)
class Factor:
    """A share with its range; ``grade`` 0 counted here, 1 counted at a like venue, 2 assumed."""

    share: Range
    grade: int


@dataclass
class Factors:
    """Answers for any venue and zone."""

    settings: Parameters
    kinds: Mapping[str, str] = field(default_factory=dict)
    noticed: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    used: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    men: dict[str, Range] = field(default_factory=dict)
    occupancy: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    playlists: dict[tuple[str, str], tuple[float | None, float | None]] = field(default_factory=dict)

    def notice(self, venue: str, zone: str) -> Factor:
        """q: of those in the zone, the share that looks."""
        return self._counted(self.noticed, venue, zone) or Factor(self.settings.notice, ASSUMED)

    def zone(self, venue: str, zone: str) -> Factor:
        """z: of those let in, the share that uses the zone. A men's toilet reaches men only."""
        found = self._counted(self.used, venue, zone) or Factor(self.settings.zone(zone), ASSUMED)
        if zone != MENS_TOILET:
            return found
        men, share = self.mens_share(venue), found.share
        capped = Range(min(share.low, men.low), min(share.mid, men.mid), min(share.high, men.high))
        return Factor(capped, found.grade)

    def mens_share(self, venue: str) -> Range:
        return self.men.get(venue, self.settings.mens_share)

    def slide(self, venue: str, asset: str) -> tuple[Range, Range]:
        """(chance that a visitor's stay meets the slide at all, plays in a stay) = (min(1, dwell / loop), dwell / loop).

        DPAA guidance for place-based screens: impacts = traffic x notice x dwell / loop.
        """
        loop, dwell = self.playlists.get((venue, asset), (None, None))
        stay = Range(dwell, dwell, dwell) if dwell else self.settings.screen_dwell
        plays = stay * (1 / (loop or self.settings.screen_loop))
        return Range(min(1, plays.low), min(1, plays.mid), min(1, plays.high)), plays

    def people_per_capacity(self, venue: str, weekday: int) -> tuple[float, str]:
        """People let in per person of licensed capacity on a weekday's night, and the source in words."""
        own = self.occupancy.get((venue, weekday))
        if own is not None:
            return own[0] / own[1], "the venue's own occupancy profile"
        return (
            self.settings.occupancy[weekday] * self.settings.hours / self.settings.mean_stay,
            "our occupancy profile",
        )

    def _counted(
        self, counts: Mapping[tuple[str, str], tuple[float, float]], venue: str, zone: str
    ) -> Factor | None:
        least = self.settings.least_count
        here = counts.get((venue, zone))
        if here and here[1] >= least:
            return Factor(wilson(*here), HERE)
        kind = self.kinds.get(venue)
        alike = [
            each for (other, where), each in counts.items() if where == zone and self.kinds.get(other) == kind
        ]
        yes, n = sum(each[0] for each in alike), sum(each[1] for each in alike)
        if n < least:
            return None
        pooled = wilson(yes, n)
        seen = [each[0] / each[1] for each in alike if each[1] >= least]
        # Venues differ by more than chance: the range holds every counted venue, not only the pooled interval.
        return Factor(Range(min([pooled.low, *seen]), pooled.mid, max([pooled.high, *seen])), LIKE)


def factors_of(
    standing: Iterable[tuple[Any, ...]],
    kinds: Mapping[str, str],
    settings: Parameters,
    screens: Iterable[tuple[Any, ...]] = (),
) -> Factors:
    """From rows (kind, metric, venue, night, detail, value, low, high, ...) in order of night: later ones count."""
    found = Factors(settings, kinds)
    counts: dict[tuple[str, str, date], dict[str, float]] = defaultdict(dict)
    profile: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for kind, metric, venue, night, detail, value, low, high, *_ in standing:
        if kind == "notice_counts":
            counts[venue, detail, night][metric] = value
        elif kind == "mens_share":
            found.men[venue] = Range(value if low is None else low, value, value if high is None else high)
        elif kind == "occupancy":
            profile[venue, int(detail)][metric] = value
    for (venue, zone, _), each in counts.items():
        yes, n = found.noticed.get((venue, zone), (0.0, 0.0))
        found.noticed[venue, zone] = yes + each.get("noticed", 0), n + each.get("passed", 0)
        if "admitted" in each:
            yes, n = found.used.get((venue, zone), (0.0, 0.0))
            found.used[venue, zone] = yes + min(each["passed"], each["admitted"]), n + each["admitted"]
    for key, each in profile.items():
        hours, stay = each.get("hours", settings.hours), each.get("mean_stay", settings.mean_stay)
        found.occupancy[key] = each["share"] * hours, stay
    playlists: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for _, metric, venue, _, detail, value, *_ in screens:
        playlists[venue, detail][metric] = value
    found.playlists = {key: (each.get("loop"), each.get("dwell")) for key, each in playlists.items()}
    return found
