"""Artwork files for a venue or for everybody, made once, kept by the hash of what went into them."""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from campaign_pages.artwork.design import ArtworkFile, Check, PackDesign
from campaign_pages.artwork.pack import PACK_VERSION, build_pack
from campaign_pages.artwork.preview import preview_png
from campaign_pages.venues.models import Download, PosterPlace, Venue

logger = logging.getLogger(__name__)

HEADLINE = "Walk away"
LINE = "When it gets heated, walk away. Your mates will thank you."
HELP_LINE = "In danger? Call 999."
ASK_LINES = {
    "club": "Trouble brewing? Tell the door team.",
    "pub": "Trouble brewing? Tell the bar.",
    "bar": "Trouble brewing? Tell the bar.",
    "takeaway": "Trouble brewing? Tell us at the counter.",
    "taxi_rank": "Trouble brewing? Tell the marshal.",
}
USE_UNTIL_YEARS = 1
PREVIEW_WIDTH = 200  # pixels: nine of them belong to the first view of a phone


def design_for(
    venue: Venue | None = None, place: PosterPlace | None = None, *, venue_type: str = "pub"
) -> PackDesign:
    """The design of a venue's own pack, or the general one of a venue type."""
    kind = venue.kind if venue else venue_type
    base = settings.WALKAWAY_QR_BASE_URL
    host = base.split("//")[-1].lower()
    return PackDesign(
        headline=HEADLINE,
        line=LINE,
        ask_line=ASK_LINES[kind],
        help_line=HELP_LINE,
        venue_name=venue.name if venue else None,
        venue_type=kind,
        qr_url=f"{base}/V/{place.code}" if place else f"{base}/TONIGHT",
        short_address=f"{host}/v/{place.code.lower()}" if place else f"{host}/tonight",
        version="WA-EN-1",
        use_until=_use_until(),
        synthetic=bool(venue and venue.synthetic),
    )


def first_place(venue: Venue) -> PosterPlace | None:
    return venue.places.filter(retired=False).order_by("sort_order", "pk").first()


def pack_files(design: PackDesign) -> list[Path]:
    """Every file of the pack on disk, made now if it is not there yet. One maker at a time for each design."""
    folder = _folder(design)
    done = folder / "done.json"
    if done.exists():
        return _listed(folder)
    with _alone(folder):
        if not done.exists():
            rows = []
            for file in build_pack(design):
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.data)
                if file.kind in {"poster", "screen", "handstamp"}:
                    picture = folder / "previews" / f"{len(rows):02}.png"
                    picture.parent.mkdir(exist_ok=True)
                    picture.write_bytes(preview_png(file, PREVIEW_WIDTH))
                    preview = picture.name
                else:
                    preview = ""
                rows.append(describe(file) | {"preview": preview})
            draft = folder / "done.draft"
            draft.write_text(json.dumps(rows))
            draft.replace(done)
    return _listed(folder)


def file_rows(design: PackDesign) -> list[dict[str, Any]]:
    """What the pack holds: path, kind, format, size, preflight, preview. Makes the files when needed."""
    pack_files(design)
    return json.loads((_folder(design) / "done.json").read_text())


def file_path(design: PackDesign, path: str) -> Path:
    """The file on disk. Raises KeyError for a path that is not in the pack."""
    if path not in {str(row["path"]) for row in file_rows(design)}:
        raise KeyError(path)
    return _folder(design) / path


def preview_path(design: PackDesign, name: str) -> Path:
    if name not in {str(row["preview"]) for row in file_rows(design)} - {""}:
        raise KeyError(name)
    return _folder(design) / "previews" / name


def describe(file: ArtworkFile) -> dict[str, Any]:
    """The contract's description of one file."""
    return {
        "path": file.path,
        "kind": file.kind,
        "format": file.format,
        "sha256": hashlib.sha256(file.data).hexdigest(),
        "bytes": len(file.data),
        "width": file.width,
        "height": file.height,
        "unit": file.unit,
        "preflight": [_check(check) for check in file.preflight],
    }


def record_download(*, row: dict[str, Any], venue: Venue | None, version: str) -> None:
    """A receipt without anybody's name or address."""
    Download.objects.create(
        venue=venue,
        kind=row["kind"],
        path=row["path"],
        version=version,
        sha256=row["sha256"],
        bytes=row["bytes"],
        at=timezone.now(),
    )


def _check(check: Check) -> dict[str, Any]:
    return {"check": check.check, "ok": check.ok, "detail": check.detail}


def _folder(design: PackDesign) -> Path:
    inputs = json.dumps([PACK_VERSION, PREVIEW_WIDTH, asdict(design)], default=str, sort_keys=True)
    folder = settings.VAR_DIR / "cache" / "packs" / hashlib.sha256(inputs.encode()).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _listed(folder: Path) -> list[Path]:
    return [folder / str(row["path"]) for row in json.loads((folder / "done.json").read_text())]


def _use_until() -> date:
    """The end of next year's quarter, so that a pack stays the same file for three months."""
    today = timezone.localdate()
    month = (today.month - 1) // 3 * 3 + 1
    return date(today.year + USE_UNTIL_YEARS, month, 1)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
