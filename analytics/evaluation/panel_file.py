"""Reads anybody's panel from a CSV file. Every refusal names file, row and column."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.evaluation.panel_analysis import Panel, PanelError
from analytics.evaluation.panel_spec import PanelSpec, SpecError


def read_panel(path: Path, spec: PanelSpec) -> Panel:
    """The columns that the specification names. Raises PanelError (the file) or SpecError (a column that is not there)."""
    header, rows = _read(path)
    wanted = [spec.time, spec.outcome, *spec.exposure, *spec.controls]
    wanted += [name for name in (spec.unit, spec.offset_log_of, spec.weights, spec.cluster, spec.area) if name]
    for name in wanted:
        if name not in header:
            raise SpecError(_key_of(spec, name), f"the file has no column {name}; it has {', '.join(header)}.")

    def texts(name: str) -> list[str]:
        position = header.index(name)
        return [row[position].strip() for _, row in rows]

    def numbers(name: str) -> np.ndarray:
        position = header.index(name)
        return np.array([_number(path, line, name, row[position]) for line, row in rows])

    panel = Panel(
        time=_times(texts(spec.time)),
        outcome=numbers(spec.outcome),
        exposures={name: numbers(name) for name in spec.exposure},
        unit=np.array(texts(spec.unit)) if spec.unit else None,
        controls={name: numbers(name) for name in spec.controls},
        offset=numbers(spec.offset_log_of) if spec.offset_log_of else None,
        weights=numbers(spec.weights) if spec.weights else None,
        cluster=np.array(texts(spec.cluster)) if spec.cluster else None,
        area=np.array(texts(spec.area)) if spec.area else None,
    )
    _check(path, panel, spec, [line for line, _ in rows], texts(spec.time))
    return panel


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PanelError(f"{path.name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PanelError(f"{path.name}: not UTF-8 at byte {error.start}. Save it as “CSV UTF-8”.") from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise PanelError(
            f"{path.name}, near line {reader.line_num}: {error}. Look for a quote that is not closed."
        ) from error
    if len(lines) < 2:
        raise PanelError(f"{path.name}: no rows below the first line.")
    header = [name.strip() for name in lines[0][1]]
    for line, row in lines[1:]:
        if len(row) != len(header):
            raise PanelError(f"{path.name}, line {line}: {len(row)} fields, the first line has {len(header)}.")
    return header, lines[1:]


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise PanelError(f"{path.name}, line {line}, {name}: “{text[:30]}” is not a number.") from None
    if not math.isfinite(value):
        raise PanelError(f"{path.name}, line {line}, {name}: must be a finite number.")
    return value


def _times(texts: Sequence[str]) -> np.ndarray:
    """Numbers as numbers, dates and ISO weeks as text: both sort in time order."""
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def _check(path: Path, panel: Panel, spec: PanelSpec, lines: list[int], times: list[str]) -> None:
    units: list[Any] = list(panel.unit) if panel.unit is not None else [""] * len(lines)
    seen: dict[tuple[Any, Any], int] = {}
    for line, unit, time in zip(lines, units, times, strict=True):
        if (unit, time) in seen:
            where = f"unit {unit}, " if panel.unit is not None else ""
            raise PanelError(
                f"{path.name}, line {line}: {where}time {time} stands there twice (also line {seen[unit, time]})."
            )
        seen[unit, time] = line
    if spec.family in {"poisson", "quasipoisson", "negative_binomial"}:
        for line, value in zip(lines, panel.outcome, strict=True):
            if value < 0:
                raise PanelError(
                    f"{path.name}, line {line}, {spec.outcome}: {value:g} is negative; a count cannot be."
                )
    for name, column in panel.exposures.items():
        if np.ptp(column) == 0:
            raise PanelError(f"{path.name}, {name}: the same value in every row; its effect cannot be estimated.")
    for column_name, positive in ((spec.offset_log_of, panel.offset), (spec.weights, panel.weights)):
        if column_name and positive is not None and (positive <= 0).any():
            line = lines[int(np.argmax(positive <= 0))]
            raise PanelError(f"{path.name}, line {line}, {column_name}: must be above 0.")


def _key_of(spec: PanelSpec, name: str) -> str:
    for key in ("time", "outcome", "unit", "offset_log_of", "weights", "cluster", "area"):
        if getattr(spec, key) == name:
            return f"data.{key}"
    return "data.exposure" if name in spec.exposure else "data.controls"
