"""Lets publishing go on. Takes two different people who both may."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from campaign_pages.accounts.models import User
from campaign_pages.social.models import Dispatch
from campaign_pages.social.stopping import GLOBAL, StopRefused, resume_publishing


class Command(BaseCommand):
    help = "Resumes publishing. What fell due meanwhile stays held for review; it is never sent late by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="user name of the first person")
        parser.add_argument("--second", required=True, help="user name of the second person")
        parser.add_argument("--scope", default=GLOBAL)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, by: str, second: str, scope: str, **options: Any) -> None:
        if by == second:
            raise CommandError("Two different people are needed to resume publishing.", returncode=2)
        people = []
        for name in (by, second):
            person = User.objects.filter(username=name, is_active=True).first()
            if person is None:
                raise CommandError(f"There is no active user called {name}.", returncode=2)
            people.append(person)
        try:
            with transaction.atomic():  # a second person who may not leaves nothing half asked
                for person in people:
                    if not person.has_perm("social.resume_publishing"):
                        raise StopRefused(f"{person} may not resume publishing.")
                # Somebody may have asked in the admin before: then the first of these two is the second person.
                any(resume_publishing(by=person, scope=scope) for person in people)
        except StopRefused as error:
            raise CommandError(str(error)) from error
        held = Dispatch.objects.filter(state=Dispatch.State.HELD).count()
        if options["json"]:
            self.stdout.write(json.dumps({"on": False, "scope": scope, "held": held}))
        else:
            self.stdout.write(f"{scope} goes on. {held} posts are still held until they are looked at.")
