"""Screens of long work under way, of a run done again, and of the second person's signature."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analytics.evaluation import jobs
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.screen_frame import RUN, allow, frame
from analytics.evaluation.signing import sign
from analytics.evaluation.simulation import done_of
from analytics.models import EvaluationJob, EvaluationRun

Kind, State = EvaluationJob.Kind, EvaluationJob.State


@never_cache
@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; static/js/progress.js looks again. Ended work leads to what it made."""
    allow(request)
    held = get_object_or_404(
        EvaluationJob.objects.select_related("asked_by", "draft", "plan", "run", "panel"), pk=pk
    )
    if held.panel is not None and held.panel.by_id != request.user.pk:
        raise Http404("only who uploaded a panel can see it")
    done, of = _steps(held)
    if held.state == State.DONE or (held.state == State.FAILED and held.panel_id):
        return redirect(_made(held))  # a panel's own page says why not, above its columns
    context = frame(held.get_kind_display()) | {
        "job": held,
        "done": done,
        "of": of,
        "quarter": 100 * done // of // 25 * 25 if of else 0,  # read out, so only now and then
        "line": _line(held),
        "worker": _worker(held),
        "open": held.state in jobs.OPEN,
        "back": reverse("panels") if held.panel_id else _about(held),
    }
    return render(request, "analytics/evaluation/job.html", context)


def _steps(held: EvaluationJob) -> tuple[int, int]:
    if held.kind == Kind.ROLLOUT:
        return len(held.progress.get("waves", {})), int(held.progress.get("of", 0))
    return done_of(held.progress)


def _line(held: EvaluationJob) -> str:
    line = held.progress.get("line", "")
    if held.state == State.RUNNING and "distinct" in held.progress:
        return f"Clusters: {held.progress['clusters']}; different arrangements: {held.progress['distinct']:,.0f}."
    return f"Now: {line}." if line and held.state == State.RUNNING else ""


def _worker(held: EvaluationJob) -> str:
    """Who is at it, when it was last heard of, and what happens if it stays silent. Times of day are local."""
    if held.state == State.WAITING:
        return "No worker has taken it up yet."
    if held.state != State.RUNNING or held.lease_until is None:
        return ""
    heard = timezone.localtime(held.lease_until - timedelta(seconds=settings.WALKAWAY_IMPORT_LEASE_SECONDS))
    end = timezone.localtime(held.lease_until)
    again = f" Begun {held.attempts} times so far." if held.attempts > 1 else ""
    if held.lease_until < timezone.now():
        return (
            f"The worker has been silent since {heard:%H:%M:%S}, so it is taken for dead. What it found is kept; the next "
            f"worker goes on from there.{again}"
        )
    return f"Last heard of the worker at {heard:%H:%M:%S}. If nothing is heard until {end:%H:%M:%S}, another takes its place.{again}"


def _made(held: EvaluationJob) -> str:
    if held.made_id:
        return reverse("evaluation_run", args=[held.made_id])
    return _about(held)


def _about(held: EvaluationJob) -> str:
    if held.draft is not None:
        name = "evaluation_draft" if held.kind == Kind.SIMULATE else "rollout_draft"
        return reverse(name, args=[held.draft_id])
    if held.plan_id:
        return reverse("evaluation_plan", args=[held.plan_id])
    if held.panel_id:
        return reverse("panel", args=[held.panel_id])
    return reverse("evaluation_run", args=[held.run_id])


@never_cache
@require_POST
def run_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for a run to be done again and compared byte for byte."""
    allow(request, RUN)
    person: Any = request.user
    run = get_object_or_404(EvaluationRun, pk=pk)
    return redirect("evaluation_job", jobs.ask(Kind.AGAIN, by=person, run=run).pk)


@never_cache
@require_POST
def sign_run(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's signature."""
    allow(request, RUN)
    person: Any = request.user
    try:
        sign(get_object_or_404(EvaluationRun.objects.select_related("plan"), pk=pk), by=person)
        messages.success(request, "Signed. The result may leave the evaluator tier now.")
    except PlanError as error:
        messages.error(request, str(error))
    return redirect("evaluation_run", pk)


urlpatterns = [
    path("evaluation/jobs/<int:pk>/", job, name="evaluation_job"),
    path("evaluation/<int:pk>/again/", run_again, name="evaluation_again"),
    path("evaluation/<int:pk>/sign/", sign_run, name="evaluation_sign"),
]
