"""The platform sandbox as a process of its own."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.social.sandbox.faults import BadFaultFile, read_faults
from campaign_pages.social.sandbox.server import SandboxServer


class Command(BaseCommand):
    help = "Runs a local server that speaks the platforms' protocols, until it is stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--faults", type=Path, help="a TOML file of faults to make on purpose")
        parser.add_argument("--forget", action="store_true", help="keep nothing over a restart")

    def handle(self, *args: Any, port: int, faults: Path | None, forget: bool, **options: Any) -> None:
        try:
            wanted = read_faults(faults) if faults else None
        except BadFaultFile as error:
            raise CommandError(str(error), returncode=2) from error
        keep_in = None if forget else settings.VAR_DIR / f"sandbox-{port}.json"
        try:
            server = SandboxServer(port, faults=wanted, keep_in=keep_in)
        except OSError as error:
            raise CommandError(f"Port {port} is already in use. Choose another with --port.") from error
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.stdout.write(f"SIMULATED platforms on http://127.0.0.1:{port}/")
        self.stdout.flush()
        stop.wait()
        server.shutdown()
