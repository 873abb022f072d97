"""A panel as the cells that are fitted: sorted, coded, and without those that carry no information."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.panel_spec import PanelSpec
from analytics.statistics.fitting import POISSON_LIKE, Fit, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, codes_of


class PanelError(ValueError):
    """The panel cannot be analysed; the message says which column or row, and why."""


@dataclass(frozen=True)
class Panel:
    """Columns of equal length, one entry per cell (unit x period). `time` sorts in time order."""

    time: NDArray[Any]
    outcome: Array
    exposures: dict[str, Array]
    unit: NDArray[Any] | None = None
    controls: dict[str, Array] = field(default_factory=dict)
    offset: Array | None = None  # on its natural scale; its log is the offset
    weights: Array | None = None
    cluster: NDArray[Any] | None = None
    area: NDArray[Any] | None = None


@dataclass
class Cells:
    """The cells that are fitted, with integer codes."""

    y: Array
    exposures: Array
    names: list[str]
    extra: Array
    unit: Codes
    time: Codes
    period: Codes  # area x time
    area: Codes
    cluster: Codes
    offset: Array | None
    prior: Array | None
    labels: NDArray[Any]

    def take(self, keep: np.ndarray) -> "Cells":
        """The kept cells, codes renumbered."""
        parts = {
            name: codes_of(getattr(self, name)[keep]) for name in ("unit", "time", "period", "area", "cluster")
        }
        return Cells(
            self.y[keep], self.exposures[keep], self.names, self.extra[keep], offset=_at(self.offset, keep),
            prior=_at(self.prior, keep), labels=self.labels[keep], **parts,
        )  # fmt: skip


def prepare(panel: Panel, spec: PanelSpec) -> Cells:
    n = len(panel.outcome)
    if n == 0:
        raise PanelError("The panel has no rows.")
    unit = panel.unit if panel.unit is not None else np.zeros(n, dtype=int)
    order = np.lexsort((panel.time, unit))
    time = codes_of(panel.time)[order]
    y = panel.outcome[order].astype(float)
    if spec.family in POISSON_LIKE and (y < 0).any():
        raise PanelError(f"The column {spec.outcome} has negative values; counts cannot be negative.")
    area = codes_of(panel.area)[order] if panel.area is not None else np.zeros(n, dtype=np.int64)
    unit_codes = codes_of(unit)[order]
    cluster = codes_of(panel.cluster)[order] if panel.cluster is not None else unit_codes
    columns = [column[order].astype(float) for column in panel.controls.values()]
    # Trend and season follow the time values themselves where they are numbers, so that a gap stays a gap.
    numeric = np.issubdtype(np.asarray(panel.time).dtype, np.number)
    moment = np.asarray(panel.time)[order].astype(float) if numeric else time.astype(float)
    if spec.trend:
        columns.append(moment)
    if spec.period:
        for k in range(1, spec.harmonics + 1):
            angle = 2 * np.pi * k * moment / spec.period
            columns += [np.sin(angle), np.cos(angle)]
    work = Cells(
        y, np.column_stack([column[order].astype(float) for column in panel.exposures.values()]), list(panel.exposures),
        np.column_stack(columns) if columns else np.empty((n, 0)), unit_codes, time,
        codes_of(area * (int(time.max()) + 1) + time), area, cluster,
        np.log(panel.offset[order].astype(float)) if panel.offset is not None else None,
        panel.weights[order].astype(float) if panel.weights is not None else None, np.asarray(unit)[order],
    )  # fmt: skip
    return work.take(y > 0) if spec.family == "log_gaussian" else work


def effects_of(work: Cells, spec: PanelSpec) -> list[Codes]:
    return [{"unit": work.unit, "time": work.period}[effect] for effect in spec.effects]


def drop_empty(work: Cells, spec: PanelSpec) -> tuple[Cells, Counter[str]]:
    """Leaves out cells that carry no information: all-zero units and periods, and singletons, until none is left."""
    dropped: Counter[str] = Counter()
    while len(work.y):
        keep = np.ones(len(work.y), dtype=bool)
        for effect, reason in (("unit", "unit_without_events"), ("time", "period_without_events")):
            if effect not in spec.effects:
                continue
            code = work.unit if effect == "unit" else work.period
            empty = np.bincount(code, weights=work.y) <= 0
            bad = empty[code] & keep
            dropped[reason] += int(bad.sum())
            keep &= ~bad
            single = (np.bincount(code) == 1)[code] & keep
            dropped["singleton"] += int(single.sum())
            keep &= ~single
        if keep.all():
            break
        work = work.take(keep)
    if not len(work.y):
        raise PanelError("No cell carries information: there are no events, or no unit that is seen twice.")
    return work, Counter({reason: count for reason, count in dropped.items() if count})


def fit_cells(work: Cells, spec: PanelSpec) -> Fit:
    if spec.family in POISSON_LIKE:
        exposed = (work.exposures != 0).any(axis=1)
        if exposed.any() and work.y[exposed].sum() == 0:
            raise NotIdentified("No event happened in any exposed cell: the effect has no finite size.")
    return model_of(work, spec).fit()


def model_of(work: Cells, spec: PanelSpec) -> Model:
    """The regression of a specification, to be fitted: exposures first, then controls, trend and season."""
    x = np.column_stack([work.exposures, work.extra])
    return Model(work.y, x, effects_of(work, spec), family=spec.family, offset=work.offset, prior=work.prior)


def _at(column: Array | None, keep: np.ndarray) -> Array | None:
    return None if column is None else column[keep]
