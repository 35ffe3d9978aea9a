"""Whole vectors on disk: the last few that a question compares are read, where memory holds six bits a dimension.

Six bits tell which are among the nearest forty, but not always which of two comes first. Forty times 768 bytes are
read in less than a tenth of a millisecond from what the system has cached, in a few from an SSD.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import numpy as np

from indexer.errors import IndexDamaged, IndexUnreadable
from indexer.nearest import Rows, Vectors
from indexer.sketch import BLOCK

# Not "vectors...": it takes no memory.
NAME = "whole.f16"
# So many of the first are compared by what is read.
READ = 40
_KEPT = np.dtype("<f2")


class WholeVectors:
    """Float16 vectors, by row, read from disk one at a time. Threads may share it."""

    def __init__(self, file: Path, descriptor: int, dimension: int) -> None:
        """Take the file behind `descriptor`, which may be closed later."""
        self._file, self.dimension = file, dimension
        self._descriptor = os.dup(descriptor)
        weakref.finalize(self, os.close, self._descriptor)

    @classmethod
    def open(cls, file: Path, descriptor: int, rows: int, dimension: int) -> WholeVectors:
        """Open what `write` wrote. Raises IndexDamaged where it is not of so many vectors."""
        found, expected = os.fstat(descriptor).st_size, rows * dimension * _KEPT.itemsize
        if found != expected:
            raise IndexDamaged(f"it has {found:,} bytes, {rows:,} vectors have {expected:,}", where=str(file))
        return cls(file, descriptor, dimension)

    def vectors(self, rows: Rows) -> Vectors:
        """Return float32 (len(rows), dimension). Raises IndexUnreadable."""
        length = self.dimension * _KEPT.itemsize
        try:
            parts = [os.pread(self._descriptor, length, row * length) for row in rows.tolist()]
        except OSError as error:
            raise IndexUnreadable.at(self._file, error) from error
        if any(len(part) != length for part in parts):
            raise IndexDamaged("it has become shorter", where=str(self._file))
        return np.frombuffer(b"".join(parts), _KEPT).astype(np.float32).reshape(len(rows), self.dimension)


def write(vectors: Vectors, file: Path) -> None:
    """Write float32 (rows, dimension), which may be a file mapped into memory. Raises OSError."""
    with file.open("wb") as stream:
        for start in range(0, len(vectors), BLOCK):
            stream.write(vectors[start : start + BLOCK].astype(_KEPT).tobytes())
