"""The published tables as files: one CSV for each table, and a page that says how to read them."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analytics.disclosure.tiers import TIERS, Tier
from analytics.measures.catalogue import measure_named
from analytics.models import PublishedPeriod
from analytics.publication.series import ALL, HOURS, NIGHTS, SERIES, Series, Table
from campaign_pages.spreadsheet_text import safe_text

ABOUT = "about.txt"
ROUNDING = {
    "partner": "Counts of 1 to 4 are shown as <5. Noughts and counts from 5 are exact. Some other cells are not "
    "shown, so that a small count cannot be found by subtraction.",
    "public": "Counts below 10, nought among them, are shown as “fewer than 10”; all others are rounded to the "
    "nearest 5, each by itself, so that rows need not add up to their total. Some other cells are not shown, so "
    "that a small count cannot be found by subtraction. Behind every cell stand at least four weeks and three "
    "venues.",
}
FROZEN = (
    "A published period is never changed, also when the data behind it are corrected: two versions could be "
    "subtracted from each other. There are no totals over several periods, for the same reason."
)
AUDIENCE = {
    "partner": "For the partners named in the data-sharing agreement. Not for publication.",
    "public": "May be published.",
}


@dataclass(frozen=True)
class TableFile:
    """One file as bytes, with how many rows of counts it has."""

    name: str
    content: bytes
    rows: int
    synthetic: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def published_files(tier_name: str, *, copy: str) -> list[TableFile]:
    """Every table of a tier with every frozen period, and the page about them.

    ``copy`` is the mark of this copy (who took it and its audit number); it stands in every row. Raises
    LookupError for a tier that is never passed on.
    """
    if tier_name not in ROUNDING:
        raise LookupError(f"{tier_name!r} is not a tier that is passed on: choose {' or '.join(ROUNDING)}")
    tier = TIERS[tier_name]
    files: list[TableFile] = []
    about = [f"Police counts: tables of the {tier.name} tier", AUDIENCE[tier.name], copy, "", ROUNDING[tier.name]]
    about += [FROZEN, ""]
    for series in SERIES:
        for synthetic in (False, True):
            frozen = list(PublishedPeriod.objects.filter(series=series.name, synthetic=synthetic))
            if not frozen:
                continue
            made = [_file(series, table, frozen, tier, copy) for table in series.tables]
            files += made
            about += _about(series, frozen, [each.name for each in made])
    text = "\n".join(about) + "\n"
    return [*files, TableFile(ABOUT, text.encode(), 0, any(each.synthetic for each in files))]


def mark_of(tier_name: str, *, by: str, at: datetime, number: int) -> str:
    """The watermark of one copy: who took it, when (UTC) and the number of its row in the audit log."""
    return f"{tier_name} tier, copy {number}, {by}, {at:%Y-%m-%d %H:%M} UTC"


def rows_of(table: Table, period: PublishedPeriod, tier: Tier) -> Iterator[tuple[str, ...]]:
    """The rows of one period of one table: its labels, then the text of the cell."""
    for cell in period.cells:
        kind, *names = cell["key"]
        if kind in table.kinds:
            yield (*_labels(kind, names, table), cell[tier.name])


def _labels(kind: str, names: list[str], table: Table) -> tuple[str, ...]:
    if kind == "total":
        return (ALL,) * len(table.labels)
    if kind == "night":
        return NIGHTS[names[0]], ALL
    if kind == "hours":
        return ALL, HOURS[names[0]]
    if kind == "cell":
        return NIGHTS[names[0]], HOURS[names[1]]
    return (names[0],)


def _file(series: Series, table: Table, frozen: list[PublishedPeriod], tier: Tier, copy: str) -> TableFile:
    synthetic = frozen[0].synthetic
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["period_from", "period_to", *table.labels, "offences", "synthetic", "marking"])
    count = 0
    for period in frozen:
        for row in rows_of(table, period, tier):
            writer.writerow(
                [
                    period.first_day,
                    period.last_day,
                    *map(safe_text, row),
                    "yes" if synthetic else "no",
                    safe_text(copy),
                ]
            )
            count += 1
    mark = "-synthetic" if synthetic else ""
    name = f"{series.name}-{table.name}-{tier.name}{mark}.csv"
    return TableFile(name, stream.getvalue().encode(), count, synthetic)


def _about(series: Series, frozen: list[PublishedPeriod], names: list[str]) -> list[str]:
    measure = measure_named(series.measure)
    lines = [series.title + (" - SYNTHETIC DATA, invented for demonstration" if frozen[0].synthetic else "")]
    lines += [f"Files: {', '.join(names)}"]
    lines += [f"Definition: {measure.rule}"]
    lines += [f"Definitions used: {', '.join(sorted({each.definition for each in frozen}))}"]
    lines += [f"Period: {frozen[0].first_day} to {frozen[-1].last_day}, {len(frozen)} periods"]
    lines += [f"Denominator: {series.denominator}"]
    lines += [f"Note: {each}" for each in series.caveats]
    lines += [series.attribution] if series.attribution else []
    return [*lines, ""]
