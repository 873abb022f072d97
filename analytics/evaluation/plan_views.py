"""Screens of plans: written in a form or as TOML, simulated, asked for, locked by a second person."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.evaluation import drafts, jobs
from analytics.evaluation.cluster_map import clusters
from analytics.evaluation.plain_words import LABELS, THRESHOLD_WORDS, chosen, explain, shown
from analytics.evaluation.plan import check_plan, is_intact, outcomes_loaded, plan_of
from analytics.evaluation.plan_checks import DEFAULTS, PlanError
from analytics.evaluation.plan_form import PlanForm, anchor_of, values_of
from analytics.evaluation.report import WORDS
from analytics.evaluation.screen_frame import RUN, allow, audit, frame
from analytics.models import EvaluationDraft, EvaluationJob, EvaluationPlan
from analytics.police_data.beats import NoBeats
from campaign_pages import activity

MOST = 100
LARGEST_TOML = 200_000
BEGINNING = {"unit": "catchment"}  # right wherever venues stand near each other; the form says why
Kind = EvaluationDraft.Kind
PLANS = ("/admin/evaluation/plans/", "Plans")


@never_cache
@require_http_methods(["GET", "POST"])
def plans(request: HttpRequest) -> HttpResponse:
    """Drafts and locked plans; a POST begins a draft, empty or from TOML."""
    allow(request)
    pasted = ""
    if request.method == "POST":
        allow(request, RUN)
        pasted = request.POST.get("toml", "")
        try:
            upload = request.FILES.get("file")
            if upload is not None:
                pasted = upload.read(LARGEST_TOML).decode("utf-8-sig")
            values = drafts.read_toml(pasted) if "toml" in request.POST else dict(BEGINNING)
            made = drafts.new_draft(Kind.PLAN, by=request.user, values=values)  # type: ignore[arg-type]
            return redirect("evaluation_draft", made.pk)
        except (PlanError, UnicodeDecodeError) as error:
            messages.error(request, str(error))
    open_drafts = list(
        EvaluationDraft.objects.filter(kind=Kind.PLAN, plan=None).select_related("author", "replaces")[:MOST]
    )
    locked: list[Any] = list(EvaluationPlan.objects.select_related("locked_by", "second", "replaces")[:MOST])
    for each in locked:
        each.intact = is_intact(each)
    context = frame("Plans") | {
        "drafts": open_drafts,
        "plans": locked,
        "pasted": pasted,
        "may_write": request.user.has_perm(RUN),
    }
    return render(request, "analytics/evaluation/plans.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: its author writes, simulates and asks; everybody else reads, a second person confirms or declines."""
    allow(request)
    held = get_object_or_404(EvaluationDraft.objects.select_related("author", "replaces"), pk=pk, kind=Kind.PLAN)
    if held.plan_id:
        return redirect("evaluation_plan", held.plan_id)
    if request.method == "POST":
        allow(request, RUN)
        try:
            return _acted(request, held)
        except PlanError as error:
            messages.error(request, _named(error))
        return redirect("evaluation_draft", held.pk)
    return render(request, "analytics/evaluation/draft.html", _draft_context(request, held))


def _acted(request: HttpRequest, held: EvaluationDraft) -> HttpResponse:
    person: Any = request.user
    if "confirm" in request.POST:
        locked = drafts.confirm_lock(held, by=person)
        messages.success(request, "Locked. Nobody can change it now.")
        return redirect("evaluation_plan", locked.pk)
    if "decline" in request.POST:
        drafts.decline(held, by=person, reason=request.POST.get("reason", ""))
        messages.success(request, "Declined. Its author sees why.")
        return redirect("evaluation_draft", held.pk)
    if "title" in request.POST:
        held = drafts.save(held, by=person, values=values_of(request.POST, held.values))
    if "simulate" in request.POST:
        drafts.ready_plan(held)  # says what is missing
        return redirect("evaluation_job", jobs.ask(EvaluationJob.Kind.SIMULATE, by=person, draft=held).pk)
    if "ask" in request.POST:
        drafts.ask_lock(held, by=person)
        messages.success(request, "Asked. Another evaluator has to confirm; until then you may still change it.")
    else:
        messages.success(request, "Draft saved.")
    return redirect("evaluation_draft", held.pk)


def _draft_context(request: HttpRequest, held: EvaluationDraft) -> dict[str, Any]:
    register = activity.venues()
    plan, problems = check_plan(held.values)
    own = held.author_id == request.user.pk and request.user.has_perm(RUN)
    explained = explain(held.values, register)
    begun = held.values not in ({}, BEGINNING)  # nobody has got anything wrong who has not written anything
    context = frame(held.title or "New plan", PLANS) | {
        "draft": held,
        "own": own,
        "empty": not held.values,
        "problems": [{"words": _named(each)} for each in problems] if begun else [],
        "complete": plan is not None,
        "simulated": drafts.simulated(held),
        "simulation": held.simulation,
        "too_late": plan is not None and outcomes_loaded(plan),
        "waiting": EvaluationJob.objects.filter(draft=held, state__in=jobs.OPEN).first(),
        "may_decide": bool(held.asked_hash) and not own and request.user.has_perm(RUN),
        "said": read_values(held.values, explained),
    }
    if own:
        form = PlanForm(held.values, venues=register, problems=problems if begun else [])
        for shown_problem, problem in zip(context["problems"], problems, strict=False):
            shown_problem["anchor"] = anchor_of(form, problem.key)
        context |= {
            "form": form,
            "sections": form.sections(explained),
            "limits": form.limits(),
            "limits_wrong": form.wrong_limits(),
        }
    return context | map_context(held.values, register)


