"""Sketches once more, with a cell for each language: where a filter asks for languages, only those are looked into.

Cells of near vectors (indexer/sketch.py) hold some of every language, and what one language has that is near to a
question lies in so many of them that comparing all sketches of that language is quicker, and finds more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer import faiss_files
from indexer.nearest import Rows, Vectors, spread
from indexer.sketch import BLOCK, TRAINING

NAME = "vectors.languages.faiss"
# Sketches of so many rows take as long to compare as cells that a filter makes wider.
MOST = 500_000
# What a sketch takes beside its bits, bytes: two factors, its row.
EXTRA = 16
# Of one language so many say where its middle is.
_MIDDLE = 5_000
# No vector is nearer to what lies there than to any middle: vectors have length one.
_NOWHERE = 1e4


class LanguageSketches:
    """Sketches of vectors, by row, in a cell for each language. Threads may share it."""

    def __init__(self, index: faiss.IndexIVFRaBitQFastScan) -> None:
        """Take a FAISS index as it is."""
        self._index = index
        lists = index.invlists
        self._sizes = [lists.list_size(cell) for cell in range(index.nlist)]  # type: ignore[union-attr]

    @classmethod
    def build(cls, vectors: Vectors, spoken: Mapping[str, Rows]) -> LanguageSketches:
        """Sketch those of float32 (rows, dimension) of some languages, which `spoken` maps to their rows, rising.

        Cells are in that order.
        """
        middles = np.stack([_middle(vectors, rows) for rows in spoken.values()])
        quantizer = faiss.IndexFlatL2(vectors.shape[1])
        quantizer.add(middles)
        index = faiss.IndexIVFRaBitQFastScan(quantizer, vectors.shape[1], len(spoken), faiss.METRIC_INNER_PRODUCT)
        index.train(vectors[spread(len(vectors), TRAINING)])
        for cell, rows in enumerate(spoken.values()):
            # FAISS puts a vector into the cell whose middle is nearest: for the time being only one is near.
            near = np.full_like(middles, _NOWHERE)
            near[cell] = middles[cell]
            _set(quantizer, near)
            for start in range(0, len(rows), BLOCK):
                block = rows[start : start + BLOCK]
                index.add_with_ids(np.ascontiguousarray(vectors[block]), block)
        _set(quantizer, middles)
        return cls(index)

    @classmethod
    def open(cls, file: Path, descriptor: int) -> LanguageSketches:
        """Read the file behind `descriptor`, which was checked by it. Raises IndexDamaged."""
        kinds = (faiss.IndexIVFRaBitQFastScan,)
        return cls(faiss_files.read(file, descriptor, kinds, "sketches by language"))

    def save(self, file: Path) -> None:
        """Write the sketches. Raises OSError."""
        faiss_files.write(self._index, file)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def cells(self) -> int:
        """How many languages there are."""
        return len(self._sizes)

    def count(self, cells: Rows) -> int:
        """Return how many rows there are in some cells."""
        return sum(self._sizes[cell] for cell in cells.tolist())

    def candidates(self, queries: Vectors, count: int, cells: Rows, allowed: NDArray[np.uint8] | None = None) -> Rows:
        """Return the `count` rows in `cells` that seem nearest to each of `queries` (m, dimension): int64 (m, count).

        -1 stands for none. Of the rows only those whose bits are set in `allowed` (a byte for eight rows, lowest bit
        first) are found; None: all.
        """
        # FAISS keeps bare pointers: what they lead to must outlive the call.
        chosen = faiss.IDSelectorBatch(cells)
        nearest = faiss.SearchParameters(sel=chosen)  # type: ignore[call-arg]
        selector = None if allowed is None else faiss.IDSelectorBitmap(allowed)  # type: ignore[call-arg, arg-type]
        parameters = faiss.SearchParametersIVF(  # type: ignore[call-arg]
            nprobe=len(cells), quantizer_params=nearest, sel=selector
        )
        found: Rows = self._index.search(np.ascontiguousarray(queries, np.float32), count, params=parameters)[1]
        return found


def rows_of(languages: Sequence[str]) -> dict[str, Rows]:
    """Return the rows of each of `languages` (rows,), rising."""
    codes, places = np.unique(np.asarray(languages, np.str_), return_inverse=True)
    return {str(code): np.flatnonzero(places == place) for place, code in enumerate(codes)}


def size(rows: int, dimension: int) -> int:
    """Return how many bytes sketches of so many rows take."""
    return rows * (dimension // 8 + EXTRA)


def _middle(vectors: Vectors, rows: Rows) -> Vectors:
    some = rows[spread(len(rows), _MIDDLE)]
    middle: Vectors = vectors[some].mean(axis=0, dtype=np.float64).astype(np.float32)
    return middle


def _set(quantizer: faiss.IndexFlatL2, middles: Vectors) -> None:
    quantizer.reset()
    quantizer.add(middles)
