"""Loading what was approved. A worker takes a file for some minutes and says every few seconds that it is still at it.

While rows are moved, or another import is waited for, a heartbeat says so. A worker that dies stops saying so; another
takes the file up at the entry where it stopped. Each entry's record is written in the same transaction as its rows, under
the fence that the worker was given, so that there is exactly one for each entry however often loading was begun, and a
worker that was only thought dead can write nothing.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from analytics.audit.chain import record
from analytics.leases import Heartbeat, LostLease, lease_end
from analytics.models import ImportedFile, ReceivedFile
from analytics.police_data.consent import Order
from analytics.police_data.importing import FileReport, ImportReport, import_sources
from analytics.police_data.mapping import MappingError, built_in_mappings
from analytics.police_data.quarantine import QuarantineError, open_sealed, path_of
from analytics.police_data.receiving import mapping_of
from analytics.police_data.sources import UnreadableFile, sources_in
from analytics.police_data.staging import one_importer_at_a_time

logger = logging.getLogger(__name__)
State = ReceivedFile.State
BEAT_SECONDS = 2.0  # between two notes of progress
MOST_ATTEMPTS = 5  # of one entry: what ends the worker every time must not do so for ever
NAMED = 20  # refused entries of an archive whose message is kept


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:64]


class Claim:
    """A received file that this worker holds."""

    def __init__(self, received: ReceivedFile) -> None:
        self.received, self.fence = received, received.fence
        self.progress: dict[str, int] = dict(received.progress)
        self._told = time.monotonic()

    def _mine(self) -> Any:
        return ReceivedFile.objects.filter(pk=self.received.pk, fence=self.fence, state=State.LOADING)

    def hold(self) -> None:
        """Inside the transaction that writes an entry's record: nobody can have taken over when it commits."""
        if not self._mine().update(lease_until=lease_end(), attempts=1):
            raise LostLease(f"{self.received} was taken over")

    def rows(self, count: int) -> None:
        self.progress["rows"] = count
        self.beat()

    def beat(self) -> None:
        """Keeps the lease and shows how far it is, every few seconds, in a transaction of its own."""
        if time.monotonic() - self._told < BEAT_SECONDS:
            return
        self._told = time.monotonic()
        try:
            kept = self._mine().update(lease_until=lease_end(), progress=self.progress)
        except OperationalError:  # another import holds the only write lock; the lease outlasts that
            logger.info("%s: progress could not be noted just now", self.received)
            return
        if not kept:
            raise LostLease(f"{self.received} was taken over")

    def beating(self) -> Heartbeat:
        """Keeps the lease while the block runs, also through what is told to nobody: ranking, waiting, moving rows."""
        return Heartbeat(
            lambda: bool(self._mine().update(lease_until=lease_end())), heard=lambda: self._told, of=self.received
        )

    def end(self, state: str, *, error: str = "", **changes: Any) -> None:
        with transaction.atomic():
            if not self._mine().update(
                state=state, error=error, ended_at=timezone.now(), lease_until=None, lease_by="",
                progress=self.progress, fence=F("fence") + 1, **changes,
            ):  # fmt: skip
                raise LostLease(f"{self.received} was taken over")
            record(
                f"police.loading_ended_{state}",
                by=self.received.uploaded_by.get_username(),
                about=str(self.received),
                detail={"files": self.progress.get("files", 0), "refused_files": self.progress.get("refused", 0)},
            )


def take(pk: int, worker: str) -> Claim | None:
    """Claims an approved file, or one whose worker fell silent; None where there is nothing to claim."""
    now = timezone.now()
    received = ReceivedFile.objects.filter(pk=pk).first()
    if received is None:
        return None
    free = Q(state=State.APPROVED) | Q(state=State.LOADING, lease_until__lt=now)
    with transaction.atomic():
        won = ReceivedFile.objects.filter(free, pk=pk, fence=received.fence).update(
            state=State.LOADING,
            fence=F("fence") + 1,
            lease_by=worker,
            lease_until=lease_end(),
            attempts=F("attempts") + 1,
        )
    if not won:
        return None
    held = ReceivedFile.objects.select_related("uploaded_by", "approved_by", "saved_mapping").get(pk=pk)
    return Claim(held) if held.fence == received.fence + 1 else None


