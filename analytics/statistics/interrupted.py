"""Interrupted time series: a whole area switched on at once, with trend, season, and a control series if there is one.

Lopez Bernal, Cummins and Gasparrini 2017 (International Journal of Epidemiology 46:348); with a control series 2018
(47:2082). Counts are quasi-Poisson with the log of the denominator as offset.
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.statistics.covariance import Errors, automatic_lag, newey_west_errors, quasi_errors
from analytics.statistics.fitting import Fit, NotIdentified, fit
from analytics.statistics.fixed_effects import Array, Codes

WEEKS_IN_A_YEAR = 52.18
MONTHS_IN_A_YEAR = 12.0
NOUGHT = 1e-9  # a column no larger is a sine that is 0 at every period


@dataclass(frozen=True)
class Interrupted:
    """`coef` log ratio of the step (of series x step with a control), `slope` of the change in trend per period or None.

    `errors` by method ("quasi", "newey_west"), first entry the step's; `headline` is the method with the wider interval.
    `autocorrelation` (8) of the Pearson residuals, lags 1 to 8, of the exposed series. `without_step` (rows) what would be
    expected had the exposed series had no step of its own.
    """

    coef: float
    slope: float | None
    errors: dict[str, Errors]
    headline: str
    dispersion: float
    autocorrelation: Array
    controlled: bool
    fit: Fit
    lag: int
    without_step: Array


def harmonics(moment: Array, period: float, pairs: int) -> Array:
    """Sine and cosine of 2 pi k moment / period for k = 1..pairs (n x 2 pairs); `moment` in the unit of `period`."""
    angles = [2 * np.pi * k * moment / period for k in range(1, pairs + 1)]
    return np.column_stack(
        [wave(angle) for angle in angles for wave in (np.sin, np.cos)] or [np.empty((len(moment), 0))]
    )


def residual_autocorrelation(residual: Array, lags: int = 8) -> Array:
    """Autocorrelation at lags 1..lags (nan past the end) of residuals in time order, about their mean."""
    left = residual - residual.mean()
    whole = float((left**2).sum())
    found = np.full(lags, np.nan)
    for lag in range(1, min(lags, len(left) - 1) + 1):
        found[lag - 1] = float((left[lag:] * left[:-lag]).sum()) / whole if whole > 0 else np.nan
    return found


def pearson_residuals(y: Array, fitted: Fit) -> Array:
    """(y - mu) / sqrt(mu (1 + kappa mu)) for counts; plain residuals otherwise (of logs for log_gaussian)."""
    if fitted.family in {"gaussian", "log_gaussian"}:
        return (np.log(y) if fitted.family == "log_gaussian" else y) - fitted.mu
    return (y - fitted.mu) / np.sqrt(fitted.mu * (1 + fitted.kappa * fitted.mu))


def interrupted_time_series(
    y: Array, step: Array, time: Array, *, exposed_series: Array | None = None, denominator: Array | None = None,
    moment: Array | None = None, period: float = WEEKS_IN_A_YEAR, pairs: int = 2, slope: bool = False, lag: int | None = None,
    family: str = "quasipoisson",
) -> Interrupted:  # fmt: skip
    """`y` counts, `step` 0/1 and `time` (numbers) per row; `moment` where the row is in its year (default: `time`).

    `exposed_series` (0/1 per row) tells the exposed series from its control: each then has its own level and trend,
    and the coefficient is series x step. `lag` of Newey-West. `family` poisson or quasipoisson: the same fit.
    Raises NotIdentified or DoesNotConverge.
    """
    controlled = exposed_series is not None
    mine = np.ones(len(y)) if exposed_series is None else np.asarray(exposed_series, dtype=float)
    when = np.asarray(time, dtype=float)
    switched = float(when[step > 0].min())
    since = (when - switched) * step
    effect = np.column_stack([mine * step] + ([mine * since] if slope else []))
    columns = []
    if controlled:
        columns += [step, *([since] if slope else []), mine * (when - when.mean())]
    columns.append(when - when.mean())
    columns.append(harmonics(when if moment is None else moment, period, pairs))
    series: Codes = mine.astype(np.int64)
    levels = np.column_stack([mine, 1 - mine]) if controlled else np.ones((len(y), 1))
    rest = np.column_stack(columns)
    _refuse_too_much(np.column_stack([effect, rest, levels]))
    fitted = fit(
        y, np.column_stack([effect, _apart(rest, levels)]), [series] if controlled else [], family=family,
        offset=None if denominator is None else np.log(denominator),
    )  # fmt: skip
    order = np.lexsort((when, series))
    rank = np.empty(len(y), dtype=np.int64)
    rank[order] = np.arange(len(y))
    lag = automatic_lag(int(np.bincount(series).max())) if lag is None else lag
    errors = {
        "quasi": quasi_errors(fitted),
        "newey_west": newey_west_errors(fitted, rank, lag, series=series if controlled else None),
    }
    own = order[mine[order] > 0]
    return Interrupted(
        float(fitted.beta[0]), float(fitted.beta[1]) if slope else None, errors,
        max(errors, key=lambda name: float(errors[name].se[0])), fitted.dispersion,
        residual_autocorrelation(pearson_residuals(y, fitted)[own]), controlled, fitted, lag,
        fitted.mu * np.exp(-effect @ fitted.beta[: effect.shape[1]]),
    )  # fmt: skip


def _refuse_too_much(whole: Array) -> None:
    """Raises NotIdentified where there are as many numbers to find as rows, or two of them cannot be told apart."""
    size = np.abs(whole).max(axis=0)
    scaled = whole / np.where(size > NOUGHT, size, np.inf)
    if int(np.linalg.matrix_rank(scaled, tol=NOUGHT * math.sqrt(len(whole)))) < whole.shape[1]:
        raise NotIdentified(
            f"Over these {len(whole)} rows level, trend, season and step cannot be told apart: take fewer harmonics, no change "
            "of slope, or more periods."
        )
    if len(whole) <= whole.shape[1]:
        raise NotIdentified(
            f"{len(whole)} rows are too few to find {whole.shape[1]} numbers (level, trend, season, step)."
        )


def _apart(columns: Array, levels: Array) -> Array:
    """Columns that span the same beside the levels, at right angles: waves over less than a season lie so near each other
    that their coefficients would be huge, which looks like an effect without a finite size."""
    left = columns - levels @ np.linalg.lstsq(levels, columns, rcond=None)[0]
    return np.asarray(np.linalg.qr(left / np.abs(left).max(axis=0))[0] * math.sqrt(len(columns)))
