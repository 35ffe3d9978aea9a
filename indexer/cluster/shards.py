"""Shards: Parquet files that come into being whole, each with a manifest of its rows and its checksum beside it.

A worker writes under a name of its own and renames when all is on the disk, the manifest last: a shard without one is
none. The same rows give the same bytes, so two workers that do one task twice do no harm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pyarrow as pa
from pyarrow import parquet

from corpus.durable import sync
from indexer.manifest import FileSum

# Raise this when shards change: those of an unfinished build are then made again.
VERSION = 1
MANIFEST = ".json"
UNFINISHED = ".unfinished"
_SUFFIX = ".parquet"
_ROWS_AT_ONCE = 512

Row = dict[str, Any]
_Item = TypeVar("_Item")


class Kind(StrEnum):
    """What shards hold; each kind has a folder."""

    RECORDS = "records"
    """What a reader found in a file: articles, what is wrong with others, and what it counted."""
    ARTICLES = "articles"
    """Articles that are to be cut, and what of them is boilerplate."""
    PASSAGES = "passages"
    """What became of the articles of the shard with the same name."""
    TEXTS = "texts"
    """Texts that are to be embedded."""
    VECTORS = "vectors"
    """Vectors of the texts of the shard with the same name, and the codes of their tokens."""


_PASSAGE = pa.struct(
    [
        ("id", pa.string()),
        ("ordinal", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("sentences", pa.list_(pa.list_(pa.int64(), 2))),
        ("key", pa.binary(32)),
    ]
)
_SCHEMAS = {
    Kind.RECORDS: pa.schema([("kind", pa.string()), ("record", pa.string())]),
    Kind.ARTICLES: pa.schema(
        [("id", pa.string()), ("record", pa.string()), ("boilerplate", pa.list_(pa.list_(pa.int64(), 2)))]
    ),
    Kind.PASSAGES: pa.schema(
        [("article", pa.string()), ("split_sentences", pa.int64()), ("passages", pa.list_(_PASSAGE))]
    ),
    Kind.TEXTS: pa.schema([("key", pa.binary(32)), ("text", pa.string())]),
    Kind.VECTORS: pa.schema([("key", pa.binary(32)), ("vector", pa.list_(pa.float32())), ("codes", pa.binary())]),
}


class Shards:
    """The shards of one kind."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        """Take the folder that holds all kinds."""
        self._folder = folder / kind
        self._schema = _SCHEMAS[kind]

    def prepare(self) -> None:
        """Make the folder, and remove what killed workers left half-written. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for leftover in self._folder.glob(f"*{UNFINISHED}"):
            leftover.unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of those that are finished, in order."""
        return sorted(file.name.removesuffix(MANIFEST) for file in self._folder.glob(f"*{MANIFEST}"))

    def is_whole(self, name: str) -> bool:
        """Say whether a shard is there as it was finished; all of it is read."""
        try:
            described = json.loads((self._folder / f"{name}{MANIFEST}").read_bytes())
            found = FileSum.of(self._file(name))
        except (OSError, ValueError):
            return False
        return bool(described == {"rows": described.get("rows"), "bytes": found.bytes, "sha256": found.sha256})

    def write(self, name: str, rows: Iterable[Row]) -> int:
        """Write a shard and its manifest; return how many rows it has. Raises OSError."""
        count = 0
        with self._coming(self._file(name)) as coming:
            with parquet.ParquetWriter(coming, self._schema, compression="zstd") as writer:
                for some in in_groups(rows, _ROWS_AT_ONCE):
                    writer.write_table(pa.Table.from_pylist(some, self._schema))
                    count += len(some)
            found = FileSum.of(coming)
        described = {"rows": count, "bytes": found.bytes, "sha256": found.sha256}
        with self._coming(self._folder / f"{name}{MANIFEST}") as coming:
            coming.write_text(f"{json.dumps(described)}\n", encoding="ascii")
        return count

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of a shard, some of them in memory at a time. Raises OSError."""
        for some in self.tables(name):
            yield from some.to_pylist()

    def tables(self, name: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a shard as Arrow has them."""
        with parquet.ParquetFile(self._file(name)) as file:
            yield from file.iter_batches(_ROWS_AT_ONCE, use_threads=False)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    @contextmanager
    def _coming(self, file: Path) -> Iterator[Path]:
        """Give a path that no other worker has; what is written there takes the place of `file`."""
        coming = file.with_name(f"{file.name}.{uuid4().hex}{UNFINISHED}")
        try:
            yield coming
            sync(coming)
            coming.replace(file)
        except BaseException:
            coming.unlink(missing_ok=True)
            raise
        sync(file.parent)


def name_of(*facts: object) -> str:
    """Return the name of a shard that depends on nothing but `facts`, which JSON can hold."""
    return hashlib.sha256(json.dumps([VERSION, *facts]).encode()).hexdigest()[:32]


def in_groups(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield the items in lists of `size`, the last one as long as it comes."""
    waiting = iter(items)
    while group := list(islice(waiting, size)):
        yield group
