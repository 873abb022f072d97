"""The demo's invented staff, one for each role. Never made outside the demo's own settings."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group

from campaign_pages.accounts import roles
from campaign_pages.accounts.models import User

DEMO_PASSWORD = "walk-away-demo"  # noqa: S105 - printed on the screen, works on the demo's data only


@dataclass(frozen=True)
class DemoPerson:
    username: str
    name: str
    role: str

    @property
    def email(self) -> str:
        return f"{self.username}@demo.example"


DEMO_PEOPLE = (
    DemoPerson("author", "Ashley Author", roles.AUTHOR),
    DemoPerson("approver", "Priya Approver", roles.APPROVER),
    DemoPerson("second_approver", "Sam Second", roles.APPROVER),
    DemoPerson("importer", "Indra Importer", roles.IMPORTER),
    DemoPerson("second_importer", "Isla Second", roles.IMPORTER),
    DemoPerson("evaluator", "Evan Evaluator", roles.EVALUATOR),
    DemoPerson("second_evaluator", "Esme Second", roles.EVALUATOR),
    DemoPerson("venue_manager", "Vic Venue", roles.VENUE_MANAGER),
    DemoPerson("administrator", "Alex Administrator", roles.ADMINISTRATOR),
)


def load(*, seed: int, say: Callable[[str], None]) -> None:
    """Makes the demo's people and gives each one role. Safe to run again."""
    if not settings.WALKAWAY_DEMO:
        raise RuntimeError("Demo people are made only with the demo's settings.")
    for person in DEMO_PEOPLE:
        first, last = person.name.split(" ", 1)
        user, made = User.objects.get_or_create(
            username=person.username, defaults={"email": person.email, "first_name": first, "last_name": last}
        )
        if made:
            user.set_password(DEMO_PASSWORD)
            user.save(update_fields=["password"])
        user.groups.set([Group.objects.get(name=person.role)])
    say(f"  {len(DEMO_PEOPLE)} demo people, one or more for each role")
