"""The audit log and the access review in the admin, for administrators."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from analytics.audit.access_review import UNUSED_AFTER, access_list
from analytics.audit.chain import record, verify
from analytics.audit.raising_roles import CannotDecide, decide, open_requests
from analytics.models import AuditRecord
from campaign_pages.accounts.fresh_sign_in import needs_recent_sign_in
from campaign_pages.accounts.models import User

VIEW = "analytics.view_auditrecord"
PER_PAGE = 50
CHECKED_AT_ONCE = 5_000  # rows; a longer log is checked when somebody asks for it


class AuditFilter(forms.Form):
    """Which rows to show."""

    action = forms.ChoiceField(label="Action", required=False)
    by = forms.CharField(label="By (user name)", required=False, max_length=150)
    first = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(
        label="To, inclusive", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = AuditRecord.objects.order_by("action").values_list("action", flat=True).distinct()
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Every action"), *((each, each) for each in known)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", "This is before the first day.")
        return found


def _allow(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


def _frame(title: str, *crumbs: dict[str, str]) -> dict[str, Any]:
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "history",
        "breadcrumbs_items": [home, *crumbs, {"url": "", "label": title}],
    }


@never_cache
@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    """Rows of the log, newest first, and whether the chain holds."""
    _allow(request)
    record("audit.viewed", by=request.user.get_username())
    form = AuditFilter(request.GET or None)
    rows = AuditRecord.objects.all()
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        kept = {
            "action": wanted["action"],
            "by": wanted["by"].strip(),
            "at__date__gte": wanted["first"],
            "at__date__lte": wanted["last"],
        }
        rows = rows.filter(**{name: value for name, value in kept.items() if value})
    elif form.is_bound:
        rows = rows.none()
    query = request.GET.copy()
    for name in ("p", "check"):
        query.pop(name, None)
    count = AuditRecord.objects.count()
    context = _frame("Audit log") | {
        "form": form,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("p")),
        "query": query.urlencode(),
        "count": count,
        "found": verify() if count <= CHECKED_AT_ONCE or "check" in request.GET else None,
    }
    return render(request, "analytics/audit/log.html", context, status=422 if form.errors else 200)


@never_cache
@needs_recent_sign_in()
@require_http_methods(["GET", "POST"])
def access(request: HttpRequest) -> HttpResponse:
    """Who has which role, when they last signed in, and what to look at."""
    _allow(request)
    if request.method == "POST":
        return _decided(request)
    people = access_list()
    record("audit.access_reviewed", by=request.user.get_username(), detail={"accounts": len(people)})
    crumb = {"url": reverse("audit_log"), "label": "Audit log"}
    context = _frame("Access review", crumb) | {
        "people": people,
        "unused_days": UNUSED_AFTER.days,
        "waiting": open_requests(request.user),
    }
    return render(request, "analytics/audit/access.html", context)


def _decided(request: HttpRequest) -> HttpResponse:
    """Confirms or declines a role that somebody asked for."""
    assert isinstance(request.user, User)  # who may look at this page is signed in
    number = request.POST.get("grant") or request.POST.get("decline") or ""
    try:
        asked = decide(int(number) if number.isdecimal() else 0, by=request.user, grant="grant" in request.POST)
    except CannotDecide as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{asked}: {'given' if asked.granted else 'declined'}.")
    return redirect("access_review")


urlpatterns = [
    path("audit/", audit_log, name="audit_log"),
    path("audit/access/", access, name="access_review"),
]
