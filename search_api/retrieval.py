"""From a vector to the articles whose passages lie nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import StoredPassage
from indexer.generation import Generation

_FIRST_FETCH = 4
_WIDER = 4
# float32 sums differ in the seventh digit from machine to machine; what is equal to six is a tie.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and its cosine with the question."""

    passage: StoredPassage
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article with its best passages, best first. Its score is that of the first."""

    article_row: int
    passages: tuple[ScoredPassage, ...]

    @property
    def score(self) -> float:
        """Return the score of the best passage."""
        return self.passages[0].score


def retrieve(
    generation: Generation,
    vector: NDArray[np.float32],
    k: int,
    *,
    passages: int,
    allowed: NDArray[np.int64] | None,
) -> list[Candidate]:
    """Return the `k` articles nearest to the unit vector float32 (dimension,), best first, ties by row.

    Only the passage rows in `allowed` (rising) are searched, None meaning all. `allowed` holds whole
    articles: the best `passages` of each are chosen among all of its own.
    """
    rows = _nearest_articles(generation, vector, k, allowed)
    candidates = [_candidate(generation, row, vector, passages) for row in rows]
    return sorted(candidates, key=lambda found: (-found.score, found.article_row))


def _nearest_articles(
    generation: Generation, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
) -> list[int]:
    """Widen the search until it has met `k` articles or there is nothing left to search."""
    fetch = _FIRST_FETCH * k
    while True:
        _, rows = generation.vectors.search(vector[np.newaxis], fetch, allowed)[0]
        met = dict.fromkeys(found.article_row for found in generation.facts.passages(rows.tolist()))
        if len(met) >= k or len(rows) < fetch:
            return list(met)[:k]
        fetch *= _WIDER


def _candidate(generation: Generation, article_row: int, vector: NDArray[np.float32], passages: int) -> Candidate:
    rows = generation.facts.passage_rows(article_row)
    # Row by row in float64, unlike a BLAS product, gives equal vectors equal scores wherever they stand.
    scores = np.einsum("ij,j->i", generation.vectors.vectors(rows).astype(np.float64), vector).round(_DIGITS)
    order = np.lexsort((rows, -scores))[:passages]
    best = generation.facts.passages(rows[order].tolist())
    return Candidate(
        article_row,
        tuple(ScoredPassage(passage, float(score)) for passage, score in zip(best, scores[order], strict=True)),
    )
