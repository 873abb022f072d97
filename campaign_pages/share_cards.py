"""The picture that goes with a link in a chat: 1200 by 630 pixels, the page's title in the campaign's type.

Made from an SVG with the campaign's own font, kept by the hash of its words. Titles in scripts that the font does not
have get the general card. Size and ratio: the Open Graph protocol's og:image as Meta documents it (1.91 to 1).
"""

from functools import cache
from hashlib import sha256
from html import escape
from io import BytesIO
from os import getpid
from pathlib import Path
from threading import get_ident
from typing import Any

import resvg_py
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from fontTools.ttLib import TTFont
from PIL import Image
from wagtail.models import Page

from campaign_pages.display_font import SOURCE

WIDTH, HEIGHT = 1200, 630
LEFT, ROOM = 72, 1056  # pixels
SIZES = (132, 112, 92, 76)  # largest type that fits in three lines
MOST_LINES = 3
RECIPE = "1"  # raise it when the picture changes
TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "share" / "card.svg"
GENERAL = "When it gets heated, walk away."


def version_of(title: str) -> str:
    """Changes with the title and the recipe, so that chats fetch a new picture."""
    return sha256(f"{RECIPE}\n{title}".encode()).hexdigest()[:12]


@cache
def _widths() -> tuple[dict[int, int], int]:
    font = TTFont(str(SOURCE))
    metrics, units = font["hmtx"], font["head"].unitsPerEm
    return {code: metrics[name][0] for code, name in font.getBestCmap().items()}, units


def set_in_lines(title: str) -> tuple[int, list[str]]:
    """Type size in pixels and lines of the title; the general words where the font lacks a letter or they are too long."""
    widths, units = _widths()
    if any(ord(letter) not in widths for letter in title):
        title = GENERAL
    for size in SIZES:
        lines: list[str] = []
        for word in title.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and sum(widths[ord(letter)] for letter in longer) * size / units <= ROOM:
                lines[-1] = longer
            else:
                lines.append(word)
        widest = max((sum(widths[ord(letter)] for letter in line) for line in lines), default=0) * size / units
        if len(lines) <= MOST_LINES and widest <= ROOM:
            return size, lines
    return set_in_lines(GENERAL) if title != GENERAL else (SIZES[-1], [GENERAL])


def draw(title: str) -> bytes:
    """The card as a PNG of at most 64 colours."""
    size, lines = set_in_lines(title)
    top = 150 + size
    words = "".join(
        f'<text x="{LEFT}" y="{top + round(i * size * 1.02)}" font-size="{size}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    svg = TEMPLATE.read_text(encoding="utf-8").replace("<!-- title -->", words)
    picture = resvg_py.svg_to_bytes(
        svg_string=svg, font_files=[str(SOURCE)], skip_system_fonts=True, width=WIDTH, height=HEIGHT
    )
    out = BytesIO()
    Image.open(BytesIO(bytes(picture))).convert("RGB").quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


@require_safe
def share_card(request: HttpRequest, pk: int, version: str) -> HttpResponse:
    """The card of a live page. An old version gets the picture of today: chats keep old addresses for years."""
    page: Any = Page.objects.live().public().filter(pk=pk).first()
    if page is None:
        raise Http404
    title = page.seo_title or page.title
    current = version_of(title)
    folder = settings.VAR_DIR / "share-cards"
    kept = folder / f"{current}.png"
    if not kept.exists():
        folder.mkdir(exist_ok=True)
        draft = folder / f"{current}.{get_ident()}.{getpid()}.draft"
        draft.write_bytes(draw(title))
        draft.replace(kept)
    response = HttpResponse(kept.read_bytes(), content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # chats show it on their own pages
    return response
