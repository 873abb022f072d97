"""Loading approved police files without Celery: what is due once, or in one loop."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from analytics.police_data.received_loading import load_due

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Loads received police files that were approved, until stopped; with --once, those of now, and ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between rounds")

    def handle(self, *args: Any, once: bool, every: float, **options: Any) -> None:
        if once:
            self.stdout.write(f"{load_due()} files")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                load_due()
            except DatabaseError:
                logger.exception("The database cannot be used now; trying again in %s s", every)
            stop.wait(every)
