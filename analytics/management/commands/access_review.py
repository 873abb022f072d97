"""Prints who has which role and when they last signed in."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.audit.access_review import access_list
from analytics.audit.chain import record


class Command(BaseCommand):
    help = "Lists every account with its roles, second factor, last sign-in and what a reviewer should look at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", default="command line", help="who does the review")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        people = access_list()
        record("audit.access_reviewed", by=options["by"], detail={"accounts": len(people)})
        if options["json"]:
            self.stdout.write(
                json.dumps({"accounts": [asdict(each) for each in people]}, default=str, ensure_ascii=False)
            )
            return
        for each in people:
            seen = f"{each.last_sign_in:%Y-%m-%d %H:%M} UTC" if each.last_sign_in else "never"
            state = "" if each.active else " (closed)"
            self.stdout.write(f"{each.user}{state}: {', '.join(each.roles) or 'no role'}; last sign-in {seen}")
            for remark in each.remarks:
                self.stdout.write(f"    look at: {remark}")
