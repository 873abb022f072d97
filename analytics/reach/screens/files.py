"""Reach files in the admin: what was imported, a new one with its preview before anything is loaded, a withdrawal."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analytics.models import ReachFile, ReachUpload
from analytics.reach import check_in_files
from analytics.reach.file_reports import Reading, forget_old_uploads
from analytics.reach.file_rows import SUFFIXES, ReachSource
from analytics.reach.importing import KINDS, UnreadableReachFile, import_source, read_file, withdraw
from analytics.reach.screens.frame import IMPORT, VIEW, Table, allow, framed

PER_PAGE = 25
SHOWN = 20
MOST_BYTES = 5_000_000  # of a file in a browser; larger ones come by command
WORDS = {name: kind.words for name, kind in KINDS.items()} | {check_in_files.CHECK_INS: check_in_files.WORDS}
COLUMNS = {name: (kind.columns, kind.optional) for name, kind in KINDS.items()} | {
    check_in_files.CHECK_INS: (check_in_files.COLUMNS, check_in_files.OPTIONAL)
}


class UploadForm(forms.Form):
    """A file, what it is, and whether it corrects earlier figures."""

    kind = forms.ChoiceField(label="What is in the file?", choices=list(WORDS.items()))
    file = forms.FileField(
        label="File",
        help_text="CSV or XLSX, at most 5 MB. Nothing is loaded before you have seen what it would do.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )
    corrects = forms.BooleanField(label="It corrects figures that are loaded already", required=False)
    why = forms.CharField(
        label="Reason",
        max_length=200,
        required=False,
        help_text="Needed for a correction. Kept with the file; name nobody.",
    )

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 5 MB. Split it, or import it by command.")
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("corrects") and not found.get("why", "").strip():
            self.add_error("why", "A correction needs a reason.")
        return found


@never_cache
def files(request: HttpRequest) -> HttpResponse:
    """GET: the list and the form. POST: keeps the file aside and goes to its preview."""
    allow(request, IMPORT, VIEW)
    may_import = request.user.has_perm(IMPORT)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not may_import:
            raise PermissionDenied
        forget_old_uploads()
        if form.is_valid():
            found = _keep_aside(request, form)
            if found is not None:
                return redirect("reach_file_preview", pk=found.pk)
    page = Paginator(ReachFile.objects.all(), PER_PAGE).get_page(request.GET.get("p"))
    context = framed(request, "Reach: files", "reach_files") | {
        "form": form,
        "may_import": may_import,
        "page": page,
        "rows": [(each, WORDS.get(each.kind, each.kind)) for each in page],
        "columns": [
            (WORDS[name], name, ", ".join(needed), ", ".join(more)) for name, (needed, more) in COLUMNS.items()
        ],
        "waiting": ReachUpload.objects.defer("content").filter(by=request.user.get_username()).order_by("-pk"),
    }
    return render(request, "analytics/reach/files.html", context, status=422 if form.errors else 200)


def _keep_aside(request: HttpRequest, form: UploadForm) -> ReachUpload | None:
    data, upload = form.cleaned_data, form.cleaned_data["file"]
    name, raw = PurePath(upload.name).name[:200], upload.read()
    try:
        source = ReachSource.of_bytes(name, raw)
    except UnreadableReachFile as error:
        form.add_error("file", str(error))
        return None
    return ReachUpload.objects.create(
        name=source.name, kind=data["kind"], sha256=source.sha256, content=raw, corrects=data["corrects"],
        why=data["why"].strip(), by=request.user.get_username(),
    )  # fmt: skip


def _own(request: HttpRequest, pk: int) -> ReachUpload:
    allow(request, IMPORT)
    return get_object_or_404(ReachUpload, pk=pk, by=request.user.get_username())


@never_cache
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do: numbers, refused rows with their reasons, figures before and after."""
    upload = _own(request, pk)
    crumb = ("Reach: files", reverse("reach_files"))
    context = framed(request, f"Preview of {upload.name}", "reach_files", crumb) | {
        "upload": upload,
        "words": WORDS[upload.kind],
    }
    try:
        reading = read_file(_source(upload), upload.kind, corrects=upload.corrects)
    except UnreadableReachFile as error:
        context["refused"] = str(error)
        return render(request, "analytics/reach/preview.html", context, status=422)
    context |= {"report": reading.report, **_tables(reading)}
    return render(request, "analytics/reach/preview.html", context)


