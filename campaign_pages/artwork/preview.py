"""Small pictures of finished files, for people to look at before they download."""

import io
import re

import resvg_py
from PIL import Image

from campaign_pages.artwork.design import ArtworkFile
from campaign_pages.artwork.preflight import render_pdf


def preview_png(file: ArtworkFile, width_px: int) -> bytes:
    """A PNG at most `width_px` wide, of 24 colours. Print files are cut to their trim, as the finished poster will be."""
    if file.data[:4] == b"%PDF":
        picture = render_pdf(file.data, 72)
        trim_w, trim_h = file.width * 72 / 25.4, file.height * 72 / 25.4
        left, top = (picture.width - trim_w) / 2, (picture.height - trim_h) / 2
        picture = picture.crop((round(left), round(top), round(left + trim_w), round(top + trim_h)))
    elif file.data.lstrip()[:4] in {b"<svg", b"<?xm"}:
        # The renderer takes sizes in pixels only.
        data = re.sub(r'(width|height)="[0-9.]+mm"', r'\1="480"', file.data.decode(), count=2)
        picture = Image.open(
            io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=data, width=480, background="#ffffff")))
        )
    else:
        picture = Image.open(io.BytesIO(file.data))
    picture = picture.convert("L" if picture.mode == "1" else "RGB")
    picture.thumbnail((width_px, width_px * 2), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.quantize(24).save(out, "PNG", optimize=True)
    return out.getvalue()
