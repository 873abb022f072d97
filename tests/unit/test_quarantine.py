"""Sealed files: what went in comes out, from any place in it, and whatever was done to the file is found."""

import csv
import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from analytics.police_data import quarantine
from analytics.police_data.quarantine import QuarantineError, Sealing, key_id_of, open_sealed, seal
from analytics.police_data.sources import Rows, sources_in

HEAD = quarantine._HEAD.size
SMALL = 64  # plain bytes of a chunk in most tests, so that many chunks are few bytes
KEYS = [Fernet.generate_key().decode() for _ in range(2)]


@pytest.fixture(autouse=True)
def place(tmp_path, settings, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.WALKAWAY_FIELD_KEYS = [KEYS[0]]
    monkeypatch.setattr(quarantine, "CHUNK", SMALL)
    return tmp_path / "quarantine"


def sealed_file(content: bytes) -> Path:
    return seal(io.BytesIO(content)).keep().path


def head_length(path: Path) -> int:
    return HEAD + int.from_bytes(path.read_bytes()[HEAD - 2 : HEAD], "big")


def read(path: Path) -> bytes:
    with open_sealed(path) as opened:
        return opened.read()


def content_of(size: int) -> bytes:
    return bytes(n * 7 % 251 for n in range(size))


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL, 3 * SMALL + 5])
def test_what_went_in_comes_out(size):
    content = content_of(size)
    sealed = seal(io.BytesIO(content))
    assert (sealed.size, sealed.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert sealed.key_id == key_id_of(KEYS[0])
    assert read(sealed.keep().path) == content


def test_the_real_size_of_a_chunk(monkeypatch):
    monkeypatch.setattr(quarantine, "CHUNK", 1 << 20)
    content = os.urandom((2 << 20) + 12345)
    path = sealed_file(content)
    assert read(path) == content
    assert path.stat().st_size == len(content) + 3 * 16 + head_length(path)


def test_nobody_else_may_read_it_and_nothing_plain_is_in_it(place):
    path = sealed_file(b"24*0000001 Jordan Canarysmith " * 9)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert b"Canary" not in path.read_bytes()
    assert [each.name for each in place.iterdir()] == [path.name], "no other file beside it"
    place.chmod(0o755)
    quarantine.folder()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700, "an older folder is closed too"


def test_the_same_content_twice_has_nothing_in_common():
    first, second = (sealed_file(b"x" * 300).read_bytes() for _ in range(2))
    start = HEAD + 40
    assert not {first[n : n + 16] for n in range(start, len(first) - 16)} & {
        second[n : n + 16] for n in range(start, len(second) - 16) if second[n : n + 4] != b"gAAA"
    }


def test_every_flipped_byte_is_found():
    path = sealed_file(content_of(2 * SMALL + 10))
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x01]) + good[at + 1 :])
        with pytest.raises(QuarantineError):
            read(path)
    path.write_bytes(good)
    assert read(path) == content_of(2 * SMALL + 10)


def test_every_bit_of_the_header_counts():
    path = sealed_file(b"short")
    good = path.read_bytes()
    for at in range(head_length(path)):
        for bit in range(8):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])
            with pytest.raises(QuarantineError):
                read(path)


@pytest.mark.parametrize("size", [SMALL, 3 * SMALL, 3 * SMALL + 9])
def test_a_file_that_was_cut_off_anywhere_is_found_when_it_is_opened(size):
    path = sealed_file(content_of(size))
    good = path.read_bytes()
    for end in range(len(good)):
        path.write_bytes(good[:end])
        with pytest.raises(QuarantineError):
            open_sealed(path)


def test_a_file_that_grew_is_found():
    path = sealed_file(content_of(3 * SMALL))
    good = path.read_bytes()
    for more in (b"\0", good[-(SMALL + 16) :], b"\0" * 16, b"\0" * (SMALL + 16)):
        path.write_bytes(good + more)
        with pytest.raises(QuarantineError):
            open_sealed(path)


def chunks_of(path: Path) -> tuple[bytes, list[bytes]]:
    raw, start = path.read_bytes(), head_length(path)
    return raw[:start], [raw[n : n + SMALL + 16] for n in range(start, len(raw), SMALL + 16)]


def test_chunks_that_changed_places_were_repeated_or_left_out_are_found():
    path = sealed_file(b"a" * SMALL * 4)
    head, (a, b, c, d) = chunks_of(path)
    for order in (
        (b, a, c, d),
        (a, a, c, d),
        (a, c, b, d),
        (a, b, d),
        (b, c, d),
        (a, b, c),
        (d,),
        (a, b, c, d, d),
    ):
        path.write_bytes(head + b"".join(order))
        with pytest.raises(QuarantineError, match=r"does not open|cut off"):
            read(path)


def test_chunks_and_headers_of_another_file_are_found():
    one, two = sealed_file(b"a" * SMALL * 2), sealed_file(b"a" * SMALL * 2)
    head, (first, second) = chunks_of(one)
    other_head, (other, last) = chunks_of(two)
    for raw in (head + other + second, head + first + last, head + other + last, other_head + first + second):
        one.write_bytes(raw)
        with pytest.raises(QuarantineError):
            read(one)


def test_a_whole_sealed_file_in_the_place_of_another_is_found():
    one, two = sealed_file(b"one"), sealed_file(b"two")
    two.replace(one)
    with pytest.raises(QuarantineError, match="exchanged"):
        open_sealed(one)


