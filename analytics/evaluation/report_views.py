"""Texts beside a plan (logic model, EMMIE, cost) and the publication of a signed result, in the admin."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from analytics.evaluation.admin_views import VIEW
from analytics.evaluation.report.beside import COST, EMMIE, LOGIC, MOST_TEXT, SLOTS
from analytics.evaluation.report.public_pdf import public_pdf
from analytics.evaluation.report.publishing import NotPublishable, ask_to_publish, draft_of, why_not
from analytics.evaluation.report.stored import TextRefused, keep_texts, texts_of
from analytics.models import EvaluationRun
from campaign_pages.accounts.models import User

RUN = "analytics.run_evaluation"


def frame(title: str, *crumbs: dict[str, str]) -> dict[str, Any]:
    """What Wagtail's generic page needs: title, icon, the way back."""
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "info-circle",
        "breadcrumbs_items": [home, *crumbs, {"url": "", "label": title}],
    }


@never_cache
@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest, pk: int) -> HttpResponse:
    """One box for each text of a run's plan. Every version is kept; none of them is part of the result's bytes."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    run = get_object_or_404(EvaluationRun.objects.defer("result", "panel_csv"), pk=pk)
    written, wrong = texts_of(run.plan_hash), {}
    if request.method == "POST":
        if not isinstance(request.user, User) or not request.user.has_perm(RUN):
            raise PermissionDenied
        written |= {slot.key: request.POST[slot.key] for slot in SLOTS if slot.key in request.POST}
        try:
            number = keep_texts(plan_hash=run.plan_hash, texts=written, by=request.user)
        except TextRefused as error:
            wrong[error.slot] = str(error)
        else:
            messages.success(request, f"Texts changed: {number}." if number else "Nothing was changed.")
            return redirect("evaluation_run", pk=run.pk)
    crumbs = (
        {"url": reverse("evaluation_runs"), "label": "Evaluation"},
        {"url": reverse("evaluation_run", args=[run.pk]), "label": run.title},
    )
    groups = [
        {"title": title, "boxes": [_box(slot.key, slot.title, slot.asks, written, wrong) for slot in slots]}
        for title, slots in (("Logic model", LOGIC), ("EMMIE", EMMIE), ("Cost", SLOTS[-1:]))
    ]
    context = frame("Logic model, EMMIE and cost", *crumbs) | {
        "run": run, "groups": groups, "wrong": wrong, "may_write": request.user.has_perm(RUN), "most": MOST_TEXT,
    }  # fmt: skip
    return render(request, "analytics/evaluation/texts.html", context, status=422 if wrong else 200)


def _box(key: str, title: str, asks: str, written: dict[str, str], wrong: dict[str, str]) -> dict[str, Any]:
    return {
        "key": key, "title": title, "asks": asks, "text": written.get(key, ""), "error": wrong.get(key, ""),
        "one_line": key == COST,
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What the public would see of a result; asking for it makes a draft that an approver may publish."""
    if not isinstance(request.user, User) or not request.user.has_perm(RUN):
        raise PermissionDenied
    run = get_object_or_404(EvaluationRun.objects.select_related("plan", "signature"), pk=pk)
    problem = why_not(run)
    if request.method == "POST" and not problem:
        try:
            page = ask_to_publish(run, by=request.user)
        except NotPublishable as error:
            problem = str(error)
        else:
            messages.success(request, f"“{page.title}” waits for an approver. Nothing is public before that.")
            return redirect("evaluation_run", pk=run.pk)
    crumbs = (
        {"url": reverse("evaluation_runs"), "label": "Evaluation"},
        {"url": reverse("evaluation_run", args=[run.pk]), "label": run.title},
    )
    context = frame("Publish a result", *crumbs) | {"run": run, "problem": problem}
    if getattr(run, "signature", None) is not None:
        context |= {"findings": draft_of(run).findings, "pdf": reverse("evaluation_publish_pdf", args=[pk])}
    return render(
        request, "analytics/evaluation/publish.html", context, status=409 if request.method == "POST" else 200
    )


@never_cache
@require_GET
def publish_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF that the public would get, before anybody is asked. It is made of the public findings only."""
    if not isinstance(request.user, User) or not request.user.has_perm(RUN):
        raise PermissionDenied
    run = get_object_or_404(EvaluationRun.objects.select_related("plan", "signature"), pk=pk)
    try:
        made = public_pdf(draft_of(run).findings)
    except NotPublishable as error:
        raise Http404(str(error)) from None
    return HttpResponse(made, content_type="application/pdf")


urlpatterns = [
    path("evaluation/<int:pk>/texts/", texts, name="evaluation_texts"),
    path("evaluation/<int:pk>/publish/", publish, name="evaluation_publish"),
    path("evaluation/<int:pk>/publish/report.pdf", publish_pdf, name="evaluation_publish_pdf"),
]
