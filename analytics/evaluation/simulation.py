"""Simulating a plan before it is locked: power and smallest visible effect, without reading an outcome of its weeks.

Two parts. First panels without an effect: the smallest visible rate ratio. Then panels with planted effects, each put
through the whole decision rule: how often it would say "fewer". Whatever is found is handed to ``note`` after each
panel, and an attempt that was broken off goes on from there with the same numbers, because each panel has its own seed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_analysis import Panel, PanelError, analyse
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.plan import Plan
from analytics.evaluation.planned import Study, study_of
from analytics.evaluation.rules import EvaluationContext, Thresholds
from analytics.shown_numbers import percent_shown
from analytics.statistics.planned_power import EXACT_PANELS, counts_of, jackknife_error, visible_ratio
from analytics.statistics.sample_size import units_needed

PANELS = 40
RATIOS = (0.9, 0.8, 0.7, 0.5)
RULE_PANELS = 20
RULE_PERMUTATIONS = 199
LOCKED = EvaluationContext(plan_locked_before_outcomes=True)


class CannotSimulate(Exception):
    """The plan cannot be simulated; the message says why and what to do."""


def _nothing(found: dict[str, Any]) -> None:
    """Nobody keeps what is found on the way."""


def simulate(
    plan: Plan,
    *,
    found: dict[str, Any] | None = None,
    note: Callable[[dict[str, Any]], None] = _nothing,
    panels: int = PANELS,
    rule_panels: int = RULE_PANELS,
) -> dict[str, Any]:
    """What the plan could see, as one JSON-ready dictionary. Raises CannotSimulate."""
    try:
        study = study_of(plan)
    except ValueError as error:
        raise CannotSimulate(str(error)) from error
    found = {} if found is None else found
    errors: list[list[float | None]] = found.setdefault("errors", [])
    words: dict[str, list[str]] = found.setdefault("words", {})
    ratios = RATIOS if rule_panels else ()
    found["of"] = panels + rule_panels * len(ratios)
    found["distinct"], found["clusters"] = study.distinct, len(set(study.clusters))
    for panel in range(len(errors), panels):
        outcome = counts_of(study.world, study.exposure, 1.0, seed=plan.seed, panel=panel)
        one, exact = jackknife_error(study.world, study.exposure, outcome, exact=panel < EXACT_PANELS)
        errors.append([None if np.isnan(one) else one, exact])
        note(found)
    for ratio in ratios:
        said = words.setdefault(str(ratio), [])
        for panel in range(len(said), rule_panels):
            said.append(_verdict(plan, study, ratio, panel))
            note(found)
    return _summary(plan, study, errors, words)


def done_of(found: dict[str, Any]) -> tuple[int, int]:
    """(steps done, of how many) of what was noted."""
    done = len(found.get("errors", ())) + sum(len(each) for each in found.get("words", {}).values())
    return done, int(found.get("of", 0))


def _verdict(plan: Plan, study: Study, ratio: float, panel: int) -> str:
    outcome = counts_of(study.world, study.exposure, ratio, seed=plan.seed, panel=panel)
    known = ~np.isnan(study.exposure)
    unit, week = np.nonzero(known)
    made = Panel(
        time=np.array(study.weeks)[week],
        outcome=outcome[known],
        exposures={plan.exposure: study.exposure[known]},
        unit=np.array(study.units)[unit],
        cluster=np.array(study.clusters)[unit],
        area=np.array(study.areas)[unit],
    )
    spec = parse_spec(
        replace(plan, permutations=RULE_PERMUTATIONS, inference=("cv3", "permutation"), family="poisson").spec()
    )
    try:
        answer = analyse(made, spec, context=LOCKED)
    except PanelError:
        return "refused"
    fired = next((rule["code"] for rule in answer["rules"] if rule["fired"] and rule["effect"] != "note"), "")
    word = str(answer["verdict"])
    return word if word in ("fewer", "more") or not fired else f"{word} ({fired})"


def _summary(
    plan: Plan, study: Study, errors: list[list[float | None]], words: dict[str, list[str]]
) -> dict[str, Any]:
    clusters = len(set(study.clusters))
    one_step = [float("nan") if one is None else one for one, _ in errors]
    both = [(one, exact) for one, exact in errors if one is not None and exact is not None]
    mde = visible_ratio(one_step, both, clusters)
    wanted = Thresholds.from_table(plan.thresholds).mde_min
    units = len(study.units)
    unit = "venues" if plan.unit == "venue" else "venue clusters"
    enough = mde is not None and mde >= wanted
    needed = None if mde is None or enough else units_needed(mde, units=units, clusters=clusters, target=wanted)
    return {
        "plan_hash": plan.plan_hash,
        "mde_irr": None if mde is None else round(mde, 4),
        "detectable_fall_percent": None if mde is None else round(100 * (1 - mde), 1),
        "sentence": f"With {units} {unit} over {len(study.weeks)} weeks "
        + (
            "nothing could be seen at all."
            if mde is None
            else f"we could only see a fall of {percent_shown(100 * (1 - mde))} % or more."
        ),
        "enough": enough,
        "wanted_fall_percent": round(100 * (1 - wanted), 1),
        "units_needed": needed,
        "units": units,
        "venues": study.venues,
        "clusters": clusters,
        "weeks": len(study.weeks),
        "panels": len(errors),
        "failed_panels": sum(one is None for one, _ in errors),
        "distinct": study.distinct,
        "power": [
            {
                "irr": float(ratio),
                "panels": len(said),
                "share_fewer": round(Counter(said)["fewer"] / len(said), 3) if said else None,
                "words": dict(sorted(Counter(said).items())),
            }
            for ratio, said in sorted(
                words.items(), reverse=True
            )  # PostgreSQL hands keys back in an order of its own
        ],
        "exposure_from": study.exposure_words,
        "history_from": study.history_words,
        "assumed": study.assumed,
        "seed": plan.seed,
    }
