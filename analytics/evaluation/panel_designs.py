"""Designs other than the regression: observed over expected, event study, synthetic control and its kin."""

import math
from typing import Any

import numpy as np

from analytics.evaluation.panel_cells import Cells, PanelError
from analytics.evaluation.panel_regression import Fitted, is_counts, on_off
from analytics.evaluation.panel_results import interval_of
from analytics.evaluation.panel_spec import PanelSpec
from analytics.shown_numbers import moment_shown
from analytics.statistics.event_study import EventStudy, event_study
from analytics.statistics.fixed_effects import Array
from analytics.statistics.imputation import Imputed
from analytics.statistics.synthetic import Synthetic, synthetic_control, synthetic_did

DONORS_MIN = 10
FIT_WORSE_THAN_NOISE, NOISE_FLOOR = 2.0, 0.01  # the floor is a share of the level, for series that hardly move
NORMAL_95 = 1.959963984540054


def switched_on(work: Cells, spec: PanelSpec) -> np.ndarray:
    """Exposed cells of an on/off exposure. Raises PanelError for a dose."""
    if len(work.names) > 1:
        raise PanelError(
            f"The design {spec.design} takes one exposure, not {len(work.names)}: {', '.join(work.names)}."
        )
    switched = on_off(work.exposures[:, 0])
    if switched is None:
        raise PanelError(
            f"{work.names[0]}: the design {spec.design} needs an exposure that is on or off (two values); this one is a dose."
        )
    return switched[0]


def imputation_rows(imputed: Imputed | None, fitted: Fitted | None, work: Cells) -> list[dict[str, Any]]:
    """The one estimate of the imputation design; tests of no effect are the regression's."""
    if imputed is None:
        return []
    size = imputed.log_ratio
    ratio = None if imputed.family == "gaussian" else math.exp(size)
    low, high = interval_of(size, imputed.errors)
    if ratio is not None:
        low, high = math.exp(low), math.exp(high)
    row: dict[str, Any] = {
        "exposure": work.names[0], "coef": size, "ratio": ratio, "se": {"jackknife": float(imputed.errors.se[0])},
        "ci": {"jackknife": [low, high]}, "p": {"jackknife": float(imputed.errors.p(np.array([size]))[0])},
    }  # fmt: skip
    if fitted is not None:
        row["p"] |= {
            name: test[0].p
            for name, test in (("permutation", fitted.permutations), ("wild", fitted.wild))
            if 0 in test
        }
    return [row]


def event_study_of(work: Cells, spec: PanelSpec) -> EventStudy | None:
    """None for a dose, with controls or without both effects, or where nothing can be compared."""
    switched = on_off(work.exposures[:, 0])
    if switched is None or work.exposures.shape[1] > 1 or work.extra.size or spec.effects != ("unit", "time"):
        return None
    return event_study(
        work.y, switched[0], work.unit, work.period, work.time, work.cluster, offset=work.offset, prior=work.prior,
        family=spec.family, seed=spec.seed,
    )  # fmt: skip


def event_study_json(found: EventStudy | None, spec: PanelSpec) -> dict[str, Any] | None:
    """Bins with their own interval and the joint band; ratios, or differences under `coef` for gaussian outcomes."""
    if found is None:
        return None
    exponential = spec.family != "gaussian"

    def shown(value: float) -> float:
        return math.exp(value) if exponential and math.isfinite(value) else value

    rows = []
    for n, each in enumerate(found.bins):
        half = found.critical * each.se
        rows.append(
            {
                "from_week": each.from_week, "to_week": each.to_week, "events": each.events if is_counts(spec) else None,
                "coef": each.coef, "irr": math.exp(each.coef) if exponential else None,
                "ci_low": shown(each.coef - half), "ci_high": shown(each.coef + half),
                "band_low": shown(float(found.band.low[n])), "band_high": shown(float(found.band.high[n])),
            }
        )  # fmt: skip
    return {"bins": rows, "pre_p": found.pre_p, "band_p": found.band.p, "band_critical": found.band.critical}


