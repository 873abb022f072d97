"""Settings of a roll-out: every key, its default and what is wrong with it; and the clusters that they are about."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.utils import timezone

from analytics import nights
from analytics.evaluation.plan import Plan, parse_plan
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.planned import History, history_of, venues_of
from analytics.police_data.catchments import catchments
from analytics.statistics.rollout import Block, RolloutError, Settings, start_weeks
from campaign_pages import activity

DEFAULTS: dict[str, Any] = {
    "title": "Roll-out",
    "from_week": "",
    "weeks": 52,
    "waves": 4,
    "seed": 1,
    "before": 12,
    "after": 8,
    "never": 0,
    "balance": None,
    "buffer_m": 0,
    "radius_m": 150,
    "areas": [],
    "excluded": [],
    "measure": "nte_assault",
    "data": "real",
}
WHOLE = {
    "weeks": (21, 520), "waves": (1, 26), "seed": (0, 2**31), "before": (4, 260), "after": (4, 260), "never": (0, 10),
    "buffer_m": (0, 5000),
}  # fmt: skip


@dataclass(frozen=True)
class RolloutPlan:
    """Checked settings. ``excluded``: (venue code, reason), fixed before the draw. Metres and weeks."""

    title: str
    from_week: str
    weeks: int
    waves: int
    seed: int
    before: int
    after: int
    never: int
    balance: float | None
    buffer_m: int
    radius_m: float
    areas: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]
    measure: str
    data: str

    @property
    def to_week(self) -> str:
        return nights.week_of(nights.week_start(self.from_week) + timedelta(weeks=self.weeks - 1))

    @property
    def mechanism(self) -> Settings:
        """What the pure drawing needs."""
        return Settings(self.waves, self.weeks, self.before, self.after, self.never, self.balance)

    def week(self, index: int) -> str:
        """The week of an index, 0 being the first."""
        return nights.week_of(nights.week_start(self.from_week) + timedelta(weeks=index))

    def content(self) -> dict[str, Any]:
        """All settings, for the record."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def as_plan(self, venues: list[str]) -> Plan:
        """The evaluation that this roll-out would carry, for simulating it."""
        return parse_plan(
            {
                "title": self.title, "measure": self.measure, "from_week": self.from_week, "to_week": self.to_week,
                "unit": "catchment", "radius_m": self.radius_m, "venues": venues, "data": self.data, "seed": self.seed,
            }
        )  # fmt: skip


@dataclass(frozen=True)
class Cluster:
    """Venues that share their surroundings. ``block``: clusters of one block go live together."""

    code: str
    area: str
    block: str
    venues: tuple[str, ...]
    baseline: float


def next_start() -> str:
    """The first week that begins at least a fortnight from today."""
    return nights.week_of(timezone.localdate() + timedelta(days=14 + 6))


def check_settings(data: dict[str, Any]) -> tuple[RolloutPlan | None, list[PlanError]]:
    """The settings, or everything that is wrong with them, by key."""
    problems = [
        PlanError(key, f"not a setting of a roll-out; known are {', '.join(sorted(DEFAULTS))}")
        for key in data
        if key not in DEFAULTS
    ]
    values = DEFAULTS | {key: value for key, value in data.items() if key in DEFAULTS}
    values["from_week"] = values["from_week"] or next_start()
    for key, (low, high) in WHOLE.items():
        value = values[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            problems.append(PlanError(key, f"must be a whole number from {low} to {high}"))
    if values["balance"] is not None and not (
        isinstance(values["balance"], (int, float)) and 0 < values["balance"] <= 5
    ):
        problems.append(PlanError("balance", "must be a number above 0 and up to 5, or nothing"))
    try:
        nights.week_start(values["from_week"])
    except ValueError as error:
        problems.append(PlanError("from_week", str(error)))
    known = {each.code for each in activity.venues()} if values["excluded"] else set()
    for entry in values["excluded"]:
        if entry[0] not in known:
            problems.append(PlanError("excluded", f"there is no venue {entry[0]!r} in the register"))
        elif not str(entry[1]).strip():
            problems.append(PlanError("excluded", f"{entry[0]} needs a reason, written before the draw"))
    if problems:
        return None, problems
    made = RolloutPlan(
        **(values | {"title": values["title"].strip()[:120] or "Roll-out"})
        | {
            "areas": tuple(sorted(values["areas"])),
            "excluded": tuple(sorted((code, reason.strip()) for code, reason in values["excluded"])),
            "radius_m": float(values["radius_m"]),
        }
    )
    try:
        start_weeks(made.mechanism)
        made.as_plan([])
    except RolloutError as error:
        return None, [PlanError(error.key, str(error))]
    except PlanError as error:
        return None, [error]
    return made, []


def clusters_of(plan: RolloutPlan) -> tuple[list[Cluster], History]:
    """The clusters to be drawn, with their level before. Raises PlanError where there is no venue."""
    left_out = {code for code, _ in plan.excluded}
    register = activity.venues()
    venues = [each for each in venues_of(plan.areas, ()) if each.code not in left_out]
    if not venues:
        raise PlanError("areas", "no venue of the register is left to draw")
    history = history_of(plan.measure, plan.from_week, radius_m=plan.radius_m, data=plan.data, venues=venues)
    cluster_of = catchments(register, plan.radius_m)
    block_of = catchments(register, max(plan.radius_m, plan.buffer_m / 2))
    groups: dict[str, list[activity.VenueFacts]] = defaultdict(list)
    for each in venues:
        groups[cluster_of[each.code]].append(each)
    return [
        Cluster(
            code,
            min(each.area_code for each in members),
            block_of[members[0].code],
            tuple(sorted(each.code for each in members)),
            round(sum(history.per_week.get(each.code, 0.0) for each in members), 6),
        )
        for code, members in sorted(groups.items())
    ], history


def blocks_of(clusters: list[Cluster]) -> list[Block]:
    """What is dealt out: clusters, joined where a buffer keeps them together."""
    groups: dict[str, list[Cluster]] = defaultdict(list)
    for each in clusters:
        groups[each.block].append(each)
    return [
        Block(
            code,
            min(each.area for each in members),
            sum(each.baseline for each in members),
            sum(len(each.venues) for each in members),
        )
        for code, members in sorted(groups.items())
    ]
