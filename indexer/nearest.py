"""What a question needs of vectors, whoever holds them: FAISS in this process, or a Milvus server."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.filter import Allowed

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Neighbours = tuple[Vectors, Rows]


def spread(count: int, most: int) -> Rows:
    """Return at most so many of `count` rows, evenly spread, int64 (n,), rising."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


class Nearest(Protocol):
    """Vectors of passages, by row. Threads may share it. What asks a server raises IndexUnreachable."""

    @property
    def count(self) -> int:
        """Number of rows."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None, *, exactly: bool = False
    ) -> list[Neighbours]:
        """Return scores (<=k,) float32 and rows (<=k,) int64 for each of `queries` (m, dimension).

        Best first, equal scores by row. Only what is `allowed` is considered; None means all. There are k of them
        wherever so many are allowed and may be asked for at once. Some may be overlooked, unless they are to be
        compared `exactly`.
        """
        ...

    def vectors(self, rows: Rows) -> Vectors:
        """Return float32 (len(rows), dimension)."""
        ...

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Return the inner products of `query` (dimension,) with the vectors at `rows`, float32 (len(rows),)."""
        ...

    def reach(self) -> None:
        """Return where they can be searched now. Raises IndexUnreachable."""
        ...
