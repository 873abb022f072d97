"""The reviewed assumptions of reach (parameters.toml), read once, with their hash."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("parameters.toml")


@dataclass(frozen=True, slots=True)
class Range:
    """Low, mid and high of one quantity. Lows go with lows and highs with highs: cautious on purpose."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high:
            raise ValueError(f"a range needs 0 <= low <= mid <= high, not {self.low}, {self.mid}, {self.high}")

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def __mul__(self, other: "Range | float") -> "Range":
        if isinstance(other, Range):
            return Range(self.low * other.low, self.mid * other.mid, self.high * other.high)
        return Range(self.low * other, self.mid * other, self.high * other)

    def as_json(self) -> dict[str, float]:
        return {"low": round(self.low, 4), "mid": round(self.mid, 4), "high": round(self.high, 4)}


@dataclass(frozen=True)
class Freshness:
    """How long one check-in is believed; nights."""

    full_nights: int
    last_night: int
    floor: float
    damaged: float


@dataclass(frozen=True)
class Plausibility:
    """When a self-reported check-in looks wrong. Seconds, counts, local clock hours."""

    many_places: int
    within_seconds: int
    flip_seconds: int
    most_per_hour: int
    closed_from: int
    closed_to: int


@dataclass(frozen=True)
class Parameters:
    """All assumptions of one version. ``sha256`` is of the file, so a changed number changes every plan's hash."""

    version: str
    source: str
    checked_on: date
    sha256: str
    freshness: Freshness
    admissions: dict[str, tuple[float, float]]
    occupancy: tuple[float, ...]
    hours: float
    mean_stay: float
    notice: Range
    notice_grade: str
    least_count: int
    proof_nights: int
    plausibility: Plausibility
    most_stamp_gap: float
    screen_dwell: Range
    screen_loop: float
    mens_share: Range
    zones: dict[str, Range]

    def zone(self, name: str) -> Range:
        return self.zones.get(name, self.zones["unknown"])


def parse_parameters(text: bytes) -> Parameters:
    """Raises ValueError or KeyError for a file that is not complete."""
    data = tomllib.loads(text.decode())
    occupancy = tuple(float(each) for each in data["occupancy"]["share"])
    if len(occupancy) != 7:
        raise ValueError("occupancy.share needs seven numbers, Monday first")
    notice = data["notice"]
    return Parameters(
        version=data["version"],
        source=data["source"],
        checked_on=data["checked_on"],
        sha256=hashlib.sha256(text).hexdigest(),
        freshness=Freshness(**data["freshness"]),
        admissions={grade: (each["low"], each["high"]) for grade, each in data["admissions"].items()},
        occupancy=occupancy,
        hours=float(data["occupancy"]["hours"]),
        mean_stay=float(data["occupancy"]["mean_stay"]),
        notice=Range(notice["low"], notice["mid"], notice["high"]),
        notice_grade=notice["grade"],
        least_count=notice["least_count"],
        proof_nights=data["display"]["proof_nights"],
        plausibility=Plausibility(**data["plausibility"]),
        most_stamp_gap=data["handstamps"]["most_gap"],
        screen_dwell=Range(*(data["screen"][f"dwell_{level}"] for level in ("low", "mid", "high"))),
        screen_loop=float(data["screen"]["loop"]),
        mens_share=Range(**data["mens_share"]),
        zones={name: Range(each["low"], each["mid"], each["high"]) for name, each in data["zones"].items()},
    )


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The assumptions in force."""
    return parse_parameters(FILE.read_bytes())
