"""A synthetic force extract for the demo and for tests: never real, always labelled.

Every reference starts with ``SYN-``. Same seed and options give the same bytes. Counts come from a targets
file and are met exactly while no effect is planted and no quirk is asked for. A planted effect moves the
totals, and ``SyntheticTruth`` says by how much. The product never reads the truth.
"""

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from analytics import nights
from analytics.measures.catalogue import measure_named
from analytics.police_data.mapping import mapping_named
from analytics.police_data.places import nearest_within
from analytics.police_data.synthetic_effect import Effect, plant
from analytics.police_data.synthetic_fitting import whole_numbers
from analytics.police_data.synthetic_offences import OffenceMaker, Rows, generators
from analytics.police_data.synthetic_persons import People, PeopleMaker
from analytics.police_data.synthetic_places import RADIUS_M, Places
from analytics.police_data.synthetic_quirks import EXPECTED, Quirks
from analytics.police_data.synthetic_street_files import write_street_files
from analytics.police_data.synthetic_targets import DEFAULT_FILE, Block, blocks, disagreements, targets
from analytics.police_data.synthetic_writing import Layout, cells_of, write_table

if TYPE_CHECKING:
    from campaign_pages.activity import VenueFacts

DEFAULT_MAPPING = "leicestershire_niche"
FIRST, LAST = date(2023, 4, 1), date(2024, 9, 30)
SMALLEST = 100
__all__ = ["DEFAULT_MAPPING", "Effect", "SyntheticTruth", "whole_numbers", "worst_first", "write_extract"]


@dataclass
class SyntheticTruth:
    """What was made: rows, the planted effect, and each target against what was made before planting.

    ``moved`` says by how much an effect moved the night-time counts: (what, before, after).
    """

    rows: int = 0
    night_public: int = 0
    night_assaults_near_venues: int = 0
    removed: int = 0
    added: int = 0
    displaced: int = 0
    irr: float = 1.0
    exposed_venue_weeks: int = 0
    margins: list[tuple[str, int, int, bool]] = field(default_factory=list)
    moved: list[tuple[str, int, int]] = field(default_factory=list)
    quirks: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    exposure: Pairs[tuple[str, str], float] = field(default_factory=dict)


def write_extract(
    path: str | Path,
    *,
    seed: int,
    venues: Sequence["VenueFacts"],
    exposure: Pairs[tuple[str, str], float] | None = None,
    irr: float = 1.0,
    effect: Effect | None = None,
    start: date = FIRST,
    end: date = LAST,
    offences: int | None = None,
    quirks: Pairs[str, int] | None = None,
    mapping: str = DEFAULT_MAPPING,
    targets_file: Path = DEFAULT_FILE,
    street_files: Path | None = None,
) -> SyntheticTruth:
    """Writes a synthetic extract in the columns of ``mapping`` (CSV, or a workbook for .xlsx).

    ``exposure`` is the dose (0 to 1) by venue code and week; ``effect``, or ``irr`` alone, what it does. Dates
    are local, the window inclusive; ``offences`` is the number in all, None for as many as the targets say.
    ``street_files`` is a folder for the same offences by month. Raises ValueError for what nothing can be
    made from, MappingError for a mapping that does not exist.
    """
    path, effect = Path(path), effect or Effect(irr)
    if end < start or (offences is not None and offences < SMALLEST):
        raise ValueError(f"an extract needs a window that ends after it begins and at least {SMALLEST} offences")
    layout_of = mapping_named(mapping)
    layout = Layout(layout_of)
    data = targets(targets_file)
    rngs = generators(seed)
    places = Places(data, venues)
    maker = OffenceMaker(data, places, start, end, rngs)
    parts = blocks(data, start, end, offences)
    rows = maker.make(parts)
    people = PeopleMaker(data, rngs["people"]).make(rows, [part.scale for part in parts])
    margins = _margins(data, parts, rows, maker)
    before = _night_counts(rows, maker)
    planted = plant(rows, maker, exposure or {}, effect)
    written = rows.take(planted.rows)
    after = _night_counts(written, maker)
    persons = {
        role: People(**{name: getattr(each, name)[planted.rows] for name in vars(each)})
        for role, each in people.items()
    }
    spoiled = Quirks(quirks or {}, len(written.code), rngs["quirks"], maker.days)
    truth = SyntheticTruth(
        rows=len(written.code),
        night_public=int(written.night.sum()),
        night_assaults_near_venues=planted.near,
        removed=planted.removed,
        added=planted.added,
        displaced=planted.moved,
        irr=effect.irr,
        exposed_venue_weeks=sum(1 for dose in (exposure or {}).values() if dose > 0),
        margins=margins,
        moved=[(name, before[name], after[name]) for name in before if before[name] != after[name]],
        files=[path],
    )
    clean: list[dict[str, Any]] = []

    def lines() -> Any:
        codes = bool(spoiled.counts.get("old_area_code"))
        for number, cells in enumerate(cells_of(written, persons, maker, codes=codes)):
            if street_files is not None:
                clean.append(dict(cells))
            for line in spoiled.spoil(cells, number):
                yield layout.line(line)
        for line in spoiled.rows_at_the_end(layout.fields):
            yield layout.line(line)

    encoding = "cp1252" if spoiled.counts.get("cp1252") else layout_of.encoding or "utf-8"
    write_table(path, layout.header, lines(), encoding=encoding)
    if spoiled.corrections:
        again = path.with_name(f"{path.stem}-corrected{path.suffix}")
        write_table(again, layout.header, (layout.line(each) for each in spoiled.corrections), encoding=encoding)
        truth.files.append(again)
    if street_files is not None:
        street_files.mkdir(parents=True, exist_ok=True)
        truth.files += write_street_files(street_files, clean, data["street_types"])
    truth.quirks = {
        name: {"rows": count, "expected": EXPECTED[name], "references": spoiled.references[name]}
        for name, count in spoiled.counts.items()
    }
    return truth


