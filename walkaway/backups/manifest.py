"""What a backup says about itself: versions, rows and hashes of each table, size and hash of each file, its own seal.

The manifest is written last and under its final name by a rename, so that a folder without one is no backup. It names
keys and never holds one: the field keys by the short name that sealed files carry, the pepper by a salted scrypt.
"""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from analytics.police_data.quarantine import key_id_of

NAME = "manifest.json"
FORMAT = 1
PRODUCT = "walkaway"


class BackupError(Exception):
    """A backup cannot be made or put back; the message says what is wrong and what to do."""


@dataclass
class Table:
    """``sha256`` is that of the columns' names and all rows in the order of the primary key."""

    rows: int
    sha256: str


@dataclass
class Kept:
    """One file of the backup; ``bytes`` is its size."""

    bytes: int
    sha256: str


@dataclass
class Manifest:
    """``made_at`` is UTC, of the database's snapshot. ``migrations`` holds "app.name" of every applied one."""

    made_at: str
    engine: str
    versions: dict[str, str]
    migrations: list[str]
    audit_records: int
    audit_head: str
    tables: dict[str, Table]
    files: dict[str, Kept]
    media_bucket: str
    keys: list[dict[str, str]]
    left_out: list[str]
    product: str = PRODUCT
    format: int = FORMAT
    seal: str = field(default="")

    def sealed(self) -> dict[str, Any]:
        content = asdict(self) | {"seal": ""}
        return content | {"seal": _seal(content)}

    def write(self, folder: Path) -> str:
        """Puts the manifest in place when it is on the disk in full; returns its seal."""
        content = self.sealed()
        draft = folder / f".{NAME}"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, sort_keys=True, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / NAME)
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return str(content["seal"])


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError for a folder that holds none, or one that was changed."""
    path = folder / NAME
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("not an object")
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(
            f"{folder} holds no whole backup: there is no {NAME}. A backup that was broken off looks like this; "
            "use an older one."
        ) from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read ({error}): the backup is damaged. Use another one.") from None
    if content.get("product") != PRODUCT or content.get("format") != FORMAT:
        raise BackupError(
            f"{path} is of {content.get('product')!r}, format {content.get('format')!r}; this version reads "
            f"{PRODUCT!r}, format {FORMAT}."
        )
    if content.get("seal") != _seal(content | {"seal": ""}):
        raise BackupError(f"{path} was changed after it was written: its seal does not fit. Use another backup.")
    content["tables"] = {name: Table(**each) for name, each in content["tables"].items()}
    content["files"] = {name: Kept(**each) for name, each in content["files"].items()}
    return Manifest(**content)


def _seal(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def keys_needed() -> list[dict[str, str]]:
    """Which keys what is in this installation needs, by name; ``id`` tells whether a key is the same one."""
    needed = [
        {"name": "WALKAWAY_FIELD_KEYS", "id": key_id_of(key), "for": "tokens of social accounts"}
        for key in settings.WALKAWAY_FIELD_KEYS
    ]
    if settings.WALKAWAY_REFERENCE_PEPPER:
        salt = secrets.token_bytes(12)
        needed.append(
            {
                "name": "WALKAWAY_REFERENCE_PEPPER",
                "id": _pepper_id(salt),
                "for": "recognising offences that were imported before",
            }
        )
    return needed


def key_states(needed: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same with ``state``: "here", "missing" (no such key is set) or "another" (a different one is set)."""
    here = {key_id_of(key) for key in settings.WALKAWAY_FIELD_KEYS}
    found = []
    for key in needed:
        if key["name"] == "WALKAWAY_FIELD_KEYS":
            state = "here" if key["id"] in here else "missing"
        elif not settings.WALKAWAY_REFERENCE_PEPPER:
            state = "missing"
        else:
            salt = base64.b64decode(key["id"].partition(":")[0])
            state = "here" if _pepper_id(salt) == key["id"] else "another"
        found.append(key | {"state": state})
    return found


def _pepper_id(salt: bytes) -> str:
    """A pepper may be short, and a plain hash of it could be guessed: hence scrypt, at 16 MiB a try."""
    made = hashlib.scrypt(settings.WALKAWAY_REFERENCE_PEPPER.encode(), salt=salt, n=2**14, r=8, p=1, dklen=12)
    return f"{base64.b64encode(salt).decode()}:{made.hex()}"
