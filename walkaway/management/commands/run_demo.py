"""`make demo`: prepares the embedded installation, then runs all of it in the foreground until Ctrl-C."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from walkaway.demo_server import DemoServer, PortTaken


class Command(BaseCommand):
    help = "Runs the website, the publisher and the platform sandbox together, with demo content."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="port of the website; the sandbox takes port + 10"
        )
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, port: int, seed: int, **options: Any) -> None:
        if not settings.WALKAWAY_DEMO:
            raise CommandError("These are not the demo's settings: run it with walkaway.settings.development.")
        if not 1024 <= port <= 65_000:
            raise CommandError(f"--port {port}: choose a port between 1024 and 65000.", returncode=2)
        try:
            DemoServer(port=port, seed=seed, say=lambda line: print(line, flush=True)).run()
        except PortTaken as error:
            raise CommandError(str(error)) from error
