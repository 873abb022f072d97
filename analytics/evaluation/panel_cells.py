"""A panel as the cells that are fitted: sorted, coded, and without those that carry no information."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.panel_spec import INTERRUPTED, PanelSpec
from analytics.statistics.cells import informative_cells
from analytics.statistics.fitting import POISSON_LIKE, Fit, Model, NotIdentified
from analytics.statistics.fixed_effects import Array, Codes, codes_of

REASONS = {"unit": "unit", "time": "period"}  # what a dropped cell's reason starts with


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
    moments: NDArray[Any]  # the time as it stood in the panel
    cluster_labels: NDArray[Any]  # names in order of cluster codes
    extra_names: tuple[str, ...] = ()
    columns_left_out: tuple[str, ...] = ()  # controls that only separated cells told apart
    no_size: str = ""  # why the exposure's effect has no finite size

    def take(self, keep: np.ndarray) -> "Cells":
        """The kept cells, codes renumbered."""
        parts = {
            name: codes_of(getattr(self, name)[keep]) for name in ("unit", "time", "period", "area", "cluster")
        }
        return Cells(
            self.y[keep], self.exposures[keep], self.names, self.extra[keep], offset=_at(self.offset, keep),
            prior=_at(self.prior, keep), labels=self.labels[keep], moments=self.moments[keep],
            cluster_labels=self.cluster_labels[np.unique(self.cluster[keep])], extra_names=self.extra_names,
            columns_left_out=self.columns_left_out, no_size=self.no_size, **parts,
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
    clusters = np.asarray(panel.cluster if panel.cluster is not None else unit)
    cluster = codes_of(clusters)[order]
    columns = [column[order].astype(float) for column in panel.controls.values()]
    extra_names: list[str] = []
    # Trend and season follow the time values themselves where they are numbers, so that a gap stays a gap.
    numeric = np.issubdtype(np.asarray(panel.time).dtype, np.number)
    moment = np.asarray(panel.time)[order].astype(float) if numeric else time.astype(float)
    own_design = spec.design == INTERRUPTED  # makes these columns itself, by the calendar
    if spec.trend and not own_design:
        columns.append(moment)
        extra_names.append("trend")
    if spec.period and not own_design:
        for k in range(1, spec.harmonics + 1):
            angle = 2 * np.pi * k * moment / spec.period
            columns += [np.sin(angle), np.cos(angle)]
            extra_names += [f"season (sine {k})", f"season (cosine {k})"]
    work = Cells(
        y, np.column_stack([column[order].astype(float) for column in panel.exposures.values()]), list(panel.exposures),
        np.column_stack(columns) if columns else np.empty((n, 0)), unit_codes, time,
        codes_of(area * (int(time.max()) + 1) + time), area, cluster,
        np.log(panel.offset[order].astype(float)) if panel.offset is not None else None,
        panel.weights[order].astype(float) if panel.weights is not None else None, np.asarray(unit)[order],
        np.asarray(panel.time)[order], np.unique(clusters), extra_names=(*panel.controls, *extra_names),
    )  # fmt: skip
    if spec.family == "log_gaussian":
        if not (y > 0).any():
            raise PanelError(f"The column {spec.outcome} has no value above 0; log_gaussian needs some.")
        work = work.take(y > 0)
    _refuse_collinear(work, list(work.extra_names))
    return work


def _refuse_collinear(work: Cells, extra_names: list[str]) -> None:
    """Columns that say the same as others are named, before any effect is taken out."""
    columns, names = np.column_stack([work.exposures, work.extra]), [*work.names, *extra_names]
    if columns.shape[1] < 2:
        return
    basis = np.ones((len(columns), 1)) / np.sqrt(len(columns))
    for j, name in enumerate(names):
        centred = columns[:, j] - columns[:, j].mean()
        size = float(np.sqrt((centred**2).sum()))
        left = columns[:, j] - basis @ (basis.T @ columns[:, j])
        left = left - basis @ (basis.T @ left)
        rest = float(np.sqrt((left**2).sum()))
        if size == 0:
            raise PanelError(f"The column {name} has the same value in every row; its effect cannot be estimated.")
        if rest < 1e-9 * size:
            raise PanelError(f"The column {name} says the same as {_others(names[:j])}; leave one out.")
        basis = np.column_stack([basis, left / rest])


def _others(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together"


def effects_of(work: Cells, spec: PanelSpec) -> list[Codes]:
    return [{"unit": work.unit, "time": work.period}[effect] for effect in spec.effects]


def drop_empty(work: Cells, spec: PanelSpec) -> tuple[Cells, Counter[str]]:
    """Leaves out cells that carry no information: all-zero units and periods, and singletons, until none is left."""
    kept, dropped = informative_cells(
        work.y, effects_of(work, spec), names=tuple(REASONS[e] for e in spec.effects)
    )
    if not kept.any():
        raise PanelError("No cell carries information: there are no events, or no unit that is seen twice.")
    return (work.take(kept) if dropped else work), dropped


def fit_cells(work: Cells, spec: PanelSpec) -> Fit:
    if spec.family in POISSON_LIKE:
        for j, name in enumerate(work.names):
            exposed = work.exposures[:, j] != 0
            if exposed.any() and work.y[exposed].sum() == 0:
                raise NotIdentified(
                    f"{name}: no event happened in any exposed cell, so the effect has no finite size."
                )
    if work.no_size:
        raise NotIdentified(work.no_size)
    return model_of(work, spec).fit()


def model_of(work: Cells, spec: PanelSpec) -> Model:
    """The regression of a specification, to be fitted: exposures first, then controls, trend and season."""
    x = np.column_stack([work.exposures, work.extra])
    return Model(work.y, x, effects_of(work, spec), family=spec.family, offset=work.offset, prior=work.prior)


def _at(column: Array | None, keep: np.ndarray) -> Array | None:
    return None if column is None else column[keep]
