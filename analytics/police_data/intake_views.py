"""Screens of a police file on its way in: given in by one person, looked at, agreed by another, loaded."""

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.models import ImportedFile, ReceivedFile, SavedMapping
from analytics.police_data import receiving
from analytics.police_data.admin_views import APPROVE, IMPORT, VIEW, allow, frame
from analytics.police_data.cell_text import read_or_shape
from analytics.police_data.consent import NotAgreed
from analytics.police_data.intake_forms import MappingChoice, RefuseForm, UploadForm, chosen_mapping
from analytics.police_data.mapping import MappingError
from analytics.police_data.preview import Preview, preview
from analytics.police_data.preview_charts import charts, hour_rows, weekday_rows
from analytics.police_data.quarantine import QuarantineError, open_sealed, path_of
from analytics.police_data.saved_mappings import check_mapping, save_mapping
from analytics.police_data.sealed_upload import seals_upload
from analytics.police_data.sources import Source, UnreadableFile, sources_in
from campaign_pages.accounts.fresh_sign_in import is_recent, needs_recent_sign_in, sign_in_again

CRUMB = {"url": "/admin/police-data/", "label": "Police data"}
FILLING_IN = 15  # minutes from seeing the form to sending it
WRONG = (NotAgreed, receiving.CannotReceive, receiving.MovedOn, QuarantineError, UnreadableFile, MappingError)
State = ReceivedFile.State


def sources_of(received: ReceivedFile) -> list[Source]:
    sealed = path_of(received.stored)
    return sources_in(Path(received.name), lambda: open_sealed(sealed))


def previewed(received: ReceivedFile, by: Any) -> ReceivedFile:
    """Reads the file (the first of an archive) and keeps the counts. Raises what reading raises."""
    sources = sources_of(received)
    found = preview(sources[0], receiving.mapping_of(received))
    kept = found.as_json() | {"file": found.name, "files": len(sources)}
    alone = len(sources) == 1  # one file of an archive says nothing certain about the others
    return receiving.note_preview(
        received, by=by, preview=kept, open_data=found.open_data, synthetic=found.is_synthetic if alone else None
    )


