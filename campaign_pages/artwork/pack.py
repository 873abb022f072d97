"""A whole pack, in folders named for people. Every file is checked before it is handed over."""

import hashlib
import io
import json
from collections.abc import Collection, Iterator
from functools import cache

import segno

from campaign_pages.artwork.design import ArtworkError, ArtworkFile, Check, PackDesign
from campaign_pages.artwork.handstamp import stamp_proof, stamp_svg, stamp_tiff
from campaign_pages.artwork.poster import print_poster, web_poster
from campaign_pages.artwork.preflight import check_handstamp, check_layout, check_poster, check_qr, check_screen
from campaign_pages.artwork.screen import screen, screen_page
from campaign_pages.artwork.sizes import millimetres, sizes

PACK_VERSION = 2  # part of every cache key: raise it when a template or a size changes
KINDS = ("poster", "screen", "handstamp", "qr")

__all__ = ["KINDS", "PACK_VERSION", "ArtworkError", "build_pack"]


def build_pack(design: PackDesign, kinds: Collection[str] | None = None) -> Iterator[ArtworkFile]:
    """Makes and checks each file. Raises ArtworkError, naming file and check, rather than hand over a bad one."""
    wanted = set(kinds or KINDS)
    unknown = wanted - set(KINDS)
    if unknown:
        raise ArtworkError(f"There is no kind {', '.join(sorted(unknown))}; use {', '.join(KINDS)}.")
    manifest = []
    for file in _files(design, wanted):
        bad = [check for check in file.preflight if not check.ok]
        if bad:
            reasons = "; ".join(f"{check.check}: {check.detail}" for check in bad)
            raise ArtworkError(f"{file.path} failed its preflight and is not offered. {reasons}")
        manifest.append(
            {
                "path": file.path,
                "sha256": hashlib.sha256(file.data).hexdigest(),
                "version": design.version,
                "use_until": f"{design.use_until:%Y-%m-%d}",
            }
        )
        yield file
    if wanted == set(KINDS):
        yield _text("6 Read me and staff brief/README.txt", _readme(design))
        yield _text("manifest.json", json.dumps({"files": manifest}, indent=1))


def _files(design: PackDesign, wanted: set[str]) -> Iterator[ArtworkFile]:
    table = sizes()
    if "poster" in wanted:
        for size, mm in table["posters"].items():
            data = print_poster(design, size)
            yield ArtworkFile(
                f"1 Print shop/walk-away-poster-{size}-print.pdf", "poster", "PDF/X-4", data, mm["width_mm"], mm["height_mm"], "mm",
                tuple(check_poster(data, design=design)),
            )  # fmt: skip
        data = web_poster(design)
        yield ArtworkFile(
            "2 Your own printer/walk-away-poster-A4.pdf", "poster", "PDF", data, table["posters"]["A4"]["width_mm"],
            table["posters"]["A4"]["height_mm"], "mm", tuple(check_poster(data, design=design)),
        )  # fmt: skip
    if "screen" in wanted:
        for shape, px in table["screens"].items():
            data = screen(design, shape)
            yield ArtworkFile(
                f"3 Screens/walk-away-screen-{px['width_px']}x{px['height_px']}.jpg", "screen", "JPEG", data, px["width_px"],
                px["height_px"], "px", (*check_screen(data, design=design), *_screen_words(design, shape)),
            )  # fmt: skip
    if "handstamp" in wanted:
        for size_mm in (table["handstamp"]["size_mm"], *table["handstamp"]["also_mm"]):
            yield from _stamp_files(size_mm)
    if "qr" in wanted and design.qr_url:
        out = io.BytesIO()
        segno.make(design.qr_url, error="q", boost_error=False, micro=False).save(
            out, kind="svg", border=4, scale=10
        )
        data = out.getvalue()
        yield ArtworkFile(
            "5 QR code/walk-away-qr.svg",
            "qr",
            "SVG",
            data,
            30,
            30,
            "mm",
            tuple(check_qr(data, qr_url=design.qr_url)),
        )


def _screen_words(design: PackDesign, shape: str) -> list[Check]:
    px, share = sizes()["screens"][shape], sizes()["print"]["screen_safe_share"]
    safe_pt = share * min(px["width_px"], px["height_px"])  # one pixel is set as one point
    return check_layout(screen_page(design, shape), safe_mm=millimetres(safe_pt), design=design)


@cache
def _stamp_files(size: float) -> tuple[ArtworkFile, ...]:
    """The stamp is the same for every venue: made and measured once in a process."""
    made = (("svg", "SVG", stamp_svg(size)), ("tif", "TIFF, 1 bit, 1200 dpi", stamp_tiff(size)))
    files = [
        ArtworkFile(
            f"4 Handstamp/walk-away-stamp-{size}mm.{suffix}", "handstamp", form, data, size, size, "mm",
            tuple(check_handstamp(data, size)),
        )
        for suffix, form, data in made
    ]  # fmt: skip
    proof = stamp_proof(size)
    size_px = round(size / 25.4 * sizes()["handstamp"]["proof_dpi"])
    files.append(
        ArtworkFile(
            f"4 Handstamp/PROOF-mirrored-{size}mm.png", "proof", "PNG", proof, size_px, size_px, "px",
            (Check("proof", True, "a picture to compare with the maker's plate, not for production"),),
        )
    )  # fmt: skip
    return tuple(files)


def _text(path: str, words: str) -> ArtworkFile:
    data = words.encode()
    return ArtworkFile(
        path, "text", "text", data, 0, 0, "mm", (Check("required", True, "made from the pack's own words"),)
    )


def _readme(design: PackDesign) -> str:
    name = design.venue_name or "any venue"
    mark = "\nSYNTHETIC DEMO VENUE: it does not exist.\n" if design.synthetic else ""
    return f"""WALK AWAY: pack for {name}
{mark}
1 Print shop            give these to a printer: PDF/X-4, 3 mm bleed, CMYK, FOGRA39
2 Your own printer      A4 for the office printer
3 Screens               still pictures for portrait and landscape screens
4 Handstamp             40 mm. Give the maker the SVG or the TIFF; the maker mirrors it
5 QR code               only if you make something of your own. Keep the white edge

BRIEF YOUR STAFF FIRST (three minutes)
- What it asks: when it gets heated, walk away. Mates get their mate out.
- Guests may come to you and say it is kicking off. Take it seriously.
- Call the door team. In danger, call 999. Nobody on staff needs to step in alone.
- Tell us: it's up, it's gone, send more. Two taps from the sticker in the back office.

Version {design.version}. Use until {design.use_until:%d %B %Y}. Then ask for the next one.
"""
