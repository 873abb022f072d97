"""Anybody's panel in the admin: a CSV, columns chosen or a specification pasted, the same engine and rules, a report."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.audit.chain import record
from analytics.evaluation import jobs, panel_uploads
from analytics.evaluation.panel_spec import FAMILIES
from analytics.evaluation.panel_uploads import MOST_BYTES, MOST_ROWS, PanelRefused
from analytics.evaluation.report.contents import csv_files, svg_files
from analytics.evaluation.report.rendering import page_context, report_html, report_pdf
from analytics.evaluation.report.words import WORDS
from analytics.evaluation.report_views import RUN, frame
from analytics.models import EvaluationJob, PanelAnalysis
from campaign_pages.accounts.models import User

CRUMBS = ("Evaluation", "evaluation_runs"), ("Anybody's panel", "panels")


SEASONS = [
    ("", "none"),
    ("12", "of the year, monthly (period 12)"),
    ("52.18", "of the year, weekly (period 52.18)"),
]
DESIGN_WORDS = (
    (
        "regression",
        "units and periods against each other, any exposure; without units or effects a plain regression",
    ),
    ("imputation", "on/off exposure: what was recorded over what was expected from cells that were not exposed"),
    ("event_study", "on/off exposure: how the difference unfolds before and after the start"),
    (
        "synthetic_control",
        "one common start: a weighted mean of units that are never exposed; family gaussian or log_gaussian",
    ),
    ("synthetic_did", "the same, with weights for periods too; family gaussian or log_gaussian"),
    (
        "interrupted",
        "one series whose exposure is a step, 0 before it and 1 from it on; or two units, the exposed one and a control whose exposure "
        "is always 0. Level, trend and, if chosen, season are in the model; family poisson or quasipoisson, no clusters, areas or "
        "controls; unit and time effects do not matter. Needs every period. Grade 1 alone, 2 with a control, never more",
    ),
)


MOST_BOXES = 20  # columns of wider files stand in a list, so that nobody has to walk past hundreds of boxes


class UploadForm(forms.Form):
    """A file, and a specification where somebody has one."""

    file = forms.FileField(label="Panel (CSV, UTF-8)")
    spec_file = forms.FileField(label="Specification (TOML file)", required=False)
    spec = forms.CharField(
        label="or specification as text", required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    synthetic = forms.BooleanField(label="These data are synthetic", required=False)


class ColumnsForm(forms.Form):
    """Which column is what. The choices are the columns of the file."""

    def __init__(self, *args: Any, columns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        named = [(name, name) for name in columns]

        def choose(label: str, *, needed: bool = False) -> forms.ChoiceField:
            return forms.ChoiceField(
                label=label, choices=[("", "Choose" if needed else "none"), *named], required=needed
            )

        self.fields["unit"] = choose("Units (places, people, venues)")
        self.fields["time"] = choose("Time", needed=True)
        self.fields["outcome"] = choose("Outcome", needed=True)
        boxes = forms.CheckboxSelectMultiple if len(columns) <= MOST_BOXES else forms.SelectMultiple
        self.fields["exposure"] = forms.MultipleChoiceField(
            label="Exposure (the first is the headline)", choices=named, widget=boxes
        )
        self.fields["controls"] = forms.MultipleChoiceField(
            label="Controls", choices=named, required=False, widget=boxes
        )
        self.fields["cluster"] = choose("Clusters for errors (else units)")
        self.fields["area"] = choose("Areas (area by time effects)")
        self.fields["offset_log_of"] = choose("Offset: log of")
        self.fields["family"] = forms.ChoiceField(label="Family", choices=[(each, each) for each in FAMILIES])
        self.fields["design"] = forms.ChoiceField(
            label="Design (see below)", choices=[(name, name) for name, _ in DESIGN_WORDS], required=False
        )
        self.fields["season"] = forms.ChoiceField(label="Season, as two waves", choices=SEASONS, required=False)
        self.fields["slope"] = forms.BooleanField(
            label="The trend may change with the step (design interrupted)", required=False
        )
        self.fields["effect_unit"] = forms.BooleanField(label="Unit effects", required=False, initial=True)
        self.fields["effect_time"] = forms.BooleanField(label="Time effects", required=False, initial=True)
        self.fields["seed"] = forms.IntegerField(label="Seed", min_value=0, max_value=2**31, initial=1)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not request.user.has_perm(RUN):
        raise PermissionDenied
    return request.user


def _mine(request: HttpRequest, pk: int) -> PanelAnalysis:
    return get_object_or_404(PanelAnalysis, pk=pk, by=_person(request))


def _frame(title: str, deep: int = 2) -> dict[str, Any]:
    return frame(title, *({"url": reverse(name), "label": label} for label, name in CRUMBS[:deep]))


@never_cache
@require_http_methods(["GET", "POST"])
def panels(request: HttpRequest) -> HttpResponse:
    """Upload, and what this person uploaded in the last day."""
    person = _person(request)
    form = UploadForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            spec = _spec_text(asked)
            if spec:
                panel_uploads.parse(spec)  # a wrong question is said before anything is kept
            made = panel_uploads.receive(
                asked["file"].read(MOST_BYTES + 1),
                name=asked["file"].name,
                by=person,
                synthetic=asked["synthetic"],
            )
        except PanelRefused as error:
            form.add_error("file", str(error))
        else:
            try:
                if spec:
                    return _ask(made, spec)
            except PanelRefused as error:  # the rows wait for another question
                messages.error(request, f"Not analysed. {error}")
            return redirect("panel", pk=made.pk)
    rows: list[Any] = list(PanelAnalysis.objects.filter(by=person).defer("csv", "result")[:50])
    done = set(PanelAnalysis.objects.filter(by=person).exclude(result="").values_list("pk", flat=True))
    waiting = dict(EvaluationJob.objects.filter(panel__by=person, state__in=jobs.OPEN).values_list("panel", "pk"))
    for row in rows:
        row.done, row.job = row.pk in done, waiting.get(row.pk)
    context = _frame("Anybody's panel", 1) | {
        "form": form, "rows": rows, "most_bytes": MOST_BYTES, "most_rows": MOST_ROWS, "days": settings.WALKAWAY_PANEL_DAYS,
    }  # fmt: skip
    return render(request, "analytics/evaluation/panels.html", context, status=422 if form.errors else 200)


def _ask(found: PanelAnalysis, spec: str) -> HttpResponse:
    """Says at once what is wrong with rows or question; then a worker does the analysis. Raises PanelRefused."""
    panel_uploads.read(found, spec)
    job = jobs.ask(EvaluationJob.Kind.PANEL, by=found.by, panel=found, spec=spec)
    return redirect("evaluation_job", pk=job.pk)


def _spec_text(asked: dict[str, Any]) -> str:
    if asked["spec_file"] is None:
        return str(asked["spec"]).replace("\r\n", "\n").strip()
    try:
        return str(asked["spec_file"].read(panel_uploads.MOST_SPEC + 1).decode("utf-8"))
    except UnicodeDecodeError:
        raise PanelRefused("The specification is not UTF-8 text.") from None


@never_cache
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is what; while a worker has it, how far it is; once analysed, the report."""
    found = _mine(request, pk)
    if found.result:
        return _report(request, found)
    job = found.jobs.first()
    if job is not None and job.state in jobs.OPEN:
        return redirect("evaluation_job", pk=job.pk)
    columns = panel_uploads.columns_of(found)
    form = ColumnsForm(request.POST if "columns" in request.POST else None, columns=columns)
    problem, spec = (job.error, job.values["spec"]) if job is not None else ("", "")
    if request.method == "POST":
        problem, spec = "", request.POST.get("spec", "")
        if "columns" in request.POST and form.is_valid():
            spec = panel_uploads.spec_from(form.cleaned_data)
        try:
            if spec:
                return _ask(found, spec)
            wrong = ", ".join(str(form[name].label) for name in form.errors)
            problem = (
                f"Mend what is marked below: {wrong}."
                if wrong
                else "Choose the columns, or paste a specification."
            )
        except PanelRefused as error:
            problem = str(error)
    context = _frame(found.name) | {
        "panel": found,
        "form": form,
        "columns": columns,
        "problem": problem,
        "spec": spec,
        "designs": DESIGN_WORDS,
    }
    return render(
        request,
        "analytics/evaluation/panel_columns.html",
        context,
        status=422 if request.method == "POST" and (problem or form.errors) else 200,
    )