@never_cache
@needs_recent_sign_in(grace_minutes=FILLING_IN)
@seals_upload(IMPORT)
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Files on their way in, imported files with their numbers, and a form to give in another."""
    allow(request, IMPORT, VIEW)
    form = UploadForm()
    if request.method == "POST":
        allow(request, IMPORT)
        sent = request.POST  # reading it is what receives the file
        form = UploadForm(sent, request.FILES, sealing_error=getattr(request, "sealed_upload_error", ""))
        if form.is_valid():
            received = _given_in(request, form)
            if received is not None:
                return redirect("received_file", pk=received.pk)
    pages = Paginator(ImportedFile.objects.all(), 50)
    context = frame(request, "Police data") | {
        "form": form,
        "sign_in_again": "" if is_recent(request) else sign_in_again(request.path),
        "page": pages.get_page(request.GET.get("p")),
        "received": ReceivedFile.objects.select_related("uploaded_by")[:30]
        if request.user.has_perm(IMPORT)
        else [],
        "synthetic": ImportedFile.objects.filter(synthetic=True, state=ImportedFile.State.LOADED).exists(),
    }
    return render(request, "analytics/police/files.html", context, status=422 if form.errors else 200)


def _given_in(request: HttpRequest, form: UploadForm) -> ReceivedFile | None:
    """The received file with its first preview; None where it could not be received, which the form then says."""
    asked = form.cleaned_data
    try:
        mapping = save_mapping(asked["mapping_file"], by=request.user) if asked["mapping_file"] else None
        received = receiving.receive(
            asked["file"].claim(), name=asked["file"].name, by=request.user, reason=asked["reason"],
            mapping=mapping or chosen_mapping(asked["mapping"]),
        )  # fmt: skip
    except WRONG as error:
        form.add_error("file", str(error))
        return None
    try:
        previewed(received, request.user)
    except WRONG as error:
        messages.warning(request, f"{received.name} is in quarantine, but could not be read: {error}")
    return received


@never_cache
@require_GET
def received_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file on its way in: what it holds, who agreed, what became of it."""
    allow(request, IMPORT)
    received = get_object_or_404(ReceivedFile.objects.select_related("uploaded_by", "approved_by"), pk=pk)
    waiting = received.state in receiving.WAITING
    own = received.uploaded_by_id == request.user.pk
    alone = not receiving.needs_second_person(received)
    # the preview of an archive is of its first file only
    to_read = received.preview.get("rows_read") if received.preview.get("files") == 1 else None
    context = frame(request, f"Received file {received.pk}", CRUMB) | {
        "file": received,
        "waiting": waiting,
        "own": own,
        "may_approve": waiting and not own and request.user.has_perm(APPROVE),
        "may_release": waiting and alone,
        "may_refuse": waiting and (own or request.user.has_perm(APPROVE)),
        "under_way": received.state in (State.APPROVED, State.LOADING),
        "rows_to_read": to_read,
        "quarter": 25 * (4 * received.progress.get("rows", 0) // to_read) if to_read else 0,
        "preview": received.preview,
        "first_day": _day(received.preview.get("first_day")),
        "last_day": _day(received.preview.get("last_day")),
        "charts": charts(received.preview),
        "hours": hour_rows(received.preview),
        "weekdays": weekday_rows(received.preview),
        "shares": {
            name: f"{received.preview.get(key) or 0:.1%}".replace("%", " %")
            for name, key in (
                ("midnight", "share_at_midnight"),
                ("noon", "share_at_noon"),
                ("placed", "share_placed"),
            )
        },
        "mapping_form": MappingChoice(),
        "refuse_form": RefuseForm(),
        "imported": received.imported_files.all(),
    }
    return render(request, "analytics/police/received.html", context)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@never_cache
@needs_recent_sign_in("GET")
@require_GET
def first_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows, source beside canonical: read from the sealed file for this answer, and kept nowhere.

    Columns that the mapping does not read (names, notes) show the shape of their values only.
    """
    allow(request, IMPORT)
    received = get_object_or_404(ReceivedFile, pk=pk)
    found: Preview | None = None
    try:
        if received.purged_at:
            raise receiving.MovedOn("The file's bytes are deleted.")
        source = sources_of(received)[0]
        found = preview(source, receiving.mapping_of(received), most_rows=60)
    except WRONG as error:
        messages.error(request, str(error))
    receiving.note_look(received, by=request.user)
    context = frame(
        request, f"First rows of received file {received.pk}", CRUMB,
        {"url": reverse("received_file", args=[pk]), "label": f"Received file {received.pk}"},
    )  # fmt: skip
    rows = (
        [(read_or_shape(cells, found.read), list(row.items())) for cells, row in islice(found.first_rows, 20)]
        if found
        else []
    )
    canonical = list(found.first_rows[0][1]) if found and found.first_rows else []
    context |= {"file": received, "found": found, "rows": rows, "canonical": canonical}
    return render(request, "analytics/police/received_rows.html", context)


@never_cache
@needs_recent_sign_in(back=lambda pk, action: reverse("received_file", args=[pk]))
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Preview again, read another way, approve, release or refuse; then back to the file."""
    allow(request, IMPORT)
    received = get_object_or_404(ReceivedFile, pk=pk)
    try:
        messages.success(request, _done(request, received, action))
    except WRONG as error:
        messages.error(request, str(error))
    return redirect("received_file", pk=pk)


def _done(request: HttpRequest, received: ReceivedFile, action: str) -> str:
    """Does it, and says what was done. Raises one of ``WRONG``."""
    if action == "preview":
        previewed(received, request.user)
        return "The file was read again; nothing was loaded."
    if action == "mapping":
        form = MappingChoice(request.POST, request.FILES)
        if not form.is_valid():
            raise MappingError("; ".join(str(each) for errors in form.errors.values() for each in errors))
        own = form.cleaned_data["mapping_file"]
        mapping = save_mapping(own, by=request.user) if own else chosen_mapping(form.cleaned_data["mapping"])
        previewed(receiving.choose_mapping(received, by=request.user, mapping=mapping), request.user)
        return "The file was read with the other mapping; nothing was loaded."
    if action == "approve":
        receiving.approve(received, by=request.user)
        return "Approved. It is loaded within a minute; look again."
    if action == "release":
        receiving.release(received, by=request.user)
        return "It needs no second person and is loaded within a minute; look again."
    if action == "refuse":
        receiving.refuse(received, by=request.user, reason=request.POST.get("reason", ""))
        return "Refused. Its bytes are deleted."
    raise PermissionDenied


@never_cache
@require_GET
def mappings(request: HttpRequest) -> HttpResponse:
    """Saved mappings: every version, who wrote and who checked it."""
    allow(request, IMPORT)
    context = frame(request, "Saved mappings", CRUMB) | {
        "mappings": SavedMapping.objects.all(),
        "may_approve": request.user.has_perm(APPROVE),
    }
    return render(request, "analytics/police/mappings.html", context)


@never_cache
@needs_recent_sign_in(back=lambda pk: reverse("police_mappings"))
@require_POST
def mapping_check(request: HttpRequest, pk: int) -> HttpResponse:
    allow(request, IMPORT)
    try:
        saved = check_mapping(get_object_or_404(SavedMapping, pk=pk), by=request.user)
        messages.success(request, f"{saved} is checked by you.")
    except NotAgreed as error:
        messages.error(request, str(error))
    return redirect("police_mappings")


@never_cache
@require_GET
def mapping_toml(request: HttpRequest, pk: int) -> HttpResponse:
    """The mapping as it was saved, byte for byte."""
    allow(request, IMPORT)
    saved = get_object_or_404(SavedMapping, pk=pk)
    answer = HttpResponse(saved.text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="mapping-{saved.pk}-version-{saved.version}.toml"'
    return answer


urlpatterns = [
    path("police-data/", files, name="police_data"),
    path("police-data/received/<int:pk>/", received_file, name="received_file"),
    path("police-data/received/<int:pk>/rows/", first_rows, name="received_rows"),
    path("police-data/received/<int:pk>/<slug:action>/", act, name="received_act"),
    path("police-data/mappings/", mappings, name="police_mappings"),
    path("police-data/mappings/<int:pk>/check/", mapping_check, name="police_mapping_check"),
    path("police-data/mappings/<int:pk>/mapping.toml", mapping_toml, name="police_mapping_toml"),
]
