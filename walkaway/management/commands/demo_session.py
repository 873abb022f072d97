"""A signed-in session of a demo user, second factor passed: for screenshots and tests of the demo only."""

import json
import time
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.accounts.demo_people import DEMO_PEOPLE
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import ROLE_SLUGS
from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY


class Command(BaseCommand):
    help = "Prints the cookie of a signed-in demo user. Refuses anywhere but on the demo's settings and data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=sorted(ROLE_SLUGS))
        parser.add_argument("--json", action="store_true", help="kept for scripts: the answer is always JSON")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if not settings.WALKAWAY_DEMO:
            raise CommandError("These are not the demo's settings: no session was made.")
        person = next(person for person in DEMO_PEOPLE if person.role == ROLE_SLUGS[role])
        user = User.objects.filter(username=person.username, email=person.email).first()
        if user is None or User.objects.exclude(email__endswith="@demo.example").exists():
            raise CommandError(
                "This database does not hold the demo's people only: no session was made. Run load_demo on an "
                "empty database first."
            )
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[AUTHENTICATION_METHODS_KEY] = [
            {"method": "password", "at": time.time(), "email": user.email},
            {"method": "mfa", "at": time.time(), "type": "totp"},
        ]
        session.create()
        self.stdout.write(json.dumps({"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}))
