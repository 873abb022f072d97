"""What a plan would look at, before any outcome of its weeks is read: places, planned exposure, level from before.

Offences are read only up to the week before the plan's first one, so nothing here can be chosen by its result.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.utils import timezone

from analytics import nights
from analytics.evaluation.plan import Plan
from analytics.evaluation.rollout_schedule import allocated_by_venue
from analytics.models import Rollout
from analytics.panel import dose
from analytics.police_data.beats import clusters_of
from analytics.police_data.catchments import catchments
from analytics.police_data.counting import assaults_by_venue_week
from analytics.police_data.selection import NoSuchData
from analytics.reach.venue_weeks import venue_weeks
from analytics.statistics.carry_over import carried_over
from analytics.statistics.permutation import Grid, distinct_arrangements, strata_of
from analytics.statistics.planned_power import World
from campaign_pages import activity

Array = np.ndarray
HISTORY_WEEKS = 104
LEAST_HISTORY_WEEKS = 13  # below that a level from before is worse than an assumption that says so
ASSUMED_MEAN = (
    0.3  # recorded assaults per venue and week; as in the simulator (analytics/statistics/simulation.py)
)
ADOPTION = 0.6
SMOOTHING_WEEKS = 8


@dataclass(frozen=True)
class History:
    """Weekly offences per venue before the study. ``weeks`` 0: nothing is loaded, so levels are assumed."""

    per_week: dict[str, float]
    totals: tuple[float, ...]
    weeks: int
    words: str
    named: tuple[str, ...] = ()  # the weeks of ``totals``; they may end long before the study begins


@dataclass(frozen=True)
class Study:
    """Rows are units in order of their code; ``exposure`` units x weeks, NaN where nobody will know."""

    units: tuple[str, ...]
    areas: tuple[str, ...]
    clusters: tuple[str, ...]
    weeks: tuple[str, ...]
    exposure: Array
    world: World
    venues: int
    exposure_words: str
    history_words: str
    assumed: bool
    baseline_halves: bool = False

    @property
    def distinct(self) -> float:
        """How many different arrangements the permutation test could draw from."""
        codes = {name: np.array([each == name for each in self.areas]) for name in sorted(set(self.areas))}
        clusters = np.unique(self.clusters, return_inverse=True)[1]
        grids = [
            Grid(
                np.nan_to_num(self.exposure[inside]),
                np.repeat(self.world.mean[inside][:, None], len(self.weeks), axis=1),
                clusters[inside],
            )
            for inside in codes.values()
        ]
        return distinct_arrangements(grids, strata_of(grids, baseline_halves=self.baseline_halves))


def venues_of(areas: Sequence[str], codes: Sequence[str]) -> list[activity.VenueFacts]:
    """The register's venues that a plan looks at; empty lists mean all."""
    return [
        each
        for each in activity.venues()
        if (not areas or each.area_code in areas) and (not codes or each.code in codes)
    ]


def history_of(
    measure: str, before_week: str, *, radius_m: float, data: str, venues: Sequence[activity.VenueFacts]
) -> History:
    """Recorded offences of up to two years that end before ``before_week``, from the first to the last that is loaded."""
    end = nights.week_start(before_week) - timedelta(weeks=1)
    first, last = nights.week_of(end - timedelta(weeks=HISTORY_WEEKS - 1)), nights.week_of(end)
    names = {each.code for each in venues}
    try:
        counts = assaults_by_venue_week(
            measure=measure, from_week=first, to_week=last, radius_m=radius_m, data=data
        ).counts
    except NoSuchData:
        counts = {}
    counts = {key: value for key, value in counts.items() if key[0] in names}
    start = min((week for _, week in counts), default="")
    latest = max((week for _, week in counts), default="")  # weeks after it are not loaded, which is not nought
    weeks = nights.weeks_between(start, latest) if start else []
    if len(weeks) < LEAST_HISTORY_WEEKS:
        words = (
            f"no offences of at least {LEAST_HISTORY_WEEKS} weeks before {before_week} are loaded, so {ASSUMED_MEAN} recorded "
            "assaults for each venue and week were assumed"
        )
        return History({}, (), 0, words)
    per_venue: dict[str, float] = defaultdict(float)
    per_week: dict[str, float] = defaultdict(float)
    for (code, week), value in counts.items():
        per_venue[code] += value
        per_week[week] += value
    typical = math.fsum(per_venue.values()) / (len(names) * len(weeks))
    level = {
        code: (per_venue[code] + SMOOTHING_WEEKS * typical) / (len(weeks) + SMOOTHING_WEEKS) for code in names
    }
    till = "" if latest == last else f", the last of them {latest}"
    words = f"recorded offences of the {len(weeks)} weeks before {before_week}{till}"
    return History(level, tuple(per_week[week] for week in weeks), len(weeks), words, tuple(weeks))


