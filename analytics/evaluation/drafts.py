"""Drafts of plans on their way to the lock: written by one person, simulated, asked for, confirmed by another.

written -> simulated -> asked for -> locked
               ^            |
               +-- edited, declined
"""

import json
import tomllib
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.audit.chain import record as record_act
from analytics.evaluation.plan import Plan, as_locked, check_plan, lock, plan_of
from analytics.evaluation.plan_checks import ANY_ORDER, DEFAULTS, REQUIRED, PlanError, in_order
from analytics.evaluation.planned import venues_of
from analytics.evaluation.rules import Thresholds
from analytics.models import EvaluationDraft, EvaluationPlan
from campaign_pages.accounts.models import User

RUN = "analytics.run_evaluation"
Kind = EvaluationDraft.Kind


def may(person: Any) -> bool:
    return bool(person.is_active and person.has_perm(RUN))


def new_draft(
    kind: str, *, by: User, values: dict[str, Any] | None = None, replaces: EvaluationPlan | None = None
) -> EvaluationDraft:
    """A draft of one's own. Raises PlanError for people without the right."""
    if not may(by):
        raise PlanError("", f"{by.get_username()} may not write evaluation plans (role Evaluator).")
    values = values or {}
    return EvaluationDraft.objects.create(
        kind=kind, author=by, values=values, title=str(values.get("title", ""))[:120], replaces=replaces
    )


def read_toml(text: str) -> dict[str, Any]:
    """Keys of a plan from TOML. Raises PlanError for what is not TOML or has unknown keys; values may be wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError("", f"This is not TOML: {error}") from error
    known = {*REQUIRED, *DEFAULTS, "thresholds"}
    unknown = [key for key in data if key not in known]
    if unknown:
        raise PlanError(unknown[0], f"not a key of a plan; known are {', '.join(sorted(known))}")
    return json.loads(json.dumps(data, default=str))


def as_toml(values: dict[str, Any]) -> str:
    """A draft as a file that ``lock_plan`` and ``evaluate`` take."""
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if not isinstance(value, dict)]
    if values.get("thresholds"):
        lines += ["[thresholds]", *(f"{key} = {_toml(value)}" for key, value in values["thresholds"].items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return json.dumps(str(value), ensure_ascii=False)  # a basic string escapes as JSON does


def values_of_plan(record: EvaluationPlan) -> dict[str, Any]:
    """A locked plan as a draft's values. Raises PlanError where it cannot be read any more."""
    plan = plan_of(record)
    found: dict[str, Any] = {}
    for key in (*REQUIRED, *DEFAULTS):
        value = getattr(plan, key)
        value = list(value) if isinstance(value, tuple) else value
        if key in REQUIRED or value != DEFAULTS[key]:
            found[key] = value
    usual = asdict(Thresholds())
    changed = {name: value for name, value in plan.thresholds.items() if value != usual.get(name)}
    if changed:
        found["thresholds"] = changed
    return found


def save(draft: EvaluationDraft, *, by: User, values: dict[str, Any]) -> EvaluationDraft:
    """Keeps what was written. What had been asked for is asked for no longer. Raises PlanError."""
    with transaction.atomic():
        held = _own(draft, by)
        if values != held.values:
            held.values, held.title = values, str(values.get("title", ""))[:120]
            held.asked_at, held.asked_hash = None, ""
            held.save()
    return held


def ready_plan(draft: EvaluationDraft) -> Plan:
    """The draft as a plan with its venues fixed by name. Raises PlanError."""
    plan, problems = check_plan(_with_venues(draft.values))
    if plan is None:
        raise problems[0]
    return plan


def simulated(draft: EvaluationDraft) -> bool:
    """Whether the newest simulation is of what is written now."""
    then = draft.simulation.get("values", {})
    return bool(draft.simulation) and _asked(then) == _asked(draft.values)


