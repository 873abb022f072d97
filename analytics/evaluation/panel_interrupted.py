"""The interrupted design: one series with a step, or two of which one had none. No web framework.

Lopez Bernal, Cummins and Gasparrini 2017 and 2018, as in ``analytics.statistics.interrupted``.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_calendar import calendar_of
from analytics.evaluation.panel_cells import Cells, PanelError
from analytics.evaluation.panel_regression import Fitted
from analytics.evaluation.panel_results import interval_of
from analytics.evaluation.panel_spec import INTERRUPTED, PanelSpec, SpecError
from analytics.evaluation.rules import NOT_APPLICABLE, Measured, Rule, Thresholds
from analytics.statistics.covariance import Errors, model_errors
from analytics.statistics.fitting import NotIdentified
from analytics.statistics.fixed_effects import Array, DoesNotConverge
from analytics.statistics.interrupted import Interrupted, interrupted_time_series

EXACT = 1e-9  # dispersion below which the series lies on the model, so that no error can be worked out
ENDLESS = 100.0  # log ratio: an end of an interval past this is no number that anybody could use
GRADE_ALONE, GRADE_CONTROLLED = 1, 2
FOR_SEVERAL = {
    "R5": "level, trend and season of the series are in the model, and there is no other place to vary apart from",
    "R6": "the smallest visible effect is worked out for panels of several units",
    "R9": "whether reach followed trouble is tested over several units",
    "R12": "there is one exposed series, so none can be left out",
    "R13": "one series has no arrangements to be shuffled",
    "R14": "observed over expected is worked out for panels of several units",
}


@dataclass(frozen=True)
class Series:
    """What a panel must be for this design. Arrays are over cells: `on` 1 from the step on (in the control too), `own` 1
    in the exposed series. `control` is None for a single series, `exposed` where the panel names no units."""

    on: Array
    own: Array
    moment: Array
    exposed: str | None
    control: str | None
    before: int
    after: int
    starts: object


@dataclass(frozen=True)
class InterruptedFound:
    """`fitted` and `model` None where nothing could be fitted; `problem` says why."""

    series: Series
    fitted: Fitted | None = None
    model: Interrupted | None = None
    problem: str = ""

    @property
    def grade(self) -> int:
        """Never above 2: a series with a step has at most one other to be compared with."""
        return GRADE_CONTROLLED if self.model is not None and self.series.control is not None else GRADE_ALONE


def series_of(work: Cells, spec: PanelSpec) -> Series:
    """Raises PanelError naming what the panel is not, or SpecError for a lag that is longer than the series."""
    name, step = work.names[0], work.exposures[:, 0]
    names = [str(work.labels[np.argmax(work.unit == unit)]) for unit in range(int(work.unit.max()) + 1)]
    if len(names) > 2:
        raise PanelError(
            f"The design {INTERRUPTED} takes one series, or the exposed one and its control; {spec.unit} has {len(names)} units. "
            "Keep two of them, add them up, or use another design."
        )
    _refuse_gaps(work, names)
    calendar = calendar_of(work.moments)
    if not np.isin(step, (0.0, 1.0)).all():
        wrong = step[~np.isin(step, (0.0, 1.0))][0]
        raise PanelError(
            f"{name}: the design {INTERRUPTED} needs a step, 0 before it and 1 from it on, not {wrong:g}."
        )
    exposed = [unit for unit in range(len(names)) if step[work.unit == unit].any()]
    if not exposed:
        raise PanelError(f"{name}: the step is never on.")
    if len(exposed) > 1:
        raise PanelError(
            f"{name}: the control series must never be exposed; both {names[0]} and {names[1]} are. Use a series without the "
            "step, or leave the other one out."
        )
    path = step[work.unit == exposed[0]][np.argsort(work.time[work.unit == exposed[0]])]
    before = int(np.argmax(path > 0))
    if before == 0:
        raise PanelError(
            f"{name}: the step is on from the first period, {calendar.said(0)}: there is nothing before it."
        )
    if not path[before:].all():
        off = calendar.said(before + int(np.argmin(path[before:])))
        raise PanelError(f"{name}: the step goes off again in {off}; it must stay on to the end.")
    if (spec.newey_west_lag or 0) >= len(path):
        raise SpecError(
            "model.newey_west_lag",
            f"must be less than the {len(path)} periods of the series, not {spec.newey_west_lag}.",
        )
    moment = calendar.moment(spec.period) if spec.period else np.zeros(len(calendar.times))
    return Series(
        (work.time >= before).astype(float), (work.unit == exposed[0]).astype(float), moment[work.time],
        names[exposed[0]] if spec.unit else None,
        names[1 - exposed[0]] if len(names) == 2 else None, before, len(path) - before, calendar.times[before].item(),
    )  # fmt: skip


def _refuse_gaps(work: Cells, names: list[str]) -> None:
    """Neighbours in time are compared (trend, season, autocorrelation), so every period must be there."""
    calendar, hint = calendar_of(work.moments), "give every period a row, with 0 where nothing was recorded"
    for unit, name in enumerate(names):
        rows = np.bincount(work.time[work.unit == unit])
        if rows.max() > 1:
            raise PanelError(
                f"The design {INTERRUPTED} needs one row for each period: there are {rows.max()} for "
                f"{calendar.said(int(np.argmax(rows)))}; add them up, or say which column names the series (data.unit)."
            )
        missing = np.setdiff1d(np.arange(len(calendar.times)), work.time[work.unit == unit])
        if len(missing):
            raise PanelError(
                f"The design {INTERRUPTED} needs both series in the same periods: {name} has no row for "
                f"{calendar.said(missing[0])}"
                + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
                + f"; {hint}."
            )
    if gap := calendar.gap():
        raise PanelError(
            f"The design {INTERRUPTED} needs every period: between {gap[0]} and {gap[1]} some are missing; {hint}."
        )


def interrupted_of(work: Cells, spec: PanelSpec) -> InterruptedFound:
    """The fit with its errors. Raises PanelError for a panel of another shape."""
    series = series_of(work, spec)
    if problem := _without_events(work.y, series):
        return InterruptedFound(series, problem=problem)
    try:
        model = interrupted_time_series(
            work.y, series.on, work.time.astype(float), exposed_series=series.own if series.control is not None else None,
            denominator=None if work.offset is None else np.exp(work.offset), moment=series.moment,
            period=spec.period or 1.0, pairs=spec.harmonics, slope=spec.slope, lag=spec.newey_west_lag, family=spec.family,
        )  # fmt: skip
    except (NotIdentified, DoesNotConverge) as error:
        return InterruptedFound(series, problem=str(error))
    if model.dispersion < EXACT:
        return InterruptedFound(
            series, problem="The series lies exactly on level, trend and season: no error can be worked out."
        )
    if _endless(model):
        return InterruptedFound(
            series,
            problem="So little is known that the interval has no end: take fewer harmonics, no change of slope, or more periods.",
        )
    errors = dict(model.errors)
    if "model" in spec.inference:
        errors["model"] = model_errors(model.fit)
    return InterruptedFound(series, Fitted(model.fit, errors, None), model)


def _endless(model: Interrupted) -> bool:
    known = 1 if model.slope is None else 2
    return any(
        errors.critical() * float(errors.se[n]) + abs(float(model.fit.beta[n])) > ENDLESS
        for errors in model.errors.values()
        for n in range(known)
    )


def _without_events(y: Array, series: Series) -> str:
    """A side of the step without a single event has a level of 0, and a ratio to it no finite size."""
    for own, name in ((1, series.exposed), (0, series.control)):
        for on, side in ((0, "before"), (1, "from")):
            inside = (series.own == own) & (series.on == on)
            if inside.any() and not y[inside].any():
                whose = f" of {name}" if series.control is not None else ""
                return f"No event was recorded in the series{whose} {side} the step{' on' if on else ''}, so the effect has no finite size."
    return ""


def interrupted_json(found: InterruptedFound, work: Cells) -> dict[str, Any]:
    """`interrupted_time_series` of a result: the size with both intervals, what was observed and what was expected."""
    series, model = found.series, found.model
    about: dict[str, Any] = {
        "controlled": series.control is not None, "exposed": series.exposed, "control": series.control, "starts": series.starts,
        "periods_before": series.before, "periods_after": series.after,
    }  # fmt: skip
    if model is None:
        return about
    widest = model.errors[model.headline]
    own = np.flatnonzero(series.own > 0)
    own = own[np.argsort(work.time[own])]
    return about | _size(model.coef, widest) | {
        "se_method": model.headline,
        "ci": {name: list(_ends(model.coef, errors)) for name, errors in model.errors.items()},
        "newey_west_lag": model.lag,
        "dispersion": model.dispersion,
        "slope": None if model.slope is None else _size(model.slope, widest, 1) | {"p": float(widest.p(model.fit.beta)[1])},
        "autocorrelation": model.autocorrelation.tolist(),
        "series": [
            {
                "time": work.moments[row].item(), "observed": float(work.y[row]), "expected": float(model.fit.mu[row]),
                "expected_without_step": float(model.without_step[row]),
            }
            for row in own.tolist()
        ],
    }  # fmt: skip


def _ends(value: float, errors: Errors, position: int = 0) -> tuple[float, float]:
    low, high = interval_of(value, errors, position)
    return math.exp(low), math.exp(high)


def _size(value: float, errors: Errors, position: int = 0) -> dict[str, float]:
    low, high = _ends(value, errors, position)
    return {"irr": math.exp(value), "ci_low": low, "ci_high": high}


def interrupted_rules(rules: list[Rule], found: InterruptedFound, m: Measured, t: Thresholds) -> list[Rule]:
    """R2 looks at both sides of the step; what only several units can answer does not apply. R3 stays: with one exposed
    series there is no design test, so that no verdict may be stronger than a description."""
    before, after = found.series.before, found.series.after
    short = m.periods < t.weeks_min or min(before, after) < t.weeks_before_min
    own = {
        "R2": (
            short,
            f"{m.periods} periods, {before} before the step and {after} from it on; at least {t.weeks_min:g}, "
            f"{t.weeks_before_min:g} and {t.weeks_before_min:g}",
        )
    } | {code: (None, f"{NOT_APPLICABLE}: {why}") for code, why in FOR_SEVERAL.items()}
    return [
        replace(rule, fired=own[rule.code][0], detail=own[rule.code][1]) if rule.code in own else rule
        for rule in rules
    ]


def expected_when_on(found: InterruptedFound) -> float | None:
    """Events expected in the exposed series from the step on, had there been no step (R4). None without a fit."""
    if found.model is None:
        return None
    return float(found.model.without_step[(found.series.own > 0) & (found.series.on > 0)].sum())
