"""Tables of counts with every sum that holds between their cells, and what a reader sees of a cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Key = tuple[str, ...]  # names a cell, such as ("area", "Leicester") or ("total",)


@dataclass(frozen=True)
class Interval:
    """What somebody knows of a count: at least ``low`` and at most ``high`` (``None``: no limit)."""

    low: float
    high: float | None

    def meets(self, other: "Interval") -> "Interval":
        """What somebody knows who knows both."""
        highs = [each for each in (self.high, other.high) if each is not None]
        return Interval(max(self.low, other.low), min(highs) if highs else None)

    def covers(self, low: float, high: float) -> bool:
        """Whether everything from ``low`` to ``high`` is still possible, within rounding of the solver."""
        return self.low <= low + 1e-6 and (self.high is None or self.high >= high - 1e-6)

    @property
    def width(self) -> float:
        """Highest less lowest possible count; infinite without a limit."""
        return float("inf") if self.high is None else self.high - self.low


ANYTHING = Interval(0, None)


@dataclass(frozen=True)
class Sum:
    """``total`` is the sum of ``parts``: a row, a column, or two tables that share a margin."""

    total: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True)
class Counts:
    """Whole counts by cell, totals among them, and every sum that a reader can check.

    Raises ValueError where a count is negative, a sum names a cell that is not there, or does not add up.
    """

    cells: Mapping[Key, int]
    sums: tuple[Sum, ...]

    def __post_init__(self) -> None:
        for key, count in self.cells.items():
            if count < 0 or int(count) != count:
                raise ValueError(f"{key}: {count} is not a count")
        for each in self.sums:
            missing = [key for key in (each.total, *each.parts) if key not in self.cells]
            if missing:
                raise ValueError(f"the sum to {each.total} names {missing}, which is no cell")
            if self.cells[each.total] != sum(self.cells[key] for key in each.parts):
                raise ValueError(f"the parts of {each.total} do not add up to it")


class Kind(StrEnum):
    """How a cell is shown."""

    EXACT = "exact"
    ROUNDED = "rounded"
    SMALL = "small"  # the label of a small count, such as "<5"
    HIDDEN = "hidden"  # not shown, so that a small count cannot be found by subtraction


@dataclass(frozen=True)
class Shown:
    """A cell as a reader sees it; ``value`` only where a number is shown."""

    kind: Kind
    value: int | None = None
