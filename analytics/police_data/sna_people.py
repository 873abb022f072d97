"""Tables T7, T8, T12, T14 and T15, about victims and suspects, where the source has any."""

from typing import Any

from django.db.models import Count, FloatField, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast

from analytics.measures.catalogue import measure_named, offence_list
from analytics.measures.sna import definitions
from analytics.models import Offence, OffencePerson
from analytics.police_data.selection import NoSuchData
from analytics.police_data.sna_night import MEASURE
from analytics.police_data.sna_source import COUNT_AND_SHARE, SnaSource, denominators, finish, share
from analytics.police_data.sna_table import (
    COUNT,
    RATE,
    SHARE,
    TEXT,
    TOTAL,
    UNKNOWN,
    Column,
    Row,
    Section,
    SnaTable,
)

WIDTHS = dict(
    zip(OffencePerson.AGE_BANDS, (10, 5, 3, 4, 3, 5, 5, 10, 10, 10, 25), strict=True)
)  # years; 65+ to 89
MINORS = ("0-9", "10-14", "15-17")
UNDER_25 = (*MINORS, "18-21", "22-24")
SEXES = {"m": "Male", "f": "Female"}
NAMES = {"victim": "Victims", "suspect": "Suspects"}


def _people(offences: QuerySet[Offence], role: str) -> QuerySet[OffencePerson]:
    """Rows of people of these offences. Raises NoSuchData where the source has none of this role."""
    found = OffencePerson.objects.filter(role=role, offence__in=offences.order_by().values("pk"))
    if not found.exists():
        raise NoSuchData(
            f"No {role}s are loaded for these offences. Map the {role} columns ({role}_age_band, {role}_sex, "
            f"{role}_npa, {role}_id) and import the extract again."
        )
    return found


def offences_of_under_25(source: SnaSource) -> Any:
    """Keys of the offences with a victim or suspect under 25; None where the source has no people."""
    found = OffencePerson.objects.filter(offence__in=source.here.order_by().values("pk"))
    return found.filter(age_band__in=UNDER_25).values("offence_id") if found.exists() else None


def _counted(people: QuerySet[OffencePerson], field: str, how: str) -> dict[str, float]:
    """Value of a field -> people; ``how`` is "weight" (of the night), "rows" or "persons" (each id once)."""
    if how == "persons":
        known = people.exclude(person_key="").order_by().values_list(field)
        found: dict[str, float] = dict(known.annotate(n=Count("person_key", distinct=True)))
        for value, count in people.filter(person_key="").order_by().values_list(field).annotate(n=Count("pk")):
            found[value] = found.get(value, 0) + count
        return found
    total = Sum("offence__night_weight") if how == "weight" else Sum(Cast(Value(1), FloatField()))
    return {value: float(count or 0) for value, count in people.order_by().values_list(field).annotate(n=total)}


def _section(key: str, title: str, counts: dict[str, float], labels: dict[str, str], unit: str) -> Section:
    """Counts with two shares: among known values, and among all. The unknown row is always there."""
    columns = (
        Column("count", unit, COUNT),
        Column("known", "Share of known", SHARE),
        Column("all", "Share of all", SHARE),
    )
    unknown = sum(count for value, count in counts.items() if value not in labels)
    whole = sum(counts.values())
    rows = [
        Row(
            value,
            label,
            {
                "count": counts.get(value, 0),
                "known": share(counts.get(value, 0), whole - unknown),
                "all": share(counts.get(value, 0), whole),
            },
        )
        for value, label in labels.items()
    ]
    rows.append(Row(UNKNOWN, "Unknown", {"count": unknown, "known": None, "all": share(unknown, whole)}))
    section = Section(key, title, columns, rows, chart=("count",))
    section.total = Row(TOTAL, "All", {"count": whole})
    return finish(section)


def _sex(key: str, people: QuerySet[OffencePerson], how: str, unit: str) -> Section:
    return _section(key, f"{unit} by sex", _counted(people, "sex", how), SEXES, unit)


def _age(key: str, people: QuerySet[OffencePerson], how: str, unit: str) -> Section:
    counts = _counted(people, "age_band", how)
    section = _section(key, f"{unit} by age", counts, {band: band for band in WIDTHS}, unit)
    per_year = {band: counts.get(band, 0) / years for band, years in WIDTHS.items()}
    peak = max(per_year, key=lambda band: per_year[band])
    if per_year[peak]:
        section.columns = (*section.columns, Column("peak", "Band", TEXT))
        section.rows.append(
            Row("peak", "Peak: most for each year of age", {"count": counts[peak], "peak": peak}, part=False)
        )
    section.in_time = True
    return section


def _home(key: str, people: QuerySet[OffencePerson], how: str, unit: str) -> Section:
    counts = _counted(people, "home_npa", how)
    names = sorted((name for name in counts if name), key=lambda name: (-counts[name], name))
    return _section(key, f"{unit} by home area", counts, {name: name for name in names}, unit)


def _night(source: SnaSource, table: SnaTable, role: str) -> QuerySet[OffencePerson]:
    table.rule = measure_named(MEASURE).rule
    table.basis = "night of the offence (noon to noon, named by its first evening), by committed date"
    return _people(source.at_night, role)


def night_victims(source: SnaSource, table: SnaTable) -> None:
    """T7."""
    people = _night(source, table, "victim")
    table.sections += [
        _sex("sex", people, "weight", "Victims"),
        _age("age", people, "weight", "Victims"),
        _home("home", people, "weight", "Victims"),
    ]


