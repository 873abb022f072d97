"""Packs are made, opened again and measured: boxes, codes, stamps. Broken twins must fail with the right code."""

import io
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageOps

from campaign_pages.artwork import pack
from campaign_pages.artwork.design import ArtworkError, ArtworkFile, PackDesign, UnreadableArtwork
from campaign_pages.artwork.handstamp import stamp_picture, stamp_svg, stamp_tiff
from campaign_pages.artwork.poster import print_poster, web_poster
from campaign_pages.artwork.preflight import check_artwork, check_poster, check_screen, render_pdf
from campaign_pages.artwork.preview import preview_png
from campaign_pages.artwork.qr import read_symbols, symbol
from campaign_pages.artwork.screen import screen

URL = "HTTPS://WEWALKAWAY.UK/V/7K3Q9"
DESIGN = PackDesign(
    headline="Walk away",
    line="When it gets heated, walk away. Your mates will thank you.",
    ask_line="Trouble brewing? Tell the bar.",
    help_line="In danger? Call 999.",
    venue_name="The Lamplighter",
    venue_type="pub",
    qr_url=URL,
    short_address="wewalkaway.uk/v/7k3q9",
    version="WA-EN-1",
    use_until=date(2027, 6, 30),
    synthetic=True,
)


@pytest.fixture(scope="module")
def a4() -> bytes:
    return print_poster(DESIGN, "A4")


def failed(data: bytes, kind: str = "poster", **options: float) -> set[str]:
    return {check.check for check in check_artwork(data, kind, **options) if not check.ok}


def changed(data: bytes, change) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, force_version="1.6")
    return out.getvalue()


def painted(data: bytes, operators: str) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(pdf.make_stream(b"q " + operators.encode() + b" Q"))

    return changed(data, change)


@pytest.mark.parametrize(("size", "width", "height"), [("A4", 210, 297), ("A3", 297, 420)])
def test_boxes_are_exact_to_a_tenth_of_a_millimetre(size, width, height):
    with pikepdf.open(io.BytesIO(print_poster(DESIGN, size))) as pdf:
        page = pdf.pages[0]
        trim, bleed, media = (
            [float(v) * 25.4 / 72 for v in box] for box in (page.TrimBox, page.BleedBox, page.MediaBox)
        )
    assert trim[2] - trim[0] == pytest.approx(width, abs=0.1)
    assert trim[3] - trim[1] == pytest.approx(height, abs=0.1)
    assert [trim[0] - bleed[0], trim[1] - bleed[1], bleed[2] - trim[2], bleed[3] - trim[3]] == pytest.approx(
        [3] * 4, abs=0.1
    )
    assert [trim[0] - media[0], media[3] - trim[3]] == pytest.approx([10, 10], abs=0.1)


def test_a_print_poster_passes_and_says_what_it_is(a4):
    assert failed(a4) == set()
    assert not [check for check in check_poster(a4, design=DESIGN) if not check.ok]
    with pikepdf.open(io.BytesIO(a4)) as pdf:
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFX"
        assert bytes(pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes())[16:20] == b"CMYK"


def test_nothing_is_drawn_outside_the_bleed(a4):
    picture = np.asarray(render_pdf(a4, 72))
    margin = int(7 / 25.4 * 72) - 1
    outside = np.concatenate(
        [
            picture[:margin].ravel(),
            picture[-margin:].ravel(),
            picture[:, :margin].ravel(),
            picture[:, -margin:].ravel(),
        ]
    )
    assert outside.min() == 255


@pytest.mark.parametrize("dpi", [72, 100, 150])
def test_the_code_reads_back_upright_from_the_rendered_page(a4, dpi):
    found = read_symbols(render_pdf(a4, dpi))
    assert [(code.text, code.upright) for code in found] == [(URL, True)]


def test_the_same_design_makes_the_same_bytes(a4):
    assert print_poster(DESIGN, "A4") == a4


def test_the_address_fits_the_symbol_the_templates_are_drawn_for():
    assert symbol(URL).modules == 25
    with pytest.raises(ArtworkError, match="shorter domain"):
        symbol("https://a-much-longer-domain.example.org/v/7k3q9?utm_source=poster")


@pytest.mark.parametrize(
    ("operators", "code"),
    [
        ("1 0 0 rg 100 100 50 50 re f", "no_rgb"),
        ("/DeviceRGB cs 1 0 0 scn 100 100 50 50 re f", "no_rgb"),
        ("1 1 1 0.2 k 100 100 50 50 re f", "ink"),
        ("q 5 0 0 5 300 300 cm BI /W 1 /H 1 /CS /RGB /BPC 8 ID abc EI Q", "no_rgb"),
    ],
)
def test_paint_that_a_printer_refuses_is_found(a4, operators, code):
    assert code in failed(painted(a4, operators))


