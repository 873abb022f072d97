"""What a PDF page really paints: every colour, text size, image and transparency, inside form XObjects and patterns too."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pikepdf

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
DEEPEST = 8  # form XObjects inside form XObjects; more is a fault or an attack


@dataclass
class Paint:
    """Findings of one page. Ink in per cent, text sizes in points as printed, resolution in pixels per inch."""

    rgb: list[str] = field(default_factory=list)
    most_ink: float = 0.0
    texts: list[tuple[float, str, tuple[float, ...]]] = field(default_factory=list)
    image_ppi: list[float] = field(default_factory=list)
    transparency: list[str] = field(default_factory=list)
    fonts: dict[str, Any] = field(default_factory=dict)


def paint_of(page: pikepdf.Page) -> Paint:
    """Walks the page's content. Raises pikepdf.PdfError for content that cannot be parsed."""
    paint = Paint()
    _group(page.get("/Group"), "page group", paint)
    _walk(page, page.get("/Resources", pikepdf.Dictionary()), IDENTITY, paint, 0)
    return paint


def family(space: Any, resources: Any) -> str:
    """The kind of a colour space: rgb, cmyk, gray, spot, pattern or other."""
    if isinstance(space, pikepdf.Name):
        named = resources.get("/ColorSpace", {}).get(str(space)) if resources is not None else None
        if named is not None and str(named) != str(space):
            return family(named, resources)
        plain = {"/DeviceCMYK": "cmyk", "/CMYK": "cmyk", "/DeviceGray": "gray", "/G": "gray", "/CalGray": "gray"}
        if "RGB" in str(space):
            return "rgb"
        return plain.get(str(space), "pattern" if str(space) == "/Pattern" else "other")
    if not isinstance(space, pikepdf.Array) or not len(space):
        return "other"
    kind = str(space[0])
    if kind == "/ICCBased":
        return {1: "gray", 3: "rgb", 4: "cmyk"}.get(int(space[1].get("/N", 0)), "other")
    if kind in {"/CalRGB", "/Lab"}:
        return "rgb"
    if kind in {"/Indexed", "/I"}:
        return family(space[1], resources)
    if kind in {"/Separation", "/DeviceN"}:
        return "rgb" if family(space[2], resources) == "rgb" else "spot"
    return family(space[0], resources)


def ink_of(kind: str, values: tuple[float, ...]) -> float:
    """Total ink in per cent; a grey is black ink only."""
    if kind == "gray":
        return 100 * (1 - values[0]) if values else 0.0
    return 100 * sum(values) if kind in {"cmyk", "spot"} else 0.0


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in values)
    return (a, b, c, d, e, f)


def _numbers(operands: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in operands if not isinstance(value, pikepdf.Object))


@dataclass(frozen=True)
class _State:
    ctm: Matrix
    fill: tuple[str, tuple[float, ...]] = ("gray", (0.0,))
    space: dict[str, str] = field(default_factory=lambda: {"fill": "gray", "stroke": "gray"})
    size: float = 0.0

    def but(self, **changes: Any) -> "_State":
        return _State(**{**self.__dict__, **changes})


DIRECT = {"k": "cmyk", "K": "cmyk", "g": "gray", "G": "gray", "rg": "rgb", "RG": "rgb"}


def _walk(content: Any, resources: Any, ctm: Matrix, paint: Paint, depth: int) -> None:
    if depth > DEEPEST:
        paint.transparency.append("form XObjects nested too deeply")
        return
    _collect(resources, paint)
    state, saved, text = _State(ctm), [], IDENTITY
    for instruction in pikepdf.parse_content_stream(content):
        name, operands = str(instruction.operator), instruction.operands
        if name == "q":
            saved.append(state)
        elif name == "Q":
            state = saved.pop() if saved else state
        elif name == "cm":
            state = state.but(ctm=_times(_matrix(operands), state.ctm))
        elif name == "BT":
            text = IDENTITY
        elif name == "Tm":
            text = _matrix(operands)
        elif name == "Tf":
            state = state.but(size=float(operands[1]))
        elif name in {"Tj", "TJ", "'", '"'}:
            whole = _times(text, state.ctm)
            height = abs(state.size) * (whole[2] ** 2 + whole[3] ** 2) ** 0.5
            paint.texts.append((height, *state.fill))
        elif name == "Do":
            _draw(resources.get("/XObject", {}).get(str(operands[0])), resources, state.ctm, paint, depth)
        elif name == "sh":
            _shading(resources.get("/Shading", {}).get(str(operands[0])), resources, paint)
        elif name == "INLINE IMAGE":
            _image(operands[0].obj if hasattr(operands[0], "obj") else operands[0], resources, state.ctm, paint)
        else:
            state = _colour(state, name, operands, resources, paint)