def _source(upload: ReachUpload) -> ReachSource:
    return ReachSource.of_bytes(upload.name, bytes(upload.content))


def _tables(reading: Reading) -> dict[str, Any]:
    refused = [[each.line, each.field or "whole row", each.reason] for each in reading.refusals[:SHOWN]]
    changed = [
        [each.line, each.new.venue_code or each.new.area_code, str(each.new.night), each.new.metric, f"{each.old.value:g}",
         f"{each.new.value:g}"]
        for each in reading.corrections[:SHOWN]
    ]  # fmt: skip
    first = [
        [each.venue_code or each.area_code or "all areas", str(each.night), " ".join(filter(None, (each.metric, each.detail))),
         f"{each.value:g}", each.grade]
        for each in reading.new[:SHOWN]
    ]  # fmt: skip
    first += [
        [
            each.venue_code,
            f"{each.at:%Y-%m-%d %H:%M} UTC",
            f"{each.state} {each.place_code or ''}",
            str(each.count),
            each.source,
        ]
        for each in reading.check_ins[:SHOWN]
    ]
    return {
        "refusals": Table("Rows that will not be loaded", ("Line", "Field", "Reason"), refused),
        "more_refusals": max(0, len(reading.refusals) - SHOWN),
        "changes": Table("Figures that change", ("Line", "Place", "Night", "Figure", "Now", "Then"), changed),
        "more_changes": max(0, len(reading.corrections) - SHOWN),
        "first": Table("The first figures that will be loaded", ("Place", "Night", "Figure", "Value", "Grade or source"), first),
        "more_first": max(0, len(reading.new) + len(reading.check_ins) - SHOWN),
    }  # fmt: skip


@require_POST
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """Loads the file of a preview, or leaves it."""
    upload = _own(request, pk)
    if "leave" in request.POST:
        upload.delete()
        messages.success(request, "The file was left. Nothing was loaded.")
        return redirect("reach_files")
    try:
        report = import_source(
            _source(upload),
            kind=upload.kind,
            by=request.user.get_username(),
            corrects=upload.corrects,
            why=upload.why,
        )
    except UnreadableReachFile as error:
        messages.error(request, str(error))
        return redirect("reach_file_preview", pk=pk)
    upload.delete()
    messages.success(
        request,
        f"{report.name}: {report.rows_read:,} rows read, {report.loaded:,} loaded ({report.corrected:,} corrected earlier "
        f"ones), {report.duplicates:,} duplicates, {report.rejected:,} rejected.",
    )
    return redirect("reach_files")


@never_cache
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks for the reason; POST ends the file's figures. They stay on record."""
    allow(request, IMPORT)
    file = get_object_or_404(ReachFile, pk=pk)
    crumb = ("Reach: files", reverse("reach_files"))
    context = framed(request, f"Withdraw {file.name}", "reach_files", crumb) | {
        "file": file,
        "words": WORDS.get(file.kind, ""),
    }
    if request.method == "POST":
        try:
            ended = withdraw(file, by=request.user.get_username(), why=request.POST.get("why", ""))
        except ValueError as error:
            return render(request, "analytics/reach/take_back.html", context | {"problem": str(error)}, status=422)
        messages.success(request, f"{file.name}: {ended:,} figures are no longer in force. They stay on record.")
        return redirect("reach_files")
    return render(request, "analytics/reach/take_back.html", context)