def synthetic_of(work: Cells, spec: PanelSpec) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(the estimate's rows, what else the design says). Raises PanelError naming what the design misses."""
    exposed = switched_on(work, spec)
    outcomes, treated, before = _grid(work, exposed, spec)
    values = np.log(outcomes) if spec.family == "log_gaussian" else outcomes
    try:
        found = (synthetic_control if spec.design == "synthetic_control" else synthetic_did)(
            values, treated, before, seed=spec.seed
        )
    except ArithmeticError as error:
        raise PanelError(str(error)) from error
    refusals = _refusals(found, values, treated, before, spec.design)
    names = [str(work.labels[np.argmax(work.unit == unit)]) for unit in range(len(treated))]
    controls = [name for name, inside in zip(names, treated, strict=True) if not inside]
    times = [moment_shown(work.moments[np.argmax(work.time == time)]) for time in range(before)]
    about = {
        "weights": {name: float(weight) for name, weight in zip(controls, found.unit_weights, strict=True)},
        "time_weights": {name: float(weight) for name, weight in zip(times, found.time_weights, strict=True)},
        "placebos": found.placebos,
        "fit_error": found.fit_error,
        "fit_error_uniform": found.fit_error_uniform,
        "gaps": found.gaps.tolist(),
        "refusals": refusals,
        "problem": " ".join(refusals),
    }
    return [_synthetic_row(found, work.names[0], spec)], about


def _refusals(found: Synthetic, values: Array, treated: np.ndarray, before: int, design: str) -> list[str]:
    """Why the number may be shown and not used: too few places to compare with, or none that was alike before."""
    reasons = []
    donors, own = int((~treated).sum()), values[treated, :before].mean(axis=0)
    if donors < DONORS_MIN:
        reasons.append(
            f"The design {design} needs at least {DONORS_MIN} units that are never exposed, and there are {donors}: chance could "
            "not be told from an effect."
        )
    if not values[treated, :before].any():
        reasons.append(
            "Nothing was recorded in the exposed units before the start, so there is no level to compare with."
        )
        return reasons
    # What the treated series jumps by from one period to the next is noise that no comparison can follow.
    noise = max(float(np.diff(own).std()) / math.sqrt(2), NOISE_FLOOR * float(np.abs(own).mean()))
    if found.fit_error > FIT_WORSE_THAN_NOISE * noise:
        reasons.append(
            f"Before the start the comparison misses the exposed units by {found.fit_error:.3g} on average, more than "
            f"{FIT_WORSE_THAN_NOISE:g} times the {noise:.3g} that they change by chance: there is no place like them."
        )
    return reasons


def _synthetic_row(found: Synthetic, name: str, spec: PanelSpec) -> dict[str, Any]:
    logs = spec.family == "log_gaussian"
    row: dict[str, Any] = {
        "exposure": name, "coef": found.effect, "ratio": math.exp(found.effect) if logs else None, "se": {}, "ci": {}, "p": {},
    }  # fmt: skip
    if math.isfinite(found.placebo_se):
        half = NORMAL_95 * found.placebo_se
        ends = [found.effect - half, found.effect + half]
        row["se"]["placebo"], row["p"]["placebo"] = found.placebo_se, found.placebo_p
        row["ci"]["placebo"] = [math.exp(end) for end in ends] if logs else ends
        if "permutation" in spec.inference:
            row["p"]["permutation"] = found.placebo_p
    return row


def _grid(work: Cells, exposed: np.ndarray, spec: PanelSpec) -> tuple[Array, np.ndarray, int]:
    units, periods = int(work.unit.max()) + 1, int(work.time.max()) + 1
    if len(work.y) != units * periods:
        raise PanelError(
            f"The design {spec.design} needs a balanced panel: {units} units and {periods} periods make {units * periods} "
            f"rows, the panel has {len(work.y)}."
        )
    outcomes, on = np.empty((units, periods)), np.zeros((units, periods), dtype=bool)
    outcomes[work.unit, work.time], on[work.unit, work.time] = work.y, exposed
    treated: np.ndarray = np.asarray(on.any(axis=1))
    if treated.all() or not treated.any():
        raise PanelError(f"The design {spec.design} needs units that are exposed and units that never are.")
    starts = set(on[treated].argmax(axis=1).tolist())
    before = int(min(starts))
    if len(starts) > 1 or not on[treated][:, before:].all():
        raise PanelError(
            f"The design {spec.design} needs one common start, and exposure that stays on; these differ."
        )
    if before < 2:
        raise PanelError(f"The design {spec.design} needs at least two periods before the start, not {before}.")
    if (~treated).sum() < 2:
        raise PanelError(f"The design {spec.design} needs at least two units that are never exposed.")
    return outcomes, treated, before
