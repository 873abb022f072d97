"""What is deleted when. One table of rules; docs/data-protection/retention-schedule.md is tested against it.

Every rule asks the database (or the folder) what is due, so a lost or doubled wake-up changes nothing. Each
deletion is one transaction with its row in the audit log; the row says how many, never what.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from analytics import nights
from analytics.audit.chain import record
from analytics.models import EvaluationPlan, ImportedFile, Offence, OffencePerson, PanelAnalysis, ReceivedFile
from campaign_pages.models import Feedback

JOB = "delete_expired"
UNNAMED_DAYS = 1  # an upload that broke off, or a process that was killed; no upload takes a day
WAITING = ("received", "previewed", "approved", "loading")


@dataclass(frozen=True)
class Due:
    """Something that is due: how it is deleted, how many rows or files it is, and what the audit log says."""

    about: str
    count: int
    delete: Callable[[], None]


@dataclass(frozen=True)
class Rule:
    """``setting`` holds the time; ``starts`` says from when it runs."""

    name: str
    what: str
    setting: str
    unit: str  # "days" or "months"
    starts: str
    action: str
    due: Callable[[datetime, int], Iterator[Due]]

    @property
    def time(self) -> int:
        """How long, in ``unit``. Raises ImproperlyConfigured below 1: nought would delete what is still read."""
        value = getattr(settings, self.setting)
        if value < 1:
            raise ImproperlyConfigured(f"{self.setting} is {value}: give at least 1")
        return int(value)


def delete_expired(*, dry_run: bool = False, now: datetime | None = None) -> dict[str, int]:
    """Deletes what is due, rule by rule; returns rule -> how many rows or files. ``dry_run`` only counts."""
    at = now or timezone.now()
    deleted = dict.fromkeys((rule.name for rule in RULES), 0)
    for rule in RULES:
        for due in list(rule.due(at, rule.time)):
            if not dry_run:
                with transaction.atomic():
                    due.delete()
                    record(rule.action, by=JOB, about=due.about, detail={"deleted": due.count})
            deleted[rule.name] += due.count
    if not dry_run and any(deleted.values()):
        _forget_pages()
    return deleted


def _forget_pages() -> None:
    """SQLite keeps old pages in its write-ahead log until it is emptied (freed pages are zeroed: secure_delete)."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _older(folder: Path, at: datetime, days: int) -> Iterator[Path]:
    """Files below a folder by the time they were last written; links are never followed."""
    limit = (at - timedelta(days=days)).timestamp()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < limit:
            yield path


def _quarantine(at: datetime, days: int) -> Iterator[Due]:
    """Sealed files by the day of their receipt, in whatever state; and at once what no record names."""
    folder = Path(settings.VAR_DIR) / "quarantine"
    here = ReceivedFile.objects.filter(purged_at=None)
    busy = Q(state=ReceivedFile.State.LOADING, lease_until__gte=at)
    for file in here.filter(received_at__lt=at - timedelta(days=days)).exclude(busy):
        yield Due(f"received file {file.pk}", 1, partial(_purge, folder / Path(file.stored).name, file.pk, at))
    named = set(here.values_list("stored", flat=True))
    for path in _older(folder, at, UNNAMED_DAYS):
        if path.name not in named or path.parent != folder:

            def delete(path: Path = path) -> None:
                path.unlink(missing_ok=True)
                if path.parent != folder and not any(path.parent.iterdir()):
                    path.parent.rmdir()

            yield Due("a file in quarantine that no record names", 1, delete)


def _purge(path: Path, pk: int, at: datetime) -> None:
    """The bytes first: a crash in between leaves a record that is due again, never bytes that are not."""
    state = ReceivedFile.State
    file = ReceivedFile.objects.filter(pk=pk)
    list(file.select_for_update().values_list("pk"))  # or a rotation of keys could put a new file in its place
    path.unlink(missing_ok=True)
    file.filter(state__in=WAITING).update(state=state.EXPIRED, lease_until=None, lease_by="", ended_at=at)
    file.update(purged_at=at, fence=F("fence") + 1)


def note_lost_files() -> int:
    """Records whose bytes are not in quarantine, as after a restore: marked as deleted; how many. Audited."""
    folder, at, lost = Path(settings.VAR_DIR) / "quarantine", timezone.now(), 0
    for file in ReceivedFile.objects.filter(purged_at=None).order_by("pk"):
        path = folder / Path(file.stored).name
        if not path.exists():
            with transaction.atomic():
                _purge(path, file.pk, at)
                record("police.quarantine_lost", by="restore", about=f"received file {file.pk}")
            lost += 1
    return lost


