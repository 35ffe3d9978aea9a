"""Where to look for the nearest vectors: a bit a dimension of each, a thirtieth of what comparing all exactly reads.

The bits are those of RaBitQ (Gao and Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error
Bound for Approximate Nearest Neighbor Search"), in FAISS's fast-scan layout. Where there are very many vectors they lie
in cells (an inverted file), of which the nearest to a question are looked into. What they put first is compared by
vectors, so what they cost is a neighbour overlooked now and then: every build measures how often (indexer/breadth.py).
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer import faiss_files
from indexer.nearest import Rows, Vectors, spread

NAME = "vectors.sketch.faiss"
KIND = "RaBitQfs"
# From so many vectors on they lie in cells: below, comparing all of the sketches takes two or three milliseconds.
CELLS_FROM = 250_000
# A cell's middle is learnt from so many vectors, which is the least that FAISS does not warn of, in so many rounds.
_TRAINING_PER_CELL = 39
_ROUNDS = 10
TRAINING = 100_000
BLOCK = 65_536


class Sketch:
    """Sketches of vectors, by row. Threads may share it."""

    def __init__(self, index: faiss.Index) -> None:
        """Take a FAISS index as it is."""
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> Sketch:
        """Sketch float32 (rows, dimension), which may be a file mapped into memory."""
        rows, dimension = vectors.shape
        cells = cells_for(rows)
        index = faiss.index_factory(dimension, kind_of(cells), faiss.METRIC_INNER_PRODUCT)
        if cells:
            faiss.extract_index_ivf(index).cp.niter = _ROUNDS
        index.train(vectors[spread(rows, max(_TRAINING_PER_CELL * cells, TRAINING))])
        for start in range(0, rows, BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + BLOCK]))
        return cls(index)

    @classmethod
    def open(cls, file: Path, descriptor: int) -> Sketch:
        """Read the file behind `descriptor`, which was checked by it. Raises IndexDamaged."""
        kinds = faiss.IndexRaBitQFastScan, faiss.IndexIVFRaBitQFastScan
        return cls(faiss_files.read(file, descriptor, kinds, "sketches"))

    def save(self, file: Path) -> None:
        """Write the sketches. Raises OSError."""
        faiss_files.write(self._index, file)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and length of a vector."""
        return int(self._index.ntotal), int(self._index.d)

    @property
    def cells(self) -> int:
        """How many cells there are, 0 where all sketches are compared."""
        return int(self._index.nlist) if isinstance(self._index, faiss.IndexIVFRaBitQFastScan) else 0

    def candidates(
        self, queries: Vectors, count: int, probes: int = 0, allowed: NDArray[np.uint8] | None = None
    ) -> Rows:
        """Return the `count` rows that seem nearest to each of `queries` (m, dimension): int64 (m, count), -1: none.

        Where there are cells, the `probes` nearest ones are looked into, and of the rows only those whose bits are
        set in `allowed` (a byte for eight rows, lowest bit first).
        """
        parameters = None
        if self.cells:
            # FAISS keeps bare pointers: the selector must outlive the call.
            selector = None if allowed is None else faiss.IDSelectorBitmap(allowed)  # type: ignore[call-arg, arg-type]
            parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
        found: Rows = self._index.search(np.ascontiguousarray(queries, np.float32), count, params=parameters)[1]
        return found


def cells_for(rows: int) -> int:
    """Return into how many cells so many vectors are put: about four times their root, a power of two; 0 for few."""
    return 1 << round(np.log2(4 * rows**0.5)) if rows >= CELLS_FROM else 0


def kind_of(cells: int) -> str:
    """Return what FAISS calls sketches in so many cells."""
    return f"IVF{cells},{KIND}" if cells else KIND
