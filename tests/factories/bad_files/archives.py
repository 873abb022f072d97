"""Odd archives: zip and gzip files that are damaged, too large, or point where they should not."""

import gzip
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.factories.bad_files.cases import Case, Loads, Refused, case, line, table, written

TWO = table(line(1), line(2))
OTHER = table(line(3), line(4))


def zipped(*entries: tuple[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the entries; names are written as they are, however wicked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name", UserWarning)  # that is the point of one of them
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return stream.getvalue()


def _link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        entry = zipfile.ZipInfo("a.csv")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def _encrypted() -> bytes:
    raw = bytearray(zipped(("a.csv", TWO)))
    local, central = raw.index(b"PK\x03\x04"), raw.index(b"PK\x01\x02")
    raw[local + 6] |= 1
    raw[central + 8] |= 1
    return bytes(raw)


def _lying_size() -> bytes:
    """Declares four bytes where it holds more: the reader must notice, not cut off."""
    raw = bytearray(zipped(("a.csv", TWO)))
    central = raw.index(b"PK\x01\x02")
    struct.pack_into("<I", raw, central + 24, 4)
    return bytes(raw)


def _wrong_sum() -> bytes:
    raw = bytearray(zipped(("a.csv", TWO), how=zipfile.ZIP_STORED))
    at = raw.index(b"Leicester")
    raw[at : at + 9] = b"LEICESTER"
    return bytes(raw)


def _overlapping() -> bytes:
    """Two names for the same packed bytes, as in a quine bomb."""
    raw = zipped(("a.csv", TWO))
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry = raw[start:end]
    tail = bytearray(raw[end:])
    struct.pack_into("<HH", tail, 8, 2, 2)
    struct.pack_into("<I", tail, 12, 2 * len(entry))
    return raw[:start] + entry + entry.replace(b"a.csv", b"b.csv") + bytes(tail)


def _bomb() -> bytes:
    """200 MB of one letter in a few hundred kB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as entry:
        entry.write(f"{TWO}".encode())
        for _ in range(200):
            entry.write(b"x" * 1024 * 1024)
    return stream.getvalue()


def _gzip_bomb() -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
        packed.write(TWO.encode())
        for _ in range(200):
            packed.write(b"x" * 1024 * 1024)
    return stream.getvalue()


def _many_entries() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for n in range(20_001):
            archive.writestr(zipfile.ZipInfo(f"{n}.csv"), b"")
    return stream.getvalue()


def _zip_cases() -> list[Case]:
    whole = zipped(("a.csv", TWO))
    named = lambda name: zipped((name, TWO))  # noqa: E731 - one line for one thing
    found = [
        case(f"zip_cut_at_{n}", whole[: len(whole) * n // 10], Refused(("zip",)), suffix=".zip") for n in range(10)
    ]
    found += [
        case(f"zip_name_{n}", named(name), Refused(("outside",)), suffix=".zip")
        for n, name in enumerate(
            ("../a.csv", "x/../../a.csv", "/etc/a.csv", "\\\\host\\share\\a.csv", "C:\\a.csv", "C:/a.csv", "..\\a.csv", "a/b/../../../c.csv")
        )
    ]  # fmt: skip
    return [
        *found,
        case("zip_good", whole, Loads(2, 2), suffix=".zip"),
        case("zip_two_files", zipped(("a.csv", TWO), ("b/b.csv", OTHER)), Loads(4, 4), suffix=".zip"),
        case("zip_same_name_in_two_folders", zipped(("a/a.csv", TWO), ("b/a.csv", OTHER)), Loads(4, 4), suffix=".zip"),
        case("zip_same_bytes_twice", zipped(("a.csv", TWO), ("b.csv", TWO)), Loads(4, 2, duplicates=2), suffix=".zip"),
        case("zip_capital_suffix", zipped(("A.CSV", TWO)), Loads(2, 2), suffix=".ZIP"),
        case("zip_with_gzip_inside", zipped(("a.csv.gz", gzip.compress(TWO.encode(), mtime=0))), Loads(2, 2), suffix=".zip"),
        case("zip_with_readme", zipped(("a.csv", TWO), ("readme.txt", "hello")), Loads(2, 2), suffix=".zip"),
        case("zip_with_outcomes", zipped(("a.csv", TWO), ("2024-01-x-outcomes.csv", "a,b\n")), Loads(2, 2), suffix=".zip"),
        case("zip_with_mac_leftovers", zipped(("a.csv", TWO), ("__MACOSX/._a.csv", b"\x00\x05\x16\x07")), Loads(2, 2), suffix=".zip"),
        case("zip_empty", zipped(), Refused(("no .csv",)), suffix=".zip"),
        case("zip_nothing_to_read", zipped(("a.txt", "x")), Refused(("no .csv",)), suffix=".zip"),
        case("zip_nested", zipped(("inner.zip", whole)), Refused(("another archive",)), suffix=".zip"),
        case("zip_link", _link(), Refused(("link",)), suffix=".zip"),
        case("zip_encrypted", _encrypted(), Refused(("encrypted",)), suffix=".zip"),
        case("zip_lying_size", _lying_size(), Refused(("damaged",)), suffix=".zip"),
        case("zip_wrong_checksum", _wrong_sum(), Refused(("damaged",)), suffix=".zip"),
        case("zip_overlapping", _overlapping(), Refused(("b.csv",)), suffix=".zip"),
        case("zip_bomb", _bomb, Refused(("unpacks",)), suffix=".zip"),
        case("zip_many_entries", _many_entries, Refused(("20001 entries",)), suffix=".zip"),
        case("zip_not_a_zip", TWO, Refused(("not a zip",)), suffix=".zip"),
        case("zip_empty_file", b"", Refused(("not a zip",)), suffix=".zip"),
        case("zip_bzip2", zipped(("a.csv", TWO), how=zipfile.ZIP_BZIP2), Loads(2, 2), suffix=".zip"),
        case("zip_lzma", zipped(("a.csv", TWO), how=zipfile.ZIP_LZMA), Loads(2, 2), suffix=".zip"),
        case("zip_text_before_it", b"#!/bin/sh\n" + whole, Loads(2, 2), suffix=".zip"),
        case("zip_twice_the_same_name", zipped(("a.csv", TWO), ("a.csv", OTHER)), Refused(("a.csv", "twice")), suffix=".zip"),
        case("zip_one_good_one_bad", zipped(("a.csv", TWO), ("b.csv", "x,y\n1,2\n")), Refused(("b.csv", "header")), suffix=".zip"),
    ]  # fmt: skip


def _gzip_cases() -> list[Case]:
    whole = gzip.compress(TWO.encode(), mtime=0)
    return [
        case("gzip_good", whole, Loads(2, 2), suffix=".csv.gz"),
        case(
            "gzip_two_members",
            whole + gzip.compress(f"{line(3)}\n".encode(), mtime=0),
            Loads(3, 3),
            suffix=".csv.gz",
        ),
        case("gzip_zeros_after_it", whole + b"\x00" * 512, Loads(2, 2), suffix=".csv.gz"),
        case("gzip_rubbish_after_it", whole + b"rubbish", Refused(("damaged",)), suffix=".csv.gz"),
        case("gzip_cut_off", whole[:-12], Refused(("damaged",)), suffix=".csv.gz"),
        case("gzip_cut_in_its_sum", whole[:-3], Refused(("damaged",)), suffix=".csv.gz"),
        case(
            "gzip_wrong_sum",
            whole[:-8] + b"\x00\x00\x00\x00" + whole[-4:],
            Refused(("damaged",)),
            suffix=".csv.gz",
        ),
        case("gzip_header_only", whole[:10], Refused(("damaged",)), suffix=".csv.gz"),
        case("gzip_empty_file", b"", Refused(("empty",)), suffix=".csv.gz"),
        case("gzip_not_gzip", TWO, Refused(("damaged",)), suffix=".csv.gz"),
        case("gzip_bomb", _gzip_bomb, Refused(("unpacks",)), suffix=".csv.gz"),
    ]


def _in_folder(*files: tuple[str, str]) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        inside = folder / "extracts"
        inside.mkdir()
        for name, content in files:
            (inside / name).parent.mkdir(parents=True, exist_ok=True)
            (inside / name).write_text(content)
        return inside

    return build


NAMES = (
    "two words.csv", " leading.csv", "-rf.csv", "--help.csv", "a'b\"c.csv", "a;b.csv", "$(id).csv", "<b>.csv", "line\nbreak.csv",
    "tab\there.csv", "\x1b[31mred.csv", "caf\u00e9.csv", "\u202evsc.csv", "😀.csv", "CAPITALS.CSV", "a.b.c.csv", ".hidden.csv",
    "%s%n.csv", "{0}.csv", "x" * 240 + ".csv", "=1+1.csv", "\udcff.csv",
)  # fmt: skip


def _names_and_folders() -> list[Case]:
    named = [Case(f"name_{n}", written(name, TWO), Loads(2, 2)) for n, name in enumerate(NAMES)]
    return [
        *named,
        Case("folder_empty", _in_folder(), Refused(("no .csv",))),
        Case("folder_of_other_files", _in_folder(("a.txt", "x")), Refused(("no .csv",))),
        Case("folder_nested", _in_folder(("a/b/c.csv", TWO), ("d.csv", OTHER)), Loads(4, 4)),
        Case("folder_good_and_bad", _in_folder(("a.csv", TWO), ("b.csv", "")), Refused(("b.csv", "empty"))),
        Case("suffix_unknown", written("a.dat", TWO), Refused(("a.dat", ".csv"))),
        Case("suffix_none", written("extract", TWO), Refused(("extract", ".csv"))),
        Case(
            "suffix_old_spreadsheet",
            written("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
            Refused(("a.xls", ".xlsx")),
        ),
    ]


def cases() -> list[Case]:
    return [*_zip_cases(), *_gzip_cases(), *_names_and_folders()]
