"""Is a stored run still what it was, and would it come out again? Each check says what it found, in words."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from analytics.evaluation.code_version import code_hash, library_versions
from analytics.evaluation.out_of_date import changes_since
from analytics.evaluation.plan import is_intact, plan_of
from analytics.evaluation.plan_checks import PlanError
from analytics.models import EvaluationPlan, EvaluationRun


@dataclass(frozen=True)
class Check:
    """``ok`` True or False; None: it could not be made. ``words`` say what was found and what it means."""

    what: str
    ok: bool | None
    words: str

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "ok": self.ok, "words": self.words}


def checks_of(run: EvaluationRun, changes: list[str] | None = None) -> list[Check]:
    """Everything that can be told without working anything out again. ``changes``: of its data, where known already."""
    try:
        result = json.loads(run.result)
    except ValueError:
        result = {}
    return [
        _result(run, result),
        _rows(run, result),
        _plan(run.plan, run),
        _definitions(run.plan),
        _code(run),
        _libraries(result),
        _data(changes_since(run) if changes is None else changes),
    ]


def tampered(checks: list[Check]) -> bool:
    """Whether what is stored was changed; a newer code version or newer data is no tampering."""
    return any(each.ok is False for each in checks if each.what in ("Result", "Rows", "Plan"))


def _result(run: EvaluationRun, result: dict[str, Any]) -> Check:
    if hashlib.sha256(run.result.encode()).hexdigest() != run.result_hash:
        return Check(
            "Result",
            False,
            "The stored result was changed after it was written: its bytes no longer give its hash.",
        )
    columns = {"plan_hash": run.plan_hash, "data_hash": run.data_hash, "verdict": run.verdict}
    wrong = [name for name, value in columns.items() if result.get(name) != value]
    if wrong:
        return Check(
            "Result", False, f"The record was changed: {', '.join(wrong)} no longer agrees with the result."
        )
    return Check("Result", True, "The stored result gives its hash.")


def _rows(run: EvaluationRun, result: dict[str, Any]) -> Check:
    inputs = result.get("inputs")
    if not inputs:
        return Check(
            "Rows",
            None,
            "This run is from before inputs were listed in the result, so its rows cannot be checked.",
        )
    content = {"rows": run.panel_csv, "files": inputs["files"], "reach": inputs["reach"]}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    if digest != result.get("data_hash"):
        return Check(
            "Rows",
            False,
            "The stored rows were changed: with their files and reach they no longer give the data hash.",
        )
    return Check("Rows", True, "The stored rows give the data hash.")


def _plan(plan: EvaluationPlan | None, run: EvaluationRun) -> Check:
    if plan is None:
        return Check("Plan", None, "This run had no locked plan.")
    if not is_intact(plan):
        return Check("Plan", False, "The plan was changed after it was locked: its text no longer gives its hash.")
    if plan.plan_hash != run.plan_hash:
        return Check("Plan", False, "The run names another plan than the one it is stored under.")
    return Check("Plan", True, "The locked plan gives its hash.")


def _definitions(plan: EvaluationPlan | None) -> Check:
    if plan is None:
        return Check("Definitions", None, "Without a locked plan there is nothing to compare with.")
    try:
        now, then = plan_of(plan).content(), json.loads(plan.content)
    except (PlanError, ValueError) as error:
        return Check("Definitions", False, f"The plan cannot be read with today's definitions: {error}")
    changed = [
        name for name, digest in then.get("definitions", {}).items() if now["definitions"].get(name) != digest
    ]
    if then.get("reach_parameters") != now["reach_parameters"]:
        changed.append("assumptions of reach")
    if changed:
        return Check(
            "Definitions",
            False,
            f"Changed since the plan was locked: {', '.join(changed)}. A run today is exploratory (R1).",
        )
    return Check("Definitions", True, "Measures and assumptions of reach are those of the plan.")


def _code(run: EvaluationRun) -> Check:
    if not run.code_hash:
        return Check("Code", None, "The run does not name its code version.")
    if run.code_hash != code_hash():
        return Check(
            "Code", False,
            f"Another code version: the run was made by {run.code_hash[:12]}, this installation is {code_hash()[:12]}. The same "
            "bytes can be expected from the same code only.",
        )  # fmt: skip
    return Check("Code", True, f"The same code version, {run.code_hash[:12]}.")


def _libraries(result: dict[str, Any]) -> Check:
    then, now = result.get("made_by", {}).get("libraries", {}), library_versions()
    changed = [
        f"{name} {then.get(name, 'unknown')} then, {now[name]} now" for name in now if then.get(name) != now[name]
    ]
    if changed:
        return Check("Libraries", False, f"Other library versions: {'; '.join(changed)}.")
    return Check("Libraries", True, "The same library versions.")


def _data(changes: list[str]) -> Check:
    if changes:
        return Check("Data", False, f"The police data of these weeks changed after the run: {' '.join(changes)}")
    return Check(
        "Data",
        True,
        "No file of these weeks was loaded or withdrawn since. Whether every row is the same, a run done again tells.",
    )


def differences(before: EvaluationRun, after: EvaluationRun) -> list[str]:
    """Why a run done again gave other bytes; empty where it gave the same."""
    if before.result == after.result:
        return []
    found = []
    if hashlib.sha256(before.result.encode()).hexdigest() != before.result_hash:
        found.append("The first result was changed after it was stored.")
    one, two = _read(before), _read(after)
    if before.plan_hash != after.plan_hash:
        found.append("The plan's hash differs: the plan or a definition that it leans on was changed.")
    if before.data_hash != after.data_hash:
        found.append(_what_differs(before, after, one.get("inputs", {}), two.get("inputs", {})))
    if before.code_hash != after.code_hash:
        found.append(f"The code version differs: {before.code_hash[:12]} then, {after.code_hash[:12]} now.")
    then, now = (each.get("made_by", {}).get("libraries", {}) for each in (one, two))
    found += [
        f"{name}: {then.get(name)} then, {now.get(name)} now." for name in now if then.get(name) != now.get(name)
    ]
    keys = sorted(key for key in {*one, *two} if one.get(key) != two.get(key))
    return [*found, f"What differs in the result: {', '.join(keys)}."]


def _what_differs(before: EvaluationRun, after: EvaluationRun, one: dict[str, Any], two: dict[str, Any]) -> str:
    rows = set(before.panel_csv.splitlines()) ^ set(after.panel_csv.splitlines())
    parts = []
    if rows:
        cells = {tuple(row.split(",")[:2]) for row in rows}
        parts.append(f"{len(cells)} rows of the panel are different")
    if one.get("files") != two.get("files"):
        parts.append("other police files are counted")
    if one.get("reach") != two.get("reach"):
        parts.append("reach is different")
    return f"The data differ: {', '.join(parts) or 'the data hash'}."


def _read(run: EvaluationRun) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(run.result)
    except ValueError:
        return {}
    return found
