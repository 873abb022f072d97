"""Running a plan: panel, engine, placebos, rules, one stored result. Same data, same plan: the same bytes."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import Min
from django.utils import timezone

from analytics import nights
from analytics.evaluation.answer import Facts, answer
from analytics.evaluation.evidence import Delay, delay_json, delay_of, early_p, gap_of, kept_weeks, recorded, trim
from analytics.evaluation.panel_analysis import Panel, analyse, rounded
from analytics.evaluation.panel_analysis import PanelError as EngineError
from analytics.evaluation.panel_details import details_of
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.plan import Plan, is_intact
from analytics.evaluation.plan_checks import SENSITIVITIES
from analytics.evaluation.randomisation import (
    NotThisRollout,
    Randomised,
    as_allocated,
    exact_test,
    randomisation_of,
    why_it_does_not_count,
)
from analytics.evaluation.rules import EvaluationContext, Thresholds
from analytics.evaluation.sensitivities import (
    Base,
    Counts,
    base_of,
    carried_over,
    counter,
    multiverse,
    placebo_dates,
    placebo_outcomes,
    reach_range,
    rings,
    same_sign_p,
    secondary_exposures,
    shrunken,
    tried,
)
from analytics.measures.catalogue import measure_named
from analytics.models import EvaluationPlan, EvaluationRun, ImportedFile
from analytics.panel import PanelError, PanelTable, build_panel, unit_exposures
from analytics.police_data.places import metres_of
from analytics.police_data.recording import Recording
from analytics.police_data.selection import NoSuchData
from analytics.police_data.time_quality import TimeQuality, time_quality
from analytics.reach.quality import weeks_by_grade
from analytics.reach.snapshots import corrections, figures_differ, open_evaluation, opened_reach, snapshots_of
from analytics.reach.venue_weeks import VenueWeek, venue_weeks
from campaign_pages import activity


class EvaluationFailed(Exception):
    """The evaluation could not be run; the message says why and what to do."""


@dataclass(frozen=True)
class Evaluation:
    """A result: its dictionary, its exact bytes, and the panel behind it."""

    result: dict[str, Any]
    text: str
    panel: PanelTable
    record: EvaluationPlan | None

    @property
    def result_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def locked_record(plan: Plan) -> EvaluationPlan | None:
    """The lock of exactly this plan, definitions included; None if any of it was changed since."""
    return EvaluationPlan.objects.filter(plan_hash=plan.plan_hash).first()


def evaluate(plan: Plan, *, say: Callable[[str], None] = lambda line: None) -> Evaluation:
    """Everything but the storing. Raises EvaluationFailed."""
    record = locked_record(plan)
    try:
        say("reach by venue and week")
        open_evaluation(plan.plan_hash)  # keeps reach as it is before outcomes are read
        delivered = reach_of(plan)
        lot = randomisation_of(plan, delivered)
        study = _study(plan, _exposed(lot, delivered), say)
        say("placebo outcomes, rings and other errors")
        beside = _beside(study)
        say("the model, its interval and the permutation test")
        context = _context(study, record, beside)
        if lot:
            context = replace(
                context, randomised=True, rollout_broken_share=lot.following.share, other_draws=lot.other_draws
            )
        drawn = exact_test(lot, study.panel, draws=plan.permutations, seed=plan.seed) if lot else None
        result = analyse(study.panel, parse_spec(plan.spec()), context=context, drawn=drawn)
        say("placebo dates, secondary exposures and every choice at once")
        found = answer(study.facts(record is not None), result, beside | _further(study, result))
        if lot:
            found["diagnostics"]["rollout"] = lot.as_json() | {
                "broken_share_most": study.thresholds.rollout_broken_max,
                "as_delivered": _as_delivered(plan, delivered),
            }
        elif why := why_it_does_not_count(plan):
            found["diagnostics"]["rollout_does_not_count"] = why
    except (PanelError, EngineError, NoSuchData, NotThisRollout) as error:
        raise EvaluationFailed(str(error)) from error
    # Corrections are of what was delivered: what was drawn by lot cannot be corrected.
    listed = corrections(plan.plan_hash, plan.from_week, plan.to_week, delivered)
    found["diagnostics"]["corrections"] = listed
    found["diagnostics"]["data_quality"]["reach_venue_weeks_by_grade"] = weeks_by_grade(study.all_reach)
    found["diagnostics"]["before_corrections"] = _before_corrections(study, lot, delivered, figures_differ(listed))
    found = rounded(found)
    text = json.dumps(found, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"
    return Evaluation(found, text, study.table, record)


def _as_delivered(plan: Plan, delivered: list[VenueWeek]) -> dict[str, Any]:
    """The same model on reach as it was delivered: second to the analysis as allocated, since who delivers is no lot."""
    study = _study(plan, delivered, lambda line: None)
    spec = replace(parse_spec(plan.spec()), inference=("cv3",))
    rows = analyse(study.panel, spec)["estimates"]
    if not rows:
        return {"irr": None, "ci_low": None, "ci_high": None}
    low, high = rows[0]["ci"].get("cv3", (None, None))
    return {"irr": rows[0]["ratio"], "ci_low": low, "ci_high": high}


@dataclass(frozen=True)
class Study:
    """A plan's data, trimmed and ready: the table, its known cells as columns, and where they came from."""

    plan: Plan
    thresholds: Thresholds
    all_reach: list[VenueWeek]
    reach: list[VenueWeek]
    recording: Recording
    delay: Delay | None
    table: PanelTable
    panel: Panel
    base: Base
    quality: TimeQuality

    def facts(self, locked: bool) -> Facts:
        return Facts(self.plan, self.table, locked, self.quality, gap_of(self.recording, self.all_reach))


