"""Observed against expected: what exposed cells would have seen, worked out from unexposed cells only.

Borusyak, Jaravel and Spiess 2024 (Review of Economic Studies 91:3253); for counts in multiplicative form, where
expected = offset x unit effect x area-by-week effect, and the size is observed / expected.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.statistics.cells import Kept, informative_cells
from analytics.statistics.covariance import FEWEST_LEFT, Errors, jackknife_errors
from analytics.statistics.fitting import POISSON_LIKE, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, DoesNotConverge, components
from analytics.statistics.jackknife import Difference, difference_of


@dataclass(frozen=True)
class Imputed:
    """`observed` and `expected` are sums over the usable exposed `cells`; `without_comparison` could not be used.

    `log_ratio` is log(observed / expected) for counts, the mean difference for gaussian outcomes (of logs for
    log_gaussian); `without` (G) the same without each cluster, nan where nothing is left.
    """

    observed: float
    expected: float
    cells: int
    without_comparison: int
    log_ratio: float
    errors: Errors
    without: Array
    family: str = "poisson"

    @property
    def ratio(self) -> float:
        """Observed / expected (gaussian: not a ratio; use log_ratio)."""
        return math.exp(self.log_ratio)


@dataclass(frozen=True)
class Counterfactual:
    """Without cluster `left_out` (None: the whole): `expected` (cells) and which exposed cells are `usable` (cells)."""

    left_out: int | None
    expected: Array
    usable: Kept


def impute(
    y: Array,
    exposed: Kept,
    unit: Codes,
    period: Codes,
    clusters: Codes,
    *,
    offset: Array | None = None,
    prior: Array | None = None,
    family: str = "poisson",
) -> Imputed | None:
    """Observed / expected with a jackknife over clusters, t(G - 1). All arrays over cells; `offset` on the log scale.

    None when no exposed cell has a comparison, or fewer than three clusters are left.
    """
    whole, without = None, np.full(int(clusters.max()) + 1, np.nan)
    for case in counterfactuals(y, exposed, unit, period, clusters, offset=offset, prior=prior, family=family):
        size = effect_size(y, case.expected, case.usable, prior, family)
        if case.left_out is None:
            whole = case, size
        else:
            without[case.left_out] = size
    if whole is None or (~np.isnan(without)).sum() < FEWEST_LEFT:
        return None
    (case, size), usable = whole, whole[0].usable
    values = np.log(y) if family == "log_gaussian" else y
    if math.isnan(size):
        return None
    return Imputed(
        float(values[usable].sum()), float(case.expected[usable].sum()), int(usable.sum()), int((exposed & ~usable).sum()),
        size, jackknife_errors("jackknife", np.array([size]), without[:, None]), without, family,
    )  # fmt: skip


def difference_to(imputed: Imputed, beta: float, beta_without: Array) -> Difference | None:
    """Does observed over expected say the same as the two-way fit? They differ where an effect is not constant (R14).

    ``beta_without`` (G): the two-way coefficient leaving out each cluster, in the order of the clusters' codes.
    """
    return difference_of(imputed.log_ratio, imputed.without, beta, beta_without)


def effect_size(y: Array, expected: Array, usable: Kept, prior: Array | None, family: str) -> float:
    """log(observed / expected) for counts (0 observed counts as 0.5), else the mean difference; nan without cells."""
    if not usable.any():
        return math.nan
    weight = np.ones(int(usable.sum())) if prior is None else prior[usable]
    observed, wanted = y[usable], expected[usable]
    if family in POISSON_LIKE:
        wanted_sum = float((weight * wanted).sum())
        return math.log(max(float((weight * observed).sum()), 0.5) / wanted_sum) if wanted_sum > 0 else math.nan
    if family == "log_gaussian":
        observed = np.log(observed)
    return float((weight * (observed - wanted)).sum() / weight.sum())


def counterfactuals(
    y: Array,
    exposed: Kept,
    unit: Codes,
    period: Codes,
    clusters: Codes,
    *,
    offset: Array | None = None,
    prior: Array | None = None,
    family: str = "poisson",
) -> Iterator[Counterfactual]:
    """The whole first, then without each cluster in turn. Nothing at all when no exposed cell is usable."""
    if exposed.all():
        return
    fitted_as = "poisson" if family in POISSON_LIKE else family
    model = Model(y, np.empty((len(y), 0)), [unit, period], family=fitted_as, offset=offset, prior=prior)
    start: Array | None = None
    for left_out in (None, *range(int(clusters.max()) + 1)):
        inside = np.ones(len(y), dtype=bool) if left_out is None else clusters != left_out
        free = ~exposed & inside
        kept = informative_cells(y, model.effects, free, singletons=False)[0] if model.counts else free
        usable, linked = _comparable(exposed & inside, free, kept, unit, period)
        if not (usable & linked).any():
            if left_out is None:
                return
            continue
        try:
            eta = model.without_exposure(kept, start)
        except (NotIdentified, DoesNotConverge):
            if left_out is None:
                return
            continue
        if left_out is None:
            start = eta
        expected = np.where(linked, np.exp(eta), 0.0) if model.counts else eta
        yield Counterfactual(left_out, expected, usable)


def _comparable(exposed: Kept, free: Kept, kept: Kept, unit: Codes, period: Codes) -> tuple[Kept, Kept]:
    """(usable, of which something is expected), both over cells.

    Usable: the unit has a free (unexposed) period and the period a free unit, and if both saw events they are linked
    through kept cells. A comparison that saw nothing expects nothing, and counts: to leave such weeks out would keep
    the weeks in which the comparison happened to see more, and find a fall of a sixth where nothing happened.
    """
    unit_free = np.bincount(unit, weights=free)[unit] > 0
    period_free = np.bincount(period, weights=free)[period] > 0
    of_unit, of_period = np.full(int(unit.max()) + 1, -1), np.full(int(period.max()) + 1, -1)
    if kept.any():
        units, periods = np.unique(unit[kept]), np.unique(period[kept])
        of_unit[units], of_period[periods] = components(
            np.searchsorted(units, unit[kept]), np.searchsorted(periods, period[kept])
        )
    both = (of_unit[unit] >= 0) & (of_period[period] >= 0)
    linked = both & (of_unit[unit] == of_period[period])
    return exposed & unit_free & period_free & (linked | ~both), linked
