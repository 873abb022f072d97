"""Locks an evaluation plan, by two people, before outcomes are there."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.plan import PlanError, lock, read_plan
from analytics.models import EvaluationPlan
from campaign_pages.accounts.models import User


class Command(BaseCommand):
    help = "Fixes a plan for ever. A plan that is locked after its outcomes were imported stays exploratory (R1)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="PLAN.toml")
        parser.add_argument("--by", required=True, metavar="USER", help="user name or e-mail address")
        parser.add_argument("--second", required=True, metavar="USER", help="another person")
        parser.add_argument("--replaces", metavar="HASH", help="the locked plan that this one changes")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, plan: str, by: str, second: str, replaces: str | None, **options: Any) -> None:
        try:
            checked = read_plan(plan)
        except PlanError as error:
            raise CommandError(str(error), returncode=2) from error
        older = EvaluationPlan.objects.filter(plan_hash=replaces).first() if replaces else None
        if replaces and older is None:
            raise CommandError(f"There is no locked plan with the hash {replaces}.", returncode=2)
        try:
            record = lock(checked, by=person_named(by), second=person_named(second), replaces=older)
        except PlanError as error:
            raise CommandError(str(error)) from error
        if record.outcomes_there:
            self.stderr.write(
                "Outcomes of this period are loaded already: results of this plan stay exploratory (R1)."
            )
        if options["json"]:
            self.stdout.write(json.dumps({"plan_hash": record.plan_hash, "outcomes_there": record.outcomes_there}))
        else:
            self.stdout.write(f"Locked: {record.plan_hash}")


def person_named(name: str) -> User:
    """A user by name or e-mail address; a wrong call where there is none."""
    field = "email" if "@" in name else "username"
    user = User.objects.filter(**{field: name}).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.", returncode=2)
    return user
