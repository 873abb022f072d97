"""What analytics adds to the admin: menu items and addresses. The screens live with their subjects."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from analytics.audit import admin_views as audit
from analytics.audit import raising_roles
from analytics.evaluation import admin_views as evaluation
from analytics.evaluation import explorer_views, job_views, panel_views, plan_views, report_views, rollout_views
from analytics.police_data import admin_views as police_data
from analytics.police_data import intake_views, summary_views, withdraw_views, wizard
from analytics.publication import admin_views as publication
from analytics.reach import admin_views as reach


class PermittedMenuItem(MenuItem):
    """A menu item for people who have one of its permissions."""

    def __init__(self, *args: Any, permissions: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permissions = permissions

    def is_shown(self, request: HttpRequest) -> bool:
        return any(request.user.has_perm(each) for each in self.permissions)


@hooks.register("register_admin_urls")
def police_data_urls() -> list[Any]:
    return [
        *police_data.urlpatterns,
        *wizard.urlpatterns,
        *withdraw_views.urlpatterns,
        *intake_views.urlpatterns,
        *summary_views.urlpatterns,
    ]


@hooks.register("register_admin_menu_item")
def police_data_item() -> MenuItem:
    return PermittedMenuItem(
        "Police data",
        reverse("police_data"),
        name="police-data",
        icon_name="table",
        order=420,
        permissions=(police_data.IMPORT, police_data.VIEW),
    )


@hooks.register("register_admin_urls")
def reach_and_evaluation_urls() -> list[Any]:
    return [
        *reach.urlpatterns,
        *plan_views.urlpatterns,
        *rollout_views.urlpatterns,
        *job_views.urlpatterns,
        *evaluation.urlpatterns,
        *report_views.urlpatterns,
        *explorer_views.urlpatterns,
        *panel_views.urlpatterns,
    ]


@hooks.register("register_admin_menu_item")
def reach_item() -> MenuItem:
    return PermittedMenuItem(
        "Reach",
        reverse("reach_start"),
        name="reach",
        icon_name="view",
        order=430,
        permissions=(reach.VIEW, reach.IMPORT, reach.SUMMARY),
    )


@hooks.register("register_admin_menu_item")
def evaluation_item() -> MenuItem:
    return PermittedMenuItem(
        "Evaluation",
        reverse("evaluation_runs"),
        name="evaluation",
        icon_name="info-circle",
        order=440,
        permissions=(evaluation.VIEW,),
    )


@hooks.register("register_admin_urls")
def publication_and_audit_urls() -> list[Any]:
    return [*publication.urlpatterns, *audit.urlpatterns]


@hooks.register("register_admin_menu_item")
def publication_item() -> MenuItem:
    return PermittedMenuItem(
        "Published tables",
        reverse("published_tables"),
        name="published-tables",
        icon_name="doc-full",
        order=445,
        permissions=(publication.VIEW, publication.PUBLISH),
    )


@hooks.register("register_admin_menu_item")
def audit_item() -> MenuItem:
    return PermittedMenuItem(
        "Audit log",
        reverse("audit_log"),
        name="audit-log",
        icon_name="history",
        order=450,
        permissions=(audit.VIEW,),
    )


hooks.register("before_create_user", raising_roles.hold_back)
hooks.register("before_edit_user", raising_roles.hold_back)
hooks.register("after_create_user", raising_roles.write_down)
hooks.register("after_edit_user", raising_roles.write_down)
hooks.register("before_bulk_action", raising_roles.refuse_bulk_roles)
