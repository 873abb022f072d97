"""What became of one reach file: its numbers, its refused rows, its line in the audit log."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from analytics.audit.chain import record as write_down
from analytics.models import ReachFigure, ReachFile, ReachUpload
from analytics.reach.file_rows import ReachSource
from campaign_pages.activity import NewCheckIn
from campaign_pages.spreadsheet_text import safe_cell

BATCH = 1000
KEPT_FOR = timedelta(days=7)
COMMAND_LINE = "command line"
NUMBERS = ("rows_read", "loaded", "corrected", "duplicates", "rejected", "reasons")
Progress = Callable[[int], None]


@dataclass
class ReachReport:
    """What became of one file, or would become of it."""

    name: str
    sha256: str
    format: str
    rows_read: int = 0
    loaded: int = 0
    corrected: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    rejects_file: str | None = None

    def as_json(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in ("rows_read", "loaded", "duplicates", "rejected")}
        return {"files": [dict(vars(self))], **numbers}


@dataclass(frozen=True)
class Refusal:
    """A row that is not loaded."""

    line: int
    code: str
    field: str
    reason: str


@dataclass(frozen=True)
class Correction:
    """A figure in force and the one that takes its place."""

    line: int
    old: ReachFigure
    new: ReachFigure


@dataclass
class Reading:
    """All rows of a file, judged. ``lines`` of loaded rows stand beside their figures."""

    report: ReachReport
    new: list[ReachFigure] = field(default_factory=list)
    check_ins: list[NewCheckIn] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def finish(self) -> None:
        """Counts what was refused."""
        self.refusals.sort(key=lambda each: each.line)
        self.report.rejected = len(self.refusals)
        self.report.reasons = dict(sorted(Counter(each.code for each in self.refusals).items()))


def forget_old_uploads() -> int:
    """Deletes files that were looked at and neither loaded nor left within a week; how many."""
    found = ReachUpload.objects.filter(at__lt=timezone.now() - KEPT_FOR)
    return found.delete()[0]


def saved_file(source: ReachSource, reading: Reading, *, by: str, why: str) -> ReachFile:
    """The record of an import, saved."""
    file = ReachFile(
        name=source.name[:255],
        sha256=source.sha256,
        kind=reading.report.format,
        by=by[:150],
        why=why.strip()[:200],
    )
    for name in NUMBERS:
        setattr(file, name, getattr(reading.report, name))
    file.save()
    return file


def write_down_file(action: str, file: ReachFile, by: str) -> None:
    """A row of the audit log, in the caller's transaction."""
    names = ("kind", "rows_read", "loaded", "corrected", "duplicates", "rejected", "why")
    detail = {name: getattr(file, name) for name in names} | {"sha256": file.sha256}
    write_down(action, by=by or COMMAND_LINE, about=f"reach file {file.pk}", detail=detail)


def keep_rejects(file: ReachFile, refusals: list[Refusal]) -> str:
    """Line, code, field and reason of every refused row, below var/private, readable by the owner only."""
    folder = Path(settings.VAR_DIR) / "private" / "rejects"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"reach-{file.sha256[:12]}-{file.pk}.csv"
    with kept.open("w", newline="", encoding="utf-8") as stream:
        kept.chmod(0o600)
        writer = csv.writer(stream)
        writer.writerow(["line", "code", "field", "reason"])
        for each in refusals:
            writer.writerow(map(safe_cell, [each.line, each.code, each.field, each.reason]))
    return str(kept)
