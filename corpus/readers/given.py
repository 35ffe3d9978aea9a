"""`Given`: what a reader is given to read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from corpus.article import Article
from corpus.errors import SourceError
from corpus.origins import origin_of
from corpus.readers.compression import SUFFIXES, unpacked
from corpus.readers.options import ReadOptions
from corpus.readers.report import ReadReport

# Bytes. No article is as large; what is, is left out before it fills the memory.
LARGEST_RECORD = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One file, or what stands for one, and how the run reads.

    `where` names it in messages; `name` is its path below its source, by which a file without an address is
    known; `origin` is what its articles are said to come from; `opener` opens its bytes as they are; `url` is where it
    was found, if on the web.
    """

    where: str
    name: str
    origin: str
    opener: Callable[[], io.RawIOBase | io.BytesIO]
    url: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)
    report: ReadReport = field(default_factory=ReadReport)

    @classmethod
    def file(cls, path: Path, name: str, options: ReadOptions, report: ReadReport) -> Given:
        """Return the file at `path`."""
        return cls(
            where=str(path),
            name=name,
            origin=origin_of(path),
            opener=lambda: path.open("rb", buffering=0),
            options=options,
            report=report,
        )

    @property
    def plain_name(self) -> str:
        """Return the name without the suffix of a compression."""
        suffix = PurePosixPath(self.name).suffix
        return self.name.removesuffix(suffix) if suffix.lower() in SUFFIXES else self.name

    @property
    def suffix(self) -> str:
        """Return the suffix that tells the format, in small letters."""
        return PurePosixPath(self.plain_name).suffix.lower()

    def open(self) -> BinaryIO:
        """Return its bytes, unpacked, from the start. Raises OSError, SourceError; so does reading them."""
        return unpacked(io.BufferedReader(self.opener()), self.where, expected=self.plain_name != self.name)

    def head(self, size: int) -> bytes:
        """Return the first bytes, unpacked."""
        with self.open() as stream:
            return stream.read(size)

    def whole(self, largest: int = LARGEST_RECORD) -> bytes:
        """Return all bytes, unpacked. Raises SourceError, kind "too-large", OSError."""
        with self.open() as stream:
            content = stream.read(largest + 1)
        if len(content) > largest:
            raise SourceError(
                f"it has more than {largest:,} bytes", "Split it or leave it out", where=self.where, kind="too-large"
            )
        return content


Found = Article | SourceError
Reader = Callable[[Given], Iterator[Found]]
"""Yields the articles of a file and what is wrong with others; what it raises (OSError, SourceError) ends the file."""
Through = Callable[[Given, Reader], Iterator[Found]]
"""Yields what a reader finds in a file, or found there before."""


def directly(given: Given, reader: Reader) -> Iterator[Found]:
    """Let the reader read."""
    return reader(given)