def _report(request: HttpRequest, found: PanelAnalysis) -> HttpResponse:
    result, report = panel_uploads.report_of(found)
    files = reverse("panel_file", args=[found.pk, "NAME"])
    context = (
        _frame(found.name)
        | page_context(report, result, csv_url=files)
        | {
            "panel": found,
            "word": WORDS.get(result["verdict"], result["verdict"]),
            "files": ["report.pdf", "report.html", "result.json", "spec.toml", *sorted(svg_files(report))],
            "days": settings.WALKAWAY_PANEL_DAYS,
        }
    )
    return render(request, "analytics/evaluation/panel_report.html", context)


@never_cache
@require_GET
def panel_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One file of an analysed panel."""
    found = _mine(request, pk)
    if not found.result:
        raise Http404("it is not analysed yet")
    result, report = panel_uploads.report_of(found)
    kind, body = "text/csv; charset=utf-8", csv_files(report).get(name)
    content: str | bytes | None = body
    if name == "result.json":
        kind, content = "application/json", found.result
    elif name == "spec.toml":
        kind, content = "application/toml; charset=utf-8", found.spec
    elif name == "report.pdf":
        kind, content = "application/pdf", report_pdf(report)
    elif name == "report.html":
        kind, content = "text/html; charset=utf-8", report_html(report, result)
    elif name.endswith(".svg"):
        kind, content = "image/svg+xml", svg_files(report).get(name)
    if content is None:
        raise Http404("there is no such file of this panel")
    record("evaluation.panel_exported", by=request.user.get_username(), about=f"panel {pk}", detail={"file": name})
    response = HttpResponse(content, content_type=kind)
    mark = "-synthetic" if found.synthetic else ""
    response["Content-Disposition"] = f'attachment; filename="panel-{pk}{mark}-{name}"'
    return response


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes an upload and its result now."""
    found = _mine(request, pk)
    found.delete()
    record("evaluation.panel_deleted", by=request.user.get_username(), about=f"panel {pk}")
    messages.success(request, "The upload and its result are deleted.")
    return redirect("panels")


urlpatterns = [
    path("evaluation/panel/", panels, name="panels"),
    path("evaluation/panel/<int:pk>/", panel, name="panel"),
    path("evaluation/panel/<int:pk>/files/<str:name>", panel_file, name="panel_file"),
    path("evaluation/panel/<int:pk>/delete/", delete, name="panel_delete"),
]
