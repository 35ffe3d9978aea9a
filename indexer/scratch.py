"""Vectors too many for memory, in a file that goes by itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indexer.neutral import Vectors


@contextmanager
def scratch(folder: Path, rows: int, dimension: int) -> Iterator[Vectors]:
    """Give float32 (rows, dimension) that lie in an unnamed file in `folder`, which the system may page out.

    All of its room is taken at once: a disk that is full then raises OSError here, and kills nobody later.
    """
    if not rows:
        yield np.empty((0, dimension), np.float32)
        return
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, 4 * rows * dimension)
        yield np.asarray(np.memmap(file, np.float32, "r+", shape=(rows, dimension)))
