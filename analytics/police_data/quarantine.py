"""Files at rest before they are loaded: sealed while they arrive, read without a plain copy ever touching the disk.

A file of its own random AES-256-GCM key, in chunks of 1 MiB. The chunks follow STREAM (Hoang, Reyhanitabar, Rogaway
and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): the nonce is a random
prefix, the chunk's number and a mark on the last chunk, so that a chunk that was moved, dropped or cut off does not
open. Header, number and mark are associated data as well. Nonces are unique because the key is the file's own and
every number is used once (NIST SP 800-38D, section 8.2.1). The key is wrapped with the newest of
``WALKAWAY_FIELD_KEYS`` (Fernet); the header says which. The file's name is its identity and part of the seal, so that
one sealed file cannot stand in for another.
"""

import errno
import hashlib
import io
import os
import secrets
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

MAGIC = b"WLKAWY\x001"  # the last character is the version of the format
CHUNK = 1 << 20  # plain bytes of a chunk; all but the last are full
TAG = 16
KEPT, ARRIVING = ".sealed", ".part"
_HEAD = struct.Struct(">8s8s16s7sH")  # magic, key id, file id, nonce prefix, length of the wrapped key
_PLACE = struct.Struct(">I?")  # number of the chunk from 0, and whether it is the last
_LABEL = b"walkaway quarantine:"


class QuarantineError(Exception):
    """A sealed file cannot be written or opened; the message says why and names no content."""


@dataclass(frozen=True)
class Sealed:
    """A file that is sealed in full. ``sha256`` and ``size`` are those of the plain bytes."""

    path: Path
    key_id: str
    sha256: str
    size: int

    def keep(self) -> "Sealed":
        """Gives the file its lasting name; before that it is cleared away as something that never arrived."""
        kept = self.path.with_suffix(KEPT)
        self.path.rename(kept)
        _fsync_folder(kept.parent)
        return Sealed(kept, self.key_id, self.sha256, self.size)

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)


def folder() -> Path:
    """``var/quarantine``, readable by the product's own user only."""
    found = Path(settings.VAR_DIR) / "quarantine"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    if found.stat().st_mode & 0o077:
        found.chmod(0o700)
    return found


def path_of(stored: str) -> Path:
    """Where the file of a record lies. Raises QuarantineError for anything but a plain name."""
    if Path(stored).name != stored or not stored.endswith(KEPT):
        raise QuarantineError("the record names no file of the quarantine")
    return folder() / stored


def key_id_of(key: str) -> str:
    """A short name of a key of ``WALKAWAY_FIELD_KEYS`` that tells nothing about it (16 hex digits)."""
    return hashlib.sha256(_LABEL + key.encode()).hexdigest()[:16]


