"""Evaluations in the admin: locked plans, every run, and one page for each run with the verdict first."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics.audit.chain import record as record_act
from analytics.evaluation.exports import marked
from analytics.evaluation.out_of_date import out_of_date_among
from analytics.evaluation.report import WORDS, context_of, html, pdf, pictures, tables
from analytics.evaluation.report.stored import beside_of
from analytics.evaluation.reproducing import checks_of, tampered
from analytics.evaluation.signing import RUN, signature_of, why_not
from analytics.models import AuditRecord, EvaluationRun

VIEW = "analytics.view_evaluation"
PER_PAGE = 25


def _allow(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


def _audit(request: HttpRequest, action: str, run: EvaluationRun, **detail: str) -> AuditRecord:
    """Venue by week is the evaluator tier: who looks at it or takes it away is written down."""
    about = f"run {run.pk}"
    marks = {"synthetic": run.synthetic} | detail
    return record_act(action, by=request.user.get_username(), about=about, detail=marks)


def _frame(title: str, *crumbs: dict[str, str]) -> dict[str, Any]:
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "info-circle",
        "breadcrumbs_items": [home, *crumbs, {"url": "", "label": title}],
    }


@never_cache
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """Every run, newest first."""
    _allow(request)
    rows = EvaluationRun.objects.select_related("plan", "signature").defer("result", "panel_csv")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    shown: list[Any] = list(page.object_list)
    changed = out_of_date_among(shown)
    for run in shown:
        run.word = WORDS.get(run.verdict, run.verdict)
        run.out_of_date = run.pk in changed
    page.object_list = shown
    return render(request, "analytics/evaluation/runs.html", _frame("Evaluation") | {"page": page})


@never_cache
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: verdict, estimate with chart and table, correlation, every rule."""
    _allow(request)
    chosen = EvaluationRun.objects.select_related("plan__locked_by", "plan__second", "job", "signature__signed_by")
    record = get_object_or_404(chosen, pk=pk)
    result = json.loads(record.result)
    beside = beside_of(result, record)
    crumb = {"url": reverse("evaluation_runs"), "label": "Evaluation"}
    context = (
        _frame(record.title, crumb)
        | context_of(result, beside, csv_url=reverse("evaluation_file", args=[record.pk, "NAME"]))
        | {"run": record, "attempts": beside.attempts, "changes": beside.changes}
        | _standing(request, record, list(beside.changes))
    )
    context["files"] = ["report.pdf", "report.html", "result.json", "panel.csv"]
    context["csv_files"], context["svg_files"] = sorted(tables(result, beside)), sorted(pictures(result, beside))
    _audit(request, "evaluation.viewed", record)
    return render(request, "analytics/evaluation/run.html", context)


def _standing(request: HttpRequest, record: EvaluationRun, changes: list[str]) -> dict[str, Any]:
    """Whether the run is what it was, what came of doing it again, and who stands for it."""
    checks = checks_of(record, changes)
    person: Any = request.user
    job = getattr(record, "job", None)
    return {
        "checks": checks,
        "tampered": tampered(checks),
        "signature": signature_of(record),
        "sign_problem": why_not(record, person),
        "may_run": person.has_perm(RUN),
        "compared": job.result if job is not None and record.repeats_id else None,
    }


@never_cache
@require_GET
def run_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One file of a run: a table, the panel, the result's very bytes, or the report."""
    _allow(request)
    record = get_object_or_404(EvaluationRun.objects.select_related("plan", "signature"), pk=pk)
    result = json.loads(record.result)
    beside = beside_of(result, record)
    kind, content = "text/csv; charset=utf-8", tables(result, beside).get(name)
    body: str | bytes | None = content
    if name == "panel.csv":
        body = record.panel_csv
    elif name == "result.json":
        kind, body = "application/json", record.result
    elif name == "report.html":
        kind, body = "text/html; charset=utf-8", html(result, beside)
    elif name == "report.pdf":
        kind, body = "application/pdf", pdf(result, beside)
    elif name.endswith(".svg"):
        kind, body = "image/svg+xml", pictures(result, beside).get(name)
    if body is None:
        raise Http404("there is no such file of this run")
    act = _audit(request, "evaluation.exported", record, file=name)
    if isinstance(body, str) and name.endswith(".csv"):
        body = marked(body, f"evaluator tier, copy {act.number}, {act.by}, {act.at:%Y-%m-%d %H:%M} UTC")
    response = HttpResponse(body, content_type=kind)
    mark = "-synthetic" if record.synthetic else ""
    response["Content-Disposition"] = (
        f'attachment; filename="evaluation-{record.pk}{mark}-copy-{act.number}-{name}"'
    )
    return response


urlpatterns = [
    path("evaluation/", runs, name="evaluation_runs"),
    path("evaluation/<int:pk>/", run, name="evaluation_run"),
    path("evaluation/<int:pk>/files/<str:name>", run_file, name="evaluation_file"),
]
