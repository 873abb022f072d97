"""What goes into a pack and what comes out: plain data, no web framework."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


class ArtworkError(Exception):
    """The artwork cannot be made, or a file failed its preflight; the message says which check and what to do."""


class UnreadableArtwork(Exception):
    """The file cannot be opened as the kind it is said to be."""


@dataclass(frozen=True)
class PackDesign:
    """The words of one pack. `qr_url` is upper case, so that the symbol stays small (alphanumeric mode)."""

    headline: str
    line: str
    ask_line: str
    help_line: str
    venue_name: str | None
    venue_type: str
    qr_url: str | None
    short_address: str
    version: str
    use_until: date
    language: str = "en"
    synthetic: bool = False


@dataclass(frozen=True)
class Check:
    """One check of a preflight: its code, whether it holds, and the numbers in words."""

    check: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class ArtworkFile:
    """One finished file. `path` is relative to the pack; sizes are millimetres (trim) or pixels."""

    path: str
    kind: str
    format: str
    data: bytes
    width: float
    height: float
    unit: Literal["mm", "px"]
    preflight: tuple[Check, ...] = ()
