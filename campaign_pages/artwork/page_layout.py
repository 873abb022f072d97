"""Where the words of a page stand: safe area, fit, contrast, what must be there. Measured on the finished page."""

import re
from dataclasses import dataclass

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from campaign_pages.artwork.design import Check, PackDesign
from campaign_pages.artwork.sizes import millimetres, sizes

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Words:
    """One line of text: its box in points from the page's lower left corner, its glyph size in points."""

    box: Box
    size: float


@dataclass(frozen=True)
class Layout:
    """A page's lines of text, its whole text, and the page as a picture at `dpi`. `media` is the MediaBox."""

    lines: tuple[Words, ...]
    text: str
    picture: Image.Image
    dpi: float
    media: Box

    def pixels(self, box: Box) -> tuple[int, int, int, int]:
        """A box in points as pixels of the picture: left, top, right, bottom."""
        k = self.dpi / 72
        return (
            int((box[0] - self.media[0]) * k), int((self.media[3] - box[3]) * k),
            round((box[2] - self.media[0]) * k) + 1, round((self.media[3] - box[1]) * k) + 1,
        )  # fmt: skip

    def points(self, pixels: tuple[float, float, float, float]) -> Box:
        """The reverse of `pixels`."""
        k = 72 / self.dpi
        left, top, right, bottom = pixels
        return (
            self.media[0] + left * k, self.media[3] - bottom * k,
            self.media[0] + right * k, self.media[3] - top * k,
        )  # fmt: skip


def layout_of(data: bytes, dpi: float) -> Layout:
    """Reads the first page. Raises pypdfium2.PdfiumError when it cannot be opened."""
    with pypdfium2.PdfDocument(data) as pdf:
        page = pdf[0]
        lines = []
        for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            box = thing.get_bounds()
            if box[2] > box[0]:
                lines.append(Words(box, box[3] - box[1]))
        words = page.get_textpage().get_text_range()
        picture = page.render(scale=dpi / 72).to_pil().convert("RGB")
        return Layout(tuple(lines), words, picture, dpi, page.get_mediabox())


def check_safe_area(layout: Layout, trim: Box, margin_mm: float) -> Check:
    """All text at least `margin_mm` inside the trim."""
    edges = [
        min(w.box[0] - trim[0], w.box[1] - trim[1], trim[2] - w.box[2], trim[3] - w.box[3]) for w in layout.lines
    ]
    nearest = millimetres(min(edges, default=1e6))
    return Check(
        "safe_area",
        nearest >= margin_mm - 0.1,
        f"text comes within {nearest:.1f} mm of the edge, at least {margin_mm:g} mm wanted"
        if edges
        else "no text on the page",
    )


def check_text_fit(layout: Layout, trim: Box, qr: Box | None) -> Check:
    """No line is cut by the trim, runs into another line or into the QR code."""
    clashes = []
    for i, one in enumerate(layout.lines):
        if one.box[0] < trim[0] or one.box[1] < trim[1] or one.box[2] > trim[2] or one.box[3] > trim[3]:
            clashes.append("a line is cut at the edge")
        if qr and _overlap(one.box, qr) > 0.02:
            clashes.append("a line runs into the QR code")
        clashes += ["two lines overlap" for other in layout.lines[i + 1 :] if _overlap(one.box, other.box) > 0.12]
    found = ", ".join(sorted(set(clashes)))
    return Check("text_fit", not clashes, found or f"{len(layout.lines)} lines, none cut or overlapping")


def _overlap(a: Box, b: Box) -> float:
    """Shared area as a share of the smaller box."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((x[2] - x[0]) * (x[3] - x[1]) for x in (a, b))
    return width * height / smaller if smaller else 0.0


def luminance(values: np.ndarray) -> np.ndarray:
    """Relative luminance (WCAG 2.2) of sRGB bytes, last axis R, G, B."""
    part = values.astype(float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast_in(picture: Image.Image) -> float:
    """Contrast between the lightest and the darkest parts of a cutting (2nd and 98th percentile)."""
    values = luminance(np.asarray(picture))
    low, high = np.percentile(values, (2, 98))
    return float((high + 0.05) / (low + 0.05))


def check_contrast(layout: Layout) -> Check:
    """WCAG 1.4.3 on the rendered page: 4.5 to 1, large text 3 to 1."""
    limits = sizes()["print"]
    worst, bad = 99.0, 0
    for line in layout.lines:
        left, top, right, bottom = layout.pixels(line.box)
        area = layout.picture.crop((max(left, 0), max(top, 0), right, bottom))
        if not area.width or not area.height:
            continue
        ratio = contrast_in(area)
        worst = min(worst, ratio)
        bad += ratio < (3.0 if line.size >= limits["large_text_pt"] else 4.5)
    return Check("contrast", bad == 0, f"lowest contrast of a line of text {worst:.1f} to 1")


def check_required(layout: Layout, design: PackDesign | None) -> Check:
    """The words without which nothing leaves: campaign line, help, address, version mark, last day of use."""
    said = _plain(layout.text)
    missing = []
    if design is None:
        wanted = {
            "a help line or 999": r"999|101|[0-9]{4} ?[0-9]{3} ?[0-9]{3,4}",
            "an address in words": r"[a-z0-9-]+\.[a-z.]{2,}/?|127\.0\.0\.1|localhost",
            "a version mark": r"wa-[a-z0-9]+",
            "a “use until” date": r"useuntil",
        }
        missing = [name for name, pattern in wanted.items() if not re.search(pattern.replace(" ", ""), said)]
    else:
        wanted_words = {
            "the headline": design.headline,
            "the campaign line": design.line,
            "the help line": design.help_line,
            "the address in words": design.short_address if design.qr_url else "",
            "the venue's name": design.venue_name or "",
            "the “use until” date": f"use until {design.use_until:%d %b %Y}",
            "the SYNTHETIC mark": "synthetic" if design.synthetic else "",
        }
        missing = [name for name, words in wanted_words.items() if _plain(words) not in said]
        if not _plain(design.help_line):
            missing.append("a help line")
    return Check(
        "required", not missing, f"missing: {', '.join(missing)}" if missing else "every required word is there"
    )


def _plain(words: str) -> str:
    """Lower case without spaces, hyphens at line ends or breaks: text from a PDF has its own idea of spaces."""
    return re.sub(r"[\s\u00ad\u2010\ufffe\u200b]+", "", words).lower().replace("’", "'")
