"""PLAN.toml -> a checked plan -> canonical JSON -> its hash. Locked by two people, never changed after that."""

import hashlib
import json
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from analytics import nights
from analytics.evaluation.code_version import code_hash
from analytics.evaluation.panel_spec import SpecError, parse_spec
from analytics.evaluation.rules import Thresholds
from analytics.measures.catalogue import UnknownMeasure, measure_named
from analytics.models import EvaluationPlan, ImportedFile, Offence
from analytics.panel import EXPOSURES, UNITS
from analytics.police_data.matching import BANDS, NoSuchRadius, bands_within
from analytics.reach.parameters import parameters
from campaign_pages.accounts.models import User

DATA_KINDS = ("real", "synthetic")
MOST_WEEKS = 520
FAMILIES = ("poisson", "quasipoisson")
DEFAULTS: dict[str, Any] = {
    "unit": "venue",
    "radius_m": 150,
    "exposure": "live_share",
    "data": "real",
    "placebos": ["daytime_assault", "acquisitive", "domestic_dwelling"],
    "family": "poisson",
    "inference": ["cv3", "crv1", "model", "permutation"],
    "permutations": 9999,
    "seed": 1,
}
REQUIRED = ("title", "measure", "from_week", "to_week")


class PlanError(Exception):
    """A plan that cannot be used. ``key`` names the line to mend; it is empty for people and locking."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key


@dataclass(frozen=True)
class Plan:
    """A checked plan. Weeks inclusive; ``radius_m`` in metres."""

    title: str
    measure: str
    from_week: str
    to_week: str
    unit: str
    radius_m: float
    exposure: str
    data: str
    placebos: tuple[str, ...]
    family: str
    inference: tuple[str, ...]
    permutations: int
    seed: int
    thresholds: dict[str, float]

    def content(self) -> dict[str, Any]:
        """What is hashed: the plan, and the definitions that it leans on, by their own hashes."""
        names = (self.measure, *self.placebos)
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "definitions": {name: measure_named(name).sha256 for name in sorted(names)},
            "reach_parameters": parameters().sha256,
            "format": 1,
        }

    @property
    def canonical(self) -> str:
        return canonical_json(self.content())

    @property
    def plan_hash(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def spec(self) -> dict[str, Any]:
        """The same model in the words of ``evaluate_panel``."""
        return {
            "data": {
                "unit": "unit",
                "time": "week",
                "outcome": "assaults",
                "exposure": [self.exposure],
                "cluster": "cluster",
                "area": "area",
            },
            "model": {
                "family": self.family,
                "effects": ["unit", "time"],
                "design": "regression",
                "inference": list(self.inference),
                "permutations": self.permutations,
                "seed": self.seed,
            },
            "rules": dict(self.thresholds),
        }


def canonical_json(value: Any) -> str:
    """One text for one content: UTF-8, NFC, keys sorted, no spaces, ISO dates, numbers as decimal strings.

    Raises ValueError for NaN, infinity and types that JSON has no place for.
    """

    def plain(each: Any) -> Any:
        if each is None or isinstance(each, bool):
            return each
        if isinstance(each, str):
            return unicodedata.normalize("NFC", each)
        if isinstance(each, (int, float, Decimal)):
            number = Decimal(repr(each)) if isinstance(each, float) else Decimal(each)
            if not number.is_finite():
                raise ValueError(f"{each} has no place in a plan")
            if number == 0:
                return "0"
            return format(number.normalize(), "f")
        if isinstance(each, (date, datetime)):
            return each.isoformat()
        if isinstance(each, dict):
            return {plain(str(key)): plain(part) for key, part in each.items()}
        if isinstance(each, (list, tuple)):
            return [plain(part) for part in each]
        raise ValueError(f"{type(each).__name__} has no place in a plan")

    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def read_plan(path: str | Path) -> Plan:
    """The plan of a TOML file. Raises PlanError, naming the key."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError("", f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError("", f"{path} is not TOML: {error}") from None
    return parse_plan(data)


def parse_plan(data: dict[str, Any]) -> Plan:
    """Checks every key; an unknown one is refused, since a slip of the pen must not become a default."""
    known = {*REQUIRED, *DEFAULTS, "thresholds"}
    for key in data:
        if key not in known:
            raise PlanError(key, f"not a key of a plan; known are {', '.join(sorted(known))}")
    for key in REQUIRED:
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise PlanError(key, "is needed, as text")
    values = DEFAULTS | data
    _choice(values, "unit", UNITS)
    _choice(values, "exposure", EXPOSURES)
    _choice(values, "data", DATA_KINDS)
    _choice(values, "family", FAMILIES)
    if len(values["title"]) > 120:
        raise PlanError("title", "at most 120 characters")
    _check_weeks(values)
    _check_measures(values)
    inference = _texts(values, "inference")
    if not {"cv3", "permutation"} <= set(inference):
        raise PlanError("inference", "must hold cv3 and permutation: the decision rule needs both")
    plan = Plan(
        title=values["title"].strip(),
        measure=values["measure"],
        from_week=values["from_week"],
        to_week=values["to_week"],
        unit=values["unit"],
        radius_m=_radius(values),
        exposure=values["exposure"],
        data=values["data"],
        placebos=tuple(_texts(values, "placebos")),
        family=values["family"],
        inference=tuple(inference),
        permutations=int(_number(values, "permutations", 99, 99_999, whole=True)),
        seed=int(_number(values, "seed", 0, 2**31, whole=True)),
        thresholds=_thresholds(values.get("thresholds", {})),
    )
    try:
        Thresholds.from_table(parse_spec(plan.spec()).thresholds)
    except SpecError as error:
        raise PlanError("", str(error).removeprefix("model.").removeprefix("rules.")) from None
    return plan


