"""Tables T1, T2, T9 to T11, T13, T16 and T17: how much serious violence, of which kind, where and when."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from analytics.measures.catalogue import offence_list
from analytics.measures.sna import definitions, published
from analytics.police_data.sna_source import (
    COUNT_AND_SHARE,
    SnaSource,
    a_year_before,
    denominators,
    finish,
    from_summary,
    month_of,
    share,
)
from analytics.police_data.sna_table import (
    CHANGE,
    COUNT,
    RATE,
    SHARE,
    TOTAL,
    UNKNOWN,
    Column,
    Row,
    Section,
    SnaTable,
)

CHANGES = (
    Column("count", "Offences", COUNT),
    Column("before", "One year earlier", COUNT),
    Column("change", "Change", CHANGE),
)
FLAGS = {"domestic": "Domestic", "public_place": "In a public place", "weapon": "With a weapon"}


def _label(first: date, last: date) -> str:
    return f"{first:%-d %B %Y} to {last:%-d %B %Y}"


def _against_a_year_before(source: SnaSource, key: str, label: str, first: date, last: date) -> Row:
    now = source.between(first, last).count()
    before = None
    if source.covers(a_year_before(first)):
        before = source.between(a_year_before(first), a_year_before(last)).count()
    change = now / before - 1 if before else None
    low = min(now, before if before is not None else now) < definitions().low_number
    return Row(key, label, {"count": now, "before": before, "change": change}, low_number=low)


def volume(source: SnaSource, table: SnaTable) -> None:
    """T1."""
    first, last = source.first, source.last
    whole = Row("period", f"Whole period, {_label(first, last)}", {"count": source.here.count()}, part=False)
    rows, at = [whole], first
    while at <= last:
        year = at.year if at.month >= 4 else at.year - 1
        ends = min(date(year + 1, 3, 31), last)
        full = at == date(year, 4, 1) and ends == date(year + 1, 3, 31)
        key = f"{year}-{(year + 1) % 100:02d}" if full else f"part-{at}"
        label = f"Financial year {year}/{(year + 1) % 100:02d}" if full else f"Part of a year, {_label(at, ends)}"
        rows.append(_against_a_year_before(source, key, label, at, ends))
        at = ends + timedelta(days=1)
    table.sections.append(
        finish(Section("volume", "By financial year", CHANGES, rows, chart=("count",), in_time=True))
    )
    begin = a_year_before(last) + timedelta(days=1)
    latest = _against_a_year_before(source, "last-12", f"Last twelve months, {_label(begin, last)}", begin, last)
    if begin < first:
        table.caveats.append("The period is shorter than twelve months, so the last twelve reach back before it.")
    table.sections.append(Section("latest", "Another window: the last twelve months", CHANGES, [latest]))
    if any(row.values.get("before") is None for row in [*rows[1:], latest]):
        table.caveats.append(
            f"What is loaded begins on {source.begins:%-d %B %Y}: a change is given only where all of the dates one "
            "year earlier are loaded."
        )


def areas(source: SnaSource, table: SnaTable) -> None:
    """T2."""
    people, summary = denominators(source), source.summary("area")
    columns = (
        Column("count", "Offences", COUNT),
        Column("share", "Share", SHARE),
        Column("residents", "Residents", COUNT),
        Column("rate", "Per 1,000, whole period", RATE),
        Column("year_rate", "Per 1,000 and year", RATE),
    )

    def row(key: str, label: str, count: float, residents: int | None, *, part: bool = True) -> Row:
        rate = 1000 * count / residents if residents else None
        values = {
            "count": count,
            "share": share(count, summary.total),
            "residents": residents or None,
            "rate": rate,
            "year_rate": rate / source.years if rate is not None else None,
        }
        return Row(key, label, values, part=part)

    rows = [row(each.key, each.label_with_fit, each.count, people.by_area.get(each.key)) for each in summary.rows]
    table.caveats += summary.area_notes
    if not any(each.key == UNKNOWN for each in rows):
        rows.append(row(UNKNOWN, "Area unknown", 0, None))
    if source.forces() == {published().force}:
        for name, members in published().groups.items():
            inside = [each for each in rows if each.label in members]
            count = sum(float(each.values["count"] or 0) for each in inside)
            living = sum(int(each.values["residents"] or 0) for each in inside)
            rows.insert(0, row(f"group-{name}", name, count, living, part=False))
            table.caveats.append(f"{name} is the sum of {', '.join(members)}; it is not added to the total again.")
    section = Section("areas", "By local authority", columns, rows, chart=("rate",))
    section.total = row(TOTAL, "All", summary.total, people.total)
    table.sections.append(finish(section))
    table.denominator += f" Loaded: {people.words}."
    table.excluded, table.basis = summary.excluded, summary.basis
    lost = sum(float(each.values["count"] or 0) for each in rows if each.part and not each.values["residents"])
    if lost:
        table.caveats.append(
            f"{lost:,.0f} offences lie in no area with a population: they count in the total, which has all residents."
        )


def policing_areas(source: SnaSource, table: SnaTable) -> None:
    """T9."""
    summary = source.summary("area", area_type="npa")
    table.sections.append(from_summary("areas", "By neighbourhood policing area", summary))
    table.excluded = summary.excluded


def location_types(source: SnaSource, table: SnaTable) -> None:
    """T10."""
    summary = source.summary("location")
    table.sections.append(from_summary("locations", "By type of location", summary))
    table.excluded = summary.excluded


def composition(source: SnaSource, table: SnaTable) -> None:
    """T11."""
    known, summary = offence_list(), source.summary("offence")
    table.excluded = summary.excluded
    by_group: dict[str, float] = defaultdict(float)
    by_code = {each.key: each.count for each in summary.rows}
    for key, count in by_code.items():
        by_group[known.by_code[key].group if key in known.by_code else key] += count
    groups = [
        Row(group, known.groups[group], {"count": by_group[group], "share": share(by_group[group], summary.total)})
        for group in known.serious
    ]
    section = Section("groups", "By group", COUNT_AND_SHARE, groups, chart=("count",))
    table.sections.append(finish(section))
    codes = [
        Row(code, f"{known.title_of(code)} ({code})", {"count": count, "share": share(count, summary.total)})
        for code, count in ((code, by_code.get(code, 0)) for code in definitions().composition)
    ]
    one_by_one = Section("offences", "Some offences, each a part of its group", COUNT_AND_SHARE, codes)
    one_by_one.total = Row(TOTAL, "All serious violence", {"count": summary.total, "share": 1.0})
    table.sections.append(finish(one_by_one))
    flags = []
    for name, label in FLAGS.items():
        values = dict(source.here.order_by().values_list(name).annotate(n=Count("pk")))
        flags.append(
            Row(
                name,
                label,
                {
                    "count": values.get("y", 0),
                    "share": share(values.get("y", 0), summary.total),
                    "unknown": values.get("u", 0),
                },
                part=False,
            )
        )
    columns = (*COUNT_AND_SHARE, Column("unknown", "Flag unknown", COUNT))
    table.sections.append(
        finish(Section("flags", "By flag; these overlap", columns, flags, total=Row(TOTAL, "All serious violence", {"count": summary.total})))
    )  # fmt: skip


def weapons(source: SnaSource, table: SnaTable, under_25: Callable[[SnaSource], Any]) -> None:
    """T13. ``under_25`` gives the offences with a victim or suspect under 25, as a query of their keys."""
    columns = (
        Column("count", "With a weapon", COUNT),
        Column("all", "Offences", COUNT),
        Column("share", "Share", SHARE),
        Column("unknown", "Flag unknown", COUNT),
    )
    public = source.here.filter(public_place="y")
    sets = [("all", "Serious violence", source.here), ("public", "In public places", public)]
    young = under_25(source)
    if young is not None:
        sets += [
            ("under-25", "With a victim or suspect under 25", source.here.filter(pk__in=young)),
            ("under-25-public", "Both", public.filter(pk__in=young)),
        ]
    else:
        table.caveats.append(
            "No victims or suspects are loaded, so the two rows about people under 25 are missing."
        )

    def row(key: str, label: str, values: dict[str, int], *, part: bool) -> Row:
        whole = sum(values.values())
        armed = values.get("y", 0)
        cells = {"count": armed, "all": whole, "share": share(armed, whole), "unknown": values.get("u", 0)}
        return Row(key, label, cells, part=part)

    rows = [
        row(key, label, dict(rows.order_by().values_list("weapon").annotate(n=Count("pk"))), part=False)
        for key, label, rows in sets
    ]
    first = Section("sets", "Four sets of offences; they overlap", columns, rows, chart=("share",))
    first.total = Row(TOTAL, "All serious violence", dict(rows[0].values))
    table.sections.append(finish(first))
    by_area: dict[str, dict[str, int]] = defaultdict(dict)
    for district, flag, count in source.here.order_by().values_list("district", "weapon").annotate(n=Count("pk")):
        by_area[district or UNKNOWN][flag] = count
    ordered = sorted(by_area.items(), key=lambda item: (item[0] == UNKNOWN, -sum(item[1].values()), item[0]))
    local = [row(name, "Area unknown" if name == UNKNOWN else name, values, part=True) for name, values in ordered]
    section = Section("areas", "By local authority as the source names it", columns, local)
    section.total = Row(TOTAL, "All", dict(rows[0].values))
    table.sections.append(finish(section))


def robbery(source: SnaSource, table: SnaTable) -> None:
    """T16."""
    last = source.last
    first = a_year_before(last) + timedelta(days=1)
    few = definitions().low_number
    columns = (
        Column("count", "Last twelve months", COUNT),
        Column("before", "Twelve months before", COUNT),
        Column("change", "Change", CHANGE),
    )
    covered = source.covers(a_year_before(first))
    rows = []
    for label, codes in definitions().compared.items():
        now = source.between(first, last).filter(offence_code__in=codes).count()
        before = (
            source.between(a_year_before(first), a_year_before(last)).filter(offence_code__in=codes).count()
            if covered
            else None
        )
        change = now / before - 1 if before else None
        low = min(now, before if before is not None else now) < few
        rows.append(Row(label, label, {"count": now, "before": before, "change": change}, low_number=low))
    section = finish(
        Section("compared", f"{_label(first, last)} against the year before", columns, rows, chart=("count",))
    )
    assert section.total is not None
    if covered:
        sums = [sum(float(row.values[name] or 0) for row in rows) for name in ("count", "before")]
        section.total.values |= {"before": sums[1], "change": sums[0] / sums[1] - 1 if sums[1] else None}
    else:
        table.caveats.append(
            f"What is loaded begins on {source.begins:%-d %B %Y}, after the twelve months to compare with: no change."
        )
    table.sections.append(section)


def months(source: SnaSource, table: SnaTable) -> None:
    """T17: the last 24 months up to the end of the period, as far as they are loaded."""
    people = denominators(source)
    columns = (Column("count", "Offences", COUNT), Column("rate", "Per 1,000 residents", RATE))
    rows = []
    for back in range(23, -1, -1):
        first = month_of(source.last, back)
        last = min(month_of(source.last, back - 1) - timedelta(days=1), source.last)
        if not source.covers(first):
            continue
        count = source.between(first, last).count()
        rate = 1000 * count / people.total if people.total else None
        rows.append(Row(f"{first:%Y-%m}", f"{first:%B %Y}", {"count": count, "rate": rate}))
    drawn = "rate" if people.total else "count"
    table.sections.append(finish(Section("months", "By month", columns, rows, chart=(drawn,), in_time=True)))
    table.denominator += f" Loaded: {people.words}."
    if len(rows) < 24:
        table.caveats.append(
            f"Only {len(rows)} of the 24 months are loaded; what is loaded begins on {source.begins:%-d %B %Y}."
        )
