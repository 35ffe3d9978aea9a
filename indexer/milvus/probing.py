"""Into how many cells of an IVF index of Milvus a search must look: measured on each corpus, as for FAISS."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from indexer.breadth import FILTERED_RECALL, PARTS, RECALL, Breadth, among_nearest, tenth_best
from indexer.milvus.vectors import MilvusVectors
from indexer.nearest import Rows, Vectors

_QUESTIONS = 200
_NEAREST = 10


def cells_for(count: int) -> int:
    """Return how many cells so many vectors are put into: about four times their root, a power of two."""
    return int(2 ** round(math.log2(4 * math.sqrt(count))))


def measured(milvus: MilvusVectors, vectors: Vectors, questions: Vectors, cells: int) -> Breadth:
    """Return how many cells find enough of the ten nearest to `questions`, float32 (m, dimension).

    `vectors` float32 (rows, dimension) are those in the collection. Asked are questions and passages, a hundred each;
    passages do not count as found by themselves. For filters, every tenth and every hundredth row is let through.
    Raises IndexUnreachable.
    """
    own = np.linspace(0, len(vectors) - 1, _QUESTIONS // 2).astype(np.int64)
    some = questions[:: max(len(questions) // (_QUESTIONS // 2), 1)][: _QUESTIONS // 2]
    asked = np.concatenate([some, vectors[own]])
    selves = np.append(np.full(len(some), -1), own)
    probes: list[int] = []
    recalls: list[float] = []
    for one_in in PARTS:
        passing = f"row % {one_in} == 0" if one_in > 1 else ""
        least = tenth_best(vectors, asked, np.arange(0, len(vectors), one_in) if one_in > 1 else None, selves)
        goal = FILTERED_RECALL if probes else RECALL
        for tried in _steps(cells, probes[-1] if probes else 0):
            found = milvus.within(asked, _NEAREST + 1, passing, tried)
            recall = _recall(vectors, asked, selves, [rows for _, rows in found], least)
            if recall >= goal:
                break
        probes.append(tried)
        recalls.append(recall)
    candidates = round(len(vectors) * probes[0] / cells)
    return Breadth(candidates, round(recalls[0], 4), tuple(probes))


def _recall(vectors: Vectors, asked: Vectors, selves: Rows, found: list[Rows], least: Vectors) -> float:
    hits = 0
    for question, own, rows, tenth in zip(asked, selves.tolist(), found, least.tolist(), strict=True):
        hits += among_nearest(vectors, question, rows[rows != own][:_NEAREST], tenth)
    return hits / (_NEAREST * len(asked))


def _steps(cells: int, least: int) -> Iterator[int]:
    """Yield numbers of cells to try, each half as many more, up to all of them."""
    probes = least or max(cells // 64, 1)
    while probes < cells:
        yield probes
        probes += max(probes // 2, 1)
    yield cells