def night_suspects(source: SnaSource, table: SnaTable) -> None:
    """T8: each suspect of each offence, then each person once."""
    people = _night(source, table, "suspect")
    for how, suffix, unit in (("weight", "", "Suspects of each offence"), ("persons", "-persons", "Persons")):
        table.sections += [
            _sex(f"sex{suffix}", people, how, unit),
            _age(f"age{suffix}", people, how, unit),
            _home(f"home{suffix}", people, how, unit),
        ]
    table.caveats.append(_about_keys(people))


def _about_keys(people: QuerySet[OffencePerson]) -> str:
    without = people.filter(person_key="").count()
    return (
        f"{without:,} rows have no person number and count as somebody new each time."
        if without
        else "Every row has a person number, so persons can be told apart."
    )


def high_harm(source: SnaSource, table: SnaTable) -> None:
    """T12."""
    population = denominators(source)
    if population.under_25 is None or population.from_25 is None:
        raise NoSuchData(
            "The rates need residents by age, and only residents of all ages are loaded. Load a table of populations "
            "with age bands that end at 24 and begin at 25."
        )
    codes = definitions().high_harm
    table.rule = f"Counts {', '.join(f'{offence_list().title_of(code)} ({code})' for code in codes)}."
    table.denominator += f" Loaded: {population.words}."
    columns = (
        Column("count", "People", COUNT),
        Column("residents", "Residents", COUNT),
        Column("rate", "Per 1,000, whole period; ratio", RATE),
    )
    offences = source.here.filter(offence_code__in=codes)
    for role in ("victim", "suspect"):
        counts = _counted(_people(offences, role), "age_band", "rows")
        young = sum(counts.get(band, 0) for band in UNDER_25)
        old = sum(counts.get(band, 0) for band in WIDTHS if band not in UNDER_25)
        rates = [1000 * young / population.under_25, 1000 * old / population.from_25]
        unknown = sum(counts.values()) - young - old
        rows = [
            Row("under-25", "Under 25", {"count": young, "residents": population.under_25, "rate": rates[0]}),
            Row("from-25", "25 and over", {"count": old, "residents": population.from_25, "rate": rates[1]}),
            Row(UNKNOWN, "Age unknown", {"count": unknown}),
            Row("ratio", "Ratio of the rates", {"rate": rates[0] / rates[1] if rates[1] else None}, part=False),
        ]
        table.sections.append(finish(Section(role, NAMES[role], columns, rows, chart=("count",))))


def afternoon(source: SnaSource, table: SnaTable) -> None:
    """T14."""
    offences = source.here.filter(precision="time", hour=15)
    young = OffencePerson.objects.filter(offence__in=offences.order_by().values("pk"), age_band__in=MINORS)
    if not young.exists():
        _people(offences, "victim")
    mine = offences.filter(pk__in=young.values("offence_id"))
    counts = dict(mine.order_by().values_list("offence_code").annotate(n=Count("pk")))
    whole = sum(counts.values())
    rows = []
    for label, codes in definitions().afternoon_classes.items():
        count = sum(counts.pop(code, 0) for code in codes)
        rows.append(Row(label, label, {"count": count, "share": share(count, whole)}))
    rest = sum(counts.values())
    rows.append(Row("other", "Other offences", {"count": rest, "share": share(rest, whole)}))
    table.sections.append(
        finish(Section("offences", "By group of offences", COUNT_AND_SHARE, rows, chart=("count",)))
    )
    for role in ("victim", "suspect"):
        try:
            table.sections.append(_sex(role, _people(mine, role), "rows", NAMES[role]))
        except NoSuchData as error:
            table.caveats.append(str(error))


def residents_affected(source: SnaSource, table: SnaTable) -> None:
    """T15: different people whose home is one of the areas in which the force's offences lie."""
    population = denominators(source)
    table.denominator += f" Loaded: {population.words}."
    columns = (
        Column("count", "Different people", COUNT),
        Column("residents", "Residents", COUNT),
        Column("share", "Share", SHARE),
        Column("elsewhere", "Home unknown or elsewhere", COUNT),
    )
    ours = set(source.rows.exclude(npa="").order_by().values_list("npa", flat=True).distinct())
    rows = []
    for role in ("victim", "suspect"):
        people = _people(source.here, role)
        here = Q(home_npa__in=ours)
        inside = _distinct(people.filter(here))
        outside = _distinct(people.exclude(here))
        rows.append(
            Row(
                role,
                NAMES[role],
                {
                    "count": inside,
                    "residents": population.total or None,
                    "share": share(inside, population.total),
                    "elsewhere": outside,
                },
                part=False,
            )
        )
        table.caveats.append(f"{NAMES[role]}: {_about_keys(people)}")
    section = Section(
        "residents", "Different people with a home inside the force", columns, rows, chart=("count",)
    )
    section.counted = ""
    table.sections.append(section)
    table.caveats.append(
        "Somebody who was both a victim and a suspect is in both rows. A home is inside the force when its area is "
        "one in which the force's offences lie."
    )


def _distinct(people: QuerySet[OffencePerson]) -> int:
    named = people.exclude(person_key="").aggregate(n=Count("person_key", distinct=True))["n"]
    return int(named) + people.filter(person_key="").count()
