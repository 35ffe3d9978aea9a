"""Nearest neighbours by inner product, on FAISS. Its positions are the rows of passages.sqlite.

Scores are always exact. Where there are many vectors, a sketch (indexer/sketch.py) says which ones are compared.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged
from indexer.sketch import Breadth, Sketch

EXACT = "Flat"
SKETCHED = "RaBitQfs,Refine(Flat)"
# So many times as many candidates as are wanted: deep down, sketches tell vectors apart less well.
_WIDER = 2
Neighbours = tuple[NDArray[np.float32], NDArray[np.int64]]


class VectorIndex:
    """Vectors of passages, by row."""

    def __init__(self, index: faiss.IndexFlat, sketch: Sketch | None = None, breadth: Breadth | None = None) -> None:
        """Take a FAISS index as it is, and sketches of its vectors with how many candidates they need."""
        self._index = index
        self._sketch, self._breadth = sketch, breadth

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> VectorIndex:
        """Index float32 (rows, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @classmethod
    def open(
        cls, file: Path, descriptor: int | None = None, sketch: Sketch | None = None, breadth: Breadth | None = None
    ) -> VectorIndex:
        """Map the file into memory, or the one behind `descriptor`, which may be closed later.

        Check its sum first, and give the descriptor that it was checked by: FAISS reads, and may crash on, anything.
        Raises IndexDamaged where FAISS finds that it is no flat inner-product index, or the sketch is of other vectors.
        """
        try:
            source = str(file) if descriptor is None else f"/proc/self/fd/{descriptor}"
            owner = faiss.read_index(source, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexDamaged("FAISS cannot read it", where=str(file)) from error
        index = faiss.downcast_index(owner)
        # The downcast only borrows: FAISS's object dies with the one that was read.
        index.referenced_objects = [owner]  # type: ignore[attr-defined]
        if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise IndexDamaged(f"it holds a {type(index).__name__}, not a flat index", where=str(file))
        if sketch and sketch.shape != (index.ntotal, index.d):
            raise IndexDamaged("its sketch is not of as many vectors", where=str(file))
        return cls(index, sketch, breadth)

    def save(self, file: Path) -> None:
        """Write the index. Raises OSError; FAISS's own writer does not say so where closing the file fails."""
        with file.open("wb") as stream:
            writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]  # FAISS's stubs lack it
            faiss.write_index(self._index, writer)

    @property
    def count(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        allowed: NDArray[np.int64] | None = None,
        *,
        exactly: bool = False,
    ) -> list[Neighbours]:
        """Return scores (<=k,) float32 and rows (<=k,) int64 for each of `queries` (m, dimension).

        Best first, equal scores by row. Only rows in `allowed` are considered, and all of them; None means all rows, of
        which some may be overlooked where there is a sketch, unless they are to be compared `exactly`.
        """
        if self._sketch and self._breadth and allowed is None and not exactly:
            candidates = max(self._breadth.candidates, _WIDER * k)
            if _WIDER * candidates <= self.count:
                found = self._sketch.candidates(queries, candidates)
                return [self._compared(*pair, k) for pair in zip(queries, found, strict=True)]
        wanted = min(k, self.count if allowed is None else len(allowed))
        if wanted <= 0:
            nothing = (np.empty(0, np.float32), np.empty(0, np.int64))
            return [nothing for _ in queries]
        # The selector must outlive the call: FAISS keeps a bare pointer to it. Its stubs do not know what its
        # Python layer takes.
        selector = None if allowed is None else faiss.IDSelectorBitmap(self._bitmap(allowed))  # type: ignore[call-arg, arg-type]
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = self._index.search(np.ascontiguousarray(queries, np.float32), wanted, params=parameters)
        return [_ordered(*pair) for pair in zip(scores, rows, strict=True)]

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return float32 (len(rows), dimension)."""
        found: NDArray[np.float32] = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found

    def _compared(self, query: NDArray[np.float32], candidates: NDArray[np.int64], k: int) -> Neighbours:
        rows = candidates[candidates >= 0]
        scores = self.vectors(rows) @ query
        if k < len(rows):
            best = np.argpartition(-scores, k - 1)[:k]
            rows, scores = rows[best], scores[best]
        return _ordered(scores, rows)

    def _bitmap(self, allowed: NDArray[np.int64]) -> NDArray[np.uint8]:
        mask = np.zeros(self.count, bool)
        mask[allowed] = True
        return np.packbits(mask, bitorder="little")


def _ordered(scores: NDArray[np.float32], rows: NDArray[np.int64]) -> Neighbours:
    real = rows >= 0
    scores, rows = scores[real], rows[real]
    order = np.lexsort((rows, -scores))
    return scores[order], rows[order]


def mean_direction(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the direction of the mean of float32 (n, d), as float32 (d,)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    direction: NDArray[np.float32] = (mean / max(float(np.linalg.norm(mean)), 1e-30)).astype(np.float32)
    return direction
