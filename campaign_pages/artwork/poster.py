"""Print posters (PDF/X-4, CMYK, exact boxes) and their web copies.

typst writes CMYK operators and embedded fonts; what PDF/X-4 (ISO 15930-7) asks beyond that is added here:
boxes, one output intent with its profile, the version in XMP, a title, no annotation.
"""

import io
from pathlib import Path

import pikepdf

from campaign_pages.artwork.design import PackDesign
from campaign_pages.artwork.setting import set_page
from campaign_pages.artwork.sizes import points, sizes

PROFILE = Path(__file__).parent / "profiles" / "coated-fogra39.icc"
QR_SHARE = 0.2858  # of the short side: 60 mm on A4's 210, 85 mm on A3's 297, quiet zone and all


def print_poster(design: PackDesign, size: str) -> bytes:
    """A poster for the print shop: TrimBox as in sizes.toml, 3 mm bleed, paper round it for the printer's marks."""
    table = sizes()
    width, height = (points(table["posters"][size][side]) for side in ("width_mm", "height_mm"))
    bleed, media = points(table["print"]["bleed_mm"]), points(table["print"]["media_mm"])
    page = set_page(
        design,
        width_pt=width,
        height_pt=height,
        bleed_pt=bleed,
        palette="ink",
        qr_pt=width * QR_SHARE,
        output="pdf",
    )
    return _make_pdfx(page, design, width=width, height=height, bleed=bleed, media=media)


def web_poster(design: PackDesign, size: str = "A4") -> bytes:
    """The same poster for screens and home printers: RGB, tagged, no bleed."""
    width, height = (points(sizes()["posters"][size][side]) for side in ("width_mm", "height_mm"))
    return set_page(
        design,
        width_pt=width,
        height_pt=height,
        bleed_pt=0,
        palette="light",
        qr_pt=width * QR_SHARE,
        output="pdf",
        tagged=True,
    )


def _make_pdfx(
    data: bytes, design: PackDesign, *, width: float, height: float, bleed: float, media: float
) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        # The set page is trim + bleed with its corner at 0, 0.
        edge = media - bleed
        page.MediaBox = pikepdf.Array([-edge, -edge, width + bleed + media, height + bleed + media])
        page.BleedBox = pikepdf.Array([0, 0, width + 2 * bleed, height + 2 * bleed])
        page.TrimBox = pikepdf.Array([bleed, bleed, bleed + width, bleed + height])
        for key in ("/CropBox", "/Annots", "/Group", "/StructParents", "/Tabs"):
            if key in page:
                del page[key]
        for key in ("/StructTreeRoot", "/MarkInfo"):
            if key in pdf.Root:
                del pdf.Root[key]
        profile = pdf.make_stream(PROFILE.read_bytes(), N=4, Alternate=pikepdf.Name.DeviceCMYK)
        pdf.Root.OutputIntents = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.OutputIntent,
                    S=pikepdf.Name.GTS_PDFX,
                    OutputConditionIdentifier=pikepdf.String("FOGRA39"),
                    OutputCondition=pikepdf.String("Coated offset, ISO 12647-2:2004, FOGRA39L"),
                    RegistryName=pikepdf.String("http://www.color.org"),
                    Info=pikepdf.String("Coated FOGRA39"),
                    DestOutputProfile=pdf.make_indirect(profile),
                )
            ]
        )
        title = f"{design.headline}: {design.line}"
        with pdf.open_metadata(set_pikepdf_as_editor=False) as xmp:
            xmp.register_xml_namespace("http://www.npes.org/pdfx/ns/id/", "pdfxid")
            xmp["pdfxid:GTS_PDFXVersion"] = "PDF/X-4"
            xmp["dc:title"] = title
            xmp["pdf:Trapped"] = "False"
        pdf.docinfo["/Title"] = title
        pdf.docinfo["/Trapped"] = (
            pikepdf.Name.False_ if hasattr(pikepdf.Name, "False_") else pikepdf.Name("/False")
        )
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        out = io.BytesIO()
        pdf.save(out, min_version="1.6", force_version="1.6", deterministic_id=True)
    return out.getvalue()
