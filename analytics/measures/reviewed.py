"""Reviewed data: a TOML file that says who wrote it, who checked it, from when it holds and until when.

A file past ``review_by``, or one that nobody but its author has checked, warns wherever it is used. No
database here.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Review:
    """The head of a reviewed file. ``sha256`` is that of its bytes; a locked plan names id, version and hash."""

    id: str
    version: str
    title: str
    source: str
    author: str
    checker: str
    reviewed_on: date
    review_by: date
    valid_from: date
    sha256: str

    @property
    def name(self) -> str:
        return f"“{self.title}” ({self.id} {self.version})"


def warnings_of(reviews: Iterable[Review], today: date) -> list[str]:
    """What a reader of numbers made from these files should know about them on a day."""
    found = list(dict.fromkeys(reviews))
    warnings = [
        f"The reviewed list {each.name} is past its review date, {each.review_by}."
        for each in found
        if each.review_by < today
    ]
    unchecked = [each.name for each in found if not each.checker]
    if unchecked:
        warnings.append(f"Not yet checked by a second person: {'; '.join(unchecked)}.")
    return warnings


def read_reviewed(path: Path, *, id_key: str = "id") -> tuple[Review, dict[str, Any]]:
    """The head and the whole content of a reviewed file.

    Raises ValueError that names the file and the key where the head is incomplete, a date is no date, or the
    id is not the file's name.
    """
    raw = path.read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    for key in (id_key, "version", "title", "source", "author", "checker"):
        if not isinstance(data.get(key), str) or (not data[key] and key != "checker"):
            raise ValueError(f"{path.name}: {key} is missing or not a text")
    for key in ("reviewed_on", "review_by", "valid_from"):
        if not isinstance(data.get(key), date):
            raise ValueError(f"{path.name}: {key} is missing or not a date such as 2024-10-01")
    if data[id_key] != path.stem:
        raise ValueError(f"{path.name}: {id_key} is {data[id_key]!r}, which is not the file's name")
    if data["review_by"] < data["reviewed_on"]:
        raise ValueError(f"{path.name}: review_by lies before reviewed_on")
    names = ("version", "title", "source", "author", "checker", "reviewed_on", "review_by", "valid_from")
    head = Review(id=data[id_key], sha256=hashlib.sha256(raw).hexdigest(), **{name: data[name] for name in names})
    return head, data
