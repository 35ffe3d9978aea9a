"""Embeddings already computed, by what was embedded: append-only but for `keep`, never needed to answer.

One file an encoder fingerprint, of records of equal size: SHA-256 of the text (32 bytes), CRC-32 of the
fingerprint, this key and the vector (4 bytes, little-endian), the vector (float32). A torn or damaged record,
or one of another encoder under this name, is as good as none.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.durable import replacing

KEY_BYTES = 32
FOLDER = "cache"
SUFFIX = ".embeddings"
# What a killed rewriting leaves.
UNFINISHED = ".new"
_AT_ONCE = 4096


def key_of(text: str) -> bytes:
    """Return the key of a text, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()


def count_embeddings(folder: Path, fingerprint: str, dimension: int) -> int:
    """Return how many vectors of an encoder the cache in `folder` holds, without opening it."""
    file = _file(folder, fingerprint)
    return file.stat().st_size // _record(dimension).itemsize if file.exists() else 0


def intact(crc: int, content: bytes, key: bytes, seed: int) -> bool:
    """Say whether a record's CRC-32 fits. `seed` is that of the encoder's fingerprint.

    Records written before fingerprint and key were part of it count as well: they need not be computed again.
    """
    return crc in {zlib.crc32(content, zlib.crc32(key, seed)), zlib.crc32(content)}


class EmbeddingCache:
    """The vectors of one encoder. One writer at a time: the index's lock sees to it."""

    def __init__(self, folder: Path, fingerprint: str, dimension: int) -> None:
        """Open or create the file, and cut off a torn last record."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _file(folder, fingerprint)
        self._record = _record(dimension)
        self._file.touch()
        whole = self._file.stat().st_size // self._record.itemsize
        with self._file.open("r+b") as stream:
            stream.truncate(whole * self._record.itemsize)
        self._seed = zlib.crc32(fingerprint.encode())
        self._places = {bytes(key): place for place, key in enumerate(self._records()["key"])}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get_many(self, keys: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return float32 (len(keys), dimension) and which rows were found whole, bool (len(keys),)."""
        places = np.array([self._places.get(key, -1) for key in keys], np.int64)
        known = places >= 0
        vectors = np.zeros((len(keys), self._record["vector"].shape[0]), np.float32)
        if known.any():
            records = self._records()[places[known]]
            vectors[known] = records["vector"]
            known[known] = [
                intact(int(record["crc"]), record["vector"].tobytes(), bytes(record["key"]), self._seed)
                for record in records
            ]
        return vectors, known

    def put_many(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Append float32 (len(keys), dimension)."""
        records = np.zeros(len(keys), self._record)
        records["key"] = np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")
        records["vector"] = vectors
        records["crc"] = [
            zlib.crc32(record["vector"].tobytes(), zlib.crc32(key, self._seed))
            for key, record in zip(keys, records, strict=True)
        ]
        first = self._file.stat().st_size // self._record.itemsize
        with self._file.open("ab") as stream:
            stream.write(records.tobytes())
        self._places.update({key: first + place for place, key in enumerate(keys)})

    def keep(self, wanted: Callable[[bytes], bool]) -> None:
        """Write the file anew with the records of `wanted` keys alone, in one step."""
        places = sorted(place for key, place in self._places.items() if wanted(key))
        records = self._records()
        if len(places) == len(records):
            return
        with replacing(self._file, via=f"{self._file.name}{UNFINISHED}") as stream:
            for start in range(0, len(places), _AT_ONCE):
                stream.write(records[places[start : start + _AT_ONCE]].tobytes())
        self._places = {bytes(key): place for place, key in enumerate(self._records()["key"])}

    def _records(self) -> NDArray[np.void]:
        if self._file.stat().st_size == 0:
            return np.empty(0, self._record)
        return np.memmap(self._file, self._record, "r")


def _file(folder: Path, fingerprint: str) -> Path:
    return folder / f"{fingerprint}{SUFFIX}"


def _record(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("key", f"V{KEY_BYTES}"), ("crc", "<u4"), ("vector", "<f4", (dimension,))])
