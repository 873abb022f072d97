"""Opens a picture that somebody sent and writes it anew, in a process of its own with little memory and time.

What comes out holds pixels only: no place, no camera, no comment, no bytes behind the picture (ASVS 5.0, 14.2.8 and
5.2.2). The picture is turned the way its orientation flag says, and its colours are brought to sRGB.

This file runs by itself and imports nothing of the product: `python -I reencoding.py FORMAT MOST_PIXELS < in > out`.
"""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
MOST_FRAMES = 300
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20
_REFUSED, _UNREADABLE = 3, 4


class PictureRefused(Exception):
    """The picture is not taken; the message says why and what to do, for the person who sent it."""


@dataclass(frozen=True)
class CleanPicture:
    """`data`: the picture anew, in the format it came in. `width` and `height` in pixels."""

    data: bytes
    width: int
    height: int


def clean_picture(data: bytes, *, extension: str, most_pixels: int) -> CleanPicture:
    """The picture without anything but its pixels. Raises PictureRefused."""
    if extension.lower() not in FORMATS:
        raise PictureRefused(f"Pictures of the kind .{extension} are not taken. Use JPEG, PNG, WebP or GIF.")
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(Path(__file__)), FORMATS[extension.lower()], str(most_pixels)],
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PictureRefused("The picture takes too long to open. Save it anew at a smaller size.") from error
    if child.returncode == _REFUSED:
        raise PictureRefused(json.loads(child.stderr)["message"])
    if child.returncode != 0 or not child.stdout:
        raise PictureRefused(
            "The picture cannot be opened: the file is damaged, or it is not the kind its name says. "
            "Open it on your computer, save it anew as JPEG or PNG, and send that."
        )
    size, _, picture = child.stdout.partition(b"\n")
    width, height = map(int, size.split())
    return CleanPicture(picture, width, height)


def _redraw(data: bytes, kind: str, most_pixels: int) -> tuple[bytes, int, int]:
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = None  # counted below, before anything is decoded
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        width, height = opened.size
        _count(width * height, most_pixels, width, height, 1)
        frames = int(getattr(opened, "n_frames", 1))
        if frames > MOST_FRAMES:
            _refuse(f"The picture has {frames} frames; at most {MOST_FRAMES}. Use a film, or a shorter one.")
        _count(width * height * frames, most_pixels, width, height, frames)
        out = io.BytesIO()
        if frames > 1 and kind in {"GIF", "WEBP"}:
            drawn, pauses = [], []
            for frame in ImageSequence.Iterator(opened):
                drawn.append(_bare(frame.convert("RGBA")))
                pauses.append(int(frame.info.get("duration", 100)) or 100)
            more: dict[str, Any] = {"disposal": 2} if kind == "GIF" else {}
            drawn[0].save(out, kind, save_all=True, append_images=drawn[1:], duration=pauses, loop=0, **more)
            return out.getvalue(), width, height
        opened.load()
        turned = ImageOps.exif_transpose(opened) or opened
        picture = _bare(_plain_colours(turned, kind))
        quality: dict[str, dict[str, Any]] = {
            "JPEG": {"quality": 92, "optimize": True},
            "PNG": {"optimize": True},
            "WEBP": {"quality": 92},
        }
        picture.save(out, kind, **quality.get(kind, {}))
        return out.getvalue(), picture.width, picture.height


def _plain_colours(picture: Any, kind: str) -> Any:
    """Eight bits a channel, sRGB, with transparency where the format has it."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK", "L"} and len(profile) < 4_000_000:
        from PIL import ImageCms

        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            picture = changed or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile is dropped; the colours may shift a little
    clear = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    if kind == "JPEG":
        return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    return picture.convert("RGBA") if clear else picture.convert("RGB")


def _bare(picture: Any) -> Any:
    """The same pixels in an image that knows nothing else: Pillow writes what it finds in `info`."""
    from PIL import Image

    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    return fresh


def _count(pixels: int, most: int, width: int, height: int, frames: int) -> None:
    if pixels > most:
        films = f" and {frames} frames" if frames > 1 else ""
        _refuse(
            f"The picture has {pixels / 1e6:.0f} million pixels ({width} x {height}{films}); at most "
            f"{most / 1e6:.0f} million. Make it smaller: 2,000 pixels wide is plenty."
        )


def _refuse(message: str) -> None:
    sys.stderr.write(json.dumps({"message": message}))
    sys.stderr.flush()
    raise SystemExit(_REFUSED)


def _main() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    except ImportError:  # Windows: the time limit of the parent holds alone
        pass
    try:
        picture, width, height = _redraw(sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]))
    except (Exception, MemoryError):
        raise SystemExit(_UNREADABLE) from None
    sys.stdout.buffer.write(f"{width} {height}\n".encode() + picture)


if __name__ == "__main__":
    _main()
