"""The files beside the database: media, scan files, lists of rejected rows. Copied, checked and put back.

Media are looked through before and after the database's snapshot, so that whatever the snapshot names is there; where a
file was made and deleted in between, the snapshot is taken once more. Scan
files are copied after it: they only grow, and the database's offset into each is then never past its end. Both go back
together, so that what had not been counted is counted again, exactly once.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from walkaway.backups.manifest import BackupError, Kept

FILES = "files"
BLOCK = 1 << 20


def folders() -> dict[str, Path]:
    """Name in the backup -> folder of the installation. With a bucket, media are not among them."""
    var = Path(settings.VAR_DIR)
    found = {"scans": var / "scans", "rejects": var / "private" / "rejects"}
    if not settings.WALKAWAY_MEDIA_BUCKET:
        found["media"] = Path(settings.MEDIA_ROOT)
    return found


def files_named() -> str:
    """The query for every media file that a row of the database names."""
    from django.apps import apps
    from django.core.files.storage import default_storage
    from django.db.models import FileField

    named = [
        f'SELECT "{field.column}" FROM "{model._meta.db_table}"'  # noqa: S608 - names of the schema
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, FileField) and field.storage == default_storage
    ]
    return " UNION ".join(named)


class Copying:
    """Copies folders into a backup; a second look takes only what is new or changed."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self.kept: dict[str, Kept] = {}
        self._seen: dict[str, tuple[int, int]] = {}

    def look(self, name: str, folder: Path) -> None:
        for path in files_in(folder):
            inside = f"{FILES}/{name}/{path.relative_to(folder).as_posix()}"
            with suppress(FileNotFoundError):  # deleted since it was listed
                found = path.stat()
                if self._seen.get(inside) == (found.st_size, found.st_mtime_ns):
                    continue
                self.kept[inside] = copied(path, self.to / inside, whole_lines=name == "scans")
                self._seen[inside] = (found.st_size, found.st_mtime_ns)

    def lacks_media(self, named: Iterable[str]) -> set[str]:
        """Those of the names that no look has found. None where media lie in a bucket."""
        if "media" not in folders():
            return set()
        return {name for name in named if name and f"{FILES}/media/{name}" not in self.kept}


def files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in the order of names; links are never followed."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def copied(source: Path, target: Path, *, whole_lines: bool = False) -> Kept:
    """Copies a file and hashes what was written. ``whole_lines`` leaves out a last line that is being written."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as old, target.open("wb") as new:
        limit = _end_of_last_line(source) if whole_lines else None
        while block := old.read(BLOCK if limit is None else min(BLOCK, limit - size)):
            new.write(block)
            digest.update(block)
            size += len(block)
    return Kept(size, digest.hexdigest())


def _end_of_last_line(path: Path) -> int:
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 4096)
            file.seek(start)
            at = file.read(end - start).rfind(b"\n")
            if at >= 0:
                return start + at + 1
            end = start
    return 0


def hashed(path: Path) -> Kept:
    """Size and hash of a file as it lies there."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return Kept(size, digest.hexdigest())


def check(folder: Path, kept: dict[str, Kept]) -> None:
    """Reads every file that the manifest names. Raises BackupError at the first that is not as it was written."""
    for name, expected in kept.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or path.is_symlink():
            raise BackupError(f"The manifest names {name!r}, which lies outside the backup. Use another backup.")
        try:
            found = hashed(path)
        except OSError as error:
            raise BackupError(
                f"{name} of the backup cannot be read ({error.strerror}). Use another backup."
            ) from None
        if found != expected:
            raise BackupError(
                f"{name} is not as it was when the backup was made ({found.bytes:,} bytes, {expected.bytes:,} expected"
                f"{', and another hash' if found.bytes == expected.bytes else ''}). Nothing was restored. Use another "
                "backup."
            )


def occupied() -> list[str]:
    """Folders of the installation that hold files already."""
    return [str(folder) for folder in folders().values() if next(files_in(folder), None)]


def put_back(backup: Path, kept: dict[str, Kept]) -> int:
    """Makes each folder what the backup holds of it and says how many files that were. Raises BackupError.

    A scan file of the same name that went on since the backup stays: it begins with what the backup has.
    """
    count = 0
    for name, folder in folders().items():
        prefix = f"{FILES}/{name}/"
        wanted = {each.removeprefix(prefix): what for each, what in kept.items() if each.startswith(prefix)}
        for path in list(files_in(folder)):
            inside = path.relative_to(folder).as_posix()
            if inside not in wanted and name != "scans":
                path.unlink()
        for inside, what in wanted.items():
            source, target = backup / prefix / inside, folder / inside
            if name == "scans" and target.exists() and _begins_with(target, source):
                count += 1
                continue
            if name == "scans" and target.exists():
                target.replace(
                    target.with_name(f"{target.name}.set-aside")
                )  # of another installation: not counted
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.restoring")
            if copied(source, draft) != what:
                draft.unlink()
                raise BackupError(f"{prefix}{inside} changed while it was being restored. Use another backup.")
            if name == "scans":
                draft.chmod(0o600)
            shutil.copystat(source, draft)
            draft.replace(target)
            count += 1
    return count


def _begins_with(longer: Path, shorter: Path) -> bool:
    if longer.stat().st_size < shorter.stat().st_size:
        return False
    with longer.open("rb") as one, shorter.open("rb") as other:
        while block := other.read(BLOCK):
            if one.read(len(block)) != block:
                return False
    return True