def test_rgb_inside_a_form_is_found(a4):
    def change(pdf: pikepdf.Pdf) -> None:
        form = pdf.make_stream(
            b"0 0 1 rg 0 0 9 9 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9]
        )
        name = pdf.pages[0].add_resource(form, pikepdf.Name.XObject)
        pdf.pages[0].contents_add(pdf.make_stream(f"q {name} Do Q".encode()))

    assert "no_rgb" in failed(changed(a4, change))


def test_a_coarse_rgb_logo_fails_twice(a4):
    def change(pdf: pikepdf.Pdf) -> None:
        logo = pdf.make_stream(
            b"\x80" * 300,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=10,
            Height=10,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
        )
        name = pdf.pages[0].add_resource(logo, pikepdf.Name.XObject)
        pdf.pages[0].contents_add(pdf.make_stream(f"q 40 0 0 40 300 300 cm {name} Do Q".encode()))

    assert {"no_rgb", "image_ppi"} <= failed(changed(a4, change))


def _no_boxes(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0]["/BleedBox"], pdf.pages[0]["/TrimBox"]


def _narrow_bleed(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].BleedBox = pdf.pages[0].TrimBox


def _no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/OutputIntents"]


def _see_through(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].add_resource(pikepdf.Dictionary(ca=0.5), pikepdf.Name.ExtGState)


def _link(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots = pikepdf.Array(
        [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])]
    )


def _loose_font(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].add_resource(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica),
        pikepdf.Name.Font,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [(_no_boxes, "boxes"), (_narrow_bleed, "boxes"), (_no_intent, "output_intent"), (_see_through, "transparency_links"), (_link, "transparency_links"), (_loose_font, "fonts")],
)  # fmt: skip
def test_structure_that_a_printer_refuses_is_found(a4, change, code):
    assert code in failed(changed(a4, change))


def test_bare_paper_in_the_bleed_is_found(a4):
    assert "bleed_covered" in failed(painted(a4, "0 0 0 0 k 0 0 8 2000 re f"))


def test_a_covered_a_wrong_and_a_turned_code_are_found(a4):
    assert "qr" in failed(painted(a4, "0 0 0 0 k 400 0 230 230 re f"))
    other = replace(DESIGN, qr_url="HTTPS://WEWALKAWAY.UK/V/7K3QA")
    assert {c.check for c in check_poster(a4, design=other) if not c.ok} == {"qr"}
    picture = Image.open(io.BytesIO(screen(DESIGN, "portrait")))
    for twin in (ImageOps.mirror(picture), picture.rotate(180)):
        out = io.BytesIO()
        twin.save(out, "PNG")
        assert "qr" in failed(out.getvalue(), "screen")


def test_missing_words_are_named(a4):
    wrong = replace(DESIGN, help_line="Ring the help line 0800 555 111")
    bad = [c for c in check_poster(a4, design=wrong) if not c.ok]
    assert [c.check for c in bad] == ["required"]
    assert "help line" in bad[0].detail


def test_the_web_copy_is_tagged_and_rgb():
    data = web_poster(DESIGN)
    assert failed(data) == set()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "pdfuaid" in pdf.Root.Metadata.read_bytes().decode()


@pytest.mark.parametrize(
    "name",
    [
        "O'Neill's",
        "O’Neill’s",
        "Ümlaut & Söhne",
        "W" * 18,
        "The Very Long Name of a Public House at the Corner of Two",
        None,
    ],
)
def test_names_that_people_really_have_fit(name):
    design = replace(DESIGN, venue_name=name)
    for size in ("A4", "A3"):
        assert not [c for c in check_poster(print_poster(design, size), design=design) if not c.ok]


@pytest.mark.parametrize(
    ("name", "words"), [("x" * 61, "at most 60"), ("Bar 🍺", "has no 🍺"), ("酒吧", "typeface has no")]
)
def test_names_that_cannot_be_set_are_refused_with_words(name, words):
    with pytest.raises(ArtworkError, match=words):
        print_poster(replace(DESIGN, venue_name=name), "A4")


def test_a_line_that_does_not_fit_is_never_offered():
    long = replace(DESIGN, ask_line="Trouble brewing? Tell somebody who works here as soon as you can. " * 4)
    with pytest.raises(ArtworkError, match="text_fit"):
        list(pack.build_pack(long, {"poster"}))


def test_a_name_that_cannot_be_made_to_fit_is_never_offered():
    with pytest.raises(ArtworkError, match="text_fit"):
        list(pack.build_pack(replace(DESIGN, venue_name="W" * 45), {"poster"}))


def test_a_design_without_code_makes_posters_without_code():
    files = list(pack.build_pack(replace(DESIGN, qr_url=None), {"poster", "screen", "qr"}))
    assert {file.kind for file in files} == {"poster", "screen"}
    assert not read_symbols(Image.open(io.BytesIO(files[-1].data)))


@pytest.mark.parametrize(("shape", "size"), [("portrait", (1080, 1920)), ("landscape", (1920, 1080))])
def test_screens_are_exact_rgb_and_small(shape, size):
    data = screen(DESIGN, shape)
    picture = Image.open(io.BytesIO(data))
    assert (picture.size, picture.mode, picture.format) == (size, "RGB", "JPEG")
    assert len(data) <= 1_048_576
    assert not [c for c in check_screen(data, design=DESIGN) if not c.ok]
    out = io.BytesIO()
    picture.convert("CMYK").resize((1080, 1080)).save(out, "JPEG")
    assert {"pixels", "rgb"} <= failed(out.getvalue(), "screen")


