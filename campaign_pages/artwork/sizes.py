"""The sizes and limits of sizes.toml, read once."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def sizes() -> dict[str, Any]:
    """The whole table. Raises tomllib.TOMLDecodeError for a broken file."""
    return tomllib.loads((FOLDER / "sizes.toml").read_text())


def points(mm: float) -> float:
    """Millimetres in PDF points (1/72 inch)."""
    return mm * 72 / 25.4


def millimetres(value: float) -> float:
    """PDF points in millimetres."""
    return value * 25.4 / 72
