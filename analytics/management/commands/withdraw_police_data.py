"""Takes an imported file out again, on the word of two people."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from analytics.models import ImportedFile
from analytics.police_data.consent import NotAgreed
from analytics.police_data.withdrawing import CannotWithdraw, ask_withdrawal, confirm_withdrawal
from campaign_pages.accounts.models import User


class Command(BaseCommand):
    help = "Deletes the rows of an imported file; its record and its numbers stay. Two people and a reason are needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=int, metavar="ID", help="of the imported file")
        parser.add_argument("--by", required=True, metavar="USER", help="who asks: user name or e-mail address")
        parser.add_argument("--second", required=True, metavar="USER", help="another person, who confirms")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: int, by: str, second: str, reason: str, **options: Any) -> None:
        found = ImportedFile.objects.filter(pk=file).first()
        if found is None:
            raise CommandError(f"There is no imported file {file}.", returncode=2)
        asking, confirming = _person(by), _person(second)
        try:
            with transaction.atomic():
                done = confirm_withdrawal(ask_withdrawal(found, by=asking, reason=reason), by=confirming)
        except (NotAgreed, CannotWithdraw) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(done.as_json()))
            return
        counts = done.withdrawal
        self.stdout.write(
            f"File {file} is withdrawn: {counts.offences} offences and {counts.persons} persons deleted, "
            f"{counts.restored} older versions count again."
        )
        if counts.not_restored:
            self.stdout.write(
                f"{counts.not_restored} older versions had been deleted on schedule and cannot come back."
            )
        for pk in done.also_affected:
            self.stdout.write(
                f"File {pk} had rows in common with it: withdraw and import it again to have them back."
            )


def _person(name: str) -> User:
    user = User.objects.filter(**{"email" if "@" in name else "username": name}).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.", returncode=2)
    return user
