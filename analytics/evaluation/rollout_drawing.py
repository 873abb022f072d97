"""Drawing a roll-out, keeping the draw for ever, and the second person who makes it the one that is followed."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from analytics import nights
from analytics.audit.chain import record as record_act
from analytics.evaluation.code_version import code_hash
from analytics.evaluation.plan import canonical_json
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.planned import study_of
from analytics.evaluation.rollout_schedule import allocated_by_venue
from analytics.evaluation.rollout_settings import Cluster, RolloutPlan, blocks_of, clusters_of
from analytics.models import Rollout, RolloutConfirmation, RolloutDeviation
from analytics.statistics.planned_power import EXACT_PANELS, counts_of, jackknife_error, visible_ratio
from analytics.statistics.rollout import NEVER, Draw, RolloutError, draw
from campaign_pages.accounts.models import User

RUN = "analytics.run_evaluation"
WAVE_CHOICES = (2, 3, 4, 6, 8, 12)
PANELS = 40


def _quiet(line: str) -> None:
    """Progress that nobody reads."""


def make_draw(plan: RolloutPlan) -> tuple[Draw, dict[str, Any]]:
    """The draw of these settings and its whole content. Raises PlanError, naming the setting."""
    clusters, history = clusters_of(plan)
    blocks = blocks_of(clusters)
    try:
        drawn = draw(blocks, plan.mechanism, plan.seed)
    except RolloutError as error:
        raise PlanError(error.key, str(error)) from error
    place = {block.code: n for n, block in enumerate(drawn.blocks)}

    def row(cluster: Cluster) -> dict[str, Any]:
        n = place[cluster.block]
        arm = drawn.arm[n]
        return {
            "code": cluster.code, "area": cluster.area, "block": cluster.block, "stratum": drawn.stratum[n],
            "venues": list(cluster.venues), "wave": 0 if arm == NEVER else arm + 1,
            "start_week": "" if arm == NEVER else plan.week(drawn.starts[arm]),
        }  # fmt: skip

    content = {
        "settings": plan.content(),
        "clusters": [row(each) for each in clusters],
        "blocks": [{"code": b.code, "area": b.area, "baseline": b.baseline, "size": b.size} for b in drawn.blocks],
        "wave_weeks": [plan.week(index) for index in drawn.starts],
        "tries": drawn.tries,
        "imbalance": round(drawn.imbalance, 6),
        "baseline": history.words,
        "code": code_hash(),
        "format": 1,
    }
    return drawn, content


def keep_draw(plan: RolloutPlan, *, by: str, power: list[dict[str, Any]] | None = None) -> Rollout:
    """Draws and keeps it. The same settings and seed give the draw that is there already. Raises PlanError."""
    _, content = make_draw(plan)
    text = canonical_json(content)
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = Rollout.objects.filter(rollout_hash=digest).first()
    if before is not None:
        return before
    with transaction.atomic():
        kept = Rollout.objects.create(
            rollout_hash=digest,
            title=plan.title,
            content=text,
            from_week=plan.from_week,
            to_week=plan.to_week,
            first_start=nights.week_start(content["wave_weeks"][0]),
            seed=plan.seed,
            power=json.dumps(power) if power else "",
            drawn_by=by[:150],
            drawn_at=timezone.now(),
        )
        detail = {"hash": digest, "seed": plan.seed, "waves": plan.waves}
        record_act(
            "evaluation.rollout_drawn", by=by or "design_rollout", about=f"rollout {kept.pk}", detail=detail
        )
    return kept


def is_intact(rollout: Rollout) -> bool:
    """Whether the record still is what was drawn: its content must give its hash."""
    return hashlib.sha256(rollout.content.encode()).hexdigest() == rollout.rollout_hash


def other_draws(rollout: Rollout) -> list[Rollout]:
    """Other draws for some of the same venues and weeks: looking at many and keeping one is no randomisation."""
    mine = set(allocated_by_venue(rollout))
    near = Rollout.objects.exclude(pk=rollout.pk).filter(
        from_week__lte=rollout.to_week, to_week__gte=rollout.from_week
    )
    return [each for each in near if not mine.isdisjoint(allocated_by_venue(each))]


def chosen_among(rollout: Rollout) -> list[Rollout]:
    """Those of the other draws that were there when this one was confirmed: with any, the grade is not above 4."""
    return [each for each in other_draws(rollout) if each.drawn_at <= rollout.confirmation.confirmed_at]


def confirm(rollout: Rollout, *, by: User, second: User) -> RolloutConfirmation:
    """Two people make a draw the roll-out. Raises PlanError."""
    if by.pk == second.pk:
        raise PlanError("", "A roll-out is confirmed by two different people; who asks cannot be the second one.")
    for person in (by, second):
        if not person.is_active or not person.has_perm(RUN):
            raise PlanError("", f"{person.username} has no right to run evaluations (role Evaluator).")
    if not is_intact(rollout):
        raise PlanError("", "This record was changed after it was drawn: its text no longer gives its hash.")
    if RolloutConfirmation.objects.filter(rollout=rollout).exists():
        raise PlanError("", "This roll-out is confirmed already.")
    with transaction.atomic():
        made = RolloutConfirmation.objects.create(
            rollout=rollout,
            rollout_hash=rollout.rollout_hash,
            asked_by=by,
            confirmed_by=second,
            confirmed_at=timezone.now(),
        )
        record_act(
            "evaluation.rollout_confirmed",
            by=second.get_username(),
            about=f"rollout {rollout.pk}",
            detail={"hash": rollout.rollout_hash, "asked_by": by.get_username()},
        )
    return made


def note_deviation(
    rollout: Rollout, *, by: User, cluster: str, kind: str, reason: str, venue: str = "", week: str = ""
) -> RolloutDeviation:
    """Writes down that somebody did not follow the draw. Raises PlanError, naming the field."""
    clusters = {each["code"]: each for each in rollout.design["clusters"]}
    if cluster not in clusters:
        raise PlanError("cluster", f"there is no cluster {cluster!r} in this roll-out")
    if venue and venue not in clusters[cluster]["venues"]:
        raise PlanError("venue", f"{venue} is not in cluster {cluster}")
    if kind not in RolloutDeviation.Kind.values:
        raise PlanError("kind", "must be late, early or never")
    if not reason.strip():
        raise PlanError("reason", "is needed: what happened?")
    if kind == RolloutDeviation.Kind.NEVER:
        week = ""
    else:
        try:
            nights.week_start(week)
        except ValueError as error:
            raise PlanError("week", str(error)) from None
    with transaction.atomic():
        noted = RolloutDeviation.objects.create(
            rollout=rollout, cluster=cluster, venue=venue, kind=kind, week=week, reason=reason.strip()[:300],
            noted_by=by.get_username(), noted_at=timezone.now(),
        )  # fmt: skip
        record_act(
            "evaluation.rollout_deviation",
            by=by.get_username(),
            about=f"rollout {rollout.pk}",
            detail={"cluster": cluster, "kind": kind, "week": week},
        )
    return noted


def power_by_waves(
    plan: RolloutPlan,
    *,
    panels: int = PANELS,
    found: dict[str, Any] | None = None,
    note: Callable[[dict[str, Any]], None] = lambda found: None,
    say: Callable[[str], None] = _quiet,
) -> list[dict[str, Any]]:
    """Smallest visible ratio for several numbers of waves, the asked-for one among them.

    ``found`` is what an earlier, broken-off attempt noted: it goes on from there. Raises PlanError.
    """
    clusters, _ = clusters_of(plan)
    study = study_of(plan.as_plan([venue for each in clusters for venue in each.venues]))
    blocks = blocks_of(clusters)
    block_of = {each.code: each.block for each in clusters}
    found = {} if found is None else found
    done: dict[str, Any] = found.setdefault("waves", {})
    choices = sorted({plan.waves, *WAVE_CHOICES})
    found["of"] = len(choices)
    for waves in choices:
        if str(waves) in done:
            continue
        say(f"{waves} waves")
        try:
            drawn = draw(blocks, replace(plan, waves=waves).mechanism, plan.seed)
        except RolloutError as error:
            done[str(waves)] = {"waves": waves, "problem": str(error)}
            continue
        start = {
            block.code: math.inf if arm == NEVER else drawn.starts[arm]
            for block, arm in zip(drawn.blocks, drawn.arm, strict=True)
        }
        exposure = np.array([np.arange(plan.weeks) >= start[block_of[unit]] for unit in study.units], dtype=float)
        one_step, both = [], []
        for panel in range(panels):
            outcome = counts_of(study.world, exposure, 1.0, seed=plan.seed, panel=panel)
            one, exact = jackknife_error(study.world, exposure, outcome, exact=panel < EXACT_PANELS)
            one_step.append(one)
            if exact is not None:
                both.append((one, exact))
        mde = visible_ratio(one_step, both, len(set(study.clusters)))
        done[str(waves)] = {
            "waves": waves,
            "mde_irr": None if mde is None else round(mde, 4),
            "detectable_fall_percent": None if mde is None else round(100 * (1 - mde), 1),
        }
        note(found)
    return [done[str(waves)] for waves in choices]
