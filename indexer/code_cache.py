"""Codes of tokens already computed, by what was embedded: append-only but for `keep`, never needed to answer.

One file an encoder fingerprint and version of the codes, of records: SHA-256 of the text (32 bytes), number of
tokens (4 bytes, little-endian), CRC-32 of the codes (4 bytes), the codes. A torn last record is cut off, a damaged
one is as good as none.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from indexer.cache import KEY_BYTES, UNFINISHED
from indexer.codes import VERSION, Codes

SUFFIX = f".codes{VERSION}"
_HEAD = struct.Struct(f"<{KEY_BYTES}sII")


class CodeCache:
    """The codes of one encoder. One writer at a time: the index's lock sees to it."""

    def __init__(self, folder: Path, fingerprint: str, dimension: int) -> None:
        """Open or create the file, and cut off a torn last record."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{fingerprint}{SUFFIX}"
        self._width = dimension // 8
        self._places: dict[bytes, int] = {}
        self._file.touch()
        size = self._file.stat().st_size
        end = 0
        with self._file.open("r+b") as stream:
            while end + _HEAD.size <= size:
                stream.seek(end)
                key, count, _ = _HEAD.unpack(stream.read(_HEAD.size))
                if end + _HEAD.size + count * self._width > size:
                    break
                self._places[key] = end
                end += _HEAD.size + count * self._width
            stream.truncate(end)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get_many(self, keys: Iterable[bytes]) -> list[Codes | None]:
        """Return the codes of each key, uint8 (tokens, dimension / 8), None where there are none or damaged ones."""
        wanted = list(keys)
        if not any(key in self._places for key in wanted):
            return [None] * len(wanted)
        with self._file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return [self._read(data, key) for key in wanted]

    def put_many(self, found: Iterable[tuple[bytes, Codes]]) -> None:
        """Append codes, uint8 (tokens, dimension / 8) each."""
        end = self._file.stat().st_size
        with self._file.open("ab") as stream:
            for key, codes in found:
                content = np.ascontiguousarray(codes).tobytes()
                stream.write(_HEAD.pack(key, len(codes), zlib.crc32(content)) + content)
                self._places[key] = end
                end += _HEAD.size + len(content)

    def keep(self, wanted: Callable[[bytes], bool]) -> None:
        """Write the file anew with the records of `wanted` keys alone, in one step."""
        kept = {key: place for key, place in self._places.items() if wanted(key)}
        if len(kept) == len(self._places):
            return
        new = self._file.with_name(f"{self._file.name}{UNFINISHED}")
        places: dict[bytes, int] = {}
        with self._file.open("rb") as old, new.open("wb") as stream:
            for key, place in kept.items():
                old.seek(place)
                head = old.read(_HEAD.size)
                places[key] = stream.tell()
                stream.write(head + old.read(_HEAD.unpack(head)[1] * self._width))
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self._file)
        self._places = places

    def _read(self, data: mmap.mmap, key: bytes) -> Codes | None:
        place = self._places.get(key)
        if place is None:
            return None
        _, count, crc = _HEAD.unpack_from(data, place)
        content = data[place + _HEAD.size : place + _HEAD.size + count * self._width]
        if zlib.crc32(content) != crc:
            return None
        return np.frombuffer(content, np.uint8).reshape(-1, self._width)