def worst_first(
    *,
    seed: int,
    venues: Sequence["VenueFacts"],
    start: date = FIRST,
    end: date = LAST,
    offences: int | None = None,
    targets_file: Path = DEFAULT_FILE,
) -> list[str]:
    """Venue codes by their night-time offences of the first fifth of the window, most first."""
    data, rngs = targets(targets_file), generators(seed)
    places = Places(data, venues)
    maker = OffenceMaker(data, places, start, end, rngs)
    rows = maker.make(blocks(data, start, end, offences))
    early = rows.take(rows.night & (rows.day < len(maker.days) // 5))
    nearest, _ = nearest_within(numpy.column_stack((early.x, early.y)), places.sites, RADIUS_M)
    counts = numpy.bincount(nearest[nearest >= 0], minlength=len(places.venues))
    return [places.venues[n].code for n in numpy.argsort(-counts, kind="stable")]


def night_assaults(
    *,
    seed: int,
    venues: Sequence["VenueFacts"],
    start: date = FIRST,
    end: date = LAST,
    offences: int | None = None,
    targets_file: Path = DEFAULT_FILE,
) -> dict[tuple[str, str], int]:
    """Night-time assaults within 150 m by (venue code, week), as ``write_extract`` makes them before any effect."""
    data, rngs = targets(targets_file), generators(seed)
    places = Places(data, venues)
    maker = OffenceMaker(data, places, start, end, rngs)
    rows = maker.make(blocks(data, start, end, offences))
    rows = rows.take(numpy.isin(rows.code, sorted(measure_named("nte_assault").codes)) & rows.night)
    nearest, _ = nearest_within(numpy.column_stack((rows.x, rows.y)), places.sites, RADIUS_M)
    found: dict[tuple[str, str], int] = {}
    for site, day, hour in zip(nearest, rows.day, rows.hour, strict=True):
        if site >= 0:
            night = maker.days[day] if hour >= 22 else maker.days[day] - timedelta(days=1)
            key = places.venues[site].code, nights.week_of(night)
            found[key] = found.get(key, 0) + 1
    return found


def _night_counts(rows: Rows, maker: OffenceMaker) -> dict[str, int]:
    night = rows.take(rows.night)
    weekday = maker.weekday[night.day]
    found = {"night-time public place": len(night.code)}
    found |= {f"night-time {name}": int((weekday == n).sum()) for n, name in enumerate(nights.WEEKDAYS)}
    return found | {f"night-time {code}": int((night.code == code).sum()) for code in sorted(set(night.code))}


def _margins(
    data: dict[str, Any], parts: list[Block], rows: Rows, maker: OffenceMaker
) -> list[tuple[str, int, int, bool]]:
    """(target, wanted, made, ok) for every margin, block by block, and what the targets file contradicts."""
    found: list[tuple[str, int, int]] = list(disagreements(data))
    for number, part in enumerate(parts):
        of = rows.take(rows.block == number)
        mark = "" if part.name == "window" else "before the window: "
        codes = dict(zip(data["offences"], (sum(row) for row in part.table), strict=True))
        if part.scale == 1:
            codes |= data["offences"]
        night = data["night_public_offences"] if part.scale == 1 else part.night
        wanted = [("all", part.total, len(of.code)), ("public place", part.public, int(of.public.sum()))]
        wanted.append(("night-time public place", sum(night.values()), int(of.night.sum())))
        wanted.append(("domestic", part.domestic, int(of.domestic.sum())))
        wanted += [
            (name or "no area", count, int((of.area == n).sum()))
            for n, (name, count) in zip(
                [*range(len(maker.places.names)), -1],
                [(name, part.areas[name]) for name in [*maker.places.names, ""]],
                strict=True,
            )
        ]
        wanted += [(f"offence {code}", count, int((of.code == code).sum())) for code, count in codes.items()]
        wanted += [
            (f"night-time {code}", count, int((of.code[of.night] == code).sum())) for code, count in night.items()
        ]
        weekday = maker.weekday[of.day[of.night]]
        wanted += [
            (f"night-time {nights.WEEKDAYS[n]}", count, int((weekday == n).sum()))
            for n, count in enumerate(part.weekdays)
        ]
        wanted += [
            (
                f"{maker.days[first]} to {maker.days[last]}",
                count,
                int(((of.day >= first) & (of.day <= last)).sum()),
            )
            for first, last, count in part.periods
        ]
        found += [(mark + name, target, made) for name, target, made in wanted]
    return [(name, int(target), int(made), int(target) == int(made)) for name, target, made in found]
