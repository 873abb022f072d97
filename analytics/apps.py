from typing import Any

from django.apps import AppConfig


def put_up_audit_guards(**kwargs: Any) -> None:
    """After every migrate: SQLite loses a table's triggers when a migration rebuilds it."""
    from django.db import connections

    from analytics.audit import guards

    guards.put_up(connections[kwargs["using"]])


class AnalyticsConfig(AppConfig):
    name = "analytics"
    label = "analytics"
    verbose_name = "Reach and evaluation"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from analytics.reach import watching

        watching.connect()
        post_migrate.connect(put_up_audit_guards, sender=self, dispatch_uid="analytics.audit_guards")
