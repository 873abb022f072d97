"""The tables of the needs assessment, T1 to T18: made from what is loaded, printed beside what was published."""

from collections.abc import Callable
from datetime import date

from analytics.measures.catalogue import measure_named
from analytics.measures.reviewed import warnings_of
from analytics.measures.sna import HEALTH_TABLE, definitions, published
from analytics.police_data import sna_night, sna_people, sna_volume
from analytics.police_data.selection import NoSuchData
from analytics.police_data.sna_source import SERIOUS, SnaSource
from analytics.police_data.sna_table import TEXT, Column, Row, Section, SnaTable, agrees
from analytics.police_data.summary_caveats import SYNTHETIC

Make = Callable[[SnaSource, SnaTable], None]
MAKERS: dict[str, Make] = {
    "T1": sna_volume.volume,
    "T2": sna_volume.areas,
    "T3": sna_night.shares,
    "T4": sna_night.groups,
    "T5": sna_night.weekdays,
    "T6": sna_night.hours,
    "T7": sna_people.night_victims,
    "T8": sna_people.night_suspects,
    "T9": sna_volume.policing_areas,
    "T10": sna_volume.location_types,
    "T11": sna_volume.composition,
    "T12": sna_people.high_harm,
    "T13": lambda source, table: sna_volume.weapons(source, table, sna_people.offences_of_under_25),
    "T14": sna_people.afternoon,
    "T15": sna_people.residents_affected,
    "T16": sna_volume.robbery,
    "T17": sna_volume.months,
}
TABLES = (*MAKERS, HEALTH_TABLE)
BASIS = "calendar date on which the offence began, by committed date"


class UnknownTable(LookupError):
    """No table has this id; the message lists those that exist."""


def sna_tables(first: date, last: date, *, only: str = "", data: str = "") -> list[SnaTable]:
    """All tables, or one, over inclusive dates. ``data`` is "real" or "synthetic" where both are loaded.

    A table that the loaded data cannot give is there with its ``refusal`` in words. Raises UnknownTable,
    ValueError for a period that ends before it begins, NoSuchData where nothing at all is loaded for it.
    """
    if only and only not in TABLES:
        raise UnknownTable(f"There is no table {only!r}. Tables: {', '.join(TABLES)}.")
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")
    if only == HEALTH_TABLE:
        return [_health(first, last)]
    source = SnaSource(first, last, data)
    found = [_table(name, source) for name in MAKERS if only in ("", name)]
    return found if only else [*found, _health(first, last)]


def _empty(name: str, first: date, last: date) -> SnaTable:
    words = definitions().tables[name]
    return SnaTable(
        id=name,
        title=words.title,
        first=first,
        last=last,
        definition=words.definition,
        denominator=words.denominator,
        caveats=list(words.caveats),
    )


def _table(name: str, source: SnaSource) -> SnaTable:
    table = _empty(name, source.first, source.last)
    measure = measure_named(SERIOUS)
    table.rule, table.basis, table.synthetic = measure.rule, BASIS, source.synthetic
    try:
        MAKERS[name](source, table)
    except NoSuchData as error:
        table.refusal, table.sections = str(error), []
    _put_published(table, source)
    table.caveats += warnings_of((definitions().review, *measure.reviews), date.today())  # noqa: DTZ011
    if source.synthetic:
        table.caveats.insert(0, SYNTHETIC)
    return table


def _put_published(table: SnaTable, source: SnaSource) -> None:
    """Puts printed figures beside ours where all rows are of the force that they are about."""
    given, values = published(), published().values[table.id]
    if not values or source.forces() != {given.force}:
        return
    table.published_label = given.label
    if (source.first, source.last) != (given.first, given.last):
        table.caveats.append(
            f"The published figures are of {given.first:%-d %B %Y} to {given.last:%-d %B %Y}, not of the period chosen "
            "here: they cannot be expected to agree."
        )
    same = True
    for section in table.sections:
        for row in section.all_rows():
            for column in section.columns:
                for name in (row.key, row.label):
                    text = values.get(f"{section.key}/{name}/{column.key}")
                    if text:
                        row.published[column.key] = text
                        same = same and agrees(row, column) is not False
    if source.synthetic and not same:
        table.caveats.append(
            "Synthetic rows meet the published figures only without a planted effect; one, as in the demo, adds or takes "
            "away night-time assaults, and every figure that holds them moves."
        )


def _health(first: date, last: date) -> SnaTable:
    """T18: entered by hand in the reviewed file, printed as it stands there."""
    table, given = _empty(HEALTH_TABLE, first, last), published()
    columns = (Column("figure", "Published figure", TEXT), Column("change", "Published change", TEXT))
    rows = [
        Row(key, label, {"figure": figure, "change": change}, part=False)
        for key, label, figure, change in given.health
    ]
    table.sections.append(Section("health", "Entered by hand", columns, rows, counted=""))
    table.basis = f"as published for the area of {given.force}: {given.review.source}"
    table.published_label = given.label
    table.caveats += warnings_of((given.review,), date.today())  # noqa: DTZ011
    return table
