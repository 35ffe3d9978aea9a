"""Where to look for the nearest vectors: a bit a dimension of each, a thirtieth of what comparing all exactly reads.

The bits are those of RaBitQ (Gao and Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error
Bound for Approximate Nearest Neighbor Search"), in FAISS's fast-scan layout. What they put first is compared
exactly, so what they cost is a neighbour overlooked now and then: every build measures how often.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged

NAME = "vectors.sketch.faiss"
# Below, comparing all exactly takes less than a millisecond or two.
LEAST = 20_000
_KIND = "RaBitQfs"
# How many vectors are compared exactly, at least: the first of these that finds enough of the ten nearest.
_BREADTHS = (200, 400, 800, 1_600, 3_200)
_NEAREST = 10
_RECALL = 0.99
# Recall is measured with so many questions, so many at once.
_MEASURED = 1_000
_BLOCK = 100

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many candidates are compared exactly at least, and the part of the ten nearest that was found so."""

    candidates: int
    recall: float


class Sketch:
    """Sketches of vectors, by row. Threads may share it."""

    def __init__(self, index: faiss.Index, owner: faiss.Index | None = None) -> None:
        """Take a FAISS index, and what it is part of."""
        self._index, self._owner = index, owner

    @classmethod
    def build(cls, vectors: Vectors) -> Sketch:
        """Sketch float32 (rows, dimension)."""
        index = faiss.index_factory(vectors.shape[1], _KIND, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        return cls(index)

    @classmethod
    def open(cls, file: Path, descriptor: int) -> Sketch:
        """Map the file behind `descriptor` into memory, which was checked by it. Raises IndexDamaged."""
        try:
            owner = faiss.read_index(f"/proc/self/fd/{descriptor}", faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexDamaged("FAISS cannot read it", where=str(file)) from error
        index = faiss.downcast_index(owner)
        if not isinstance(index, faiss.IndexRaBitQFastScan) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise IndexDamaged(f"it holds a {type(index).__name__}, not sketches", where=str(file))
        return cls(index, owner)

    def save(self, file: Path) -> None:
        """Write the sketches. Raises OSError."""
        with file.open("wb") as stream:
            writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]  # FAISS's stubs lack it
            faiss.write_index(self._index, writer)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and length of a vector."""
        return int(self._index.ntotal), int(self._index.d)

    def candidates(self, queries: Vectors, count: int) -> NDArray[np.int64]:
        """Return the `count` rows that seem nearest to each of `queries` (m, dimension): int64 (m, count), -1: none."""
        found: NDArray[np.int64] = self._index.search(np.ascontiguousarray(queries, np.float32), count)[1]
        return found

    def measured(self, vectors: Vectors, questions: Vectors) -> Breadth | None:
        """Return how many candidates find 99% of the ten nearest to `questions`, float32 (m, dimension).

        None where no number of them that is worth it does. `vectors` are those that were sketched.
        """
        ranks = np.concatenate(
            [self._ranks(vectors, questions[start : start + _BLOCK]) for start in range(0, len(questions), _BLOCK)]
        )
        for candidates in _BREADTHS:
            recall = float((ranks < candidates).mean())
            if recall >= _RECALL:
                return Breadth(candidates, round(recall, 4))
        return None

    def _ranks(self, vectors: Vectors, questions: Vectors) -> NDArray[np.int64]:
        """Return at which place among the candidates each of the ten nearest stands, int64 (m, 10)."""
        scores = questions @ vectors.T
        nearest = np.argpartition(-scores, _NEAREST - 1, axis=1)[:, :_NEAREST]
        found = self.candidates(questions, _BREADTHS[-1])
        places = np.full((len(questions), len(vectors)), _BREADTHS[-1], np.int64)
        rows = np.arange(len(questions))[:, np.newaxis]
        # What is missing is -1, and the last row of all in that many places too far: those come last.
        places[rows, found[:, ::-1]] = np.arange(_BREADTHS[-1])[::-1]
        return places[rows, nearest]


def write(folder: Path, vectors: Vectors, questions: Vectors) -> Breadth | None:
    """Write sketches of many vectors into `folder`, and return how many candidates they need.

    None where there are too few vectors, or sketches do not find the nearest: all are then compared. Measured with the
    `questions`, float32 (m, dimension), and as many of the vectors as make a thousand with them. Raises OSError.
    """
    if len(vectors) < LEAST:
        return None
    sketches = Sketch.build(vectors)
    own = np.linspace(0, len(vectors) - 1, max(_MEASURED - len(questions), 0)).astype(np.int64)
    breadth = sketches.measured(vectors, np.concatenate([questions, vectors[own]]))
    if breadth:
        sketches.save(folder / NAME)
    return breadth
