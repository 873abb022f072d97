"""How complete recent weeks are, by chain ladder, and whether fast recording goes with exposure.

Chain ladder: Mack 1993 (ASTIN Bulletin 23:213). An offence of week w is recorded d weeks later; what later weeks still
lack is judged by how earlier weeks filled up.
"""

import numpy as np

from analytics.statistics.fixed_effects import Array, Codes

MOST_LAGS = 52
PURPOSE = 21


def development(week: Codes, lag: Codes, weights: Array, *, weeks: int) -> Array:
    """Recorded by lag (weeks x lags, cumulative). ``lag`` counts whole weeks from the start of the offence's week."""
    table = np.zeros((weeks, MOST_LAGS))
    np.add.at(table, (week, np.clip(lag, 0, MOST_LAGS - 1)), weights)
    return np.asarray(np.cumsum(table, axis=1), dtype=float)


def completeness(table: Array, age: Codes) -> Array:
    """Share thought to be recorded by now, 0 to 1, of each week. ``age``: the last lag that is seen whole (-1: none).

    f_d = sum C(w, d+1) / sum C(w, d) over weeks in which both are seen; completeness at age L = 1 / product of f_d, d >= L.
    """
    lags = table.shape[1]
    factors = np.ones(lags)
    for d in range(lags - 1):
        both = age >= d + 1
        before = float(table[both, d].sum())
        factors[d] = float(table[both, d + 1].sum()) / before if before > 0 else 1.0
    to_come = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    shares = 1.0 / np.maximum(to_come, 1.0)
    return np.asarray(np.where(age < 0, 0.0, shares[np.clip(age, 0, lags)]), dtype=float)


def early_share_p(
    exposure: Array, early: Array, total: Array, cluster: Codes, area: Codes, *, draws: int, seed: int
) -> float | None:
    """p of the test that the share recorded early does not differ with exposure. Arrays are units x weeks.

    Exposure paths of whole clusters change places within areas among clusters of the same size; the statistic is the sum
    of exposure times (early - area's share x total). None where there is nothing to compare.
    """
    left = np.zeros_like(total)
    for each in np.unique(area):
        inside = area == each
        whole = total[inside].sum()
        left[inside] = early[inside] - total[inside] * (early[inside].sum() / whole if whole else 0.0)
    if np.ptp(exposure) == 0 or not np.abs(left).max() > 0:
        return None
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, PURPOSE])))
    members = [np.flatnonzero(cluster == each) for each in np.unique(cluster)]
    kinds = np.array([area[rows[0]] * 10_000 + len(rows) for rows in members])
    products = exposure @ left.T
    label = np.arange(len(exposure))
    observed, middle = float(products[label, label].sum()), 0.0
    # The mean over all arrangements: that of the draws would tip the balance between two that lie equally far off.
    for kind in np.unique(kinds):
        rows = np.array([members[n] for n in np.flatnonzero(kinds == kind)])
        middle += float(products[rows[:, None], rows[None, :]].sum()) / len(rows)
    drawn = np.empty(draws)
    for draw in range(draws):
        moved = label.copy()
        for kind in np.unique(kinds):
            group = np.flatnonzero(kinds == kind)
            for target, source in zip(group, generator.permutation(group), strict=True):
                moved[members[target]] = members[source]
        drawn[draw] = products[moved, label].sum()
    hits = int((np.abs(drawn - middle) >= abs(observed - middle) - 1e-9).sum())
    return (1 + hits) / (draws + 1)
