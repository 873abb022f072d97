"""Does future reach "predict" past assaults, and how does an effect unfold over the weeks after reach?

The lead test is a gate: when it fires, reach followed trouble (Granger 1969; Angrist and Pischke 2009, section 5.2).
"""

from dataclasses import dataclass

import numpy as np

from analytics.statistics.bands import Band, band
from analytics.statistics.cells import Kept, informative_cells
from analytics.statistics.covariance import Errors
from analytics.statistics.fitting import POISSON_LIKE, Fit, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, codes_of
from analytics.statistics.jackknife import cv3

LEAD_WEEKS = 4
LAG_WEEKS = 8


def lead_mean(x: Array, unit: Codes, time: Codes, weeks: int = LEAD_WEEKS) -> Array:
    """Mean exposure of the unit's next `weeks` periods (cells), of those that are known; nan in the last `weeks`."""
    table = _table(x, unit, time)
    lead = np.full_like(table, np.nan)
    for t in range(table.shape[1] - weeks):
        ahead = table[:, t + 1 : t + 1 + weeks]
        known = ~np.isnan(ahead)
        count = known.sum(axis=1)
        lead[:, t] = np.where(count > 0, np.where(known, ahead, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return lead[unit, time]


def lagged(x: Array, unit: Codes, time: Codes, lag: int) -> Array:
    """The unit's exposure `lag` periods earlier (cells); nan where it is not known."""
    table = _table(x, unit, time)
    moved = np.full_like(table, np.nan)
    if lag < table.shape[1]:
        moved[:, lag:] = table[:, : table.shape[1] - lag]
    return moved[unit, time]


@dataclass(frozen=True)
class LeadTest:
    """Coefficient of the lead mean (log ratio), its CV3 error and two-sided p with t(G - 1); G clusters, n cells."""

    coef: float
    se: float
    p: float
    clusters: int
    cells: int


def lead_test(
    y: Array, x: Array, unit: Codes, period: Codes, time: Codes, clusters: Codes, *, family: str = "poisson",
    offset: Array | None = None, prior: Array | None = None, weeks: int = LEAD_WEEKS,
) -> LeadTest:  # fmt: skip
    """The lead mean of x's first column, beside all of `x` (cells x k), with exact CV3. `time` is the period number 0, 1, ...

    Raises NotIdentified (the lead says the same as the exposure, or too few clusters) or DoesNotConverge.
    """
    lead = lead_mean(x[:, 0], unit, time, weeks)
    columns = np.column_stack([lead, x])
    fitted, errors, keep, _ = _fit_known(y, columns, unit, period, clusters, family, offset, prior)
    return LeadTest(
        float(fitted.beta[0]), float(errors.se[0]), float(errors.p(fitted.beta)[0]), (errors.freedom or 0) + 1, int(keep.sum())
    )  # fmt: skip


@dataclass(frozen=True)
class LagProfile:
    """Log ratios of x_t ... x_(t-8) fitted jointly (`coefs`), errors, sup-t band, and the cumulative sum with its error."""

    coefs: Array
    errors: Errors
    band: Band
    cumulative: float
    cumulative_se: float


def lag_profile(
    y: Array, x: Array, unit: Codes, period: Codes, time: Codes, clusters: Codes, *, family: str = "poisson",
    offset: Array | None = None, prior: Array | None = None, lags: int = LAG_WEEKS, seed: int = 1,
) -> LagProfile:  # fmt: skip
    """Doses only; for on/off exposures the event study says this. Raises NotIdentified or DoesNotConverge.

    The first `lags` periods of a unit have no known lags and are left out.
    """
    columns = np.column_stack([lagged(x[:, 0], unit, time, lag) for lag in range(lags + 1)] + [x[:, 1:]])
    fitted, errors, _, without = _fit_known(y, columns, unit, period, clusters, family, offset, prior)
    count = lags + 1
    coefs, changes = fitted.beta[:count], (without - fitted.beta)[:, :count]
    changes = changes[~np.isnan(changes).any(axis=1)]
    groups = len(changes)
    total = changes.sum(axis=1)
    se = float(np.sqrt((groups - 1) / groups * (total**2).sum()))
    return LagProfile(
        coefs, Errors("cv3", errors.se[:count], errors.freedom), band(coefs, errors.se[:count], changes, seed=seed),
        float(coefs.sum()), se,
    )  # fmt: skip


def _fit_known(
    y: Array, columns: Array, unit: Codes, period: Codes, clusters: Codes, family: str, offset: Array | None,
    prior: Array | None,
) -> tuple[Fit, Errors, Kept, Array]:  # fmt: skip
    """Fit and CV3 on the cells where every column is known; also those cells, and coefficients without each cluster."""
    keep: Kept = np.asarray(~np.isnan(columns).any(axis=1))
    if family in POISSON_LIKE:
        keep = informative_cells(y, [unit, period], keep)[0]
    if not keep.any():
        raise NotIdentified("The panel is too short: no cell has both its past and its future.")
    own = codes_of(clusters[keep])
    if int(own.max()) < 2:
        raise NotIdentified("Fewer than three clusters are left.")
    model = Model(
        y[keep], columns[keep], [codes_of(unit[keep]), codes_of(period[keep])], family=family,
        offset=None if offset is None else offset[keep], prior=None if prior is None else prior[keep],
    )  # fmt: skip
    fitted = model.fit()
    errors, without = cv3(model, fitted, own)
    return fitted, errors, keep, without


def _table(x: Array, unit: Codes, time: Codes) -> Array:
    table = np.full((int(unit.max()) + 1, int(time.max()) + 1), np.nan)
    table[unit, time] = x
    return table
