"""Checks a finished file as a printer or screen owner would. A file that fails is never offered."""

import io
import math
import re
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import resvg_py
from PIL import Image, UnidentifiedImageError
from scipy import ndimage

from campaign_pages.artwork.design import Check, PackDesign, UnreadableArtwork
from campaign_pages.artwork.handstamp import declared_mm, draw_svg
from campaign_pages.artwork.page_layout import (
    Layout,
    check_contrast,
    check_required,
    check_safe_area,
    check_text_fit,
    layout_of,
    luminance,
)
from campaign_pages.artwork.pdf_checks import check_print_page, check_web_page, is_print
from campaign_pages.artwork.qr import Found, read_symbols
from campaign_pages.artwork.sizes import sizes
from campaign_pages.artwork.stamp_checks import check_stamp

KINDS = ("poster", "screen", "handstamp", "qr")
QR_DPI = 100


def check_artwork(data: bytes, kind: str, *, size_mm: float | None = None) -> list[Check]:
    """Every check for this kind of file. Raises UnreadableArtwork when it cannot be opened as one."""
    match kind:
        case "poster":
            return check_poster(data)
        case "screen":
            return check_screen(data)
        case "handstamp":
            return check_handstamp(data, size_mm or sizes()["handstamp"]["size_mm"])
        case "qr":
            return check_qr(data)
    raise ValueError(f"There is no kind of artwork called {kind}; use {', '.join(KINDS)}.")


