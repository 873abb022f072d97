"""Structure of a print PDF: boxes, output intent, colours, ink, fonts, nothing that PDF/X forbids (ISO 15930-7)."""

import pikepdf

from campaign_pages.artwork.design import Check
from campaign_pages.artwork.pdf_paint import Paint, paint_of
from campaign_pages.artwork.sizes import millimetres, sizes

TOLERANCE_MM = 0.1
FORBIDDEN_KEYS = ("/AA", "/OpenAction", "/AcroForm", "/Collection")


def is_print(pdf: pikepdf.Pdf) -> bool:
    """Only a tagged file without any mark of print is taken for a web copy; everything else must stand print's checks."""
    page = pdf.pages[0]
    marks = "/OutputIntents" in pdf.Root or "/TrimBox" in page or "/BleedBox" in page
    return marks or "/StructTreeRoot" not in pdf.Root


def check_print_page(pdf: pikepdf.Pdf) -> list[Check]:
    """All checks of structure on a one-page print PDF."""
    page = pdf.pages[0]
    paint = paint_of(page)
    return [
        Check("pages", len(pdf.pages) == 1, f"{len(pdf.pages)} pages"),
        _boxes(page),
        _output_intent(pdf),
        _no_rgb(paint),
        _ink(paint),
        _black_text(paint),
        _fonts(paint),
        _image_ppi(paint),
        _forbidden(pdf, page, paint),
    ]


def check_web_page(pdf: pikepdf.Pdf) -> list[Check]:
    """A web copy: one page, a title that is shown, a language, tags (PDF/UA-1, ISO 14289-1)."""
    title = str(pdf.docinfo.get("/Title", ""))
    marked = bool(pdf.Root.get("/MarkInfo", pikepdf.Dictionary()).get("/Marked", False))
    tagged = marked and "/StructTreeRoot" in pdf.Root
    return [
        Check("title", bool(title), f"title “{title}”" if title else "the document has no title"),
        Check("language", "/Lang" in pdf.Root, f"language {pdf.Root.get('/Lang', 'not set')}"),
        Check("tagged", tagged, "tagged for screen readers" if tagged else "not tagged for screen readers"),
        _fonts(paint_of(pdf.pages[0])),
    ]


def _box(page: pikepdf.Page, name: str) -> list[float]:
    """A box as left, bottom, right, top in points, corners in order."""
    if name not in page:
        return []
    x0, y0, x1, y1 = (float(value) for value in page[name])
    return [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]


def _boxes(page: pikepdf.Page) -> Check:
    trim, bleed, media = (_box(page, name) for name in ("/TrimBox", "/BleedBox", "/MediaBox"))
    if not trim or not bleed:
        return Check("boxes", False, "TrimBox or BleedBox is missing")
    width, height = millimetres(trim[2] - trim[0]), millimetres(trim[3] - trim[1])
    known = {name: (s["width_mm"], s["height_mm"]) for name, s in sizes()["posters"].items()}
    size = next(
        (n for n, (w, h) in known.items() if abs(w - width) <= TOLERANCE_MM and abs(h - height) <= TOLERANCE_MM),
        None,
    )
    wanted = sizes()["print"]["bleed_mm"]
    edges = [trim[0] - bleed[0], trim[1] - bleed[1], bleed[2] - trim[2], bleed[3] - trim[3]]
    bleeds = all(abs(millimetres(edge) - wanted) <= TOLERANCE_MM for edge in edges)
    inside = media[0] <= bleed[0] and media[1] <= bleed[1] and media[2] >= bleed[2] and media[3] >= bleed[3]
    detail = f"trim {width:.2f} x {height:.2f} mm ({size or 'no known size'}), bleed {', '.join(f'{millimetres(e):.2f}' for e in edges)} mm"
    return Check("boxes", bool(size and bleeds and inside and "/CropBox" not in page), detail)


def _output_intent(pdf: pikepdf.Pdf) -> Check:
    intents = list(pdf.Root.get("/OutputIntents", []))
    if len(intents) != 1 or intents[0].get("/S") != "/GTS_PDFX":
        return Check("output_intent", False, f"{len(intents)} output intents; PDF/X needs exactly one GTS_PDFX")
    profile = intents[0].get("/DestOutputProfile")
    components = int(profile.get("/N", 0)) if profile is not None else 0
    with pdf.open_metadata() as xmp:
        version = xmp.get("{http://www.npes.org/pdfx/ns/id/}GTS_PDFXVersion", "")
    ok = components == 4 and version == "PDF/X-4" and pdf.pdf_version == "1.6"
    name = str(intents[0].get("/OutputConditionIdentifier", ""))
    return Check(
        "output_intent",
        ok,
        f"{name}, profile of {components} components, {version or 'no PDF/X version'}, PDF {pdf.pdf_version}",
    )


def _no_rgb(paint: Paint) -> Check:
    kinds = ", ".join(sorted(set(paint.rgb)))
    return Check("no_rgb", not paint.rgb, f"{len(paint.rgb)} uses of RGB: {kinds}" if kinds else "no RGB anywhere")


def _ink(paint: Paint) -> Check:
    limit = sizes()["print"]["ink_max_percent"]
    return Check(
        "ink",
        paint.most_ink <= limit + 0.5,
        f"at most {paint.most_ink:.0f} % ink, limit {limit} % (overprint not counted)",
    )


def _black_text(paint: Paint) -> Check:
    """Small text in several inks blurs when the plates shift: so black ink only."""
    limit = sizes()["print"]["black_text_below_pt"]
    bad = [
        size
        for size, kind, values in paint.texts
        if size < limit and not (kind == "gray" or (kind == "cmyk" and not any(values[:3])))
    ]
    detail = (
        f"{len(bad)} small texts in colour, down to {min(bad):.1f} pt" if bad else "small text is black ink only"
    )
    return Check("black_text", not bad, detail)


def _image_ppi(paint: Paint) -> Check:
    least = sizes()["print"]["image_ppi_min"]
    low = [ppi for ppi in paint.image_ppi if ppi < least]
    detail = (
        f"{min(low):.0f} ppi, at least {least} wanted"
        if low
        else f"{len(paint.image_ppi)} images, none too coarse"
    )
    return Check("image_ppi", not low, detail)


def _fonts(paint: Paint) -> Check:
    loose = []
    for name, font in paint.fonts.items():
        descriptor = font.get("/DescendantFonts", [font])[0].get("/FontDescriptor", {})
        embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys())
        if font.get("/Subtype") == "/Type3" or not embedded:
            loose.append(name)
    detail = f"not embedded: {', '.join(loose)}" if loose else f"{len(paint.fonts)} fonts, all embedded"
    return Check("fonts", not loose, detail)


def _forbidden(pdf: pikepdf.Pdf, page: pikepdf.Page, paint: Paint) -> Check:
    """PDF/X-4 allows live transparency; our templates do not need it, and older presses flatten it badly."""
    found = [key for key in FORBIDDEN_KEYS if key in pdf.Root] + sorted(set(paint.transparency))
    names = pdf.Root.get("/Names", pikepdf.Dictionary())
    found += [key for key in ("/JavaScript", "/EmbeddedFiles") if key in names]
    if "/Annots" in page and len(page.Annots):
        found.append("annotations")
    if pdf.is_encrypted:
        found.append("encryption")
    return Check(
        "transparency_links", not found, ", ".join(found) if found else "no transparency, links, forms or scripts"
    )
