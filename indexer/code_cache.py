"""Codes of tokens already computed, by what was embedded: append-only but for `keep`, never needed to answer.

One file an encoder fingerprint and version of the codes, of records: SHA-256 of the text (32 bytes), number of
tokens (4 bytes, little-endian), CRC-32 of the fingerprint, this key and the codes (4 bytes), the codes. A torn last
record is cut off; a damaged one, or one of another encoder under this name, is as good as none.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from corpus.durable import replacing
from indexer.cache import KEY_BYTES, UNFINISHED, intact
from indexer.codes import EXTRA, VERSION, Codes

SUFFIX = f".codes{VERSION}"
_HEAD = struct.Struct(f"<{KEY_BYTES}sII")
# So far behind a record of damaged length the next one is looked for.
_SEARCHED = 1 << 18


class CodeCache:
    """The codes of one encoder. One writer at a time: the index's lock sees to it."""

    def __init__(self, folder: Path, fingerprint: str, dimension: int) -> None:
        """Open or create the file, and cut off a torn last record."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{fingerprint}{SUFFIX}"
        self._seed = zlib.crc32(fingerprint.encode())
        self._width = dimension // 8 + EXTRA
        self._places: dict[bytes, int] = {}
        self._file.touch()
        if self._file.stat().st_size:
            with self._file.open("r+b") as stream:
                with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    end = self._note(data)
                stream.truncate(end)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get_many(self, keys: Iterable[bytes]) -> list[Codes | None]:
        """Return the codes of each key, uint8 (tokens, dimension / 8 + EXTRA), None where none are intact."""
        wanted = list(keys)
        if not any(key in self._places for key in wanted):
            return [None] * len(wanted)
        with self._file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return [self._read(data, key) for key in wanted]

    def put_many(self, found: Iterable[tuple[bytes, Codes]]) -> None:
        """Append codes, uint8 (tokens, dimension / 8 + EXTRA) each."""
        end = self._file.stat().st_size
        with self._file.open("ab") as stream:
            for key, codes in found:
                content = np.ascontiguousarray(codes).tobytes()
                stream.write(_HEAD.pack(key, len(codes), zlib.crc32(content, zlib.crc32(key, self._seed))) + content)
                self._places[key] = end
                end += _HEAD.size + len(content)

    def keep(self, wanted: Callable[[bytes], bool]) -> None:
        """Write the file anew with the records of `wanted` keys alone, in one step."""
        kept = {key: place for key, place in self._places.items() if wanted(key)}
        if len(kept) == len(self._places):
            return
        places: dict[bytes, int] = {}
        with self._file.open("rb") as old, replacing(self._file, via=f"{self._file.name}{UNFINISHED}") as stream:
            for key, place in kept.items():
                old.seek(place)
                head = old.read(_HEAD.size)
                places[key] = stream.tell()
                stream.write(head + old.read(_HEAD.unpack(head)[1] * self._width))
        self._places = places

    def _note(self, data: mmap.mmap) -> int:
        """Note where the records begin, and return where the last of them ends."""
        before = start = 0
        while start + _HEAD.size <= len(data):
            end = self._end(data, start)
            if end <= len(data):
                self._places[data[start : start + KEY_BYTES]] = start
                before, start = start, end
                continue
            # A torn last record, or the one before said a wrong length: those behind it are not lost.
            found = self._next(data, start if self._content(data, before) is not None else before + _HEAD.size)
            if found is None:
                break
            before = start = found
        return start

    def _next(self, data: mmap.mmap, start: int) -> int | None:
        """Return where the first intact record from `start` on begins, if it is near."""
        for place in range(start, min(start + _SEARCHED, len(data) - _HEAD.size)):
            plausible = self._end(data, place) <= min(place + _SEARCHED, len(data))
            if plausible and self._content(data, place):
                return place
        return None

    def _end(self, data: mmap.mmap, place: int) -> int:
        count: int = _HEAD.unpack_from(data, place)[1]
        return place + _HEAD.size + count * self._width

    def _content(self, data: mmap.mmap, place: int) -> bytes | None:
        """Return the codes of the record at `place`, None where they are damaged."""
        key, _, crc = _HEAD.unpack_from(data, place)
        content = data[place + _HEAD.size : self._end(data, place)]
        return content if intact(crc, content, key, self._seed) else None

    def _read(self, data: mmap.mmap, key: bytes) -> Codes | None:
        place = self._places.get(key)
        content = None if place is None else self._content(data, place)
        return None if content is None else np.frombuffer(content, np.uint8).reshape(-1, self._width)
