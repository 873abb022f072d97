"""Which cells of a panel carry information on a count, and why the others do not.

Cells of a unit without events, of a period (area by week) without events, and cells that stand alone in their unit or
period are fitted exactly and say nothing about an exposure (Correia, Guimarães and Zylkin 2020, Stata Journal 20:95).
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.fixed_effects import Array, Codes

Kept = NDArray[np.bool_]


def informative_cells(
    y: Array,
    effects: list[Codes],
    keep: Kept | None = None,
    *,
    names: tuple[str, ...] = ("unit", "period"),
    singletons: bool = True,
) -> tuple[Kept, Counter[str]]:
    """(bool per cell, cells dropped by reason). `y` (cells) counts; `keep` where to start.

    Reasons: `<name>_without_events` and `singleton`; repeated until nothing changes.
    """
    kept = np.ones(len(y), dtype=bool) if keep is None else keep.copy()
    dropped: Counter[str] = Counter()
    while kept.any():
        before = int(kept.sum())
        for code, name in zip(effects, names, strict=False):
            bad = kept & (np.bincount(code, weights=y * kept) <= 0)[code]
            dropped[f"{name}_without_events"] += int(bad.sum())
            kept &= ~bad
            if singletons and len(effects) > 1:
                alone = kept & (np.bincount(code, weights=kept) <= 1)[code]
                dropped["singleton"] += int(alone.sum())
                kept &= ~alone
        if int(kept.sum()) == before:
            break
    return kept, Counter({reason: count for reason, count in dropped.items() if count})
