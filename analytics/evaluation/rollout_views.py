"""Screens of roll-outs: settings, simulation by number of waves, the draw, two people, letters and deviations."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from analytics.evaluation import drafts, jobs
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.plan_form import anchor_of, describe
from analytics.evaluation.plan_views import map_context
from analytics.evaluation.rollout_drawing import (
    chosen_among,
    confirm,
    is_intact,
    keep_draw,
    note_deviation,
    other_draws,
)
from analytics.evaluation.rollout_files import calendar, letters, schedule, schedule_csv, waves_of
from analytics.evaluation.rollout_form import DeviationForm, RolloutForm, named, settings_of
from analytics.evaluation.rollout_schedule import confirmed
from analytics.evaluation.rollout_settings import check_settings
from analytics.evaluation.screen_frame import RUN, allow, audit, frame
from analytics.models import EvaluationDraft, EvaluationJob, Rollout
from campaign_pages import activity

MOST = 100
Kind = EvaluationDraft.Kind
ROLLOUTS = ("/admin/evaluation/roll-outs/", "Roll-outs")


@never_cache
@require_http_methods(["GET", "POST"])
def rollouts(request: HttpRequest) -> HttpResponse:
    """Drafts of settings and every draw; a POST begins a draft."""
    allow(request)
    if request.method == "POST":
        allow(request, RUN)
        person: Any = request.user
        return redirect("rollout_draft", drafts.new_draft(Kind.ROLLOUT, by=person).pk)
    kept: list[Any] = list(Rollout.objects.select_related("confirmation").defer("power")[:MOST])
    for each in kept:
        each.intact, each.counts = is_intact(each), confirmed(each)
    context = frame("Roll-outs") | {
        "drafts": EvaluationDraft.objects.filter(kind=Kind.ROLLOUT, rollout=None).select_related("author")[:MOST],
        "rollouts": kept,
        "may_write": request.user.has_perm(RUN),
    }
    return render(request, "analytics/evaluation/rollouts.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def rollout_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Settings of a roll-out that is not drawn yet."""
    allow(request)
    held = get_object_or_404(EvaluationDraft.objects.select_related("author"), pk=pk, kind=Kind.ROLLOUT)
    if held.rollout_id:
        return redirect("rollout", held.rollout_id)
    person: Any = request.user
    if request.method == "POST":
        allow(request, RUN)
        try:
            if "title" in request.POST:
                held = drafts.save(held, by=person, values=settings_of(request.POST))
            checked, problems = check_settings(held.values)
            if checked is None and ("simulate" in request.POST or "draw" in request.POST):
                raise problems[0]
            if "simulate" in request.POST:
                return redirect("evaluation_job", jobs.ask(EvaluationJob.Kind.ROLLOUT, by=person, draft=held).pk)
            if "draw" in request.POST and checked is not None:
                power = held.simulation.get("waves") if drafts.simulated(held) else None
                made = keep_draw(checked, by=person.get_username(), power=power)
                if not EvaluationDraft.objects.filter(rollout=made).exists():
                    held.rollout = made
                    held.save()
                messages.success(
                    request, "Drawn and kept. A second person has to confirm it before the first wave."
                )
                return redirect("rollout", made.pk)
            messages.success(request, "Draft saved.")
        except PlanError as error:
            messages.error(request, named(error))
        return redirect("rollout_draft", held.pk)
    register = activity.venues()
    checked, problems = check_settings(held.values)
    own = held.author_id == person.pk and person.has_perm(RUN)
    form = RolloutForm(held.values, venues=register, problems=problems) if own else None
    context = frame(held.title or "New roll-out", ROLLOUTS) | {
        "draft": held,
        "own": own,
        "problems": [
            {"words": named(each), "anchor": anchor_of(form, each.key) if form else ""} for each in problems
        ],
        "form": form,
        "power": held.simulation.get("waves", []),
        "fresh": drafts.simulated(held),
    }
    return render(request, "analytics/evaluation/rollout_draft.html", context | map_context(held.values, register))


