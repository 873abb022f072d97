"""Running a plan: panel, engine, placebos, rules, one stored result. Same data, same plan: the same bytes."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Min
from django.utils import timezone

from analytics import nights
from analytics.evaluation.code_version import code_hash, library_versions
from analytics.evaluation.panel_analysis import Panel, analyse, rounded
from analytics.evaluation.panel_analysis import PanelError as EngineError
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.plan import Plan, is_intact
from analytics.evaluation.rules import EvaluationContext
from analytics.measures.catalogue import measure_named
from analytics.models import EvaluationPlan, EvaluationRun, ImportedFile
from analytics.panel import PanelError, PanelTable, build_panel, totals_by_week
from analytics.police_data.selection import NoSuchData
from analytics.police_data.time_quality import TimeQuality, time_quality
from analytics.reach.snapshots import corrections, open_evaluation
from analytics.reach.venue_weeks import VenueWeek, venue_weeks
from analytics.statistics.permutation import Grid, PermutationTest, block_permutation

BINS = 30


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
        reach = reach_of(plan)
        say("recorded offences by venue and week")
        table = _panel(plan, plan.measure, reach)
        say("placebos, then the model, its interval and the permutation test")
        placebos = _placebos(plan, reach, table, say)
        result = _analysis(plan, table, _context(plan, table, record, placebo_p=_same_sign_p(placebos)))
    except (PanelError, EngineError, NoSuchData) as error:
        raise EvaluationFailed(str(error)) from error
    answer = _answer(plan, table, record, result, placebos)
    answer["diagnostics"]["corrections"] = corrections(plan.plan_hash, plan.from_week, plan.to_week, reach)
    answer = rounded(answer)
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"
    return Evaluation(answer, text, table, record)


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


def _analysis(plan: Plan, table: PanelTable, context: EvaluationContext) -> dict[str, Any]:
    return analyse(columns_of(table), parse_spec(plan.spec()), context=context)


def _context(
    plan: Plan, table: PanelTable, record: EvaluationPlan | None, placebo_p: float | None
) -> EvaluationContext:
    quality = _time_quality(plan)
    return EvaluationContext(
        plan_locked_before_outcomes=_locked_in_time(record, table),
        geocoded_share=table.geocoded_share,
        placeholder_share=quality.placeholder_share,
        long_span_share=quality.long_share,
        placebo_p=placebo_p,
        events_in_units=table.events_in_units,
        unique_events=table.unique_events,
        synthetic=table.synthetic,
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


def _placebos(
    plan: Plan, reach: list[VenueWeek], table: PanelTable, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The same model on outcomes that the campaign cannot move. p after Holm."""
    found: list[dict[str, Any]] = []
    wanted = parse_spec(plan.spec() | {"model": plan.spec()["model"] | {"inference": ["cv3"], "permutations": 99}})
    for name in plan.placebos:
        say(f"placebo outcome: {name}")
        row: dict[str, Any] = {"measure": name, "title": measure_named(name).title}
        try:
            other = _panel(plan, name, reach)
            estimate = analyse(columns_of(other), wanted)["estimates"]
            low, high = estimate[0]["ci"]["cv3"]
            row |= {"irr": estimate[0]["ratio"], "ci_low": low, "ci_high": high, "p": estimate[0]["p"]["cv3"]}
            row["events"] = other.events_in_units
        except (PanelError, EngineError, NoSuchData, IndexError, KeyError) as error:
            row |= {"irr": None, "ci_low": None, "ci_high": None, "p": None, "problem": str(error)}
        found.append(row)
    known = sorted((row for row in found if row["p"] is not None), key=lambda row: row["p"])
    highest = 0.0
    for n, row in enumerate(known):
        highest = max(highest, min(1.0, row["p"] * (len(known) - n)))
        row["p_holm"] = highest
    estimates = analyse(columns_of(table), wanted)["estimates"] if known else []
    main = estimates[0]["ratio"] if estimates else None
    for row in found:
        row["same_sign"] = main is not None and row["irr"] is not None and (row["irr"] < 1) == (main < 1)
    return found


def _same_sign_p(placebos: list[dict[str, Any]]) -> float | None:
    """R10 looks at placebo outcomes that moved the same way; one that moved the other way is in the table."""
    known = [row for row in placebos if row["p"] is not None]
    if not known:
        return None
    return min((row["p_holm"] for row in known if row["same_sign"]), default=1.0)