def _study(plan: Plan, reach: list[VenueWeek], say: Callable[[str], None]) -> Study:
    thresholds = Thresholds.from_table(plan.thresholds)
    say("recorded offences by venue and week")
    whole = _panel(plan, plan.measure, reach)
    recording = recorded(plan, plan.measure)
    delay = delay_of(recording, nights.weeks_between(plan.from_week, plan.to_week), thresholds)
    return _from_table(plan, thresholds, reach, whole, recording, delay)


def _from_table(
    plan: Plan, thresholds: Thresholds, reach: list[VenueWeek], whole: PanelTable, recording: Recording, delay: Delay | None
) -> Study:  # fmt: skip
    table = trim(whole, delay)
    weeks = kept_weeks(plan.from_week, plan.to_week, delay)
    kept = [row for row in reach if row.week in set(weeks)]
    table = _carried_over(table, kept, weeks, plan.carry_over)
    panel = columns_of(table)
    spec = replace(parse_spec(plan.spec()), inference=("cv3",))
    return Study(
        plan, thresholds, reach, kept, recording, delay, table, panel,
        base_of(panel, table, kept, weeks, spec, plan.carry_over), _time_quality(plan),
    )  # fmt: skip


def _carried_over(table: PanelTable, reach: list[VenueWeek], weeks: list[str], share: float) -> PanelTable:
    """The plan's carry-over in place of the week's own exposure."""
    if not share:
        return table
    values = unit_exposures(reach, table.exposure, table.unit_of)
    cells = [(row.unit, row.week) for row in table.rows]
    stock = carried_over(values, weeks, cells, share)
    rows = tuple(
        replace(row, exposure=None if np.isnan(value) else float(value))
        for row, value in zip(table.rows, stock, strict=True)
    )
    return replace(table, rows=rows)


def _counter(study: Study, by: str) -> Callable[[str], dict[str, Counts]]:
    plan = study.plan
    return counter(
        plan.measure, from_week=plan.from_week, to_week=plan.to_week, data=plan.data, by=by, rule=plan.time_rule
    )


def _beside(study: Study) -> dict[str, Any]:
    """What rules look at besides the fit: placebo outcomes (R10) and the spatial error (R13)."""
    plan, base = study.plan, study.base
    main = tried(base.ratio)
    placebos = placebo_outcomes(base, plan.placebos, plan.radius_m, main["irr"], _counter(study, "measure"))
    return {"placebos": placebos, "placebo_outcomes": placebos} | details_of(
        study.panel, base.spec, places=_places(study.table)
    )


def _further(study: Study, result: dict[str, Any]) -> dict[str, Any]:
    """Sensitivities that move no rule."""
    plan, base = study.plan, study.base
    by_rule, asked = _counter(study, "rule"), plan.sensitivities
    night = measure_named(plan.measure).window == "night"
    found: dict[str, Any] = {
        "rings": rings(base, by_rule(plan.time_rule)) if "rings" in asked else [],
        "placebo_dates": placebo_dates(base) if "placebo_dates" in asked else [],
        "secondary_exposures": secondary_exposures(base, plan.secondary_exposures),
        "reach_range": reach_range(base, (plan.exposure, *plan.secondary_exposures))
        if "reach_range" in asked
        else None,
        "multiverse": multiverse(base, by_rule, rules=night) if "multiverse" in asked else [],
        "not_asked_for": [name for name in SENSITIVITIES if name not in asked],
    }
    if plan.carry_over:
        found["carry_over"] = plan.carry_over
    if plan.prior_sd:
        found["shrunken"] = shrunken(result, plan.prior_sd)
    if study.delay is not None and "delay" in asked:
        early = base.outcome(study.recording.early)
        found["delay"] = delay_json(
            study.delay, early_p(study.table, study.recording, plan.seed), tried(lambda: base.ratio(outcome=early))
        )
    return found


def _exposed(lot: Randomised | None, delivered: list[VenueWeek]) -> list[VenueWeek]:
    """What is analysed: reach as it was drawn by lot where there was a lot, otherwise as it was delivered."""
    return as_allocated(lot, delivered) if lot else delivered


def _before_corrections(
    study: Study, lot: Randomised | None, delivered: list[VenueWeek], differs: bool
) -> dict[str, Any] | None:
    """The two-way estimate with reach as it was when outcomes came in; None where that was not kept."""
    if not snapshots_of(study.plan.plan_hash).exists():
        return None
    after = tried(study.base.ratio)
    if not differs:  # the same figures are the same estimate
        return {"before": after, "after": after}
    before = _exposed(lot, opened_reach(study.plan.plan_hash, delivered) or [])
    try:
        table = _panel(study.plan, study.plan.measure, before)
        old = _from_table(study.plan, study.thresholds, before, table, study.recording, study.delay)
    except (PanelError, EngineError) as error:
        return {"problem": str(error)}
    return {"before": tried(old.base.ratio), "after": after}


