"""The public pack: posters, screens and stamps without an account."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from zipstream import ZipStream

from campaign_pages.artwork.design import ArtworkError, PackDesign
from campaign_pages.venues import packs
from campaign_pages.venues.models import Venue

KINDS = {"poster": "Posters", "screen": "Screens", "handstamp": "Handstamp", "qr": "QR code", "text": "Read me"}


@require_safe
def pack(request: HttpRequest) -> HttpResponse:
    """The general pack for each type of venue, and a way to find one's own."""
    wanted = request.GET.get("type", "pub")
    kind = wanted if wanted in packs.ASK_LINES else "pub"
    name = request.GET.get("name", "").strip()[:60]
    found = (
        Venue.objects.filter(name__icontains=name, closed_on__isnull=True).select_related("area")[:20]
        if name
        else []
    )
    context = {
        "types": [
            {"value": value, "label": label, "chosen": value == kind} for value, label in Venue.Kind.choices
        ],
        "kind": kind,
        "name": name,
        "found": found,
        "groups": _groups(packs.design_for(venue_type=kind)),
        "base": f"/venues/files/{kind}",
    }
    return render(request, "venues/pack.html", context)


@require_safe
def venue_pack(request: HttpRequest, code: str) -> HttpResponse:
    """One venue's own files, with its name and its QR code. Shows nothing private and no crime."""
    venue = get_object_or_404(Venue.objects.select_related("area"), code__iexact=code)
    design = _venue_design(venue)
    try:
        groups, problem = _groups(design), ""
    except ArtworkError as error:
        groups, problem = [], str(error)
    context = {
        "venue": venue,
        "groups": groups,
        "problem": problem,
        "base": f"/venues/{venue.code}/files",
        "places": venue.places.filter(retired=False),
    }
    return render(request, "venues/venue_pack.html", context)


@require_safe
def general_file(request: HttpRequest, kind: str, path: str) -> HttpResponseBase:
    if kind not in packs.ASK_LINES:
        raise Http404
    return _send(packs.design_for(venue_type=kind), path, None, request)


@require_safe
def venue_file(request: HttpRequest, code: str, path: str) -> HttpResponseBase:
    venue = get_object_or_404(Venue, code__iexact=code)
    return _send(_venue_design(venue), path, venue, request)


def _venue_design(venue: Venue) -> PackDesign:
    return packs.design_for(venue, packs.first_place(venue))


def _groups(design: PackDesign) -> list[dict[str, Any]]:
    rows = packs.file_rows(design)
    return [
        {"label": label, "rows": [row for row in rows if row["kind"] == kind]}
        for kind, label in KINDS.items()
        if any(row["kind"] == kind for row in rows)
    ]


def _send(design: PackDesign, path: str, venue: Venue | None, request: HttpRequest) -> HttpResponseBase:
    try:
        packs.pack_files(design)
    except ArtworkError:
        raise Http404 from None  # the venue's page says why
    if path == "walk-away-pack.zip":
        return _send_zip(design, venue, request)
    if path.startswith("previews/"):
        try:
            picture = packs.preview_path(design, path.removeprefix("previews/"))
        except KeyError:
            raise Http404 from None
        return FileResponse(
            picture.open("rb"), content_type="image/png", headers={"Cache-Control": "public, max-age=86400"}
        )
    try:
        file = packs.file_path(design, path)
    except KeyError:
        raise Http404 from None
    row = next(row for row in packs.file_rows(design) if row["path"] == path)
    if request.method == "GET":
        packs.record_download(row=row, venue=venue, version=design.version)
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


def _send_zip(design: PackDesign, venue: Venue | None, request: HttpRequest) -> HttpResponseBase:
    stream = ZipStream(sized=True)
    rows = packs.file_rows(design)
    for row in rows:
        stream.add_path(packs.file_path(design, str(row["path"])), str(row["path"]))
    if request.method == "GET":
        whole = {"kind": "zip", "path": "walk-away-pack.zip", "sha256": "", "bytes": len(stream)}
        packs.record_download(row=whole, venue=venue, version=design.version)
    response = StreamingHttpResponse(stream, content_type="application/zip")
    response["Content-Length"] = str(len(stream))
    response["Content-Disposition"] = 'attachment; filename="walk-away-pack.zip"'
    return response
