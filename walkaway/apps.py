from django.apps import AppConfig


class WalkawayConfig(AppConfig):
    """Last in INSTALLED_APPS, so that roles are set up after every app's permissions exist."""

    name = "walkaway"
    verbose_name = "Walk Away"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from campaign_pages.accounts.roles import set_up_roles
        from campaign_pages.approval import set_up_workflow
        from walkaway import project_checks

        project_checks.register()
        post_migrate.connect(set_up_roles, sender=self, dispatch_uid="walkaway.set_up_roles")
        post_migrate.connect(set_up_workflow, sender=self, dispatch_uid="walkaway.set_up_workflow")
