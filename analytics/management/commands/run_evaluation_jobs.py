"""Simulations and runs that were asked for on a screen, without Celery: what is due once, or in one loop."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from analytics.evaluation.jobs import work_due

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Does the simulations and runs that people asked for, until stopped; with --once, those of now, and ends."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--every", type=float, default=3.0, help="seconds between rounds")

    def handle(self, *args: Any, once: bool, every: float, **options: Any) -> None:
        if once:
            self.stdout.write(f"{work_due()} jobs")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                work_due()
            except DatabaseError:
                logger.exception("The database cannot be used now; trying again in %s s", every)
            stop.wait(every)
