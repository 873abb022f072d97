"""A tagged PDF/UA-1 in the campaign's type from a typst file."""

import io
from pathlib import Path
from typing import Any

import font_rhd
import pikepdf
import typst

FONTS = str(Path(font_rhd.__file__).parent / "files")


def typeset(source: Path, inputs: dict[str, str]) -> bytes:
    """The PDF of ``source`` with its ``sys.inputs``. Raises RuntimeError where typst does.

    Typst writes "Suspects false" into MarkInfo. That is the default and means the same as nothing, but poppler calls it
    the wrong type, and a reader of ``pdfinfo`` would think the tags were broken: so it is left out.
    """
    compile_page: Any = typst.compile  # its overloads want one type for source and font paths
    made = compile_page(
        str(source),
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards="ua-1",
    )
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made[0] if isinstance(made, list) else made)) as pdf:
        if "/Suspects" in pdf.Root.MarkInfo and not pdf.Root.MarkInfo.Suspects:
            del pdf.Root.MarkInfo.Suspects
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)  # a third smaller too
    return out.getvalue()


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)
