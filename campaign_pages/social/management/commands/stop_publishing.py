"""Stops publishing at once, also when the broker or the website is down."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.social.stopping import GLOBAL, StopRefused, stop_publishing


class Command(BaseCommand):
    help = "Stops all publishing, or one scope of it. Going on takes two people (resume_publishing)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True)
        parser.add_argument("--scope", default=GLOBAL, help="global, platform:NAME or campaign:SLUG")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, reason: str, scope: str, **options: Any) -> None:
        try:
            held = stop_publishing(reason=reason, scope=scope)
        except StopRefused as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps({"on": True, "scope": scope, "held": held}))
        else:
            self.stdout.write(f"STOPPED {scope}: {held} posts held. Nothing more goes out.")
