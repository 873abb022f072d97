"""Films, kept on our own server, each with captions and a transcript."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel

LARGEST_BYTES = 30 * 1024 * 1024
_CUE = re.compile(rb"\d\d:\d\d[.:]\d\d[.\d]* --> ")


def check_film(file: Any) -> None:
    """Raises ValidationError unless the file opens as a film of a kind that every phone plays."""
    import av

    if file.size > LARGEST_BYTES:
        raise ValidationError(
            f"The film has {file.size // 1024 // 1024} MB; at most {LARGEST_BYTES // 1024 // 1024} MB. "
            "Make it shorter or export it smaller: people watch it on one bar of signal."
        )
    file.seek(0)
    try:
        with av.open(file, mode="r", metadata_errors="replace") as opened:
            kinds = {stream.type: stream.codec_context.name for stream in opened.streams}
            container = opened.format.name
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise ValidationError("This file cannot be opened as a film. Export it as MP4 (H.264 and AAC).") from error
    finally:
        file.seek(0)
    if "mp4" not in container or kinds.get("video") != "h264":
        found = kinds.get("video", "no picture")
        raise ValidationError(f"The film is {container} with {found}. Export it as MP4 with H.264 video.")


def check_captions(file: Any) -> None:
    """Raises ValidationError unless the file is WebVTT with at least one caption (W3C, WebVTT)."""
    file.seek(0)
    text = file.read(1_000_000)
    file.seek(0)
    if not text.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        raise ValidationError("Captions must be a WebVTT file: its first line says WEBVTT.")
    if not _CUE.search(text):
        raise ValidationError("The captions file holds no caption with times, such as 00:01.000 --> 00:04.000.")


class Film(models.Model):
    """Captions and transcript are not optional: WCAG 2.2, 1.2.2 and 1.2.3."""

    title = models.CharField(max_length=100)
    video = models.FileField(upload_to="films", validators=[check_film], help_text="MP4, H.264 and AAC.")
    captions = models.FileField(upload_to="films", validators=[check_captions], help_text="WebVTT (.vtt).")
    transcript = models.TextField(help_text="Every word said, and what happens on screen.")

    panels = [FieldPanel("title"), FieldPanel("video"), FieldPanel("captions"), FieldPanel("transcript")]

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
