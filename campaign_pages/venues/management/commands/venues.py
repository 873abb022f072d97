"""The register as a list, with the code of every poster place."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaign_pages.venues.models import Venue


class Command(BaseCommand):
    help = "Lists the venues and their poster places. A place's code is what /v/<CODE> takes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [
            {
                "code": venue.code,
                "name": venue.name,
                "area": venue.area.code,
                "synthetic": venue.synthetic,
                "places": [
                    {"code": place.code, "zone": place.zone} for place in venue.places.all() if not place.retired
                ],
            }
            for venue in Venue.objects.select_related("area").prefetch_related("places").order_by("code")
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"venues": rows}))
            return
        for row in rows:
            places = ", ".join(f"{place['zone']} {place['code']}" for place in row["places"]) or "no places yet"
            self.stdout.write(f"{row['code']:10} {row['name']:40} {places}")
