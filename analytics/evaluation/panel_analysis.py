"""One engine for our own panels and anybody's: fit, errors, permutation, correlations, rules, verdict.

Same input and seed give byte-equal results: cells are sorted by unit and time, draws come from PCG64, numbers are
rounded to ten significant digits.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_cells import (
    Cells,
    Panel,
    PanelError,
    drop_empty,
    effects_of,
    fit_cells,
    model_of,
    prepare,
)
from analytics.evaluation.panel_designs import (
    event_study_json,
    event_study_of,
    imputation_rows,
    switched_on,
    synthetic_of,
)
from analytics.evaluation.panel_diagnostics import diagnostics_of
from analytics.evaluation.panel_interrupted import (
    InterruptedFound,
    expected_when_on,
    interrupted_json,
    interrupted_of,
    interrupted_rules,
)
from analytics.evaluation.panel_measured import measured
from analytics.evaluation.panel_regression import (
    Fitted,
    imputed_of,
    is_counts,
    lead_of,
    mde_of,
    regression,
    unavailable,
)
from analytics.evaluation.panel_results import (
    difference_sentence,
    estimate_rows,
    headline,
    imputation_json,
    permutation_json,
    rounded,
    said_method,
)
from analytics.evaluation.panel_separation import drop_separated
from analytics.evaluation.panel_spec import INTERRUPTED, SYNTHETIC, PanelSpec
from analytics.evaluation.rules import EvaluationContext, Measured, Thresholds, apply_rules
from analytics.evaluation.verdict import Size, decide, power_of
from analytics.statistics.correlation import raw_spearman, within_correlation
from analytics.statistics.covariance import cv3_one_step
from analytics.statistics.fitting import POISSON_LIKE, NotIdentified
from analytics.statistics.fixed_effects import DoesNotConverge
from analytics.statistics.imputation import Imputed
from analytics.statistics.jackknife import cv3
from analytics.statistics.permutation import PermutationTest

__all__ = ["Panel", "PanelError", "Ratio", "analyse", "ratio_of", "rounded"]


@dataclass
class _Found:
    """What was worked out for one design, before the rules."""

    fitted: Fitted | None = None
    problem: str = ""
    rows: list[dict[str, Any]] | None = None
    imputed: Imputed | None = None
    interrupted: InterruptedFound | None = None
    more: dict[str, Any] | None = None


def analyse(
    panel: Panel,
    spec: PanelSpec,
    *,
    context: EvaluationContext | None = None,
    diagnostics: bool = False,
    drawn: PermutationTest | None = None,
) -> dict[str, Any]:
    """The whole analysis as one JSON-ready dictionary (keys of the contract). Raises PanelError.

    With ``diagnostics`` also everything that stands beside an estimate (panel_diagnostics), under their own keys.
    ``drawn`` is the test of a roll-out by lot; it takes the place of the block permutation of the first exposure.
    """
    context = context or EvaluationContext(columns=(spec.exposure[0], spec.outcome))
    thresholds = Thresholds.from_table(spec.thresholds)
    work = prepare(panel, spec)
    counts, two_way = is_counts(spec), spec.effects == ("unit", "time")
    whole, dropped = work, Counter[str]()
    if counts and spec.effects:
        work, dropped = drop_empty(work, spec)
    full = work
    if counts and spec.design != INTERRUPTED:
        work, apart = drop_separated(work, spec)
        if apart:
            dropped["separated"] = apart
    if spec.family == "log_gaussian" and len(work.y) < len(panel.outcome):
        dropped["outcome_not_above_0"] = len(panel.outcome) - len(work.y)
    found = _design(work, full, spec, drawn)
    fitted = found.fitted
    test = fitted.permutations.get(0) if fitted else None
    lead = lead_of(work, spec) if fitted and two_way and spec.design not in SYNTHETIC else None
    mde = mde_of(work, spec, fitted) if fitted and counts and two_way else None
    rows = found.rows if found.rows is not None else []
    result: dict[str, Any] = {
        "n_obs": len(work.y),
        "n_units": int(work.unit.max()) + 1,
        "n_periods": int(work.time.max()) + 1,
        "n_events": float(whole.y.sum()),
        "dropped": dict(sorted(dropped.items())),
        "columns_left_out": list(work.columns_left_out),
        "dispersion": fitted.fit.dispersion if fitted else None,
        "estimates": rows,
        "within_r": within_correlation(work.exposures[:, 0], work.y, effects_of(work, spec)) if two_way else None,
        "within_p": test.p_correlation if test else None,
        "raw_spearman": raw_spearman(whole.exposures[:, 0], whole.y),
        "mde_irr": mde,
        "imputation": imputation_json(found.imputed),
        "lead_p": lead.p if lead else None,
        "lead": {"coef": lead.coef, "se": lead.se, "p": lead.p} if lead else None,
        "clusters": int(work.cluster.max()) + 1,
        "se_method": said_method(rows, fitted.errors if fitted else {}),
        "problem": found.problem,
        "weights": {},
        "unavailable": unavailable(
            spec,
            {*rows[0]["se"], *rows[0]["p"]},
            int(work.cluster.max()) + 1,
            exact=fitted is not None and spec.design == "regression" and fitted.fit.freedom < 1,
        )
        if rows
        else {},
        "permutation": permutation_json(test),
    } | (found.more or {})
    if diagnostics and spec.design not in (*SYNTHETIC, INTERRUPTED):
        result |= {
            key: value
            for key, value in diagnostics_of(work, spec, fitted, found.imputed, work.cluster_labels).items()
            if key not in result
        }
    return rounded(result | _judged(result, work, whole, found, spec, context, thresholds))


def _design(work: Cells, full: Cells, spec: PanelSpec, drawn: PermutationTest | None = None) -> _Found:
    """``full`` has the cells that the regression sets apart: observed over expected needs no exposure fitted, and counts them."""
    if spec.design in SYNTHETIC:
        rows, more = synthetic_of(work, spec)
        return _Found(
            Fitted(fit_cells(work, spec), {}, None), rows=rows, more=more
        )  # the fit is for the rules alone
    if spec.design == INTERRUPTED:
        return _interrupted(work, spec)
    if spec.design != "regression":
        switched_on(work, spec)
    found = _Found()
    try:
        found.fitted = regression(work, spec)
    except (NotIdentified, DoesNotConverge) as error:
        found.problem = str(error)
    if drawn is not None and found.fitted is not None and 0 in found.fitted.permutations:
        own = found.fitted.permutations[0]
        found.fitted.permutations[0] = replace(
            drawn, p_correlation=own.p_correlation, correlation_statistic=own.correlation_statistic
        )
    counts = is_counts(spec)
    if found.fitted is not None or spec.design != "regression":
        found.imputed = imputed_of(_beside(full, work), spec) if counts or spec.design != "regression" else None
    if spec.design == "regression":
        fitted = found.fitted
        found.rows = (
            estimate_rows(fitted.fit, fitted.errors, fitted.permutations, fitted.wild, work.names)
            if fitted
            else []
        )
        return found
    found.rows = imputation_rows(found.imputed, found.fitted, work)
    if found.imputed is None:
        found.problem = found.problem or "No exposed cell has an unexposed one to be compared with."
    if spec.design == "event_study":
        found.more = {"event_study": event_study_json(event_study_of(_beside(full, work), spec), spec)}
    return found


def _interrupted(work: Cells, spec: PanelSpec) -> _Found:
    """The wider of two intervals is the headline, whatever other methods were asked for."""
    found = interrupted_of(work, spec)
    rows = estimate_rows(found.fitted.fit, found.fitted.errors, {}, {}, work.names) if found.fitted else []
    more = {
        "interrupted_time_series": interrupted_json(found, work),
        "se_method": found.model.headline if found.model else None,
    }
    return _Found(found.fitted, found.problem, rows, interrupted=found, more=more)


def _beside(full: Cells, work: Cells) -> Cells:
    """All cells, unless a cluster went with those set apart: the two jackknives must leave out the same clusters."""
    return full if len(full.cluster_labels) == len(work.cluster_labels) else work


def _judged(
    result: dict[str, Any], work: Cells, whole: Cells, found: _Found, spec: PanelSpec, context: EvaluationContext,
    thresholds: Thresholds,
) -> dict[str, Any]:  # fmt: skip
    """Rules, verdict, sentence, grade and power."""
    counts, fitted, mde = is_counts(spec), found.fitted, result["mde_irr"]
    seen = measured(work, whole, fitted, result["lead_p"], mde, found.imputed, spec)
    series = found.interrupted
    if series is not None and (expected := expected_when_on(series)) is not None:
        seen = replace(seen, exposed_expected=expected)
    rules = apply_rules(seen, context, thresholds)
    if series is not None:
        rules = interrupted_rules(rules, series, seen, thresholds)
    two_way = fitted is not None and spec.effects == ("unit", "time")
    shown = result["imputation"] if counts else None
    fit_rows = result["estimates"] if spec.design in ("regression", INTERRUPTED) else (
        estimate_rows(fitted.fit, fitted.errors, {}, {}, work.names) if fitted else []
    )  # fmt: skip
    ratio, low, high = headline(fit_rows, counts, result["se_method"] if series is not None else None)
    power = power_of(
        mde, units=result["n_units"], clusters=result["clusters"], weeks=result["n_periods"], thresholds=thresholds, context=context
    )  # fmt: skip
    lacks = _missing(whole, seen, two_way=two_way) if counts and series is None else ""
    verdict = decide(
        ratio=ratio, low=low, high=high, permutation_p=seen.permutation_p, rules=rules, thresholds=thresholds,
        context=context, two_way=two_way, mde=mde, power=power,
        printed=Size(shown["irr"], *shown["ci"]) if shown else None, grade=series.grade if series is not None else None,
        missing=lacks,
    )  # fmt: skip
    word, sentence = verdict.word, verdict.sentence
    refusals = result.get("refusals") or []
    if refusals:
        word, sentence = "refused", f"Refused: the data cannot carry an answer. {' '.join(refusals)} {sentence}"
    if not counts and result["estimates"]:
        sentence = f"{difference_sentence(result['estimates'][0], result['se_method'])} {sentence}"
    return {
        "power": power.as_json() if power else None,
        "rules": [rule.as_json() for rule in rules],
        "verdict": word,
        "verdict_sentence": sentence,
        "evidence_grade": verdict.grade,
    }


def _missing(whole: Cells, seen: Measured, *, two_way: bool) -> str:
    """Why no verdict word may be given although no rule fired; empty where everything that it needs is there."""
    if seen.cv3_excludes is None:
        return "the jackknife by cluster (cv3) is one of the two tests that a verdict needs, and it was not asked for or has no answer"
    if two_way and seen.lead_p is None:
        return "whether reach followed trouble could not be checked (R9)"
    x = np.abs(whole.exposures[:, 0])
    usual = float(x[x > 0].mean())
    if x.max() > 1 and not np.isclose(usual, 1):
        return (
            f"the limits of the rules are for an exposure of 0 to 1, and {whole.names[0]} runs to {x.max():g}. "
            f"Divide it by its mean where there is any ({usual:.4g}) and ask again"
        )
    return ""


@dataclass(frozen=True)
class Ratio:
    """The first exposure's rate ratio with its 95 % jackknife interval and p."""

    ratio: float
    low: float
    high: float
    p: float
    events: float


def ratio_of(panel: Panel, spec: PanelSpec, *, exact: bool = True) -> Ratio:
    """The fit and its interval alone, for sensitivities. ``exact`` refits without each cluster.

    Raises PanelError, NotIdentified or DoesNotConverge.
    """
    work = prepare(panel, spec)
    events = float(work.y.sum())
    if spec.family in POISSON_LIKE and spec.effects:
        work, _ = drop_empty(work, spec)
    if spec.family in POISSON_LIKE:
        work, _ = drop_separated(work, spec)
    fitted = fit_cells(work, spec)
    groups = int(work.cluster.max()) + 1
    if groups < 3:
        raise PanelError("Fewer than three clusters are left: no interval can be worked out.")
    errors, _ = cv3(model_of(work, spec), fitted, work.cluster) if exact else cv3_one_step(fitted, work.cluster)
    beta, half = float(fitted.beta[0]), errors.critical() * float(errors.se[0])
    return Ratio(
        math.exp(beta), math.exp(beta - half), math.exp(beta + half), float(errors.p(fitted.beta)[0]), events
    )
