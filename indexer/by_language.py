"""Sketches once more, in a cell for each language and span of time: what a filter leaves is looked for in few of them.

Cells of near vectors (indexer/sketch.py) hold some of every language and time, and what one language or year has that
is near to a question lies in so many of them that comparing all sketches of that language or year is quicker, and
finds more. No filter is told: cells are those that hold some of the rows that it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer import faiss_files
from indexer.nearest import Rows, Vectors, spread
from indexer.sketch import BLOCK, TRAINING

NAME = "vectors.languages.faiss"
# Sketches of so many rows take as long to compare as cells that a filter makes wider.
MOST = 500_000
# Into so many spans of about as many passages time is cut, and what has no date is one more.
SPANS = 32
# What a sketch takes beside its bits, bytes: two factors, its row.
EXTRA = 16
# Of one language so many say where its middle is.
_MIDDLE = 5_000
# No vector is nearer to what lies there than to any middle: vectors have length one.
_NOWHERE = 1e4


class LanguageSketches:
    """Sketches of vectors, by row, in a cell for each language and span. Threads may share it."""

    def __init__(self, index: faiss.IndexIVFRaBitQFastScan) -> None:
        """Take a FAISS index as it is."""
        self._index = index
        lists: Any = index.invlists
        held = [faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)) for cell in range(index.nlist)]
        self._sizes = np.array([len(rows) for rows in held], np.int64)
        # One more than the cell of each row; 0: it is in none.
        self._cell_of = np.zeros(max((int(rows.max()) + 1 for rows in held if len(rows)), default=0), np.int16)
        for cell, rows in enumerate(held):
            self._cell_of[rows] = cell + 1

    @classmethod
    def build(cls, vectors: Vectors, cells: Sequence[Rows]) -> LanguageSketches:
        """Sketch those of float32 (rows, dimension) that are in `cells`: the rows of each, rising."""
        middles = np.stack([_middle(vectors, rows) for rows in cells])
        quantizer = faiss.IndexFlatL2(vectors.shape[1])
        quantizer.add(middles)
        index = faiss.IndexIVFRaBitQFastScan(quantizer, vectors.shape[1], len(cells), faiss.METRIC_INNER_PRODUCT)
        index.train(vectors[spread(len(vectors), TRAINING)])
        for cell, rows in enumerate(cells):
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

    def holding(self, rows: Rows) -> Rows | None:
        """Return the cells that hold `rows`, int64 (n,); None where some row is in none."""
        if not len(rows) or rows.max() >= len(self._cell_of):
            return None
        held = np.bincount(self._cell_of[rows], minlength=1)
        return None if held[0] else np.flatnonzero(held) - 1

    def count(self, cells: Rows) -> int:
        """Return how many rows there are in some cells."""
        return int(self._sizes[cells].sum())

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


def cells_of(spoken: Mapping[str, Rows], spans: NDArray[np.intp]) -> list[Rows]:
    """Return the rows of each language and span, none of them empty; `spans` (rows,): that of each row."""
    cells = []
    for rows in spoken.values():
        own = spans[rows]
        cells += [rows[own == span] for span in np.unique(own)]
    return cells


def spans_of(dates: NDArray[np.int32] | None, rows: int) -> NDArray[np.intp]:
    """Return the span of each of `rows`, intp (rows,), by their `dates` as `Registry.dates` has them; one without."""
    if dates is None:
        return np.zeros(rows, np.intp)
    known, codes, times = np.unique(dates, return_inverse=True, return_counts=True)
    # What has no date is a span of its own, whatever its size.
    times[known < 0] = 0
    spans = (np.cumsum(times) - times) * SPANS // max(int(times.sum()), 1) + 1
    spans[known < 0] = 0
    found: NDArray[np.intp] = spans[codes]
    return found


def size(rows: int, dimension: int, cells: int = 0) -> int:
    """Return how many bytes sketches of so many rows take, of which FAISS fills up each cell to a multiple of 32."""
    return rows * (dimension // 8 + EXTRA) + cells * 16 * dimension // 8


def _middle(vectors: Vectors, rows: Rows) -> Vectors:
    some = rows[spread(len(rows), _MIDDLE)]
    middle: Vectors = vectors[some].mean(axis=0, dtype=np.float64).astype(np.float32)
    return middle


def _set(quantizer: faiss.IndexFlatL2, middles: Vectors) -> None:
    quantizer.reset()
    quantizer.add(middles)