def _colour(state: _State, name: str, operands: Any, resources: Any, paint: Paint) -> _State:
    if name in DIRECT:
        kind, values = DIRECT[name], _numbers(operands)
    elif name in {"cs", "CS"}:
        side = "fill" if name == "cs" else "stroke"
        return state.but(space=state.space | {side: family(operands[0], resources)})
    elif name in {"sc", "scn", "SC", "SCN"}:
        kind, values = state.space["fill" if name.islower() else "stroke"], _numbers(operands)
    else:
        return state
    if kind == "rgb":
        paint.rgb.append(f"operator {name}")
    paint.most_ink = max(paint.most_ink, ink_of(kind, values))
    return state.but(fill=(kind, values)) if name.islower() else state


def _collect(resources: Any, paint: Paint) -> None:
    """What is judged by being there at all: transparency, fonts, patterns."""
    for state in resources.get("/ExtGState", {}).values():
        if float(state.get("/ca", 1)) < 1 or float(state.get("/CA", 1)) < 1:
            paint.transparency.append("opacity below 1")
        if str(state.get("/SMask", "/None")) != "/None":
            paint.transparency.append("soft mask")
        if str(state.get("/BM", "/Normal")) not in {"/Normal", "/Compatible"}:
            paint.transparency.append("blend mode")
    for name, font in resources.get("/Font", {}).items():
        paint.fonts[f"{name} {font.get('/BaseFont', '')}"] = font
    for pattern in resources.get("/Pattern", {}).values():
        if isinstance(pattern, pikepdf.Stream):
            _walk(pattern, pattern.get("/Resources", pikepdf.Dictionary()), IDENTITY, paint, DEEPEST - 1)
        else:
            _shading(pattern.get("/Shading"), resources, paint)


def _group(group: Any, where: str, paint: Paint) -> None:
    if group is not None and "/CS" in group and family(group.CS, None) == "rgb":
        paint.rgb.append(f"{where} in RGB")


def _shading(shading: Any, resources: Any, paint: Paint) -> None:
    if shading is not None and family(shading.get("/ColorSpace"), resources) == "rgb":
        paint.rgb.append("shading")


def _draw(thing: Any, resources: Any, ctm: Matrix, paint: Paint, depth: int) -> None:
    if thing is None:
        return
    if str(thing.get("/Subtype")) == "/Image":
        _image(thing, resources, ctm, paint)
        return
    _group(thing.get("/Group"), "form group", paint)
    inner = _times(_matrix(thing.get("/Matrix", IDENTITY)), ctm)
    _walk(thing, thing.get("/Resources", resources), inner, paint, depth + 1)


def _image(image: Any, resources: Any, ctm: Matrix, paint: Paint) -> None:
    wide = float(image.get("/Width", image.get("/W", 0)))
    across = (ctm[0] ** 2 + ctm[1] ** 2) ** 0.5
    if wide and across:
        paint.image_ppi.append(wide / (across / 72))
    if "/SMask" in image:
        paint.transparency.append("image with soft mask")
    kind = family(image.get("/ColorSpace", image.get("/CS")), resources)
    if kind == "rgb":
        paint.rgb.append("image")
    if kind == "cmyk" and isinstance(image, pikepdf.Stream):
        paint.most_ink = max([paint.most_ink, *_image_ink(image)])


def _image_ink(image: pikepdf.Stream) -> Iterator[float]:
    """The 99.9th percentile of an image's ink; nothing when it cannot be decoded as CMYK."""
    try:
        picture = pikepdf.PdfImage(image).as_pil_image()
    except (pikepdf.PdfError, NotImplementedError, ValueError, OSError):
        return
    if picture.mode == "CMYK":
        inks = np.asarray(picture, dtype=np.uint16).sum(axis=2)
        yield float(np.percentile(inks, 99.9)) / 255 * 100
