"""What every evaluation screen shares: who may, the frame of the admin's page, and the audit log."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from analytics.audit.chain import record as record_act
from analytics.models import AuditRecord

VIEW, RUN = "analytics.view_evaluation", "analytics.run_evaluation"


def allow(request: HttpRequest, permission: str = VIEW) -> None:
    """Raises PermissionDenied for people without the right."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def frame(title: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """Context of a page below "Evaluation". ``crumbs``: (address, label) between it and the page."""
    items = [(reverse("wagtailadmin_home"), "Home"), (reverse("evaluation_runs"), "Evaluation"), *crumbs]
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "info-circle",
        "breadcrumbs_items": [
            *({"url": url, "label": label} for url, label in items),
            {"url": "", "label": title},
        ],
    }


def audit(request: HttpRequest, action: str, about: str, **detail: Any) -> AuditRecord:
    """Writes down that somebody looked at something or took it away."""
    return record_act(action, by=request.user.get_username(), about=about, detail=detail)
