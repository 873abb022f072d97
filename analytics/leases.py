"""How long work is believed that a worker is at it, and the heartbeat that says so while a step takes its time."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

logger = logging.getLogger(__name__)
BEATS_A_LEASE = 3  # one may fail, and the next still comes in time
# The longest step known refits the model without each of 200 clusters, some seconds each on the widest panel measured: half
# an hour. A worker that is silent for twice that hangs, and must not keep its work for ever.
MOST_SILENT_SECONDS = 3600.0


class LostLease(Exception):
    """Another worker has the work now; whatever this one meant to write is void."""


def lease_end() -> datetime:
    """When another worker may take over, if nothing more is heard of this one."""
    return timezone.now() + timedelta(seconds=settings.WALKAWAY_IMPORT_LEASE_SECONDS)


class Heartbeat:
    """Renews a lease from a thread of its own while the block runs; ends with the block, however that ends.

    ``renew`` runs in that thread, on that thread's connection, and answers whether the lease still is this worker's:
    False ends the beating, and the worker finds out by its own next write. ``heard`` is when the work itself last said
    something (time.monotonic): while it has been silent for MOST_SILENT_SECONDS, the lease is left to run out. A killed
    process beats no more, so its lease runs out by itself.
    """

    def __init__(self, renew: Callable[[], bool], *, heard: Callable[[], float], of: object) -> None:
        self._renew, self._heard, self._of = renew, heard, str(of)
        self._every = settings.WALKAWAY_IMPORT_LEASE_SECONDS / BEATS_A_LEASE
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat of {of}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        wait = self._every
        while not self._stop.wait(wait):
            if time.monotonic() - self._heard() > MOST_SILENT_SECONDS:
                logger.warning("%s: silent for too long, its lease is left to run out", self._of)
                continue
            try:
                if not self._renew():
                    return
                wait = self._every
            except (OperationalError, InterfaceError):  # another writer holds the only lock, or the server is away
                logger.info("%s: the lease could not be renewed just now", self._of)
                wait = self._every / BEATS_A_LEASE
            finally:
                connection.close()  # this thread's own; beats are far apart
