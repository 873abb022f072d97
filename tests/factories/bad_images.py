"""Pictures that break plain uploads, each with what must be said; and good ones that carry what must not stay."""

import io
import struct
import zlib

from PIL import Image


def _save(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 320, height: int = 200) -> Image.Image:
    """A picture with some structure, so that a JPEG of it has many bytes."""
    return Image.effect_noise((width, height), 60).convert("RGB")


def png_of_size(width: int, height: int) -> bytes:
    """A valid 1-bit PNG of any size in a few kB: what a decompression bomb is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = b"\0" + b"\0" * ((width + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def gif_of_frames(frames: int, side: int) -> bytes:
    """So many frames, each of another grey: equal ones would be written as one."""
    grey = [Image.new("L", (side, side), number * 3 % 256) for number in range(frames)]
    return _save(grey[0], "GIF", save_all=True, append_images=grey[1:])


def refused() -> dict[str, tuple[str, bytes, str]]:
    """Name of the case -> file name, bytes, words that the message must hold."""
    jpeg = _save(photo(), "JPEG", quality=90)
    damaged, pixels = "cannot be opened", "million pixels"
    cases: dict[str, tuple[str, bytes, str]] = {
        "JPEG cut at 200 bytes": ("a.jpg", jpeg[:200], damaged),
        "JPEG cut in the middle": ("a.jpg", jpeg[: len(jpeg) // 2], damaged),
        "GIF that is a script": ("a.gif", b"GIF89a/*\0\0\0*/=1;alert(1)//", damaged),
        "rubbish with a PNG's head": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0\x11\x22" * 300, damaged),
        "rubbish with a WebP's head": ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 " + b"\x99" * 300, damaged),
        "121 million pixels": ("a.png", png_of_size(11000, 11000), pixels),
        "900 million pixels": ("a.png", png_of_size(30000, 30000), pixels),
        "40 frames of 2 million": ("a.gif", gif_of_frames(40, 1414), pixels),
        "HTML called .jpg": ("a.jpg", b"<!doctype html><script>alert(1)</script>", damaged),
        "PNG called .jpg": ("a.jpg", _save(photo(), "PNG"), damaged),
        "TIFF called .jpg": ("a.jpg", _save(photo(), "TIFF"), damaged),
        "ICO called .png": ("a.png", _save(photo(64, 64), "ICO"), damaged),
        "EPS called .jpg": ("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", damaged),
        "SVG with a script": (
            "a.svg",
            b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
            "Supported formats",
        ),
        "AVIF": ("a.avif", b"\0\0\0 ftypavif" + b"\0" * 100, "Supported formats"),
        "no ending": ("picture", jpeg, "Supported formats"),
        "nothing": ("a.png", b"", "empty"),
    }
    body = _save(photo(64, 64), "PNG")
    bomb = zlib.compress(b"\0" * 60_000_000)
    itxt = b"Comment\0\x01\0\0\0" + bomb
    chunk = struct.pack(">I", len(itxt)) + b"iTXt" + itxt + struct.pack(">I", zlib.crc32(b"iTXt" + itxt))
    cases["PNG with a text bomb"] = ("a.png", body[:33] + chunk + body[33:], damaged)
    size = (
        b"\xff\xd8\xff\xc0\x00\x11\x08"
        + struct.pack(">HH", 65500, 65500)
        + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    )
    cases["JPEG of 4,290 million pixels"] = ("a.jpg", size + b"\xff\xd9", pixels)
    return cases


def with_place() -> dict[str, bytes]:
    """Good pictures with GPS, camera, comment and bytes behind them, in every format that we take."""
    exif = Image.Exif()
    exif[0x010F] = "CANARYCAMERA"
    exif[0x0112] = 6  # turned by a quarter
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (52.0, 38.0, 4.0), "W", (1.0, 8.0, 2.0)
    behind = b"<script>CANARYSCRIPT</script><?php CANARYPHP ?>"
    return {
        "a.jpg": _save(photo(), "JPEG", exif=exif, comment=b"CANARYCOMMENT") + behind,
        "a.png": _save(photo(), "PNG", exif=exif) + behind,
        "a.webp": _save(photo(), "WEBP", exif=exif, xmp=b"<x>CANARYXMP</x>"),
        "a.gif": _save(photo(), "GIF", comment=b"CANARYCOMMENT") + behind,
    }