def ask_lock(draft: EvaluationDraft, *, by: User) -> EvaluationDraft:
    """The author asks another person to confirm exactly this text. Raises PlanError."""
    with transaction.atomic():
        held = _own(draft, by)
        if not simulated(held):
            raise PlanError(
                "", "Simulate the plan as it is now, before it is locked: see what it could show at all."
            )
        plan = ready_plan(held)
        if EvaluationPlan.objects.filter(plan_hash=as_locked(plan).plan_hash).exists():
            raise PlanError("", "This very plan is locked already.")
        held.asked_at, held.asked_hash, held.declined = timezone.now(), plan.plan_hash, ""
        held.save()
        _write_down("plan_lock_asked", held, by, hash=plan.plan_hash)
    return held


def confirm_lock(draft: EvaluationDraft, *, by: User) -> EvaluationPlan:
    """Another person confirms, and the plan is locked for ever. Raises PlanError."""
    with transaction.atomic():
        held = _other(draft, by)
        plan = ready_plan(held)
        if plan.plan_hash != held.asked_hash:
            raise PlanError(
                "",
                "The register of venues or a definition that the plan leans on was changed since it was asked for. Its "
                "author looks at it and asks again.",
            )
        simulation = {key: value for key, value in held.simulation.items() if key != "values"}
        locked = lock(
            plan,
            by=held.author,
            second=by,
            replaces=held.replaces,
            simulation=json.dumps(simulation, sort_keys=True),
        )
        held.plan = locked
        held.save()
    return locked


def decline(draft: EvaluationDraft, *, by: User, reason: str) -> EvaluationDraft:
    """Another person says no, with a reason; the author goes on writing. Raises PlanError."""
    if not reason.strip():
        raise PlanError("reason", "A reason is needed: what should be changed?")
    with transaction.atomic():
        held = _other(draft, by)
        held.declined = f"{by.get_username()}: {reason.strip()}"[:400]
        held.asked_at, held.asked_hash = None, ""
        held.save()
        _write_down("plan_lock_declined", held, by, reason=reason.strip()[:300])
    return held


def _own(draft: EvaluationDraft, by: User) -> EvaluationDraft:
    held = EvaluationDraft.objects.select_for_update(of=("self",)).select_related("author").get(pk=draft.pk)
    if not may(by) or held.author_id != by.pk:
        raise PlanError(
            "", f"Only {held.author.get_username()} changes this draft. Begin one of your own from it."
        )
    if held.done:
        raise PlanError("", "It is locked and cannot be changed. A change is a new plan that names this one.")
    return held


def _other(draft: EvaluationDraft, by: User) -> EvaluationDraft:
    held = (
        EvaluationDraft.objects.select_for_update(of=("self",))
        .select_related("author", "replaces")
        .get(pk=draft.pk)
    )
    if not may(by):
        raise PlanError("", f"{by.get_username()} may not lock plans (role Evaluator).")
    if held.author_id == by.pk:
        raise PlanError("", "You wrote it, so another person has to confirm it.")
    if held.done:
        raise PlanError("", "It is locked already.")
    if not held.asked_hash:
        raise PlanError("", "Its author has not asked for it to be locked, or has changed it since.")
    return held


def _with_venues(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("venues"):
        return values
    return values | {"venues": sorted(each.code for each in venues_of(values.get("areas") or (), ()))}


def _asked(values: dict[str, Any]) -> dict[str, Any]:
    """What a simulation depends on, in one form whatever was left to its default and however lists were ordered."""
    values = values | {key: list(in_order(key, values[key])) for key in ANY_ORDER if _names(values.get(key))}
    said = {key: value for key, value in values.items() if DEFAULTS.get(key) != value}
    return {key: value for key, value in said.items() if key != "title"}


def _names(value: Any) -> bool:
    """A draft's values may be anything that was typed."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _write_down(action: str, draft: EvaluationDraft, by: User, **detail: Any) -> None:
    record_act(f"evaluation.{action}", by=by.get_username(), about=f"draft {draft.pk}", detail=detail)