def test_the_name_in_the_header_cannot_be_changed_to_fit():
    one, two = sealed_file(b"one"), sealed_file(b"two")
    raw = two.read_bytes()
    one.write_bytes(raw[:16] + bytes.fromhex(one.stem) + raw[32:])
    with pytest.raises(QuarantineError, match="belongs to something else"):
        open_sealed(one)


def test_a_file_cut_while_it_is_read_is_found():
    path = sealed_file(b"x" * SMALL * 3000)
    with open_sealed(path) as opened:
        opened.read(1)
        raw = path.read_bytes()
        path.write_bytes(raw[: len(raw) // 2])
        opened.seek(SMALL * 2000)
        with pytest.raises(QuarantineError, match="does not open"):
            opened.read(SMALL)


def test_another_key_says_which_one_is_missing(settings):
    path = sealed_file(b"x")
    settings.WALKAWAY_FIELD_KEYS = [KEYS[1]]
    with pytest.raises(QuarantineError, match=key_id_of(KEYS[0])):
        open_sealed(path)


def test_a_key_with_the_id_of_another_opens_nothing(settings, monkeypatch):
    path = sealed_file(b"x")
    settings.WALKAWAY_FIELD_KEYS = [KEYS[1]]
    monkeypatch.setattr(quarantine, "key_id_of", lambda key: key_id_of(KEYS[0]))
    with pytest.raises(QuarantineError, match="header"):
        open_sealed(path)


def test_after_a_new_key_older_files_still_open_and_new_ones_are_under_it(settings):
    old = sealed_file(b"old")
    settings.WALKAWAY_FIELD_KEYS = [KEYS[1], KEYS[0]]
    new = seal(io.BytesIO(b"new"))
    assert new.key_id == key_id_of(KEYS[1]) != key_id_of(KEYS[0])
    assert (read(old), read(new.path)) == (b"old", b"new")


def test_without_a_key_nothing_is_received(settings, place):
    settings.WALKAWAY_FIELD_KEYS = []
    with pytest.raises(QuarantineError, match="WALKAWAY_FIELD_KEYS is not set"):
        seal(io.BytesIO(b"x"))
    assert not place.exists() or not list(place.iterdir())


def test_what_breaks_off_leaves_nothing(place):
    class Breaking(io.RawIOBase):
        left = 3

        def read(self, size=-1):
            self.left -= 1
            if not self.left:
                raise ConnectionError("gone")
            return b"x" * SMALL * 2

    with pytest.raises(ConnectionError):
        seal(Breaking())
    with Sealing() as sealing:
        sealing.write(b"x" * SMALL * 3)
    assert list(place.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_says_so_and_leaves_nothing(place):
    sealing = Sealing()
    sealing._file.close()
    with Path("/dev/full").open("wb", buffering=0) as full:
        sealing._file = full
        with pytest.raises(QuarantineError, match="No space left"):
            sealing.write(b"x" * SMALL * 3)
    assert list(place.iterdir()) == []


def test_a_file_that_is_gone_or_never_was_one(place):
    quarantine.folder()
    with pytest.raises(QuarantineError, match="no longer"):
        open_sealed(place / f"{'0' * 32}.sealed")
    plain = place / "plain.sealed"
    plain.write_bytes(b"Crime No,Offence\n" * 50)
    with pytest.raises(QuarantineError, match="no header"):
        open_sealed(plain)
    for name in ("../private/secret-key", "a/b.sealed", "secret-key", ""):
        with pytest.raises(QuarantineError, match="names no file"):
            quarantine.path_of(name)


@hypothesis(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=SMALL * 5),
    moves=st.lists(
        st.tuples(st.sampled_from(["set", "cur", "end", "read"]), st.integers(-400, 400)), min_size=1, max_size=30
    ),
)
def test_seek_and_read_like_plain_bytes(content, moves):
    path = sealed_file(content)
    plain = io.BytesIO(content)
    with open_sealed(path) as opened:
        for move, number in moves:
            if move == "read":
                assert opened.read(number) == plain.read(number) if number >= 0 else opened.read() == plain.read()
            elif move == "set":
                assert opened.seek(abs(number)) == plain.seek(abs(number))
            else:
                base = plain.tell() if move == "cur" else len(content)
                whence = io.SEEK_CUR if move == "cur" else io.SEEK_END
                if base + number < 0:
                    with pytest.raises(OSError, match="before the beginning"):
                        opened.seek(number, whence)
                else:
                    assert opened.seek(number, whence) == plain.seek(base + number)
            assert opened.tell() == plain.tell()
    path.unlink()


@hypothesis(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.binary(max_size=SMALL * 3), max_size=8))
def test_in_whatever_pieces_it_arrives(blocks):
    with Sealing() as sealing:
        for block in blocks:
            sealing.write(block)
        sealed = sealing.finish()
    assert read(sealed.path) == b"".join(blocks)
    sealed.drop()


def test_archives_and_tables_are_read_from_it():
    rows = [["Crime No", "Offence"], *([f"{n}", "8N"] for n in range(400))]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2024-01/a.csv", text.getvalue())
    path = sealed_file(packed.getvalue())
    (source,) = sources_in(Path("archive.zip"), lambda: open_sealed(path))
    assert [cells for _, cells in Rows(source, size=9999)] == rows
    counted = []
    plain = sealed_file(text.getvalue().encode())
    (source,) = sources_in(Path("a.csv"), lambda: open_sealed(plain, on_chunk=lambda: counted.append(1)))
    assert [cells for _, cells in Rows(source, size=9999)] == rows
    assert len(counted) > len(text.getvalue()) / SMALL
