"""How much more would be needed to be able to tell: standard errors fall with the square root of what is watched.

A rule of thumb (Bloom 1995, Evaluation Review 19:547), good for planning to about a fifth: in our own simulations a
panel of 20 units that could see a rate ratio of 0.56 could with 40 units see 0.70. The plan's simulation is the
better answer where there is one.
"""

import math

from scipy import special

from analytics.statistics.power import POWER_Z

MOST = 100_000


def _multiple(freedom: int, z: float) -> float:
    return float(special.stdtrit(freedom, 0.975)) + z


def standard_error_of(mde: float, clusters: int, *, z: float = POWER_Z) -> float:
    """The standard error of the log rate ratio behind a smallest visible ratio below 1."""
    return -math.log(mde) / _multiple(max(clusters - 1, 1), z)


def units_needed(mde: float, *, units: int, clusters: int, target: float, z: float = POWER_Z) -> int | None:
    """Units to be watched for as long, for ``target`` (a rate ratio below 1) to be visible. None: over 100,000.

    At least the units that there are. Clusters grow with the units, and the t distribution with them.
    """
    se, wanted = standard_error_of(mde, clusters, z=z), -math.log(target)

    def enough(n: int) -> bool:
        groups = max(2, round(clusters * n / units))
        return se * math.sqrt(units / n) * _multiple(groups - 1, z) <= wanted

    low, high = units, units
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def weeks_needed(mde: float, *, weeks: int, target: float) -> int | None:
    """Weeks that the same units would have to be watched. Hopeful: weeks that follow each other are not independent."""
    ratio = math.log(mde) / math.log(target)
    needed = math.ceil(weeks * max(1.0, ratio**2))
    return needed if needed <= MOST else None
