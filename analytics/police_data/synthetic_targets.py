"""What a synthetic extract shall look like: the targets file, scaled to a window and a size.

The window is cut into blocks: the one that the targets describe, and the time before it. Each block has the
same margins in proportion, and is solved on its own.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.police_data.synthetic_fitting import whole_numbers, whole_table

DEFAULT_FILE = Path(__file__).with_name("synthetic_targets.toml")
NEEDED = ("window", "periods", "areas", "offences", "night_public_offences", "night_public_weekdays", "persons")


@dataclass(frozen=True)
class Block:
    """One part of the window with whole-number targets. Days are indexes into the extract's calendar.

    ``periods`` are (first day, last day, offences); ``table`` is offence x period in whole numbers.
    """

    name: str
    periods: list[tuple[int, int, int]]
    table: list[list[int]]
    night: dict[str, int]
    public: int
    domestic: int
    areas: dict[str, int]  # "" for no area
    weekdays: list[int]
    scale: float

    @property
    def total(self) -> int:
        return sum(count for _, _, count in self.periods)


@lru_cache(maxsize=4)
def targets(path: Path = DEFAULT_FILE) -> dict[str, Any]:
    """The targets file. Raises ValueError that names what is missing or does not add up."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    missing = [name for name in NEEDED if name not in data]
    if missing:
        raise ValueError(f"{path.name}: {', '.join(missing)} missing")
    if len(data["periods"]["from"]) != len(data["periods"]["count"]):
        raise ValueError(f"{path.name}: periods.from and periods.count have different lengths")
    return data


def disagreements(data: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Targets that cannot hold with the others, as (what, target, what the others leave for it)."""
    window, found = data["window"], []
    checks = [
        ("sum of the offences", sum(data["offences"].values()), window["total"]),
        ("sum of the night-time offences", sum(data["night_public_offences"].values()), window["night_public"]),
        ("sum of the night-time weekdays", sum(data["night_public_weekdays"]["counts"]), window["night_public"]),
        (
            "sum of the window's half-years",
            sum(
                n
                for day, n in zip(*map(data["periods"].get, ("from", "count")), strict=True)
                if day >= window["from"]
            ),
            window["total"],
        ),
    ]
    found += [(what, target, left) for what, target, left in checks if target != left]
    areas = sum(each["count"] for each in data["areas"].values())
    if areas > window["total"]:
        found.append(("sum of the areas", areas, window["total"]))
    if window["night_public"] > window["public"]:
        found.append(("night-time in public places", window["night_public"], window["public"]))
    for code, count in data["night_public_offences"].items():
        if count > data["offences"].get(code, 0):
            found.append((f"night-time {code}", count, data["offences"].get(code, 0)))
    return found


def blocks(data: dict[str, Any], start: date, end: date, size: int | None) -> list[Block]:
    """The blocks of an inclusive window; ``size`` is the number of offences in all, None for the targets' own."""
    begins = data["periods"]["from"]
    window = data["window"]
    after = [*begins[1:], window["to"] + timedelta(days=1)]
    parts: list[tuple[date, date, float, int]] = []
    for n, (first, beyond, count) in enumerate(zip(begins, after, data["periods"]["count"], strict=True)):
        # Before and after what the file describes, its nearest half-year goes on.
        left = date.min if n == 0 else first
        right = date.max if n == len(begins) - 1 else beyond - timedelta(days=1)
        one, two = max(left, start), min(right, end)
        if one <= two:
            parts.append((one, two, count * ((two - one).days + 1) / (beyond - first).days, n))
    natural = sum(count for _, _, count, _ in parts)
    whole = whole_numbers([count for _, _, count, _ in parts], size if size is not None else round(natural))
    made = []
    for name, inside in (("before", False), ("window", True)):
        chosen = [
            (one, two, count, n)
            for (one, two, _, n), count in zip(parts, whole, strict=True)
            if (begins[n] >= window["from"]) == inside
        ]
        if chosen:
            exact = size is None and all(
                one == begins[n] and two == after[n] - timedelta(days=1) for one, two, _, n in chosen
            )
            made.append(_block(name, data, start, chosen, exact))
    return made


def _block(
    name: str, data: dict[str, Any], start: date, chosen: list[tuple[date, date, int, int]], exact: bool
) -> Block:
    window = data["window"]
    counts = [count for *_, count, _ in chosen]
    total = sum(counts)
    scale = total / window["total"]
    table = _offence_table(data, chosen, counts, exact=exact)
    codes = list(data["offences"])
    night = dict(zip(data["night_public_offences"], whole_numbers(
        list(data["night_public_offences"].values()), round(window["night_public"] * scale)), strict=True))  # fmt: skip
    for code in night:  # a target that the offence's own total cannot hold gives way, and is reported
        night[code] = min(night[code], sum(table[codes.index(code)]))
    areas = {area: each["count"] for area, each in data["areas"].items()}
    areas[""] = max(0, window["total"] - sum(areas.values()))
    return Block(
        name=name,
        periods=[((one - start).days, (two - start).days, count) for one, two, count, _ in chosen],
        table=table,
        night=night,
        public=max(round(window["public"] * scale), sum(night.values())),
        domestic=round(window["domestic"] * scale),
        areas=dict(zip(areas, whole_numbers(list(areas.values()), total), strict=True)),
        weekdays=whole_numbers(data["night_public_weekdays"]["counts"], sum(night.values())),
        scale=scale,
    )


def _offence_table(
    data: dict[str, Any], chosen: list[tuple[date, date, int, int]], counts: list[int], *, exact: bool
) -> list[list[int]]:
    """Offence x period. Offences whose change is published have their own counts; the rest is in proportion."""
    own = data.get("period_offences", {}) if exact else {}
    fixed = {code: [series[n] for *_, n in chosen] for code, series in own.items()}
    columns = [count - sum(series[k] for series in fixed.values()) for k, count in enumerate(counts)]
    free = {code: count for code, count in data["offences"].items() if code not in fixed}
    totals = whole_numbers(list(free.values()), sum(columns))
    shares = whole_table_of(totals, columns)
    rows = dict(zip(free, shares, strict=True)) | fixed
    return [list(rows[code]) for code in data["offences"]]


def whole_table_of(rows: list[int], columns: list[int]) -> list[list[int]]:
    """A table in proportion to both margins, in whole numbers."""
    seed = [[max(row, 1e-9) * max(column, 1e-9) for column in columns] for row in rows]
    return [[int(cell) for cell in row] for row in whole_table(seed, rows, columns)]
