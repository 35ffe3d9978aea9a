"""Files that are packed with gzip or Zstandard, unpacked as they are read and never all at once."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from corpus.errors import SourceError

SUFFIXES = (".gz", ".gzip", ".zst", ".zstd")
GZIP = b"\x1f\x8b"
ZSTANDARD = b"\x28\xb5\x2f\xfd"
# Text seldom shrinks to a twentieth. What grows more than this, past a size that does no harm, is a bomb.
LARGEST_RATIO = 250
HARMLESS = 256 << 20
# A block of Zstandard is 4 bytes at least and 128 KiB at most: no read of this much gives more than 16 MiB.
READ_AT_ONCE = 512


class _Unpacker(Protocol):
    """One member of a packed file: zlib's and zstandard's decompression objects have this in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def unpacked(stream: io.BufferedReader[Any], where: str, *, expected: bool) -> BinaryIO:
    """Return `stream` itself where it is not packed, else what unpacks it. `expected`: by its name it is packed.

    Reading raises SourceError: "truncated", "compression" (damaged), "too-large" (a decompression bomb).
    """
    start = stream.peek(len(ZSTANDARD))
    if start.startswith(GZIP):
        return io.BufferedReader(_Unpacked(stream, where, _gzip_member))
    if start.startswith(ZSTANDARD):
        return io.BufferedReader(_Unpacked(stream, where, _zstandard_member))
    if expected:
        stream.close()
        raise SourceError(
            "it is called as packed files are, but it is not packed", "Rename it", where=where, kind="compression"
        )
    return stream


class _Unpacked(io.RawIOBase):
    """The members of a packed file, one after the other."""

    def __init__(self, packed: BinaryIO, where: str, member: Callable[[], _Unpacker]) -> None:
        self._packed = packed
        self._where = where
        self._new_member = member
        self._member: _Unpacker | None = None
        self._waiting = b""
        self._ready = memoryview(b"")
        self._taken = 0
        self._given = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        while not self._ready:
            packed = self._waiting or self._read()
            if not packed:
                self._end()
                return 0
            self._waiting = b""
            self._unpack(packed)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _read(self) -> bytes:
        packed = self._packed.read(READ_AT_ONCE)
        self._taken += len(packed)
        return packed

    def _unpack(self, packed: bytes) -> None:
        if self._member is None:
            packed = packed.lstrip(b"\0")  # tapes and some servers pad
            if not packed:
                return
            self._member = self._new_member()
        try:
            ready = self._member.decompress(packed)
        except Exception as error:  # zlib's and zstandard's own errors have no common class
            raise self._error(f"it is damaged ({error})", "compression") from error
        if self._member.eof:
            self._waiting = self._member.unused_data
            self._member = None
        self._given += len(ready)
        if self._given > max(HARMLESS, LARGEST_RATIO * self._taken):
            problem = f"it unpacks to more than {LARGEST_RATIO} times its size: no text does"
            raise self._error(problem, "too-large")
        self._ready = memoryview(ready)

    def _end(self) -> None:
        if self._member is not None:
            raise self._error("it ends in the middle of packed data", "truncated")

    def _error(self, problem: str, kind: str) -> SourceError:
        return SourceError(problem, "Fetch it again or leave it out", where=self._where, kind=kind)


def _gzip_member() -> _Unpacker:
    return zlib.decompressobj(wbits=31)


def _zstandard_member() -> _Unpacker:
    from zstandard import ZstdDecompressor

    return ZstdDecompressor().decompressobj()
