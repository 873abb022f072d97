"""Lists the measures with their rules in words."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.measures import catalogue
from analytics.measures.reviewed import warnings_of


class Command(BaseCommand):
    help = "Lists every measure of police data and its rule, made from the data that runs it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(catalogue.measures().values())
        if options["json"]:
            keys = ("name", "title", "timed", "rule", "version", "source", "sha256")
            rows = [{key: getattr(each, key) for key in keys} for each in found]
            self.stdout.write(json.dumps({"measures": rows}))
            return
        for each in found:
            self.stdout.write(f"{each.name}: {each.title}\n  {each.rule}\n")
        for warning in warnings_of((one for each in found for one in each.reviews), date.today()):  # noqa: DTZ011
            self.stderr.write(f"note: {warning}")
