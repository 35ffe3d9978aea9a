"""Nearest neighbours by inner product, on FAISS. Its positions are the rows of passages.sqlite.

Which of the kinds there are fits how many vectors says indexer/ladder.py. Where there are many, a sketch
(indexer/sketch.py) says which ones are compared; where memory is short, they are kept in two bytes a dimension, or six
bits.
"""

from __future__ import annotations

from functools import cached_property
from math import ceil
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer import faiss_files
from indexer.breadth import few
from indexer.errors import IndexDamaged
from indexer.filter import Allowed
from indexer.guide import Guide, LanguageCells
from indexer.manifest import REBUILD
from indexer.nearest import Neighbours, Rows, Vectors, spread
from indexer.six_bits import SixBits
from indexer.whole import READ, WholeVectors

VECTORS = "vectors.faiss"
# How vectors are kept (FAISS's names; the last has whole ones on disk besides, indexer/whole.py), and how many bytes of
# memory a dimension takes.
ON_DISK = "SQ6, SQfp16 on disk"
BYTES = {"Flat": 4.0, "SQfp16": 2.0, ON_DISK: 0.75}
# What six bits cover: so many standard deviations to both sides of each dimension's mean.
_RANGE = 4.0
_TRAINING = 100_000
# So many times as many candidates as are wanted: deep down, sketches tell vectors apart less well.
_WIDER = 2
# So many are copied at once: more would not stay in the processor's cache.
_AT_ONCE = 1_024
# Without cells, so many candidates are looked through for those that a filter leaves.
_MOST = 3_200


