"""Every dispatch with its state."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaign_pages.social.models import Dispatch


class Command(BaseCommand):
    help = "Lists the dispatches, oldest due first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", choices=Dispatch.State.values)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, state: str | None, **options: Any) -> None:
        rows = Dispatch.objects.select_related("account", "post")
        if state:
            rows = rows.filter(state=state)
        if options["json"]:
            listed = [
                {
                    "id": row.pk,
                    "platform": row.account.platform,
                    "account": row.account.handle,
                    "state": row.state,
                    "due_at": row.due_at.isoformat(),
                    "platform_id": row.platform_id,
                }
                for row in rows
            ]
            self.stdout.write(json.dumps({"dispatches": listed}))
            return
        for row in rows:
            self.stdout.write(
                f"{row.pk:6} {row.due_at:%Y-%m-%d %H:%M} {row.state:15} {row.account} · {row.post.title}"
            )
