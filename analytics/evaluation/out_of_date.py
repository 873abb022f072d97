"""Whether a stored result still stands on the data that are there: worked out when it is shown, never stored."""

import json
from datetime import timedelta

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from analytics import nights
from analytics.models import EvaluationRun, ImportedFile, ReachChange, Withdrawal
from analytics.reach.snapshots import changes_after, words_of


def changes_since(run: EvaluationRun) -> list[str]:
    """What happened to the data of the run's weeks after it ran, one sentence for each act; empty: nothing.

    By the days that a file covers, so it may name a file none of whose rows were counted. It never misses one.
    """
    if not _any_change(run):
        return []
    result = json.loads(run.result)
    if "from_week" not in result:
        return []
    begin = nights.week_start(result["from_week"])
    end = nights.week_start(result["to_week"]) + timedelta(days=6)
    days = {"first_day__lte": end, "last_day__gte": begin}
    found = [
        f"File {each.file_id} was withdrawn on {_day(each.decided_at)}; its offences are in this result and no longer in "
        "the database."
        for each in _withdrawn(run).filter(**{f"file__{key}": day for key, day in days.items()})
    ]
    found += [
        f"File {each.pk} was loaded on {_day(each.imported_at)}; offences in it: {each.loaded}, of which corrections of "
        f"older ones: {each.corrected}."
        for each in _loaded(run).filter(**days)
    ]
    found += [
        f"Reach: {words_of(each)} on {_day(each.at)}; row {each.audit_number} of the audit log says by whom."
        for each in changes_after(run.ran_at, result["from_week"], result["to_week"])
    ]
    return found


def _any_change(run: EvaluationRun) -> bool:
    later = ReachChange.objects.filter(at__gt=run.ran_at)
    asked = Exists(_withdrawn(run)) | Exists(_loaded(run)) | Exists(later)  # one question, not three
    return EvaluationRun.objects.filter(pk=run.pk).filter(asked).exists()


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
