"""The handstamp: a 40 mm disc that a stamp maker takes first time. Outlines only, one colour, no greys.

The words run in two lines of capitals inside a ring; footprints lead out of a gap in it. Supplied unmirrored: the
maker mirrors.
"""

import io
import re
from pathlib import Path

import resvg_py
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image

from campaign_pages.artwork.setting import FONT_FILE
from campaign_pages.artwork.sizes import sizes

INK, PAPER = "#000000", "#ffffff"


def stamp_svg(size_mm: float = 40.0) -> bytes:
    """The stamp as SVG, one unit = one millimetre, all text as outlines."""
    walk, capital = _line("WALK", 7.1, 20.0, 18.7)
    away, _ = _line("AWAY", 7.1, 20.0, 27.3)
    body = (
        f'<circle cx="20" cy="20" r="18.2" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        # the way out: a gap in the ring, top right
        f'<path d="M27.5 8.5 37 -1 43 5 32.5 13.5Z" fill="{PAPER}"/>'
        f'<g fill="{INK}"><path d="{walk}"/><path d="{away}"/>{_foot(29.4, 10.6, 45, 0.11)}{_foot(33.7, 9.6, 45, 0.11, left=False)}</g>'
        f'<path d="M10 31.2H30" stroke="{INK}" stroke-width="0.9" stroke-linecap="round"/>'
    )
    assert capital >= sizes()["handstamp"]["capital_min_mm"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_mm:g}mm" height="{size_mm:g}mm" viewBox="0 0 40 40">'
        f"<title>Walk Away handstamp, {size_mm:g} mm</title>{body}</svg>"
    ).encode()


def stamp_tiff(size_mm: float = 40.0) -> bytes:
    """The stamp as a 1-bit Group 4 TIFF at 1200 dpi; a 40 mm stamp is 1890 pixels wide."""
    out = io.BytesIO()
    dpi = sizes()["handstamp"]["dpi"]
    stamp_picture(stamp_svg(size_mm), size_mm).save(out, "TIFF", compression="group4", dpi=(dpi, dpi))
    return out.getvalue()


def stamp_proof(size_mm: float = 40.0) -> bytes:
    """The mirrored plate as the maker will see it, in grey and marked PROOF, so that nobody makes a stamp from it."""
    pixels = round(size_mm / 25.4 * sizes()["handstamp"]["proof_dpi"])
    picture = draw_svg(stamp_svg(size_mm).decode(), size_mm).resize((pixels, pixels), Image.Resampling.LANCZOS)
    picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda value: 120 + value * 135 // 255)
    word, _ = _line("PROOF", pixels / 9, pixels / 2, pixels * 0.95)
    mark = f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}"><path d="{word}" fill="#c22f05"/></svg>'
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=mark)))) as over:
        made = Image.alpha_composite(picture.convert("RGBA"), over.convert("RGBA")).convert("RGB")
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True)
    return out.getvalue()


def stamp_picture(svg: bytes, size_mm: float) -> Image.Image:
    """An SVG stamp drawn at 1200 dpi, 1 bit, black ink on white."""
    return draw_svg(svg.decode(), size_mm).point(lambda value: 255 if value > 127 else 0).convert("1")


def declared_mm(svg: str) -> float | None:
    """The width that the file itself names in millimetres; None when it names none."""
    found = re.search(r"<svg[^>]*?\swidth\s*=\s*[\"']\s*([0-9.]+)\s*mm", svg)
    return float(found.group(1)) if found else None


def draw_svg(svg: str, size_mm: float) -> Image.Image:
    """Any SVG as `size_mm` at 1200 dpi, grey on white. Raises ValueError for what is no SVG."""
    pixels = round(size_mm / 25.4 * sizes()["handstamp"]["dpi"])
    root = re.search(r"<svg\b[^>]*>", svg)
    if not root:
        raise ValueError("there is no <svg> element")
    tag = root.group(0)
    if "viewBox" not in tag:
        sides = [re.search(rf"\s{side}\s*=\s*[\"']([0-9.]+)", tag) for side in ("width", "height")]
        if sides[0] and sides[1]:
            tag = tag.replace("<svg", f'<svg viewBox="0 0 {sides[0].group(1)} {sides[1].group(1)}"', 1)
    tag = re.sub(r"\s(width|height)\s*=\s*([\"']).*?\2", "", tag)
    # Drawn twice as large and averaged: the renderer's own soft edges are too coarse to tell 0.25 mm from 0.3 mm.
    tag = tag.replace(
        "<svg", f'<svg width="{2 * pixels}" height="{2 * pixels}"', 1
    )  # resvg takes plain numbers only
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg[: root.start()] + tag + svg[root.end() :], background=PAPER))
    with Image.open(io.BytesIO(png)) as opened:
        return opened.convert("L").reduce(2)


def _line(words: str, size: float, centre: float, baseline: float) -> tuple[str, float]:
    """Outlines of a line of capitals centred on `centre`, and the capitals' height in millimetres."""
    font = TTFont(Path(FONT_FILE))
    glyphs, names, units = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm
    k, tracking = size / units, 0.02 * size
    width = sum(glyphs[names[ord(letter)]].width * k + tracking for letter in words) - tracking
    x, parts = centre - width / 2, []
    for letter in words:
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.3f}".rstrip("0").rstrip("."))
        glyphs[names[ord(letter)]].draw(TransformPen(pen, (k, 0, 0, -k, x, baseline)))
        parts.append(pen.getCommands())
        x += glyphs[names[ord(letter)]].width * k + tracking
    return "".join(parts), font["OS/2"].sCapHeight * k


def _foot(x: float, y: float, angle: float, scale: float, *, left: bool = True) -> str:
    side = 1 if left else -1
    return (
        f'<g transform="translate({x} {y}) rotate({angle}) scale({scale * side} {scale})">'
        '<path d="M-5-14C1-18 8-14 8-5 8 2 5 6 5 9H-4C-4 5-8 0-8-5-8-10-7-13-5-14Z"/><path d="M-4 14H5C6 19 5 24 0 24S-5 19-4 14Z"/></g>'
    )