def _rejects(at: datetime, days: int) -> Iterator[Due]:
    private = Path(settings.VAR_DIR) / "private"
    known = dict(ImportedFile.objects.exclude(rejects_file="").values_list("rejects_file", "pk"))
    for path in _older(private / "rejects", at, days):
        pk = known.get(str(path.relative_to(private)))

        def delete(path: Path = path, pk: int = pk or 0) -> None:
            path.unlink(missing_ok=True)
            ImportedFile.objects.filter(pk=pk).update(rejects_file="")

        yield Due(f"file {pk}" if pk else "a list that no import names", 1, delete)


def _superseded(at: datetime, days: int) -> Iterator[Due]:
    limit = at - timedelta(days=days)
    for file in ImportedFile.objects.filter(superseded_offences__current=False, imported_at__lt=limit).distinct():
        rows = Offence.objects.filter(current=False, superseded_by=file)
        yield Due(f"rows that file {file.pk} replaced", rows.count(), _deleter(rows))


def _persons(at: datetime, months: int) -> Iterator[Due]:
    ends = _plan_ends()
    for file in ImportedFile.objects.filter(offences__persons__isnull=False).distinct():
        last = timezone.localdate(file.imported_at)
        for begin, end, synthetic in ends:
            overlaps = file.first_day and file.last_day and begin <= file.last_day and file.first_day <= end
            if overlaps and synthetic == file.synthetic:
                last = max(last, end)
        if months_after(last, months) <= timezone.localdate(at):
            rows = OffencePerson.objects.filter(offence__file=file)
            yield Due(f"persons of file {file.pk}", rows.count(), _deleter(rows))


def _panels(at: datetime, days: int) -> Iterator[Due]:
    rows = PanelAnalysis.objects.filter(made_at__lt=at - timedelta(days=days))
    if number := rows.count():
        yield Due("panels that people analysed", number, _deleter(rows))


def _plan_ends() -> list[tuple[date, date, bool]]:
    """First and last day of every locked plan, and whether it is about synthetic data."""
    found = []
    for plan in EvaluationPlan.objects.all():
        content = json.loads(plan.content)
        begin = nights.week_start(content["from_week"])
        end = nights.week_start(content["to_week"]) + timedelta(days=6)
        found.append((begin, end, plan.data_kind == "synthetic"))
    return found


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where that month is shorter."""
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    after = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))


def _feedback(at: datetime, months: int) -> Iterator[Due]:
    today = timezone.localdate(at)
    for month in Feedback.objects.dates("at", "month"):
        rows = Feedback.objects.filter(at__year=month.year, at__month=month.month)
        old = [row.pk for row in rows.only("at") if months_after(timezone.localdate(row.at), months) <= today]
        if old:
            yield Due(f"feedback of {month:%Y-%m}", len(old), _deleter(Feedback.objects.filter(pk__in=old)))


def _deleter(rows: Any) -> Callable[[], None]:
    def delete() -> None:
        rows.delete()

    return delete


RULES = (
    Rule(
        "quarantine",
        "Received source files, sealed in quarantine",
        "WALKAWAY_QUARANTINE_DAYS",
        "days",
        "the receipt",
        "police.quarantine_deleted",
        _quarantine,
    ),
    Rule(
        "rejects",
        "Lists of rejected rows (values reduced to their shape)",
        "WALKAWAY_REJECTS_DAYS",
        "days",
        "the import",
        "police.rejects_deleted",
        _rejects,
    ),
    Rule(
        "superseded",
        "Offences that a corrected file replaced",
        "WALKAWAY_SUPERSEDED_DAYS",
        "days",
        "the import of the correction",
        "police.superseded_deleted",
        _superseded,
    ),
    Rule(
        "persons",
        "Victims and suspects (bands and home area only)",
        "WALKAWAY_PERSONS_MONTHS",
        "months",
        "the end of the last locked plan that covers the file, or the import where that is later",
        "police.persons_deleted",
        _persons,
    ),
    Rule(
        "feedback",
        "What people wrote in the feedback form of the site",
        "WALKAWAY_FEEDBACK_MONTHS",
        "months",
        "the day it was sent",
        "site.feedback_deleted",
        _feedback,
    ),
    Rule(
        "panels",
        "Panels that people uploaded for analysis, and their results (the rows themselves go once analysed)",
        "WALKAWAY_PANEL_DAYS",
        "days",
        "the upload",
        "evaluation.panels_deleted",
        _panels,
    ),
)