def study_of(plan: Plan) -> Study:
    """Everything that a simulation needs. Raises ValueError where the register holds no venue of the plan."""
    venues = venues_of(plan.areas, plan.venues)
    if not venues:
        raise ValueError("The register of venues holds none of the plan's, so there is nothing to simulate.")
    weeks = nights.weeks_between(plan.from_week, plan.to_week)
    cluster_of = catchments(activity.venues(), plan.radius_m)
    by_venue, exposure_words = _exposure(plan, venues, weeks, cluster_of)
    history = history_of(plan.measure, plan.from_week, radius_m=plan.radius_m, data=plan.data, venues=venues)
    level = history.per_week or _assumed_levels(venues)
    groups: dict[str, list[activity.VenueFacts]] = defaultdict(list)
    for each in venues:
        groups[each.code if plan.unit == "venue" else cluster_of[each.code]].append(each)
    units = tuple(sorted(groups))
    areas = tuple(min(each.area_code for each in groups[unit]) for unit in units)
    group_of = clusters_of(plan.clusters, activity.venues(), plan.radius_m)
    clusters = tuple(group_of[groups[unit][0].code] for unit in units)
    return Study(
        units=units,
        areas=areas,
        clusters=clusters,
        weeks=tuple(weeks),
        exposure=carried_over(
            np.array(
                [_mean([(by_venue[each.code], each.capacity or 1) for each in groups[unit]]) for unit in units]
            ),
            plan.carry_over,
        ),
        world=World(
            mean=np.array([math.fsum(level[each.code] for each in groups[unit]) for unit in units]),
            season=_season(history, weeks),
            area=np.unique(areas, return_inverse=True)[1],
            cluster=np.unique(clusters, return_inverse=True)[1],
            frailty=1 / 1.5,
        ),
        venues=len(venues),
        exposure_words=exposure_words
        + (f" ({100 * plan.carry_over:.3g}% of last week's is still felt)" if plan.carry_over else ""),
        history_words=history.words,
        assumed=not history.weeks,
        baseline_halves=plan.strata == "area_size_baseline",
    )


def _mean(parts: list[tuple[Array, int]]) -> Array:
    """Capacity-weighted mean of the venues that are known, as in the panel."""
    values = np.array([value for value, _ in parts], dtype=float)
    weights = np.array([[weight] for _, weight in parts], dtype=float) * ~np.isnan(values)
    total = weights.sum(axis=0)
    return np.divide(
        (np.nan_to_num(values) * weights).sum(axis=0), total, out=np.full(values.shape[1], np.nan), where=total > 0
    )


def _exposure(
    plan: Plan, venues: Sequence[activity.VenueFacts], weeks: list[str], cluster_of: dict[str, str]
) -> tuple[dict[str, Array], str]:
    """Planned paths per venue: the drawn roll-out, else reach that is there already, else an assumed roll-out."""
    if plan.rollout:
        rollout = Rollout.objects.get(rollout_hash=plan.rollout)
        starts = allocated_by_venue(rollout)
        paths = {
            each.code: np.array(
                [float(bool(starts.get(each.code)) and week >= starts[each.code]) for week in weeks]
            )
            for each in venues
        }
        return paths, f"the roll-out drawn on {rollout.drawn_at:%-d %B %Y}"
    wanted = {each.code for each in venues}
    if nights.week_start(weeks[-1]) + timedelta(weeks=1) <= timezone.localdate():
        paths = {code: np.full(len(weeks), np.nan) for code in wanted}
        place = {week: n for n, week in enumerate(weeks)}
        for row in venue_weeks(from_week=weeks[0], to_week=weeks[-1], only=wanted):
            value = dose(row, plan.exposure)
            if value is not None:
                paths[row.venue][place[row.week]] = value
        if any(np.nanmax(path, initial=0.0) > 0 for path in paths.values()):
            return paths, "the reach of these weeks as it is known (no outcome was read)"
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([plan.seed, 416])))
    start = {
        name: int(rng.integers(len(weeks) // 4, max(len(weeks) // 4 + 1, 3 * len(weeks) // 4)))
        if rng.random() < ADOPTION
        else len(weeks)
        for name in sorted({cluster_of[code] for code in wanted})
    }
    paths = {each.code: (np.arange(len(weeks)) >= start[cluster_of[each.code]]).astype(float) for each in venues}
    return paths, (
        "an assumed roll-out: six clusters in ten go live, in random order between the first and the last quarter of the "
        "weeks. Draw a roll-out to plan the real one"
    )


def _assumed_levels(venues: Sequence[activity.VenueFacts]) -> dict[str, float]:
    """0.3 a week on average, spread as a gamma of shape 0.8 over venues in order of capacity."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([len(venues), 415])))
    sizes = np.sort(rng.gamma(0.8, 1 / 0.8, len(venues)) + 0.05)
    ordered = sorted(venues, key=lambda each: (each.capacity or 0, each.code))
    return {
        each.code: float(size) for each, size in zip(ordered, ASSUMED_MEAN * sizes / sizes.mean(), strict=True)
    }


def _season(history: History, weeks: list[str]) -> Array:
    """Week-of-year shape from a year or more of history (two harmonic pairs), else the simulator's own."""
    at = np.array([int(week[-2:]) for week in weeks], dtype=float)
    if history.weeks >= 52 and sum(history.totals) >= 200:
        then = np.array([int(week[-2:]) for week in history.named], dtype=float)
        shape, *_ = np.linalg.lstsq(_waves(then), np.array(history.totals), rcond=None)
        season = np.maximum(_waves(at) @ shape, 0.2 * float(np.mean(history.totals)))
    else:
        season = np.exp(0.18 * np.cos(2 * np.pi * (at - 50) / 52))
    return np.asarray(season / season.mean(), dtype=float)


def _waves(week: Array) -> Array:
    angle = 2 * np.pi * week / 52.18
    return np.column_stack([np.ones(len(week)), *(f(k * angle) for k in (1, 2) for f in (np.sin, np.cos))])