def _check_weeks(values: dict[str, Any]) -> None:
    for key in ("from_week", "to_week"):
        try:
            nights.week_start(values[key])
        except ValueError as error:
            raise PlanError(key, str(error)) from None
    weeks = nights.weeks_between(values["from_week"], values["to_week"])
    if not 1 <= len(weeks) <= MOST_WEEKS:
        raise PlanError("to_week", f"must lie 0 to {MOST_WEEKS - 1} weeks after from_week")


def _check_measures(values: dict[str, Any]) -> None:
    for key, names in (("measure", [values["measure"]]), ("placebos", _texts(values, "placebos"))):
        for name in names:
            try:
                definition = measure_named(name)
            except UnknownMeasure as error:
                raise PlanError(key, str(error).strip("'\"")) from None
            if definition.open_data:
                raise PlanError(key, f"{name} is known by month only; an evaluation needs times and places")


def _choice(values: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    if values[key] not in allowed:
        raise PlanError(key, f"{values[key]!r} is not one of {', '.join(allowed)}")


def _texts(values: dict[str, Any], key: str) -> list[str]:
    if not isinstance(values[key], list) or not all(isinstance(each, str) for each in values[key]):
        raise PlanError(key, "must be a list of names")
    return list(values[key])


def _number(values: dict[str, Any], key: str, low: float, high: float, *, whole: bool = False) -> float:
    value = values[key]
    right = isinstance(value, int) or (isinstance(value, float) and not whole)
    if isinstance(value, bool) or not right or not low <= value <= high:
        raise PlanError(key, f"must be a {'whole ' if whole else ''}number from {low:.0f} to {high:.0f}")
    return value


def _radius(values: dict[str, Any]) -> float:
    try:
        bands_within(values["radius_m"])
    except (NoSuchRadius, TypeError):
        raise PlanError("radius_m", f"must be one of {', '.join(map(str, BANDS))} (metres)") from None
    return float(values["radius_m"])


def _thresholds(values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        raise PlanError("thresholds", "must be a table of numbers")
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise PlanError(f"thresholds.{name}", "must be a number")
    return dict(sorted(values.items()))


def outcomes_loaded(plan: Plan) -> bool:
    """Whether any offence that the plan's period could count is loaded already, or was before it was withdrawn."""
    first, last = nights.week_start(plan.from_week), nights.nights_of_week(plan.to_week)[-1]
    synthetic = plan.data == "synthetic"
    seen_before = ImportedFile.objects.filter(  # what somebody has seen is not unseen because it was taken out again
        state=ImportedFile.State.WITHDRAWN, timed=True, loaded__gt=0, synthetic=synthetic, first_day__lte=last,
        last_day__gte=first,
    )  # fmt: skip
    return (
        Offence.objects.filter(
            synthetic=synthetic, open_data=False, committed_on__gte=first, committed_on__lte=last
        ).exists()
        or seen_before.exists()
    )


def lock(plan: Plan, *, by: User, second: User) -> EvaluationPlan:
    """Locks a plan for ever. Raises PlanError for one person twice, for people without the right, or a lock twice."""
    if by.pk == second.pk:
        raise PlanError("", "A plan is locked by two different people; the author cannot be the second one.")
    if not second.is_active or not second.has_perm("wagtailadmin.access_admin"):
        raise PlanError("", f"{second.username} is not an active member of staff, so cannot be the second person.")
    if not by.is_active or not by.has_perm("analytics.run_evaluation"):
        raise PlanError("", f"{by.username} has no right to run evaluations, so cannot lock a plan.")
    before = EvaluationPlan.objects.filter(plan_hash=plan.plan_hash).first()
    if before is not None:
        raise PlanError("", f"This very plan is locked already, since {before.locked_at:%Y-%m-%d %H:%M} UTC.")
    return EvaluationPlan.objects.create(
        plan_hash=plan.plan_hash,
        title=plan.title,
        content=plan.canonical,
        data_kind=plan.data,
        outcomes_there=outcomes_loaded(plan),
        code_hash=code_hash(),
        locked_at=timezone.now(),
        locked_by=by,
        second=second,
    )


def is_intact(record: EvaluationPlan) -> bool:
    """Whether a locked plan still is what was locked: its content must give its hash."""
    return hashlib.sha256(record.content.encode()).hexdigest() == record.plan_hash
