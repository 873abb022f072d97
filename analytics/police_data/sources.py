"""Files as they come: plain, gzipped, zipped, spreadsheets, folders; read as rows with their line numbers.

Nothing is trusted: archives are limited while they unpack, encodings and quotes are checked, and the
first thing that cannot be read refuses the file with its line.
"""

import codecs
import csv
import gzip
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Any

from analytics.police_data.spreadsheets import NoSpreadsheet, Sheet

MAX_ENTRIES = 20_000
MAX_UNPACKED = 8 * 1024**3  # bytes in all of one archive
MAX_RATIO = 400  # unpacked to packed, once over 50 MB
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".xlsx", ".zip")
TEXT_SUFFIXES = (".csv", ".csv.gz", ".tsv")
NOT_CRIMES = ("-outcomes.csv", "-stop-and-search.csv")  # other files of a data.police.uk archive
MONTH_NAME = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")  # of an archive, or of a month's folder in it
DELIMITERS = (",", ";", "\t")
LONGEST_PLAIN = 100_000  # characters of a line; a longer one may hold a field that csv.reader refuses


DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class UnreadableFile(Exception):
    """The file cannot be read; the message says where and what to do."""


def printable(text: str) -> str:
    """The text with a replacement character for each that cannot be printed, or stored by every database."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


@dataclass(frozen=True)
class Source:
    """One file to read: a path, or one entry of an archive.

    ``opener`` gives the bytes of a file that is not simply on disk (an encrypted one), seekable; its ``path`` is
    then only a name.
    """

    path: Path
    entry: str = ""
    opener: Callable[[], IO[bytes]] | None = None

    @property
    def name(self) -> str:
        """For people and records: what cannot be printed, such as a terminal's control codes, is replaced."""
        return printable(PurePosixPath(self.entry).name if self.entry else self.path.name)

    @property
    def kind(self) -> str:
        name = self.name.lower()
        return ".csv.gz" if name.endswith(".csv.gz") else PurePosixPath(name).suffix

    @property
    def issue(self) -> str:
        """Archive of data.police.uk that it came in, such as 2024-06: 2024-06.zip or a folder 2024-06, with months in it.

        Empty where the names do not say so.
        """
        where = PurePosixPath(self.path.stem, self.entry) if self.entry else PurePosixPath(self.path)
        archive, folder, name = ("", "", "", *where.parts)[-3:]
        holds = MONTH_NAME.fullmatch(folder) and name.startswith(f"{folder}-")
        return archive if holds and MONTH_NAME.fullmatch(archive) and archive >= folder else ""

    @property
    def packed_size(self) -> int:
        """Bytes of an archive's entry as it is packed; 0 for a file that is not in an archive."""
        if not self.entry:
            return 0
        with self.open_file() as whole, zipfile.ZipFile(whole) as archive:
            return archive.getinfo(self.entry).compress_size

    @contextmanager
    def open_raw(self) -> Iterator[IO[bytes]]:
        """The bytes as they are stored (for an archive's entry: unpacked)."""
        with self.open_file() as whole:
            if not self.entry:
                yield whole
                return
            with zipfile.ZipFile(whole) as archive, archive.open(self.entry) as stream:
                yield stream

    def open_file(self) -> IO[bytes]:
        """The file itself, or the archive that holds the entry."""
        return self.opener() if self.opener else self.path.open("rb")

    def sha256_and_size(self) -> tuple[str, int]:
        """Of the bytes, unpacked from their archive. Raises UnreadableFile for a damaged or bloated entry."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.open_raw() as stream:
                for block in _limited(stream, packed=self.packed_size):
                    digest.update(block)
                    size += len(block)
        except DAMAGE as error:
            raise UnreadableFile(f"the file is damaged ({error}); nothing was loaded") from None
        return digest.hexdigest(), size


def _limited(stream: IO[bytes], *, packed: int) -> Iterator[bytes]:
    total = 0
    while block := stream.read(1 << 20):
        total += len(block)
        if total > MAX_UNPACKED or (packed and total > 50 * 1024**2 and total > packed * MAX_RATIO):
            raise UnreadableFile("unpacks to far more than it should; it was not read further")
        yield block


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """Every readable file below the paths, in order of name so that months come in order.

    Raises FileNotFoundError for a path that does not exist, UnreadableFile for a bad archive.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            inside = [each for each in path.rglob("*") if each.is_file() and each.name.lower().endswith(SUFFIXES)]
            if not inside:
                raise UnreadableFile(f"{path}: no .csv, .csv.gz, .xlsx or .zip file in this folder")
            for each in sorted(inside, key=lambda one: (one.name, str(one))):
                found += sources_in(each)
        elif path.is_file():
            found += sources_in(path)
        else:
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    return found


