"""Shares with their uncertainty: Wilson's interval, and several channels combined with honest bounds. No Django."""

import math
from collections.abc import Sequence

from analytics.reach.parameters import Range

Z_95 = 1.959963984540054  # standard normal quantile of 0.975


def wilson(successes: float, n: float, z: float = Z_95) -> Range:
    """Share and its score interval, 0 to 1; ``z`` the normal quantile (95 % by default).

    Wilson, E. B. (1927), Journal of the American Statistical Association 22:209-212. Raises ValueError without
    anybody asked or with more successes than people.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"a share needs 0 <= {successes:g} <= {n:g} and somebody asked")
    share, square = successes / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return Range(max(0.0, min(share, middle - half)), share, min(1.0, max(share, middle + half)))


def combined(shares: Sequence[Range]) -> Range:
    """Share of one population reached by any of several channels, each a share of the same population.

    Mid assumes that channels reach people independently: 1 - product of (1 - r). The bounds assume nothing:
    the largest channel alone at least, the sum (at most 1) at most; lows for the lower, highs for the upper.
    Fréchet, M. (1935), bounds of a union. Raises ValueError for no channel or a share above 1.
    """
    if not shares or any(each.high > 1 for each in shares):
        raise ValueError("combining needs shares between 0 and 1 of one and the same population")
    mid = 1 - math.prod(1 - each.mid for each in shares)
    low, high = max(each.low for each in shares), min(1.0, math.fsum(each.high for each in shares))
    return Range(min(low, mid), mid, max(high, mid))
