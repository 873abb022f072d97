"""What a summary is: its rows, its total, and what it leaves out. Data only."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass
class SummaryRow:
    key: str
    label: str
    count: float
    share: float | None = None
    rate_per_1000: float | None = None  # residents, over the whole period
    rate_per_1000_year: float | None = None  # the same, divided by the period's length in years
    fit: str = ""  # of areas: "exact", "best_fit" or "irregular" where census vintages differ (vintages.py)
    by_best_fit: float = 0  # offences that stand there, or whose rate does, by best fit

    @property
    def fit_words(self) -> str:
        """What a table says beside the area's name; empty where there is nothing to say."""
        if self.fit == "irregular":
            return "cut up irregularly between censuses: no rate"
        if not self.by_best_fit:
            return ""
        return "best fit" if self.by_best_fit == self.count else f"best fit for {self.by_best_fit:,} of them"

    @property
    def label_with_fit(self) -> str:
        return f"{self.label} ({self.fit_words})" if self.fit_words else self.label

    @property
    def share_percent(self) -> str:
        return "" if self.share is None else f"{self.share:.1%}"


@dataclass
class OtherReading:
    """The same offences by the other kind of weekday: by the calendar beside by night, or the reverse."""

    by: str
    rows: list[SummaryRow]


@dataclass
class Summary:
    """One summary, as the command prints it and the page shows it. Dates are inclusive."""

    measure: str
    first: date
    last: date
    by: str
    basis: str
    rows: list[SummaryRow] = field(default_factory=list)
    total: float = 0.0
    excluded: dict[str, float] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)
    area_notes: list[str] = field(
        default_factory=list
    )  # those of the caveats that say how areas were put together
    synthetic: bool = False
    title: str = ""
    rule: str = ""
    area_type: str = ""
    denominator: str = ""
    beside: OtherReading | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "measure": self.measure,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "by": self.by,
            "area_type": self.area_type or None,
            "basis": self.basis,
            "denominator": self.denominator,
            "rule": self.rule,
            "synthetic": self.synthetic,
            "rows": [vars(row) for row in self.rows],
            "beside": {"by": self.beside.by, "rows": [vars(row) for row in self.beside.rows]}
            if self.beside
            else None,
            "total": tidy(self.total),
            "excluded": {reason: tidy(count) for reason, count in self.excluded.items()},
            "caveats": self.caveats,
        }


def tidy(count: float) -> float | int:
    """A count to four decimals, whole where it is whole."""
    rounded = round(count, 4)
    return int(rounded) if rounded == int(rounded) else rounded
