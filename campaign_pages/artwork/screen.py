"""Screens for venues: exact pixels, RGB, JPEG under the owner's limit."""

import io
from typing import Literal

from PIL import Image

from campaign_pages.artwork.design import ArtworkError, PackDesign
from campaign_pages.artwork.setting import set_page
from campaign_pages.artwork.sizes import sizes

QR_SHARE = 0.25


def screen(design: PackDesign, shape: str) -> bytes:
    """A still for `portrait` or `landscape` screens, JPEG, quality lowered until it fits the limit of bytes."""
    size = sizes()["screens"][shape]
    png = _set(design, shape, "png")
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    for quality in (92, 85, 78, 70):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, subsampling=0, optimize=True)
        if out.tell() <= size["bytes_max"]:
            return out.getvalue()
    raise ArtworkError(f"The {shape} screen does not fit into {size['bytes_max']} bytes. Make the art simpler.")


def screen_page(design: PackDesign, shape: str) -> bytes:
    """The same screen as a PDF, one point a pixel: its words can be measured, a picture's cannot."""
    return _set(design, shape, "pdf")


def _set(design: PackDesign, shape: str, output: Literal["pdf", "png"]) -> bytes:
    size = sizes()["screens"][shape]
    width, height = size["width_px"], size["height_px"]
    return set_page(
        design, width_pt=width, height_pt=height, bleed_pt=0, palette="light", qr_pt=min(width, height) * QR_SHARE,
        output=output, ppi=72.0,
    )  # fmt: skip
