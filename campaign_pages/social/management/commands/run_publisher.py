"""The publisher without Celery: the same ticks in one loop."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from campaign_pages.social.publishing import tick

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Publishes what is due, until stopped; with --once, does every step that is due now and ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between rounds")

    def handle(self, *args: Any, once: bool, every: float, **options: Any) -> None:
        if once:
            steps = 0
            while taken := tick(seconds=60):
                steps += taken
            self.stdout.write(f"{steps} steps")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                tick()
            except DatabaseError:
                logger.exception("The database cannot be used now; trying again in %s s", every)
            stop.wait(every)