class Sealing:
    """Takes plain bytes as they come and writes sealed ones. ``finish`` gives the Sealed; ``abandon`` removes all.

    As a context manager it abandons whatever was not finished. ``identity`` is that of a file which is sealed anew and
    keeps its name. Raises QuarantineError when there is no key or the disk is full.
    """

    def __init__(self, identity: bytes = b"") -> None:
        keys = settings.WALKAWAY_FIELD_KEYS
        if not keys:
            raise QuarantineError(
                "WALKAWAY_FIELD_KEYS is not set: no file can be received. See docs/configuration.md."
            )
        identity, prefix = identity or secrets.token_bytes(16), secrets.token_bytes(7)
        key = AESGCM.generate_key(256)
        self.key_id = key_id_of(keys[0])
        wrapped = Fernet(keys[0]).encrypt(_LABEL + identity + key)
        self._head = _HEAD.pack(MAGIC, bytes.fromhex(self.key_id), identity, prefix, len(wrapped)) + wrapped
        self._cipher, self._prefix = AESGCM(key), prefix
        self._held, self._number, self._size, self._digest = bytearray(), 0, 0, hashlib.sha256()
        self._path = folder() / f"{identity.hex()}{ARRIVING}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._file: IO[bytes] = os.fdopen(os.open(self._path, flags, 0o600), "wb")
        except OSError as error:
            raise QuarantineError(f"the file could not be written to quarantine ({error.strerror})") from None
        self._put(self._head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.abandon()

    def write(self, block: bytes | memoryview) -> None:
        self._digest.update(block)
        self._size += len(block)
        self._held += block
        while len(self._held) > CHUNK:  # a full chunk waits: it may be the last
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]

    def finish(self) -> Sealed:
        """Seals what is held as the last chunk, and returns when all of it is on the disk."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            self._give_up(error)
        return Sealed(self._path, self.key_id, self._digest.hexdigest(), self._size)

    def abandon(self) -> None:
        """Removes what was written, unless it was finished."""
        if not self._file.closed:
            with suppress(OSError):  # a full disk refuses the flush of closing
                self._file.close()
            self._path.unlink(missing_ok=True)

    def _seal(self, plain: bytes, *, last: bool) -> None:
        place = _PLACE.pack(self._number, last)
        self._put(self._cipher.encrypt(self._prefix + place, plain, self._head + place))
        self._number += 1

    def _put(self, block: bytes) -> None:
        try:
            self._file.write(block)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.abandon()
        raise QuarantineError(f"the file could not be written to quarantine ({error.strerror})") from None


def seal(stream: IO[bytes]) -> Sealed:
    """Seals everything that the stream gives. Raises QuarantineError; then nothing is left on the disk."""
    with Sealing() as sealing:
        while block := stream.read(CHUNK):
            sealing.write(block)
        return sealing.finish()


def open_sealed(path: Path, *, on_chunk: Callable[[], None] | None = None) -> IO[bytes]:
    """The plain bytes of a sealed file, seekable, for csv and zipfile; one chunk at a time is in memory.

    Header and last chunk are opened at once: a file that was cut off is found before anything of it is read.
    ``on_chunk`` is called whenever another chunk is opened. Raises QuarantineError, here and from reading.
    """
    raw = _SealedReader(path, on_chunk)
    return io.BufferedReader(raw, 1 << 16)


def key_of(path: Path) -> str:
    """The name of the key that a sealed file is under, from its header. Raises QuarantineError."""
    try:
        with path.open("rb") as file:
            fixed = file.read(_HEAD.size)
    except FileNotFoundError:
        raise QuarantineError("the file is no longer in quarantine") from None
    except OSError as error:
        raise QuarantineError(f"the file in quarantine cannot be read ({error.strerror})") from None
    if len(fixed) < _HEAD.size or not fixed.startswith(MAGIC):
        raise QuarantineError("the file in quarantine has no header of a sealed file; it was changed or cut off")
    return str(_HEAD.unpack(fixed)[1].hex())


class _SealedReader(io.RawIOBase):
    def __init__(self, path: Path, on_chunk: Callable[[], None] | None) -> None:
        super().__init__()
        self._on_chunk, self._at, self._number, self._plain = on_chunk, 0, -1, b""
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            raise QuarantineError("the file is no longer in quarantine") from None
        except OSError as error:
            raise QuarantineError(f"the file in quarantine cannot be read ({error.strerror})") from None
        try:
            self._read_head(path)
            self._read_chunk(self._chunks - 1)
        except BaseException:
            self._file.close()
            raise

    def _read_head(self, path: Path) -> None:
        fixed = self._file.read(_HEAD.size)
        if len(fixed) < _HEAD.size or not fixed.startswith(MAGIC):
            raise QuarantineError(
                "the file in quarantine has no header of a sealed file; it was changed or cut off"
            )
        _, key_id, identity, self._prefix, length = _HEAD.unpack(fixed)
        wrapped = self._file.read(length)
        if identity.hex() != path.stem:
            raise QuarantineError("the file in quarantine is not the one that was received; it was exchanged")
        self._head = fixed + wrapped
        self._cipher = AESGCM(_unwrap(wrapped, key_id.hex(), identity))
        sealed = path.stat().st_size - len(self._head)
        self._chunks = max(1, -(-sealed // (CHUNK + TAG)))
        self._size = sealed - self._chunks * TAG
        if self._size < 0 or (self._chunks > 1 and self._size <= (self._chunks - 1) * CHUNK):
            raise QuarantineError("the file in quarantine was cut off")

    def _read_chunk(self, number: int) -> None:
        if number == self._number:
            return
        last = number == self._chunks - 1
        place = _PLACE.pack(number, last)
        self._file.seek(len(self._head) + number * (CHUNK + TAG))
        sealed = self._file.read(CHUNK + TAG)
        try:
            self._plain = self._cipher.decrypt(self._prefix + place, sealed, self._head + place)
        except (InvalidTag, ValueError):
            raise QuarantineError(
                f"part {number + 1} of {self._chunks} of the file in quarantine does not open: it was changed, moved or "
                "cut off after it was received. Give the file in again"
            ) from None
        self._number = number
        if self._on_chunk:
            self._on_chunk()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "seek before the beginning of the file")  # as a plain file does
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size or not len(buffer):
            return 0
        number, offset = divmod(self._at, CHUNK)
        self._read_chunk(number)
        block = memoryview(self._plain)[offset : offset + len(buffer)]
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._plain = b""
        super().close()


def _unwrap(wrapped: bytes, key_id: str, identity: bytes) -> bytes:
    keys = {key_id_of(key): key for key in settings.WALKAWAY_FIELD_KEYS}
    if key_id not in keys:
        raise QuarantineError(
            f"the file in quarantine was sealed with the key {key_id}, which is not among WALKAWAY_FIELD_KEYS"
        )
    try:
        opened = Fernet(keys[key_id]).decrypt(wrapped)
    except InvalidToken:
        raise QuarantineError("the header of the file in quarantine was changed after it was received") from None
    label, found, key = opened[: len(_LABEL)], opened[len(_LABEL) : -32], opened[-32:]
    if label != _LABEL or found != identity:
        raise QuarantineError("the key in the header of the file in quarantine belongs to something else")
    return key


def _fsync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
