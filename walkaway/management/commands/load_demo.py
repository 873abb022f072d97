"""Fills an empty installation with the demo: content, venues, posts, synthetic police data, reach."""

import json
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics import demo_data
from campaign_pages import demo_content, demo_languages
from campaign_pages.accounts import demo_people
from campaign_pages.social import demo_posts
from campaign_pages.venues import demo_venues

# In the order in which one builds on the other.
PARTS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("people", demo_people.load),
    ("pages", demo_content.load),
    ("languages", demo_languages.load),
    ("venues", demo_venues.load),
    ("posts", demo_posts.load),
    ("synthetic police data and evaluation", demo_data.load),
)


class Command(BaseCommand):
    help = "Loads the demo. Safe to run again: nothing is doubled, nothing that people changed is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--posts", type=int, default=0, help="adds N approved posts for the sandbox's accounts"
        )
        parser.add_argument("--due-within", type=int, default=60, help="seconds in which those posts fall due")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, seed: int, posts: int, due_within: int, **options: Any) -> None:
        if not settings.WALKAWAY_DEMO:
            raise CommandError("These are not the demo's settings: nothing was loaded.")
        if posts < 0 or due_within < 1:
            raise CommandError("--posts must be 0 or more and --due-within at least 1 second.", returncode=2)
        as_json = options["json"]
        out = sys.stderr if as_json else sys.stdout
        for name, load in PARTS:
            out.write(f" {name}\n")
            out.flush()
            load(seed=seed, say=lambda line: (out.write(f"{line}\n"), out.flush()))
        try:
            added = demo_posts.add_posts(count=posts, due_within=due_within, seed=seed) if posts else []
        except ValueError as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps({"posts": added}, default=str))
        elif posts:
            self.stdout.write(f" {len(added)} more posts, due within {due_within} seconds")
