"""Whether a stored result still stands on the data that are there: worked out when it is shown, never stored."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from analytics import nights
from analytics.models import EvaluationRun, ImportedFile, ReachChange, Withdrawal
from analytics.reach.snapshots import changes_after, words_of


def changes_since(run: EvaluationRun) -> list[str]:
    """What happened to the data of the run's weeks after it ran, one sentence for each act; empty: nothing.

    By the days that a file covers, so it may name a file none of whose rows were counted. It never misses one.
    """
    first, last = weeks_of(run)
    if not first:
        return []
    begin, end = nights.week_start(first), nights.week_start(last) + timedelta(days=6)
    days = {"first_day__lte": end, "last_day__gte": begin}
    withdrawn = _withdrawn(run).filter(**{f"file__{key}": day for key, day in days.items()})
    reach = ReachChange.objects.filter(at__gt=run.ran_at, first_night__lte=end, last_night__gte=begin)
    acts = _acts(withdrawn, "withdrawn", file=F("file_id"), moment=F("decided_at")).union(
        _acts(reach, "reach", file=F("pk"), moment=F("at")),
        _acts(
            _loaded(run).filter(**days),
            "loaded",
            file=F("pk"),
            moment=F("imported_at"),
            rows=F("loaded"),
            new=F("corrected"),
        ),
        all=True,
    )
    known = sorted(acts, key=lambda act: (act[0] == "loaded", act[2], act[1]))
    found = [_words(*act) for act in known if act[0] != "reach"]
    if len(found) == len(known):
        return found
    found += _reach_words(changes_after(run.ran_at, first, last))
    return found


def _reach_words(acts: Sequence[ReachChange]) -> list[str]:
    """One sentence for acts of one kind on one day: a file of forty venues is not forty sentences."""
    groups: dict[tuple[str, str], list[ReachChange]] = {}
    for act in acts:
        groups.setdefault((act.action, _day(act.at)), []).append(act)
    found = []
    for (_, day), members in groups.items():
        rows = sorted(act.audit_number for act in members)
        if len(members) == 1:
            found.append(f"Reach: {words_of(members[0])} on {day}; row {rows[0]} of the audit log says by whom.")
            continue
        places = len({act.venue_code for act in members if act.venue_code})
        where = f" ({places} venues)" if places > 1 else ""
        found.append(
            f"Reach: {words_of(members[0], venue=False)}{where}, {len(members)} acts on {day}; rows {rows[0]} to {rows[-1]} "
            "of the audit log say by whom."
        )
    return found


def weeks_of(run: EvaluationRun) -> tuple[str, str]:
    """First and last week of a run; empty texts where nobody wrote them down."""
    if run.from_week:
        return run.from_week, run.to_week
    result = json.loads(run.result)
    return result.get("from_week", ""), result.get("to_week", "")


def out_of_date_among(runs: Sequence[EvaluationRun]) -> set[int]:
    """Numbers of the runs whose weeks' data changed since, in three queries however many runs there are."""
    if not runs:
        return set()
    since = min(run.ran_at for run in runs)
    withdrawn = Withdrawal.objects.filter(confirmed=True, decided_at__gt=since, file__loaded__gt=0)
    loaded = ImportedFile.objects.filter(
        state=ImportedFile.State.LOADED, imported_at__gt=since, loaded__gt=0, timed=True
    )
    reach = ReachChange.objects.filter(at__gt=since)
    acts: list[tuple[Any, ...]] = [
        *withdrawn.values_list("decided_at", "file__first_day", "file__last_day", "file__synthetic"),
        *loaded.values_list("imported_at", "first_day", "last_day", "synthetic"),
        *((at, first, last, None) for at, first, last in reach.values_list("at", "first_night", "last_night")),
    ]
    found = set()
    for run in runs:
        from_week, to_week = weeks_of(run)  # older runs have them in their result only
        if not from_week:
            continue
        begin, end = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
        for at, first, last, synthetic in acts:
            mine = synthetic is None or synthetic == run.synthetic
            if (
                mine
                and at > run.ran_at
                and first is not None
                and first <= end
                and last is not None
                and last >= begin
            ):
                found.add(run.pk)
                break
    return found


def _acts(acts: QuerySet[Any], kind: str, **columns: Any) -> QuerySet[Any, Any]:
    """(kind, file, moment, rows, corrections) of each act, so that all kinds come in one query."""
    named = {"rows": Value(0), "new": Value(0)} | columns
    labelled = acts.order_by().annotate(
        act=Value(kind),
        act_file=named["file"],
        act_moment=named["moment"],
        act_rows=named["rows"],
        act_new=named["new"],
    )
    return labelled.values_list("act", "act_file", "act_moment", "act_rows", "act_new")


def _words(kind: str, file: int, moment: datetime, rows: int, new: int) -> str:
    if kind == "withdrawn":
        return f"File {file} was withdrawn on {_day(moment)}; its offences are in this result and no longer in the database."
    return f"File {file} was loaded on {_day(moment)}; offences in it: {rows}, of which corrections of older ones: {new}."


def _withdrawn(run: EvaluationRun) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(
        confirmed=True, decided_at__gt=run.ran_at, file__synthetic=run.synthetic, file__loaded__gt=0
    ).order_by("decided_at", "pk")


def _loaded(run: EvaluationRun) -> QuerySet[ImportedFile]:
    later = Q(state=ImportedFile.State.LOADED, imported_at__gt=run.ran_at, loaded__gt=0, timed=True)
    return ImportedFile.objects.filter(later, synthetic=run.synthetic).order_by("pk")


def _day(at: object) -> str:
    day = timezone.localtime(at)  # type: ignore[arg-type]
    return f"{day.day} {day:%B %Y}"
