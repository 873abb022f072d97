"""The loop of workers that do without Celery: what is due once, or round after round until a signal says stop."""

import logging
import signal
import threading
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

logger = logging.getLogger(__name__)


class RoundsCommand(BaseCommand, ABC):
    """A command with ``--once`` and ``--every``. ``seconds`` between rounds; ``things``: what ``work`` counts.

    A database that cannot be reached ends one round, not the loop; a signal lets the round that is under way end.
    """

    seconds: ClassVar[float]
    things: ClassVar[str]

    @abstractmethod
    def work(self) -> int:
        """Does what is due now, in the order in which it was asked for; returns how much it did."""

    def work_once(self) -> int:
        """All that ``--once`` does: one round, unless one round may leave some of what is due."""
        return self.work()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="what is due now, and no more")
        parser.add_argument("--every", type=float, default=self.seconds, help="seconds between rounds")

    def handle(self, *args: Any, once: bool, every: float, **options: Any) -> None:
        if once:
            self.stdout.write(f"{self.work_once()} {self.things}")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                self.work()
            except DatabaseError:
                logger.exception("The database cannot be used now; trying again in %s s", every)
            stop.wait(every)
