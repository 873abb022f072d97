"""A result's JSON: the contract's keys, and under ``diagnostics`` everything else that a report shows."""

from dataclasses import dataclass
from typing import Any

from analytics.evaluation.code_version import code_hash, library_versions
from analytics.evaluation.panel_details import counts_of_imputation
from analytics.evaluation.panel_results import interval_by
from analytics.evaluation.plan import Plan
from analytics.measures.catalogue import measure_named
from analytics.panel import PanelTable, totals_by_week
from analytics.police_data.time_quality import TimeQuality


@dataclass(frozen=True)
class Facts:
    """The plan and its data, besides what the engine found."""

    plan: Plan
    table: PanelTable
    locked: bool
    quality: TimeQuality
    geocoded_gap_points: float | None


def answer(facts: Facts, result: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """``result`` is the engine's, ``more`` what stands beside it, by its key under ``diagnostics``."""
    plan, table = facts.plan, facts.table
    imputed = _imputation(result["imputation"])
    if imputed and more.get("in_counts"):
        live = more["in_counts"]["live_unit_weeks"]
        more = more | {"in_counts": counts_of_imputation(imputed, live)}
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
        "plan_locked": facts.locked,
        "data_hash": table.data_hash,
        "inputs": {"files": sorted(table.file_hashes), "reach": table.reach_hash},
        "synthetic": table.synthetic,
        "verdict": result["verdict"],
        "verdict_sentence": result["verdict_sentence"],
        "evidence_grade": result["evidence_grade"],
        "rules": result["rules"],
        "estimate": _estimate(result, imputed),
        "correlation": {name: result[name] for name in ("within_r", "within_p", "raw_spearman")},
        "mde_irr": result["mde_irr"],
        "diagnostics": _diagnostics(facts, result, imputed) | more,
        "events_in_units": table.events_in_units,
        "unique_events": table.unique_events,
        "made_by": {"code": code_hash(), "libraries": library_versions(), "seed": plan.seed},
    }


def _estimate(result: dict[str, Any], imputed: dict[str, Any] | None) -> dict[str, Any]:
    """What is printed: for on/off exposure observed over expected, else the two-way fit. The test is the latter's."""
    first = result["estimates"][0] if result["estimates"] else {}
    method = result["se_method"]
    low, high = interval_by(first, method)
    found = {"irr": first.get("ratio"), "ci_low": low, "ci_high": high, "se_method": method, "basis": "two_way"}
    if imputed:
        sizes = {name: imputed[name] for name in ("irr", "ci_low", "ci_high")}
        found |= sizes | {"se_method": "jackknife", "basis": "imputation"}
    return found | {"p_permutation": first.get("p", {}).get("permutation"), "clusters": result["clusters"]}


def _imputation(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return None
    low, high = found["ci"]
    names = {
        "ci_low": low,
        "ci_high": high,
        "exposed_cells": found["cells"],
        "no_comparison": found["without_comparison"],
    }
    return found | names


def _diagnostics(facts: Facts, result: dict[str, Any], imputed: dict[str, Any] | None) -> dict[str, Any]:
    table = facts.table
    permutation = dict(result["permutation"]) if result["permutation"] else None
    null = permutation.pop("null") if permutation else None
    return {
        "n_obs": result["n_obs"],
        "n_units": result["n_units"],
        "n_periods": result["n_periods"],
        "n_events": result["n_events"],
        "dropped": result["dropped"] | {f"exposure missing: {why}": n for why, n in table.missing.items()},
        "dispersion": result["dispersion"],
        "estimates": result["estimates"],
        "imputation": imputed,
        "lead": result["lead"],
        "lead_p": result["lead_p"],
        "power": result["power"],
        "permutation": permutation,
        "permutation_null": null,
        "problem": result["problem"],
        "weeks": totals_by_week(table),
        "excluded": table.excluded,
        "geocoded_share": table.geocoded_share,
        "clock_times": facts.quality.as_json(),
        "data_quality": {
            "geocoded_share": table.geocoded_share,
            "geocoded_gap_points": facts.geocoded_gap_points,
            "placeholder_share": facts.quality.placeholder_share,
            "long_span_share": facts.quality.long_share,
            "duplicate_references": table.duplicate_references,
        },
    }