def load_received(
    pk: int, *, worker: str = "", progress: Callable[[str], None] | None = None
) -> ImportReport | None:
    """Loads one approved file; its report, or None where another worker has it or nobody approved it.

    What is in from an earlier attempt is part of the report. A file that cannot be read ends as refused.
    """
    claim = take(pk, worker or worker_name())
    if claim is None:
        return None
    try:
        try:
            with claim.beating():
                return _load(claim, progress)
        except (QuarantineError, UnreadableFile, MappingError) as error:
            claim.end(State.REFUSED, error=str(error))
            refused = FileReport(name=claim.received.name, sha256=claim.received.sha256, error=str(error))
            return ImportReport(files=[refused])
    except LostLease as lost:
        logger.warning("%s", lost)
        return None


def load_due(*, worker: str = "") -> int:
    """Loads what is approved, oldest first, one file at a time in the whole installation; returns how many."""
    done = 0
    while True:
        now = timezone.now()
        if ReceivedFile.objects.filter(state=State.LOADING, lease_until__gte=now).exists():
            return done  # merging is one at a time anyway, and other work needs its workers
        due = ReceivedFile.objects.filter(Q(state=State.APPROVED) | Q(state=State.LOADING, lease_until__lt=now))
        pk = due.order_by("approved_at", "pk").values_list("pk", flat=True).first()
        if pk is None:
            return done
        done += load_received(pk, worker=worker) is not None


def _load(claim: Claim, say: Callable[[str], None] | None) -> ImportReport:
    received = claim.received
    if received.attempts > MOST_ATTEMPTS:
        raise UnreadableFile(
            f"loading was begun {MOST_ATTEMPTS} times and the worker never came to the end of this file; look at its "
            "memory and its log, then give the file in again"
        )
    path = path_of(received.stored)

    def opener() -> IO[bytes]:
        return open_sealed(path, on_chunk=claim.beat)

    mapping = mapping_of(received)
    sources = sources_in(Path(received.name), opener)
    if not sources:
        raise UnreadableFile(f"{received.name}: this kind of file of data.police.uk holds no crimes")
    earlier = int(received.progress.get("earlier", 0))
    before = list(received.imported_files.order_by("pk")[earlier:])
    report = ImportReport(files=[_reported(each) for each in before])
    order = Order(
        by=received.uploaded_by.get_username(),
        second=received.approved_by.get_username() if received.approved_by else "",
        reason=received.reason,
        received=received,
        hold=claim.hold,
        rows=claim.rows,
    )
    for number, source in enumerate(sources[len(before) :], start=len(before) + 1):
        claim.progress |= {"file": number, "files": len(sources), "rows": 0}
        report.files += import_sources([source], mapping=mapping, order=order, progress=say).files
    _end(claim, report)
    return report


def _reported(file: ImportedFile) -> FileReport:
    names = ("name", "sha256", "format", "rows_read", "loaded", "corrected", "replaced", "duplicates", "rejected",
             "reasons",             "duplicate_reasons", "flags", "notes", "synthetic")  # fmt: skip
    kept = Path(settings.VAR_DIR) / "private" / file.rejects_file if file.rejects_file else None
    return FileReport(
        **{name: getattr(file, name) for name in names},
        rejects_file=str(kept) if kept else None,
        error=f"{file.name}: {file.error}" if file.error else None,
    )


def _end(claim: Claim, report: ImportReport) -> None:
    errors = [each.error for each in report.refused if each.error]
    more = [f"and {len(errors) - NAMED} more"] if len(errors) > NAMED else []
    claim.progress |= {"files": len(report.files), "refused": len(errors)}
    good = [each for each in report.files if not each.error]
    known = built_in_mappings()
    with one_importer_at_a_time():  # a withdrawal is before this, and seen, or after it
        state = State.REFUSED if not good else State.WITHDRAWN if _all_withdrawn(claim.received) else State.LOADED
        claim.end(
            state,
            error="\n".join(errors[:NAMED] + more),
            synthetic=bool(good) and all(each.synthetic for each in good),
            open_data=bool(good) and all(each.format in known and known[each.format].open_data for each in good),
        )


def _all_withdrawn(received: ReceivedFile) -> bool:
    """Whether what this run had loaded was taken out before the run ended: it could never be approved again else."""
    earlier = int(received.progress.get("earlier", 0))
    states = set(list(received.imported_files.order_by("pk").values_list("state", flat=True))[earlier:])
    return ImportedFile.State.WITHDRAWN in states and not states & {
        ImportedFile.State.LOADED,
        ImportedFile.State.REPEATED,
    }
