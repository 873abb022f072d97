"""The rows of a reach file as dictionaries: CSV in any of the usual delimiters, CSV.GZ or XLSX, strictly read."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from analytics.police_data.sources import Rows, Source, UnreadableFile

MOST_BYTES = 50_000_000
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".xlsx")
EXTRA = "\x00extra"


class UnreadableReachFile(Exception):
    """The whole file is refused; nothing of it was loaded."""


class ReachSource:
    """One file, from a path or from bytes. ``name`` is for people; nothing of a path's folders is kept."""

    def __init__(self, path: Path, opener: Callable[[], IO[bytes]] | None = None) -> None:
        self._source = Source(path, opener=opener)
        self.name = self._source.name
        if self._source.kind not in SUFFIXES:
            raise UnreadableReachFile(f"{self.name}: not one of {', '.join(SUFFIXES)}")
        try:
            with self._source.open_file() as stream:
                raw = stream.read(MOST_BYTES + 1)
        except OSError as error:
            raise UnreadableReachFile(f"{path}: cannot be read ({error.strerror})") from None
        if len(raw) > MOST_BYTES:
            raise UnreadableReachFile(f"{self.name}: larger than {MOST_BYTES // 1_000_000} MB; split it")
        self.sha256, self._size = hashlib.sha256(raw).hexdigest(), len(raw)
        self.raw = raw

    @classmethod
    def of_bytes(cls, name: str, raw: bytes) -> "ReachSource":
        return cls(Path(name), lambda: io.BytesIO(raw))

    def rows(self, needed: tuple[str, ...], allowed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        """(line, column -> text). Raises UnreadableReachFile for a bad header and for damage, naming the line."""
        try:
            lines = iter(Rows(self._source, size=self._size))
            number, header = next(lines, (1, []))
            columns = self._columns(number, header, needed, allowed)
            for line, cells in lines:
                if not any(cell.strip() for cell in cells):
                    continue
                padded = [*cells, *[""] * (len(columns) - len(cells))]
                row = dict(zip(columns, padded, strict=False))
                if any(cell.strip() for cell in cells[len(columns) :]):
                    row[EXTRA] = "yes"
                yield line, row
        except UnreadableFile as error:
            words = str(error).replace(", or name its encoding in the mapping", "")  # these files have none
            raise UnreadableReachFile(f"{self.name}: {words}") from None

    def _columns(
        self, line: int, header: list[str], needed: tuple[str, ...], allowed: tuple[str, ...]
    ) -> list[str]:
        columns = [each.strip().casefold().replace(" ", "_") for each in header]
        where = f"{self.name}, line {line}"
        if not any(columns):
            raise UnreadableReachFile(f"{where}: the file is empty; there is not even a header")
        for name in needed:
            if name not in columns:
                raise UnreadableReachFile(f"{where}: column {name!r} is missing; needed are {', '.join(needed)}")
        for name in {*needed, *allowed}:
            if columns.count(name) > 1:
                raise UnreadableReachFile(
                    f"{where}: column {name!r} is there twice; nobody can say which is meant"
                )
        return columns