def check_poster(data: bytes, *, design: PackDesign | None = None) -> list[Check]:
    """A poster by structure (boxes, colours, fonts, output intent) and as rendered (words, QR, bleed).

    With its design the words and the code are compared with what was meant; without, they must be there at all.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            page, for_print = pdf.pages[0], is_print(pdf)
            checks = check_print_page(pdf) if for_print else check_web_page(pdf)
            trim = tuple(float(v) for v in page.get("/TrimBox", page.MediaBox))
        layout = layout_of(data, QR_DPI)
    except (pikepdf.PdfError, pypdfium2.PdfiumError, IndexError, ValueError, TypeError) as error:
        raise UnreadableArtwork(f"This is not a PDF that can be opened: {error}") from error
    if for_print:
        checks.append(_bleed_covered(data))
    return [*checks, *_layout_checks(layout, trim, sizes()["print"]["safe_mm"], design)]


def check_layout(data: bytes, *, safe_mm: float, design: PackDesign) -> list[Check]:
    """The words of a picture without text of its own (a screen), measured on the PDF set from the same lines."""
    layout = layout_of(data, 72)
    return [check for check in _layout_checks(layout, layout.media, safe_mm, design) if check.check != "qr"]


def _layout_checks(layout: Layout, trim: Any, safe_mm: float, design: PackDesign | None) -> list[Check]:
    codes = read_symbols(layout.picture)
    place = layout.points(codes[0].box) if codes else None
    checks = [
        check_safe_area(layout, trim, safe_mm),
        check_text_fit(layout, trim, place),
        check_contrast(layout),
        check_required(layout, design),
    ]
    if design is None or design.qr_url:
        checks.append(_qr(layout.picture, design.qr_url if design else None, dpi=layout.dpi))
    return checks


def check_screen(data: bytes, *, design: PackDesign | None = None) -> list[Check]:
    """Exact pixels of one of our screens, RGB, size in bytes, QR if one is meant to be there."""
    picture = _open(data)
    known = {(s["width_px"], s["height_px"]): s for s in sizes()["screens"].values()}
    size = known.get(picture.size)
    checks = [
        Check("pixels", size is not None, f"{picture.width} x {picture.height} pixels"),
        Check("rgb", picture.mode == "RGB", f"colour mode {picture.mode}"),
    ]
    if size:
        checks.append(
            Check("bytes", len(data) <= size["bytes_max"], f"{len(data)} bytes, at most {size['bytes_max']}")
        )
    if (design and design.qr_url) or (design is None and read_symbols(picture)):
        checks.append(_qr(picture, design.qr_url if design else None))
    return checks


def check_handstamp(data: bytes, size_mm: float) -> list[Check]:
    """An SVG is drawn at 1200 dpi first; a TIFF or PNG is taken as it is."""
    dpi = float(sizes()["handstamp"]["dpi"])
    checks = []
    if _is_svg(data):
        try:
            svg = data.decode()
            picture, declared = draw_svg(svg, size_mm), declared_mm(svg)
        except (ValueError, UnidentifiedImageError) as error:
            raise UnreadableArtwork(f"This SVG cannot be drawn: {error}") from error
        loose = sorted(
            {tag for tag in ("text", "image", "foreignObject") if re.search(f"<(\\w+:)?{tag}[\\s>]", svg)}
        )
        checks.append(
            Check(
                "stamp_outlines", not loose, f"turn {', '.join(loose)} into outlines" if loose else "outlines only"
            )
        )
        if declared is not None and abs(declared - size_mm) > 0.05:
            checks.append(
                Check("stamp_size", False, f"the file says {declared:g} mm, {size_mm:g} mm was asked for")
            )
    else:
        picture = _open(data)
        dpi = float(picture.info.get("dpi", (0, 0))[0])
        if picture.mode in {"RGBA", "LA", "P"}:
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    grey = _grey_share(picture.convert("L"))
    checks.append(Check("one_bit", grey <= 0.5, f"mode {picture.mode}, {grey:.2f} % grey, at most 0.5"))
    flat = picture.convert("L").point(lambda value: 255 if value > 127 else 0)
    return checks + check_stamp(flat, size_mm, dpi)


def _grey_share(picture: Image.Image) -> float:
    """Grey areas in per cent of the picture; the soft edge that drawing leaves round a shape does not count."""
    values = np.asarray(picture)
    grey = (values > 24) & (values < 232)
    return float(100 * ndimage.binary_opening(grey, np.ones((3, 3), dtype=bool)).mean())


def _is_svg(data: bytes) -> bool:
    return b"<svg" in data[:2000] and data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<"


def check_qr(data: bytes, *, qr_url: str | None = None) -> list[Check]:
    """One code that can be read, in an SVG or a picture."""
    if _is_svg(data):
        try:
            data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), width=600, background="#ffffff"))
        except ValueError as error:
            raise UnreadableArtwork(f"This SVG cannot be drawn: {error}") from error
    return [_qr(_open(data).convert("RGB"), qr_url)]


def render_pdf(data: bytes, dpi: float) -> Image.Image:
    """The first page as a picture, MediaBox and all."""
    with pypdfium2.PdfDocument(data) as pdf:
        return pdf[0].render(scale=dpi / 72).to_pil().convert("RGB")


def _open(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF"))
        picture.load()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UnreadableArtwork(f"This is not a picture that can be opened: {error}") from error
    return picture


def _qr(picture: Image.Image, wanted: str | None, *, dpi: float | None = None) -> Check:
    """One code, the right one, upright, unmirrored, with its quiet zone; with `dpi` also large enough on paper."""
    found = read_symbols(picture)
    if not found:
        return Check("qr", False, "no QR code can be read from the finished page")
    if len(found) > 1:
        return Check("qr", False, f"{len(found)} QR codes on one page: a phone may read the wrong one")
    code, limits = found[0], sizes()["print"]
    faults = []
    if not code.upright:
        faults.append("the QR code is turned or mirrored")
    if wanted is not None and code.text != wanted:
        faults.append(f"the code leads to {code.text}, meant was {wanted}")
    module = (code.right - code.left) / code.modules
    if dpi and module / dpi * 25.4 < limits["qr_module_min_mm"]:
        faults.append(f"a module is {module / dpi * 25.4:.2f} mm, at least {limits['qr_module_min_mm']} mm wanted")
    quiet, contrast = _surroundings(picture, code, module)
    if quiet:
        faults.append(f"{quiet} % of the quiet zone of {limits['qr_quiet_modules']} modules is not light")
    if contrast < limits["qr_contrast_min"]:
        faults.append(f"contrast {contrast:.1f} to 1, at least {limits['qr_contrast_min']:g} wanted")
    return Check(
        "qr", not faults, "; ".join(faults) if faults else f"reads {code.text}, contrast {contrast:.1f} to 1"
    )


def _surroundings(picture: Image.Image, code: Found, module: float) -> tuple[int, float]:
    """Share of the quiet zone that is not light, in per cent, and the code's contrast. A pixel of grace each side."""
    values = luminance(np.asarray(picture.convert("RGB")))
    reach = int(sizes()["print"]["qr_quiet_modules"] * module) - 2
    left, top, right, bottom = code.box
    inner = values[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
    low, high = np.percentile(inner, (5, 95))
    zone = values[max(top - reach, 0) : bottom + reach + 1, max(left - reach, 0) : right + reach + 1]
    ring = np.ones(zone.shape, dtype=bool)
    grace = 3
    y, x = top - max(top - reach, 0), left - max(left - reach, 0)
    ring[max(y - grace, 0) : y + bottom - top + 1 + grace, max(x - grace, 0) : x + right - left + 1 + grace] = (
        False
    )
    dark = ring & (zone < (low + high) / 2)
    return math.ceil(100 * dark.sum() / max(ring.sum(), 1)), float((high + 0.05) / (low + 0.05))


def _bleed_covered(data: bytes) -> Check:
    """The strip between trim and bleed must hold ink on all four sides."""
    dpi = 50.0
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        if "/BleedBox" not in page:
            return Check("bleed_covered", False, "there is no BleedBox, so no bleed")
        media, bleed = ([float(v) for v in box] for box in (page.MediaBox, page.BleedBox))
    picture = render_pdf(data, dpi)
    k = dpi / 72
    left, right = (bleed[0] - media[0]) * k + 1, (bleed[2] - media[0]) * k - 2
    top, bottom = (media[3] - bleed[3]) * k + 1, (media[3] - bleed[1]) * k - 2
    width, height = right - left, bottom - top
    points = [(left + width * i / 20, y) for i in range(1, 20) for y in (top, bottom)]
    points += [(x, top + height * i / 20) for i in range(1, 20) for x in (left, right)]
    pixels = np.asarray(picture)
    bare = sum(int(pixels[int(y), int(x)].min()) > 252 for x, y in points)
    return Check("bleed_covered", bare == 0, f"{bare} of {len(points)} points in the bleed are bare paper")
