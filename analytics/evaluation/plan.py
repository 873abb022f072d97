"""PLAN.toml -> a checked plan -> canonical JSON -> its hash. Locked by two people, never changed after that."""

import hashlib
import json
import tomllib
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics import nights
from analytics.audit.chain import record as record_act
from analytics.evaluation.code_version import code_hash
from analytics.evaluation.panel_spec import SpecError, parse_spec
from analytics.evaluation.plan_checks import (
    ANY_ORDER,
    DEFAULTS,
    LATER_KEYS,
    SENSITIVITIES,
    PlanError,
    in_order,
    problems_of,
    thresholds_of,
)
from analytics.evaluation.rules import Thresholds
from analytics.measures.catalogue import measure_named
from analytics.models import EvaluationPlan, ImportedFile, Offence
from analytics.reach.parameters import parameters
from campaign_pages.accounts.models import User


@dataclass(frozen=True)
class Plan:
    """A checked plan. Weeks inclusive; ``radius_m`` in metres; empty ``areas`` or ``venues``: all of the register.

    ``thresholds`` are all limits of the rules, those left as usual too: a plan that was locked does not move when the code's
    usual limits do. ``carry_over`` is the share of last week's exposure that is still felt (0 to 0.95), ``rollout`` the hash of the
    roll-out that was drawn for it, or empty. ``clusters``: what standard errors take together; ``strata``: among which
    clusters whole paths change places; ``sensitivities``: what is worked out besides; ``prior_sd``: of the log rate ratio
    around 0 for a shrunken reading, 0 for none.
    """

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
    secondary_exposures: tuple[str, ...] = ()
    carry_over: float = 0.0
    time_rule: str = "aoristic"
    areas: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    rollout: str = ""
    clusters: str = "catchment"
    strata: str = "area_size"
    sensitivities: tuple[str, ...] = SENSITIVITIES
    prior_sd: float = 0.0

    def content(self) -> dict[str, Any]:
        """What is hashed: the plan, and the definitions that it leans on, by their own hashes."""
        names = (self.measure, *self.placebos)
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in LATER_KEYS:  # a plan that was locked before a key existed keeps its hash
            if said[name] == type(said[name])(DEFAULTS[name]):
                del said[name]
        return {
            **said,
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
                "baseline_halves": self.strata == "area_size_baseline",
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
    """The plan of a TOML file, or as it is locked already. Raises PlanError, naming the key."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError("", f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError("", f"{path} is not TOML: {error}") from None
    return as_locked(parse_plan(data))


def parse_plan(data: dict[str, Any]) -> Plan:
    """Checks every key; an unknown one is refused, since a slip of the pen must not become a default."""
    plan, problems = check_plan(data)
    if plan is None:
        raise problems[0]
    return plan


def check_plan(data: dict[str, Any]) -> tuple[Plan | None, list[PlanError]]:
    """The plan, or everything that is wrong with it, each problem with its key."""
    problems = problems_of(data)
    if problems:
        return None, problems
    values = DEFAULTS | data
    lists: dict[str, Any] = {name: in_order(name, values[name]) for name in ANY_ORDER}
    plan = Plan(
        **{
            name: values[name]
            for name in ("measure", "from_week", "to_week", "unit", "exposure", "data", "family")
        },
        **lists,
        title=values["title"].strip(),
        radius_m=float(values["radius_m"]),
        permutations=int(values["permutations"]),
        seed=int(values["seed"]),
        thresholds=thresholds_of(values.get("thresholds", {})),
        carry_over=float(values["carry_over"]),
        time_rule=values["time_rule"],
        rollout=values["rollout"],
        clusters=values["clusters"],
        strata=values["strata"],
        prior_sd=float(values["prior_sd"]),
    )
    try:
        limits = Thresholds.from_table(parse_spec(plan.spec()).thresholds)
    except SpecError as error:
        key, _, words = str(error).removeprefix("model.").partition(": ")
        return None, [PlanError(key.replace("rules.", "thresholds."), words)]
    return replace(plan, thresholds=thresholds_of(asdict(limits))), []


def plan_of(record: EvaluationPlan) -> Plan:
    """The plan of a locked record, with today's definitions: its hash differs from the record's if they changed.

    Raises PlanError where the stored text is no plan any more.
    """
    try:
        stored = json.loads(record.content)
        stored = {key: value for key, value in stored.items() if key in Plan.__dataclass_fields__}
        for key in ("radius_m", "carry_over", "prior_sd"):
            stored[key] = float(stored.get(key, 0))
        for key in ("permutations", "seed"):
            stored[key] = int(stored[key])
        stored["thresholds"] = {key: float(value) for key, value in stored["thresholds"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlanError("", f"The stored text of this plan cannot be read any more: {error}") from error
    # A plan keeps the limits that it was locked with: all of them, or of an older plan those that its text names. Its lists
    # keep their order too: before it stopped counting, it was part of the hash.
    lists: dict[str, Any] = {key: tuple(stored[key]) for key in ANY_ORDER if key in stored}
    return replace(parse_plan(stored), thresholds=stored["thresholds"], **lists)


def as_locked(plan: Plan) -> Plan:
    """The same plan with its lists in the order in which it was locked when that still counted; else itself."""
    if EvaluationPlan.objects.filter(plan_hash=plan.plan_hash).exists():
        return plan
    for record in EvaluationPlan.objects.filter(title=plan.title).order_by("pk"):
        try:
            locked = plan_of(record)
        except PlanError:
            continue
        lists: dict[str, Any] = {key: in_order(key, getattr(locked, key)) for key in ANY_ORDER}
        if locked.plan_hash == record.plan_hash and replace(locked, **lists) == plan:
            return locked
    return plan


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


def lock(
    plan: Plan, *, by: User, second: User, replaces: EvaluationPlan | None = None, simulation: str = ""
) -> EvaluationPlan:
    """Locks a plan for ever. Raises PlanError for one person twice, for people without the right, or a lock twice.

    ``replaces`` is the older plan that it changes, ``simulation`` the JSON of what was simulated before.
    """
    if by.pk == second.pk:
        raise PlanError("", "A plan is locked by two different people; the author cannot be the second one.")
    if not second.is_active or not second.has_perm("wagtailadmin.access_admin"):
        raise PlanError("", f"{second.username} is not an active member of staff, so cannot be the second person.")
    if not by.is_active or not by.has_perm("analytics.run_evaluation"):
        raise PlanError("", f"{by.username} has no right to run evaluations, so cannot lock a plan.")
    before = EvaluationPlan.objects.filter(plan_hash=as_locked(plan).plan_hash).first()
    if before is not None:
        raise PlanError("", f"This very plan is locked already, since {before.locked_at:%Y-%m-%d %H:%M} UTC.")
    with transaction.atomic():
        locked = EvaluationPlan.objects.create(
            plan_hash=plan.plan_hash,
            title=plan.title,
            content=plan.canonical,
            data_kind=plan.data,
            outcomes_there=outcomes_loaded(plan),
            code_hash=code_hash(),
            locked_at=timezone.now(),
            locked_by=by,
            second=second,
            replaces=replaces,
            simulation=simulation,
        )
        record_act(
            "evaluation.plan_locked",
            by=by.get_username(),
            about=f"plan {locked.pk}",
            detail={
                "hash": locked.plan_hash,
                "second": second.get_username(),
                "outcomes_there": locked.outcomes_there,
            },
        )
    return locked


def is_intact(record: EvaluationPlan) -> bool:
    """Whether a locked plan still is what was locked: its content must give its hash."""
    return hashlib.sha256(record.content.encode()).hexdigest() == record.plan_hash