@pytest.mark.parametrize("kind", ["poster", "screen", "handstamp", "qr"])
def test_what_cannot_be_read_is_said(kind):
    for data in (b"", b"not a file", b"%PDF-1.7 broken", b"<svg"):
        with pytest.raises(UnreadableArtwork):
            check_artwork(data, kind)


def test_previews_show_the_trim(a4):
    png = preview_png(ArtworkFile("a.pdf", "poster", "PDF/X-4", a4, 210, 297, "mm"), 300)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.width == 300
    assert max(picture.getpixel((1, 1))) < 60


# ---- the handstamp


def test_the_stamp_is_one_bit_at_1200_dpi():
    picture = Image.open(io.BytesIO(stamp_tiff(40)))
    assert (picture.size, picture.mode, picture.info["compression"]) == ((1890, 1890), "1", "group4")
    assert tuple(map(float, picture.info["dpi"])) == (1200.0, 1200.0)
    assert not re.search(r"<(text|image)", stamp_svg().decode())


def test_our_own_stamps_pass():
    assert failed(stamp_tiff(40), "handstamp", size_mm=40) == set()
    assert failed(stamp_svg(30), "handstamp", size_mm=30) == set()


def test_a_stamp_of_another_size_fails():
    assert "stamp_size" in failed(stamp_tiff(30), "handstamp", size_mm=40)
    assert "stamp_size" in failed(stamp_svg(40), "handstamp", size_mm=30)


def stamp_with(svg: str) -> bytes:
    """A ring of a 20 mm stamp and something in it: small, so that the measuring is quick."""
    body = f'<circle cx="10" cy="10" r="8.8" fill="none" stroke="#000" stroke-width="1"/>{svg}'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 20 20">{body}</svg>'.encode()


def line(width: float, angle: float) -> str:
    return f'<rect x="5" y="{10 - width / 2}" width="10" height="{width}" transform="rotate({angle} 10 10)"/>'


@pytest.mark.parametrize("angle", [0, 15, 30, 45, 90])
def test_a_line_of_three_tenths_passes_at_every_angle_and_a_thinner_one_at_none(angle):
    assert failed(stamp_with(line(0.30, angle)), "handstamp", size_mm=20) == set()
    assert "stamp_line" in failed(stamp_with(line(0.25, angle)), "handstamp", size_mm=20)
    assert "stamp_line" in failed(stamp_with(line(0.20, angle)), "handstamp", size_mm=20)


def test_a_hairline_joined_to_a_solid_is_found():
    assert "stamp_line" in failed(
        stamp_with('<rect x="5" y="8" width="3" height="4"/>' + line(0.25, 0)), "handstamp", size_mm=20
    )


def test_a_narrow_gap_is_found_and_a_legal_one_passes():
    def pair(gap: float) -> bytes:
        return stamp_with(
            f'<rect x="6" y="6" width="4" height="8"/><rect x="{10 + gap}" y="6" width="4" height="8"/>'
        )

    assert "stamp_gap" in failed(pair(0.3), "handstamp", size_mm=20)
    assert failed(pair(0.45), "handstamp", size_mm=20) == set()


def test_dots_text_greys_and_ink_at_the_rim_are_found():
    assert "stamp_dot" in failed(stamp_with('<circle cx="10" cy="10" r="0.17"/>'), "handstamp", size_mm=20)
    assert "stamp_outlines" in failed(stamp_with('<text x="5" y="12">WALK</text>'), "handstamp", size_mm=20)
    assert "one_bit" in failed(
        stamp_with('<rect x="7" y="7" width="6" height="6" fill="#888"/>'), "handstamp", size_mm=20
    )
    assert "stamp_margin" in failed(
        stamp_with('<rect x="0" y="9" width="6" height="2"/>'), "handstamp", size_mm=20
    )


def test_a_stamp_picture_of_the_wrong_resolution_fails():
    picture = stamp_picture(stamp_with(""), 20)
    out = io.BytesIO()
    picture.save(out, "TIFF", compression="group4", dpi=(600, 600))
    assert "stamp_size" in failed(out.getvalue(), "handstamp", size_mm=20)


def test_a_whole_pack_has_folders_named_for_people():
    files = list(pack.build_pack(DESIGN))
    assert all(check.ok for file in files for check in file.preflight)
    assert {file.path.split("/")[0] for file in files} == {
        "1 Print shop", "2 Your own printer", "3 Screens", "4 Handstamp", "5 QR code", "6 Read me and staff brief", "manifest.json",
    }  # fmt: skip


def test_an_unknown_kind_is_refused():
    with pytest.raises(ArtworkError, match="There is no kind"):
        list(pack.build_pack(DESIGN, {"banner"}))
