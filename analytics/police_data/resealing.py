"""Seals the files in quarantine again under the newest of ``WALKAWAY_FIELD_KEYS``, so that an older key may go.

A file's own key is part of what its seal covers, so the whole file is opened and sealed anew, chunk by chunk, beside
the old one and under the same identity. It takes the old one's place by a rename, while the record is locked: who reads
goes on reading the old bytes, and a file that is being deleted does not come back. Killed at any moment, a file is whole
under one key or the other, and the header says which; the record's ``key_id`` is put right by the next run.
"""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from analytics.models import ReceivedFile
from analytics.police_data.quarantine import (
    ARRIVING,
    CHUNK,
    QuarantineError,
    Sealing,
    key_id_of,
    key_of,
    open_sealed,
    path_of,
)


def files_in_quarantine() -> list[int]:
    """Numbers of the received files whose bytes should be in quarantine, oldest first."""
    return list(ReceivedFile.objects.filter(purged_at=None).order_by("pk").values_list("pk", flat=True))


def reseal(pk: int, *, dry_run: bool = False) -> str:
    """Puts one received file under the newest key and says "reencrypted", "already" or "gone" (no bytes).

    With ``dry_run`` it opens the whole file and writes nothing. Raises QuarantineError for a file that does not open
    or is not what was received. One process at a time: the caller sees to that.
    """
    received = ReceivedFile.objects.filter(pk=pk, purged_at=None).first()
    if received is None:
        return "gone"
    path, newest = path_of(received.stored), key_id_of(settings.WALKAWAY_FIELD_KEYS[0])
    if not path.exists():
        return "gone"
    if dry_run:
        found = key_of(path)
        _read_through(path)
        return "already" if found == newest else "reencrypted"
    if key_of(path) == newest:
        ReceivedFile.objects.filter(pk=pk).exclude(key_id=newest).update(key_id=newest)
        return "already"
    path.with_suffix(ARRIVING).unlink(missing_ok=True)  # of a run that was killed
    with Sealing(identity=bytes.fromhex(path.stem)) as sealing:
        with open_sealed(path) as old:
            while block := old.read(CHUNK):
                sealing.write(block)
        sealed = sealing.finish()
    if sealed.sha256 != received.sha256:
        sealed.drop()
        raise QuarantineError("the file in quarantine is not the one whose hash was recorded when it was received")
    with transaction.atomic():
        still = ReceivedFile.objects.select_for_update().filter(pk=pk, purged_at=None).first()
        if still is None:  # deleted or refused in the meantime
            sealed.drop()
            return "gone"
        sealed.keep()
        ReceivedFile.objects.filter(pk=pk).update(key_id=newest)
    return "reencrypted"


def _read_through(path: Path) -> None:
    with open_sealed(path) as opened:
        while opened.read(CHUNK):
            pass