class VectorIndex:
    """Vectors of passages, by row."""

    def __init__(self, index: faiss.Index, guide: Guide | None = None, whole: WholeVectors | None = None) -> None:
        """Take a FAISS index as it is, sketches of its vectors, and whole ones on disk."""
        self._index, self._guide, self._whole = index, guide, whole
        self._six_bits = SixBits.of(index)

    @classmethod
    def build(cls, vectors: Vectors, kind: str = "Flat", whole: WholeVectors | None = None) -> VectorIndex:
        """Index float32 (rows, dimension), which may be a file mapped into memory; `kind` is one of `BYTES`."""
        rows, dimension = vectors.shape
        index = faiss.index_factory(dimension, "SQ6" if kind == ON_DISK else kind, faiss.METRIC_INNER_PRODUCT)
        if isinstance(index, faiss.IndexScalarQuantizer):
            index.sq.rangestat, index.sq.rangestat_arg = faiss.ScalarQuantizer.RS_meanstd, _RANGE
            index.train(vectors[spread(rows, _TRAINING)])
        # All at once: what grows piece by piece is copied again and again.
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index, whole=whole)

    @classmethod
    def open(
        cls,
        file: Path,
        descriptor: int | None = None,
        guide: Guide | None = None,
        kind: str = "Flat",
        whole: WholeVectors | None = None,
    ) -> VectorIndex:
        """Map the file into memory, or the one behind `descriptor`, as `faiss_files.mapped` does.

        Raises IndexDamaged where FAISS finds that it is no inner-product index of this `kind`, or the sketch is of
        other vectors.
        """
        index = faiss_files.mapped(file, descriptor)
        known = isinstance(index, faiss.IndexFlat | faiss.IndexScalarQuantizer)
        known = known and index.metric_type == faiss.METRIC_INNER_PRODUCT
        if not known or index.sa_code_size() != ceil(BYTES.get(kind, 0) * index.d):
            raise IndexDamaged(f"it holds a {type(index).__name__}, not one of kind {kind}", REBUILD, where=str(file))
        if guide and not guide.fits(index.ntotal, index.d):
            raise IndexDamaged("its sketch is not of as many vectors", where=str(file))
        return cls(index, guide, whole)

    def save(self, file: Path) -> None:
        """Write the index. Raises OSError."""
        faiss_files.write(self._index, file)

    @property
    def count(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None, *, exactly: bool = False
    ) -> list[Neighbours]:
        """Find the nearest, as `Nearest` says: by the sketch, where there is one, or `exactly`."""
        among = None if allowed is None else _Allowed(allowed, self.count)
        found = None
        if self._guide and not exactly:
            found = self._guided(self._guide, queries, k, among)
        return self._exact(queries, k, among) if found is None else found

    def vectors(self, rows: Rows) -> Vectors:
        """Return float32 (len(rows), dimension)."""
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Return the inner products of `query` (dimension,) with the vectors at `rows`, float32 (len(rows),)."""
        scores = np.empty(len(rows), np.float32)
        if isinstance(self._index, faiss.IndexFlat) and len(rows):
            # Where they lie: to copy ten thousand takes as long again. FAISS's Python layer has only the bare call.
            query, rows = np.ascontiguousarray(query, np.float32), np.ascontiguousarray(rows, np.int64)
            asked, among, found = (faiss.swig_ptr(array) for array in (query, rows, scores))
            self._index.compute_distance_subset(1, asked, len(rows), found, among)  # type: ignore[attr-defined]
            return scores
        if self._six_bits:
            return self._six_bits.scores(query, rows)
        for start in range(0, len(rows), _AT_ONCE):
            scores[start : start + _AT_ONCE] = self.vectors(rows[start : start + _AT_ONCE]) @ query
        return scores

    def best(self, query: Vectors, rows: Rows, k: int) -> Neighbours:
        """Return the k best of `rows` for `query` (dimension,), best first, equal scores by row."""
        return self._read(query, *_first(self.scores(query, rows), rows, self._wanted(k)), k)

    def reach(self) -> None:
        """Do nothing: a file that is mapped stays."""

    def _guided(self, guide: Guide, queries: Vectors, k: int, among: _Allowed | None) -> list[Neighbours] | None:
        """Compare what the sketches put first; None where that is not worth it, or does not find enough."""
        cells = guide.cells(among.rows) if among and among.count > few(self.count, apart=True) else None
        if among and among.count <= few(self.count, apart=cells is not None):
            return None
        if among and cells:
            chosen = _in_cells(cells, queries, max(guide.breadth.by_language, _WIDER * k), among)
        else:
            chosen = self._near(guide, queries, k, among)
        if chosen is None or min(map(len, chosen), default=0) < min(k, among.count if among else self.count):
            return None
        return [self.best(query, rows, k) for query, rows in zip(queries, chosen, strict=True)]

    def _wanted(self, k: int) -> int:
        return max(k, READ) if self._whole else k

    def _read(self, query: Vectors, scores: Vectors, rows: Rows, k: int) -> Neighbours:
        """Compare the first by what is on disk, where whole vectors are, and return the k best."""
        if self._whole:
            read = self._whole.vectors(rows[:READ]) @ query
            scores, rows = ordered(np.concatenate([read, scores[READ:]]), rows)
        return scores[:k], rows[:k]

    def _near(self, guide: Guide, queries: Vectors, k: int, among: _Allowed | None) -> list[Rows] | None:
        breadth = guide.breadth
        count = candidates = max(breadth.candidates, _WIDER * k)
        if among and not guide.sketch.cells:
            # Flat sketches know no filter: among more candidates as many are allowed.
            count = int(candidates / among.part)
        if _WIDER * count > self.count or (count > candidates and count > _MOST):
            return None
        probes = breadth.probes_for(among.part if among else 1.0)
        found = guide.sketch.candidates(queries, count, probes, among.bits if among and probes else None)
        return [rows[rows >= 0] if among is None else rows[(rows >= 0) & among.mask[rows]] for rows in found]

    def _exact(self, queries: Vectors, k: int, among: _Allowed | None) -> list[Neighbours]:
        wanted = min(self._wanted(k), among.count if among else self.count)
        if wanted <= 0:
            nothing = (np.empty(0, np.float32), np.empty(0, np.int64))
            return [nothing for _ in queries]
        if among and among.count <= few(self.count):
            return [self.best(query, among.rows, k) for query in queries]
        # FAISS keeps a bare pointer to the selector, which must outlive the call. Its stubs do not know what its
        # Python layer takes.
        selector = faiss.IDSelectorBitmap(among.bits) if among else None  # type: ignore[call-arg, arg-type]
        parameters = faiss.SearchParameters(sel=selector) if selector else None  # type: ignore[call-arg]
        scores, rows = self._index.search(np.ascontiguousarray(queries, np.float32), wanted, params=parameters)
        return [self._read(query, *ordered(*found), k) for query, *found in zip(queries, scores, rows, strict=True)]


class _Allowed:
    """The rows that a filter leaves, of `total`."""

    def __init__(self, allowed: Allowed, total: int) -> None:
        self.rows, self.count, self._total = allowed.rows, len(allowed), total
        self.part = self.count / max(total, 1)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        mask = np.zeros(self._total, bool)
        mask[self.rows] = True
        return mask

    @cached_property
    def bits(self) -> NDArray[np.uint8]:
        return np.packbits(self.mask, bitorder="little")


def _in_cells(cells: LanguageCells, queries: Vectors, count: int, among: _Allowed) -> list[Rows] | None:
    if _WIDER * count > among.count:
        return None
    # Making the bits of a million rows takes as long as comparing a hundred thousand sketches.
    bits = None if cells.count == among.count else among.bits
    return [rows[rows >= 0] for rows in cells.candidates(queries, count, bits)]


def _first(scores: Vectors, rows: Rows, k: int) -> Neighbours:
    """Return the k best of some scores, best first, equal ones by row."""
    if k < len(rows):
        # What ties with the last one must not be lost before rows decide.
        best = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
        scores, rows = scores[best], rows[best]
    scores, rows = ordered(scores, rows)
    return scores[:k], rows[:k]


def ordered(scores: Vectors, rows: Rows) -> Neighbours:
    """Return them best first, equal scores by row, without what FAISS fills up with."""
    real = rows >= 0
    scores, rows = scores[real], rows[real]
    order = np.lexsort((rows, -scores))
    return scores[order], rows[order]


def mean_direction(vectors: Vectors) -> Vectors:
    """Return the direction of the mean of float32 (n, d), as float32 (d,)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    direction: Vectors = (mean / max(float(np.linalg.norm(mean)), 1e-30)).astype(np.float32)
    return direction
