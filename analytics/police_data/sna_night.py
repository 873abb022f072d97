"""Tables T3 to T6: the night-time economy, serious violence from 22:00 to 04:59 in public places."""

from analytics.measures.catalogue import measure_named
from analytics.measures.sna import definitions
from analytics.police_data.sna_source import COUNT_AND_SHARE, SnaSource, finish, share
from analytics.police_data.sna_table import COUNT, SHARE, TEXT, TOTAL, Column, Row, Section, SnaTable
from analytics.police_data.summary import Summary

MEASURE = "nte_serious_violence"
NIGHT_HOURS = ("22", "23", "00", "01", "02", "03", "04")
PEAK_HOURS = 4


def _head(table: SnaTable, summary: Summary) -> None:
    table.rule, table.basis, table.excluded = measure_named(MEASURE).rule, summary.basis, summary.excluded


def shares(source: SnaSource, table: SnaTable) -> None:
    """T3."""
    night = source.summary("offence", measure=MEASURE)
    anywhere = source.summary("offence", measure="night_serious_violence").total
    everything = source.summary("offence").total
    public = source.summary("offence", measure="public_serious_violence").total
    _head(table, night)
    columns = (
        Column("count", "Night-time offences", COUNT),
        Column("of", "Out of", COUNT),
        Column("share", "Share", SHARE),
    )
    rows = [
        Row(
            "public-of-all",
            "Night-time in public places, of all serious violence",
            {"count": night.total, "of": everything, "share": share(night.total, everything)},
            part=False,
        ),
        Row(
            "public-of-public",
            "Night-time in public places, of serious violence in public places",
            {"count": night.total, "of": public, "share": share(night.total, public)},
            part=False,
        ),
        Row(
            "all-of-all",
            "Night-time in any place, of all serious violence",
            {"count": anywhere, "of": everything, "share": share(anywhere, everything)},
            part=False,
        ),
    ]
    section = Section("shares", "Three readings of one share", columns, rows, chart=("share",))
    section.total = Row(TOTAL, "All serious violence", {"of": everything})
    table.sections.append(finish(section))


def groups(source: SnaSource, table: SnaTable) -> None:
    """T4."""
    summary = source.summary("offence", measure=MEASURE)
    _head(table, summary)
    left = {row.key: row.count for row in summary.rows}
    rows = []
    for label, codes in definitions().night_classes.items():
        count = sum(left.pop(code, 0) for code in codes)
        rows.append(Row(label, label, {"count": count, "share": share(count, summary.total)}))
    rest = sum(left.values())
    rows.append(Row("other", "Other offences", {"count": rest, "share": share(rest, summary.total)}))
    table.sections.append(
        finish(Section("groups", "By group of offences", COUNT_AND_SHARE, rows, chart=("count",)))
    )


def weekdays(source: SnaSource, table: SnaTable) -> None:
    """T5: by the calendar and by night, side by side."""
    by_day = source.summary("weekday", measure=MEASURE)
    by_night = source.summary("night", measure=MEASURE)
    _head(table, by_night)
    columns = (
        Column("count", "By the calendar", COUNT),
        Column("day_share", "Share", SHARE),
        Column("night_count", "By night", COUNT),
        Column("night_share", "Share by night", SHARE),
    )
    nights = {row.key: row for row in by_night.rows}
    rows = []
    for day in by_day.rows:
        night = nights.pop(day.key, None)
        rows.append(
            Row(
                day.key,
                day.label,
                {
                    "count": day.count,
                    "day_share": day.share,
                    "night_count": night.count if night else 0,
                    "night_share": night.share if night else 0.0,
                },
            )
        )
    rows += [
        Row(each.key, each.label, {"count": 0, "night_count": each.count, "night_share": each.share})
        for each in nights.values()
    ]
    section = Section("weekdays", "By weekday", columns, rows, chart=("count", "night_count"))
    section.total = Row(TOTAL, "All", {"count": by_day.total, "night_count": by_night.total})
    table.sections.append(finish(section))


def hours(source: SnaSource, table: SnaTable) -> None:
    """T6."""
    summary = source.summary("hour", measure=MEASURE)
    _head(table, summary)
    counts = {row.key: row for row in summary.rows}
    inside = [counts.pop(hour) for hour in NIGHT_HOURS]
    rows = [Row(each.key, each.label, {"count": each.count, "share": each.share}) for each in inside]
    rows += [
        Row(each.key, each.label, {"count": each.count, "share": each.share})
        for each in counts.values()
        if each.count
    ]
    runs = [
        (sum(each.count for each in inside[n : n + PEAK_HOURS]), n) for n in range(len(inside) - PEAK_HOURS + 1)
    ]
    most, begins = max(runs, key=lambda run: (run[0], -run[1]))
    if most:
        words = f"{inside[begins].key}:00-{inside[begins + PEAK_HOURS - 1].key}:59"
        rows.append(
            Row(
                "peak",
                "Peak: the four hours with most",
                {"count": most, "share": share(most, summary.total), "peak": words},
                part=False,
            )
        )
    columns = (*COUNT_AND_SHARE, Column("peak", "Hours", TEXT))
    table.sections.append(finish(Section("hours", "By clock hour", columns, rows, chart=("count",), in_time=True)))
