"""Sets a design with typst: one template, words and colours as data. Thread-safe: each call is its own compilation."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import font_rhd
import typst

from campaign_pages.artwork.design import ArtworkError, PackDesign
from campaign_pages.artwork.palette import typst_palette
from campaign_pages.artwork.qr import symbol

TEMPLATES = Path(__file__).parent / "templates"
FONTS = str(Path(font_rhd.__file__).parent / "files")
FONT_FILE = Path(FONTS) / "RedHatDisplay-Black.ttf"
# Houses of the street: width, height to the eaves, height of the roof above them, in the scene's own unit.
TOWN = ((9, 9, 0), (8, 13, 3), (14, 8, 0), (10, 17, 0), (13, 15, 5), (7, 11, 0), (12, 19, 4), (8, 10, 0), (15, 13, 0), (9, 18, 3), (11, 9, 0), (8, 15, 4), (14, 11, 0), (10, 17, 0), (9, 12, 3), (12, 8, 0), (10, 15, 0), (9, 10, 3))  # fmt: skip
NAME_LIMIT = 60


@cache
def characters() -> frozenset[int]:
    """Unicode code points of every letter that the campaign's typeface has."""
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(FONT_FILE).getBestCmap())


def check_words(design: PackDesign) -> None:
    """Raises ArtworkError for a name that is too long, or letters that the typeface lacks."""
    name = design.venue_name or ""
    if len(name) > NAME_LIMIT:
        raise ArtworkError(
            f"The venue's name has {len(name)} characters; at most {NAME_LIMIT} fit. Use a shorter form."
        )
    for field in ("headline", "line", "ask_line", "help_line", "venue_name", "short_address"):
        missing = sorted({letter for letter in getattr(design, field) or "" if ord(letter) not in characters()})
        if missing:
            shown = " ".join(missing)
            raise ArtworkError(f"The typeface has no {shown} (in {field.replace('_', ' ')}). Write it without.")


def set_page(
    design: PackDesign, *, width_pt: float, height_pt: float, bleed_pt: float, palette: str, qr_pt: float, output: Literal["pdf", "png"],
    tagged: bool = False, ppi: float = 144.0,
) -> bytes:  # fmt: skip
    """One page as PDF, PNG or SVG bytes. Sizes in points; `palette` is ink or light."""
    check_words(design)
    code = symbol(design.qr_url) if design.qr_url else None
    data: dict[str, Any] = {
        "title": f"{design.headline}: {design.line}",
        "headline": design.headline,
        "line": design.line,
        "ask_line": design.ask_line,
        "help_line": design.help_line,
        "venue_name": design.venue_name,
        "synthetic": design.synthetic,
        "short_address": design.short_address,
        "version": design.version,
        "use_until": f"{design.use_until:%d %b %Y}",
        "language": design.language,
        "palette": typst_palette(palette),
        "width": width_pt,
        "height": height_pt,
        "bleed": bleed_pt,
        "qr_size": qr_pt,
        "qr_modules": code.modules if code else 0,
        "qr_runs": code.runs() if code else [],
        "town": TOWN,
    }
    try:
        compile_page: Any = typst.compile  # its overloads do not know a format chosen at run time
        made = compile_page(
            (TEMPLATES / "poster.typ").read_bytes(), format=output, ppi=ppi, font_paths=[FONTS], ignore_system_fonts=True,
            sys_inputs={"design": json.dumps(data)}, pdf_standards=["ua-1"] if tagged else [],
        )  # fmt: skip
    except RuntimeError as error:
        raise ArtworkError(f"The artwork could not be set: {error}") from error
    return made[0] if isinstance(made, list) else made
