"""Street, social, web and survey figures by area and week. Covariates of an area: nothing here knows a venue.

Platform days are calendar days of the account's time zone, so the edge of a week is off by up to half a day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from analytics import nights
from analytics.reach.inputs import in_force
from analytics.reach.parameters import Range
from analytics.reach.proportions import combined, wilson

KINDS = ("out_of_home", "social", "survey")
ALL_AREAS = ""


@dataclass
class AreaWeek:
    """One area in one week. ``social``: platform (and paid or organic) -> metric -> sum of its days."""

    area: str
    week: str
    street: dict[str, float] = field(default_factory=dict)
    social: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    survey: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    zones: set[str] = field(default_factory=set)

    @property
    def street_words(self) -> dict[str, float] | None:
        """frequency = impacts / reach; cover = reach / population in per cent; GRP = cover x frequency (Route)."""
        if not self.street:
            return None
        reach, impacts, population = (self.street[name] for name in ("reach", "impacts", "population"))
        cover = 100 * reach / population
        return {
            "reach": reach,
            "impacts": impacts,
            "frequency": impacts / reach,
            "cover": cover,
            "grp": cover * impacts / reach,
        }

    def aware(self, question: str) -> tuple[Range, int] | None:
        """Share that said yes with its 95 % interval (Wilson), and n. Never multiplied into anything."""
        answers = self.survey.get(question)
        if not answers:
            return None
        return wilson(answers["yes"], answers["asked"]), round(answers["asked"])

    @property
    def channels(self) -> dict[str, Range]:
        """Each channel's reach as a share of the area's population, where both are known for the week."""
        population = self.street.get("population")
        if not population:
            return {}
        found = {"street posters": self.street["reach"] / population}
        for platform, metrics in sorted(self.social.items()):
            if metrics.get("weekly_reach"):
                found[f"{platform} (platform-reported)"] = min(1.0, metrics["weekly_reach"] / population)
        return {name: Range(share, share, share) for name, share in found.items()}

    @property
    def any_channel(self) -> Range | None:
        """Low and high assume nothing, mid assumes independence; None for fewer than two channels."""
        return combined(list(self.channels.values())) if len(self.channels) > 1 else None


def area_weeks(from_week: str, to_week: str) -> list[AreaWeek]:
    """Every area and week that anything was imported for, in order of week and area."""
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    rows = in_force().filter(kind__in=KINDS, night__gte=first, night__lte=last).order_by("night", "pk")
    found: dict[tuple[str, str], AreaWeek] = {}
    names = ("kind", "metric", "area_code", "night", "detail", "value", "source")
    for kind, metric, area, night, detail, value, source in rows.values_list(*names):
        week = nights.week_of(night)
        cell = found.setdefault((week, area), AreaWeek(area, week))
        _put(cell, kind, metric, detail, value, source)
    return [found[key] for key in sorted(found)]


def _put(cell: AreaWeek, kind: str, metric: str, detail: str, value: float, source: str) -> None:
    if kind == "out_of_home":
        cell.street[metric] = value
    elif kind == "survey":
        answers = cell.survey[detail]
        answers[metric] = answers.get(metric, 0) + value
    else:
        of: dict[str, Any] = cell.social[detail]
        if metric == "reach":
            # Days share people, so daily reach is not added: the week's is at least its best day.
            of["weekly_reach"] = max(of["weekly_reach"], value)
        else:
            of[metric] += value
        zone = source.partition(",")[0]
        if zone and zone != nights.LOCAL_ZONE:
            cell.zones.add(zone)


def web_weeks(from_week: str, to_week: str) -> list[tuple[str, str, int]]:
    """(week, code, visitor-nights) of the site, by the code that people came through. Not people: one may come twice."""
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    rows = in_force().filter(kind="web", night__gte=first, night__lte=last)
    for night, code, value in rows.values_list("night", "detail", "value"):
        sums[nights.week_of(night), code] += value
    return [(week, code, round(value)) for (week, code), value in sorted(sums.items())]