@never_cache
@require_http_methods(["GET", "POST"])
def rollout(request: HttpRequest, pk: int) -> HttpResponse:
    """A draw: calendar, schedule, who confirmed it, letters, deviations. Nothing in it can be edited."""
    allow(request)
    kept = get_object_or_404(
        Rollout.objects.select_related("confirmation__asked_by", "confirmation__confirmed_by"), pk=pk
    )
    clusters = [each["code"] for each in kept.design["clusters"]]
    form = DeviationForm(request.POST if "reason" in request.POST else None, clusters=clusters)
    person: Any = request.user
    draft = EvaluationDraft.objects.filter(rollout=kept).select_related("author").first()
    if request.method == "POST":
        allow(request, RUN)
        try:
            if "confirm" in request.POST:
                if draft is None:
                    raise PlanError("", "It was drawn by command: confirm it there, with --by and --second.")
                confirm(kept, by=draft.author, second=person)
                messages.success(request, "Confirmed. This is the roll-out now.")
                return redirect("rollout", pk)
            if form.is_valid():
                note_deviation(kept, by=person, **form.cleaned_data)
                messages.success(request, "Written down. The analysis stays as allocated.")
                return redirect("rollout", pk)
        except PlanError as error:
            if error.key in form.fields:
                form.add_error(error.key, str(error).partition(": ")[2])
            else:
                messages.error(request, str(error))
                return redirect("rollout", pk)
    describe(form)
    confirmation = getattr(kept, "confirmation", None)
    context = frame(kept.title, ROLLOUTS) | {
        "rollout": kept,
        "intact": is_intact(kept),
        "counts": confirmed(kept),
        "confirmation": confirmation,
        "draft": draft,
        "late": kept.first_start <= timezone.localdate(),
        "may_confirm": confirmation is None
        and draft is not None
        and draft.author_id != person.pk
        and person.has_perm(RUN),
        "own": draft is not None and draft.author_id == person.pk,
        "design": kept.design,
        "waves": waves_of(kept),
        "calendar": mark_safe(calendar(kept)),  # noqa: S308 - rollout_files escapes
        "schedule": (rows := schedule(kept)),
        "synthetic": any(row.synthetic for row in rows),
        "power": json.loads(kept.power) if kept.power else [],
        "others": other_draws(kept),
        "chosen_among": len(chosen_among(kept)) if confirmed(kept) else 0,
        "deviations": list(kept.deviations.all()),
        "form": form,
        "may_write": person.has_perm(RUN),
    }
    return render(request, "analytics/evaluation/rollout.html", context)


@never_cache
@require_GET
def rollout_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The schedule as CSV, every letter, or one venue's letter (``letter-CODE.pdf``)."""
    allow(request)
    kept = get_object_or_404(Rollout, pk=pk)
    try:
        if name == "schedule.csv":
            body: str | bytes = schedule_csv(kept)
            kind = "text/csv; charset=utf-8"
        elif name == "letters.pdf":
            body, kind = letters(kept), "application/pdf"
        elif name.startswith("letter-") and name.endswith(".pdf"):
            body, kind = letters(kept, only=name.removeprefix("letter-").removesuffix(".pdf")), "application/pdf"
        else:
            raise Http404("there is no such file of this roll-out")
    except LookupError as error:
        raise Http404(str(error)) from error
    audit(request, "evaluation.rollout_file", f"rollout {kept.pk}", file=name[:60])
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="roll-out-{kept.pk}-{name}"'
    return response


urlpatterns = [
    path("evaluation/roll-outs/", rollouts, name="rollouts"),
    path("evaluation/roll-outs/drafts/<int:pk>/", rollout_draft, name="rollout_draft"),
    path("evaluation/roll-outs/<int:pk>/", rollout, name="rollout"),
    path("evaluation/roll-outs/<int:pk>/<str:name>", rollout_file, name="rollout_file"),
]