def map_context(values: dict[str, Any], register: list[activity.VenueFacts]) -> dict[str, Any]:
    """Clusters as rows and picture; nothing where the radius cannot be read."""
    try:
        radius = float(values.get("radius_m", DEFAULTS["radius_m"]))
    except (TypeError, ValueError):
        return {"clusters": [], "map": ""}
    inside = chosen(values, register)
    try:
        rows, picture = clusters(inside, register, radius, str(values.get("clusters", DEFAULTS["clusters"])))
    except NoBeats:  # the plan's own page says so when it is simulated
        rows, picture = clusters(inside, register, radius)
    invented = any(each.synthetic for each in inside)
    return {"synthetic_venues": invented, "clusters": rows, "map": mark_safe(picture), "radius": radius}  # noqa: S308 - cluster_map escapes


def read_values(values: dict[str, Any], explained: dict[str, str]) -> list[dict[str, Any]]:
    """Every key with its label, its value as text and its meaning: for people who read and do not write."""
    said = DEFAULTS | values
    return [
        {"label": label, "value": shown(key, said.get(key, "")), "words": explained.get(key, "")}
        for key, label in LABELS.items()
    ]


def _named(problem: PlanError) -> str:
    """A problem by the label that stands on the form, not by its key."""
    if not problem.key:
        return str(problem)
    said = str(problem).partition(": ")[2] or str(problem)
    key, _, limit = problem.key.partition(".")
    of_limit = f", {THRESHOLD_WORDS.get(limit, limit)}" if limit else ""
    return f"{LABELS.get(key, key)}{of_limit}: {said}"


@never_cache
@require_POST
def explain_choices(request: HttpRequest) -> JsonResponse:
    """What the form's choices mean, for the script that says it while somebody writes. Nothing is kept."""
    allow(request)
    values = values_of(request.POST, {})
    _, problems = check_plan(values)
    wrong = {
        each.key.replace("thresholds.", "thresholds_"): str(each).partition(": ")[2]
        for each in problems
        if values.get(each.key.partition(".")[0])
    }
    return JsonResponse({"words": explain(values, activity.venues()), "problems": wrong})


@never_cache
@require_GET
def draft_toml(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a file for ``lock_plan`` and ``evaluate``."""
    allow(request)
    held = get_object_or_404(EvaluationDraft, pk=pk, kind=Kind.PLAN)
    answer = HttpResponse(drafts.as_toml(held.values), content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="plan-draft-{held.pk}.toml"'
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A locked plan: what it says, who locked it, its runs; from here it is run, or changed into a new one."""
    allow(request)
    record = get_object_or_404(EvaluationPlan.objects.select_related("locked_by", "second", "replaces"), pk=pk)
    if request.method == "POST":
        if not request.user.has_perm(RUN):
            raise PermissionDenied
        person: Any = request.user
        try:
            if "change" in request.POST:
                values = drafts.values_of_plan(record)
                made = drafts.new_draft(Kind.PLAN, by=person, values=values, replaces=record)
                return redirect("evaluation_draft", made.pk)
            return redirect("evaluation_job", jobs.ask(EvaluationJob.Kind.RUN, by=person, plan=record).pk)
        except PlanError as error:
            messages.error(request, str(error))
            return redirect("evaluation_plan", pk)
    audit(request, "evaluation.plan_viewed", f"plan {record.pk}")
    return render(request, "analytics/evaluation/plan.html", _plan_context(request, record))


def _plan_context(request: HttpRequest, record: EvaluationPlan) -> dict[str, Any]:
    register = activity.venues()
    values, problem = {}, ""
    try:
        values = drafts.values_of_plan(record)
        if plan_of(record).plan_hash != record.plan_hash and is_intact(record):
            problem = (
                "A definition that it leans on was changed since it was locked: a run today is exploratory (R1)."
            )
    except PlanError as error:
        problem = str(error)
    runs: list[Any] = list(record.runs.defer("result", "panel_csv").order_by("-ran_at")[:MOST])
    for each in runs:
        each.word = WORDS.get(each.verdict, each.verdict)
    return (
        frame(record.title, PLANS)
        | {
            "plan": record,
            "intact": is_intact(record),
            "problem": problem,
            "said": read_values(values, explain(values, register)),
            "simulation": json.loads(record.simulation) if record.simulation else {},
            "runs": runs,
            "newer": list(record.replaced_by.all()[:MOST]),
            "may_run": request.user.has_perm(RUN),
            "toml": drafts.as_toml(values),
        }
        | map_context(values, register)
    )


urlpatterns = [
    path("evaluation/plans/", plans, name="evaluation_plans"),
    path("evaluation/plans/explain/", explain_choices, name="evaluation_explain"),
    path("evaluation/plans/drafts/<int:pk>/", draft, name="evaluation_draft"),
    path("evaluation/plans/drafts/<int:pk>/plan.toml", draft_toml, name="evaluation_draft_toml"),
    path("evaluation/plans/<int:pk>/", plan, name="evaluation_plan"),
]