def _answer(
    plan: Plan,
    table: PanelTable,
    record: EvaluationPlan | None,
    result: dict[str, Any],
    placebos: list[dict[str, Any]],
) -> dict[str, Any]:
    """The contract's keys, and everything else that the report shows."""
    estimate = result["estimates"][0] if result["estimates"] else {}
    method = result["se_method"]
    low, high = estimate.get("ci", {}).get(method, (None, None))
    return {
        "title": plan.title,
        "measure": plan.measure,
        "measure_title": measure_named(plan.measure).title,
        "rule": measure_named(plan.measure).rule,
        "from_week": plan.from_week,
        "to_week": plan.to_week,
        "unit": plan.unit,
        "exposure": plan.exposure,
        "plan_hash": plan.plan_hash,
        "plan_locked": record is not None,
        "data_hash": table.data_hash,
        "inputs": {"files": sorted(table.file_hashes), "reach": table.reach_hash},
        "synthetic": table.synthetic,
        "verdict": result["verdict"],
        "verdict_sentence": result["verdict_sentence"],
        "evidence_grade": result["evidence_grade"],
        "rules": result["rules"],
        "estimate": {
            "irr": estimate.get("ratio"),
            "ci_low": low,
            "ci_high": high,
            "p_permutation": estimate.get("p", {}).get("permutation"),
            "se_method": method,
            "clusters": result["clusters"],
        },
        "correlation": {name: result[name] for name in ("within_r", "within_p", "raw_spearman")},
        "mde_irr": result["mde_irr"],
        "diagnostics": {
            "n_obs": result["n_obs"],
            "n_units": result["n_units"],
            "n_periods": result["n_periods"],
            "n_events": result["n_events"],
            "dropped": result["dropped"] | {f"exposure missing: {why}": n for why, n in table.missing.items()},
            "dispersion": result["dispersion"],
            "estimates": result["estimates"],
            "imputation": result["imputation"],
            "lead_p": result["lead_p"],
            "permutation": result["permutation"],
            "permutation_null": _null(plan, table, estimate),
            "placebos": placebos,
            "problem": result["problem"],
            "weeks": totals_by_week(table),
            "excluded": table.excluded,
            "geocoded_share": table.geocoded_share,
            "clock_times": _time_quality(plan).as_json(),
        },
        "events_in_units": table.events_in_units,
        "unique_events": table.unique_events,
        "made_by": {"code": code_hash(), "libraries": library_versions(), "seed": plan.seed},
    }


def _null(plan: Plan, table: PanelTable, estimate: dict[str, Any]) -> dict[str, Any] | None:
    """The permutation test's draws as a histogram; left out unless they give the very p of the result."""
    if estimate.get("p", {}).get("permutation") is None:
        return None
    test = _permutation(plan, columns_of(table))
    if test is None or abs(test.p - estimate["p"]["permutation"]) > 1e-9:
        return None
    counts, edges = np.histogram(test.null, bins=BINS)
    return {"counts": counts.tolist(), "edges": edges.tolist(), "observed": test.statistic}


def _permutation(plan: Plan, panel: Panel) -> PermutationTest | None:
    unit, cluster, area = (np.asarray(each) for each in (panel.unit, panel.cluster, panel.area))
    grids = []
    for name in np.unique(area):
        inside = area == name
        units, weeks = np.unique(unit[inside]), np.unique(panel.time[inside])
        if len(units) < 2 or inside.sum() != len(units) * len(weeks):
            continue
        order = np.lexsort((panel.time[inside], unit[inside]))
        shape = len(units), len(weeks)
        exposure = panel.exposures[plan.exposure][inside][order].reshape(shape)
        outcome = panel.outcome[inside][order].reshape(shape)
        groups = np.unique(cluster[inside][order], return_inverse=True)[1].reshape(shape)[:, 0]
        keep, some = outcome.sum(axis=1) > 0, outcome.sum(axis=0) > 0
        if keep.sum() >= 2:
            groups = np.unique(groups[keep], return_inverse=True)[1]
            grids.append(Grid(exposure[keep][:, some], outcome[keep][:, some], groups))
    return block_permutation(grids, draws=plan.permutations, seed=plan.seed) if grids else None