def _places(table: PanelTable) -> dict[str, tuple[float, float]]:
    """Easting and northing (metres) of each unit: the mean of its venues."""
    venues = [each for each in activity.venues() if each.code in table.unit_of]
    points = metres_of(
        np.array([each.longitude for each in venues], dtype=float),
        np.array([each.latitude for each in venues], dtype=float),
    )
    found: dict[str, list[Any]] = {}
    for each, point in zip(venues, points, strict=True):
        found.setdefault(table.unit_of[each.code], []).append(point)
    return {unit: tuple(np.mean(places, axis=0).tolist()) for unit, places in found.items()}


def store(
    evaluation: Evaluation, plan: Plan, *, by: str = "", repeats: EvaluationRun | None = None
) -> EvaluationRun:
    """Keeps the attempt. Every run is a row, also when it says what an earlier one said."""
    return EvaluationRun.objects.create(
        plan=evaluation.record,
        title=plan.title,
        plan_hash=evaluation.result["plan_hash"],
        data_hash=evaluation.result["data_hash"],
        result_hash=evaluation.result_hash,
        verdict=evaluation.result["verdict"],
        result=evaluation.text,
        panel_csv=evaluation.panel.as_csv(),
        synthetic=evaluation.panel.synthetic,
        by=by[:150],
        ran_at=timezone.now(),
        from_week=plan.from_week,
        to_week=plan.to_week,
        code_hash=evaluation.result["made_by"]["code"],
        repeats=repeats,
    )


def _panel(plan: Plan, measure: str, reach: list[VenueWeek]) -> PanelTable:
    return build_panel(
        measure=measure,
        from_week=plan.from_week,
        to_week=plan.to_week,
        unit=plan.unit,
        exposure=plan.exposure,
        radius_m=plan.radius_m,
        data=plan.data,
        reach=reach,
        time_rule=plan.time_rule,
        clusters=plan.clusters,
    )


def reach_of(plan: Plan) -> list[VenueWeek]:
    """Reach of the plan's venues and weeks; empty lists in the plan mean all of the register."""
    rows = venue_weeks(from_week=plan.from_week, to_week=plan.to_week, only=plan.venues or None)
    return [row for row in rows if not plan.areas or row.area in plan.areas]


def columns_of(table: PanelTable) -> Panel:
    """The known cells as the engine's arrays; cells whose exposure nobody knows are left out, not set to 0."""
    rows = [row for row in table.rows if row.exposure is not None]
    if not rows:
        raise PanelError("In no week is it known whether anything was on show: there is nothing to compare.")
    return Panel(
        time=np.array([row.week for row in rows]),
        outcome=np.array([row.assaults for row in rows], dtype=float),
        exposures={table.exposure: np.array([row.exposure for row in rows], dtype=float)},
        unit=np.array([row.unit for row in rows]),
        cluster=np.array([row.cluster for row in rows]),
        area=np.array([row.area for row in rows]),
    )


def _context(study: Study, record: EvaluationPlan | None, beside: dict[str, Any]) -> EvaluationContext:
    table, delay = study.table, study.delay
    spatial = beside.get("conley") or {}
    return EvaluationContext(
        plan_locked_before_outcomes=_locked_in_time(record, table),
        geocoded_share=table.geocoded_share,
        geocoded_gap_points=gap_of(study.recording, study.all_reach),
        placeholder_share=study.quality.placeholder_share,
        long_span_share=study.quality.long_share,
        completeness=delay.lowest_kept if delay else None,
        trimmed_weeks=len(delay.incomplete) if delay else None,
        placebo_p=same_sign_p(beside["placebos"]),
        events_in_units=table.events_in_units,
        unique_events=table.unique_events,
        duplicate_references=table.duplicate_references,
        hashes_differ=table.hashes_differ,
        conley_ratio=spatial.get("ratio_to_cv3"),
        synthetic=table.synthetic,
        venues=len(table.unit_of) if study.plan.unit == "catchment" else None,
        unit_word="venues" if study.plan.unit == "venue" else "venue clusters",
    )


def _locked_in_time(record: EvaluationPlan | None, table: PanelTable) -> bool:
    """R1: locked, unchanged, and before the first file behind the counts came in."""
    if record is None or record.outcomes_there or not is_intact(record):
        return False
    first = ImportedFile.objects.filter(sha256__in=table.file_hashes, state=ImportedFile.State.LOADED).aggregate(
        first=Min("imported_at")
    )["first"]
    return first is None or record.locked_at <= first


def _time_quality(plan: Plan) -> TimeQuality:
    first, last = nights.week_start(plan.from_week), nights.nights_of_week(plan.to_week)[-1]
    return time_quality(measure_named(plan.measure), first, last, synthetic=plan.data == "synthetic")