def sources_in(path: Path, opener: Callable[[], IO[bytes]] | None = None) -> list[Source]:
    """What is to be read of one file: itself, or an archive's entries in order of name. Raises UnreadableFile."""
    if path.name.lower().endswith(NOT_CRIMES):
        return []
    if path.suffix.lower() != ".zip":
        if not path.name.lower().endswith(SUFFIXES):
            raise UnreadableFile(f"{path.name}: not a file of a kind that is read here: {', '.join(SUFFIXES)}")
        return [Source(path, opener=opener)]
    try:
        with Source(path, opener=opener).open_file() as whole, zipfile.ZipFile(whole) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFile(f"{path.name}: not a zip file that can be opened ({error})") from None
    if len(entries) > MAX_ENTRIES:
        raise UnreadableFile(f"{path.name}: {len(entries)} entries, more than the {MAX_ENTRIES} allowed")
    sources, seen = [], set()
    for entry in entries:
        _check_entry(path, entry)
        if entry.filename in seen:
            raise UnreadableFile(
                f"{path.name}: the entry {entry.filename!r} is there twice; nobody can say which is meant"
            )
        seen.add(entry.filename)
        name = entry.filename.lower()
        leftover = "__macosx/" in name or PurePosixPath(name).name.startswith("._")  # of a Mac's own archiver
        if name.endswith(TEXT_SUFFIXES) and not name.endswith(NOT_CRIMES) and not leftover:
            sources.append(Source(path, entry.filename, opener))
    if not sources:
        raise UnreadableFile(f"{path.name}: no .csv file in this archive")
    return sorted(sources, key=lambda each: (each.name, each.entry))


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
        raise UnreadableFile(f"{path.name}: the entry {name!r} points outside the archive")
    if entry.flag_bits & 1:
        raise UnreadableFile(f"{path.name}: the entry {name!r} is encrypted; give the file unencrypted")
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise UnreadableFile(f"{path.name}: the entry {name!r} is a link")
    if name.lower().endswith(".zip"):
        raise UnreadableFile(f"{path.name}: the entry {name!r} is another archive; unpack it first")


class _Limited(io.RawIOBase):
    """A stream that stops a decompression bomb while it unpacks."""

    def __init__(self, stream: Any, packed: int) -> None:
        self.stream, self.packed, self.total = stream, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.stream.read(len(buffer))
        self.total += len(block)
        if self.total > MAX_UNPACKED or (self.total > 50 * 1024**2 and self.total > self.packed * MAX_RATIO):
            raise UnreadableFile("unpacks to far more than it should; it was not read further")
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def _bytes_of(source: Source, size: int) -> Iterator[IO[bytes]]:
    with source.open_raw() as raw:
        if source.kind == ".csv.gz":
            with (
                gzip.open(raw) as unpacked,
                io.BufferedReader(_Limited(unpacked, max(size, 1)), 1 << 16) as limited,
            ):
                yield limited
        else:
            yield raw


def _encoding_of(source: Source, size: int, fallback: str) -> str:
    with _bytes_of(source, size) as stream:
        head = stream.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if len(head) == 4 and head.count(0) == 2 and (head[0] == head[2] == 0 or head[1] == head[3] == 0):
        raise UnreadableFile("the file looks like UTF-16 without a byte order mark; save it as UTF-8")
    return fallback or "utf-8"


class Rows:
    """The rows of one source as (line on which the row starts, cells). Raises UnreadableFile."""

    def __init__(self, source: Source, *, size: int, encoding: str = "", header_row: int = 1) -> None:
        self.source, self.size, self.fallback, self.header_row = source, size, encoding, header_row
        self.encoding = ""
        self.notes: list[str] = []  # complete when the last row was read

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        if self.source.kind == ".xlsx":
            yield from self._spreadsheet()
            return
        line = 0
        try:
            self.encoding = _encoding_of(self.source, self.size, self.fallback)
            delimiter = self._delimiter()
            with (
                _bytes_of(self.source, self.size) as stream,
                io.TextIOWrapper(stream, encoding=self.encoding, newline="") as text,
            ):
                for unread in text:
                    first = line + 1
                    if '"' in unread or len(unread) > LONGEST_PLAIN:
                        reader = csv.reader(chain((unread,), text), delimiter=delimiter, strict=True)
                        cells = next(reader)
                        line += reader.line_num
                    else:  # without a quotation mark a record is its line, and splitting it is three times as fast
                        unread = unread.rstrip("\r\n")
                        cells = unread.split(delimiter) if unread else []
                        line = first
                    if cells and first >= self.header_row:
                        yield first, cells
        except csv.Error as error:
            raise UnreadableFile(f"row starting on line {line + 1}: {_plain(error)}; nothing was loaded") from None
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                f"line {self._undecodable_line()}: the byte {error.object[error.start : error.start + 1].hex()} is "
                f"not {self.encoding}; save the file as UTF-8, or name its encoding in the mapping"
            ) from None
        except DAMAGE as error:
            raise UnreadableFile(f"after line {line}: the file is damaged ({error}); nothing was loaded") from None

    def _delimiter(self) -> str:
        with (
            _bytes_of(self.source, self.size) as stream,
            io.TextIOWrapper(stream, encoding=self.encoding, errors="replace", newline=None) as text,
        ):
            for _ in range(self.header_row - 1):
                text.readline(1 << 16)
            header = text.readline(1 << 16)
        return max(DELIMITERS, key=header.count)

    def _undecodable_line(self) -> int:
        """The line of the first byte that cannot be decoded, counted as an editor counts lines."""
        decoder, line, last = codecs.getincrementaldecoder(self.encoding)(), 1, ""
        with _bytes_of(self.source, self.size) as stream:
            while block := stream.read(1 << 16):
                try:
                    text = decoder.decode(block)
                except UnicodeDecodeError as error:
                    text = error.object[: error.start].decode(self.encoding, errors="ignore")
                    return line + _line_ends(last + text) - _line_ends(last)
                line += _line_ends(last + text) - _line_ends(last)
                last = text[-1:]
        return line

    def _spreadsheet(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with self.source.open_file() as stream:
                sheet = Sheet(stream)
                for number, cells in sheet.rows():
                    if number >= self.header_row and any(cells):
                        yield number, cells
        except (NoSpreadsheet, OSError) as error:
            raise UnreadableFile(str(error)) from None
        if sheet.formulas:
            self.notes.append(
                f"{sheet.formulas} cells of the sheet are formulas: the values that were last calculated were read"
            )


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _plain(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "a quotation mark is opened and never closed"
    if "field larger than" in text:
        return "a field is longer than 131,072 characters, often a quotation mark that is never closed"
    if "expected after" in text:
        return "a closing quotation mark is followed by more text in the same field"
    return text
