"""Cells whose expectation a fit would push to 0 for ever are left out before it, and said; an exposure that only they
tell apart is refused by name."""

from dataclasses import replace

import numpy as np

from analytics.evaluation.panel_cells import Cells, drop_empty, effects_of, model_of
from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.cells import Kept
from analytics.statistics.fitting import NotIdentified
from analytics.statistics.fixed_effects import DoesNotConverge
from analytics.statistics.separation import identified, looks_separated, separated_cells


def drop_separated(work: Cells, spec: PanelSpec) -> tuple[Cells, int]:
    """(the cells that are left, how many were set apart). For counts; ``work`` has no empty units and periods.

    Where an exposure's size hangs on such cells nothing is left out: ``no_size`` says so and the fit is refused. A control
    that they alone told apart leaves the model with them and stands in ``columns_left_out``.
    """
    gone, left = 0, work
    while True:
        apart = _apart(left, spec)
        if not apart.any():
            return left, gone
        kept = left.take(~apart)
        problem, kept = _without_idle_columns(left, kept, spec, int(apart.sum()))
        if problem:
            return replace(work, no_size=problem), 0
        kept = drop_empty(kept, spec)[0]
        gone += len(left.y) - len(kept.y)
        left = kept


def _apart(work: Cells, spec: PanelSpec) -> Kept:
    try:
        if not looks_separated(model_of(work, spec).fit(), work.y):
            return np.zeros(len(work.y), dtype=bool)
    except (NotIdentified, DoesNotConverge):
        pass
    return separated_cells(work.y, np.column_stack([work.exposures, work.extra]), effects_of(work, spec))


def _without_idle_columns(before: Cells, work: Cells, spec: PanelSpec, many: int) -> tuple[str, Cells]:
    """(why an exposure has no size, or nothing; the cells without controls that say nothing any more)."""
    effects, k = effects_of(work, spec), len(work.names)
    # Controls first: of a control and an exposure that say the same, it is the exposure that has no size of its own.
    found = identified(np.column_stack([work.extra, work.exposures]), effects)
    was = identified(np.column_stack([before.extra, before.exposures]), effects_of(before, spec))
    for j, name in enumerate(work.names):
        at = work.extra.shape[1] + j
        if was.apart[at] and not found.apart[at]:
            return (
                f"{name}: its effect has no finite size. Together with {_beside(work, name, spec)} it sets {many} cells apart "
                "in none of which an event happened, and varies nowhere else. Leave out one of these columns, or take places "
                "or weeks together."
            ), work
    idle = [not needed for needed in found.needed[:-k]]
    if not any(idle):
        return "", work
    names = tuple(name for name, gone in zip(work.extra_names, idle, strict=True) if gone)
    return "", replace(
        work,
        extra=work.extra[:, ~np.array(idle)],
        extra_names=tuple(name for name in work.extra_names if name not in names),
        columns_left_out=(*work.columns_left_out, *names),
    )


def _beside(work: Cells, name: str, spec: PanelSpec) -> str:
    words = {"unit": "the effects of units", "time": "the effects of periods"}
    others = [other for other in (*work.names, *work.extra_names) if other != name]
    return ", ".join([*others, *(words[effect] for effect in spec.effects)]) or "the level"
