"""From a question to the articles whose passages answer it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import StoredPassage
from indexer.generation import Generation
from search_api.fusion import Question, Scorer

# Words move a passage by as much as lies between the first and about the thousandth nearest.
_LEAST_FETCH = 1_000
_PER_ARTICLE = 4
_WIDER = 4

Ranking = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and what it is worth to the question."""

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
    question: Question,
    k: int,
    *,
    passages: int,
    allowed: NDArray[np.int64] | None,
) -> list[Candidate]:
    """Return the `k` best articles with at most `passages` of each, best first, ties by row.

    Only the passage rows in `allowed` (rising) are searched, None meaning all. `allowed` holds whole
    articles: the best passages of each are chosen among all of its own.
    """
    scorer = Scorer(generation, question, allowed)
    rows, _ = _ranked(generation, question, scorer, k, allowed)
    candidates = [_candidate(generation, int(row), scorer, passages) for row in rows]
    return sorted(candidates, key=lambda found: (-found.score, found.article_row))


def rank(generation: Generation, question: Question, k: int, *, allowed: NDArray[np.int64] | None) -> Ranking:
    """Return the rows of the `k` best articles and their scores, as `retrieve` does, without their passages."""
    return _ranked(generation, question, Scorer(generation, question, allowed), k, allowed)


def _ranked(
    generation: Generation, question: Question, scorer: Scorer, k: int, allowed: NDArray[np.int64] | None
) -> Ranking:
    """Widen the search until it has met `k` articles or there is nothing left to search."""
    fetch = max(_LEAST_FETCH, _PER_ARTICLE * k)
    while True:
        _, near = generation.vectors.search(question.vector[np.newaxis], fetch, allowed)[0]
        rows = np.union1d(near, scorer.matching(fetch))
        articles, place = np.unique(generation.places.article[rows], return_inverse=True)
        if len(articles) >= k or len(near) < fetch:
            break
        fetch *= _WIDER
    scores = np.full(len(articles), -np.inf)
    np.maximum.at(scores, place, scorer(rows))
    order = np.lexsort((articles, -scores))[:k]
    return articles[order].astype(np.int64), scores[order]


def _candidate(generation: Generation, article_row: int, scorer: Scorer, passages: int) -> Candidate:
    rows = generation.facts.passage_rows(article_row)
    scores = scorer(rows)
    order = np.lexsort((rows, -scores))[:passages]
    best = generation.facts.passages(rows[order].tolist())
    return Candidate(
        article_row,
        tuple(ScoredPassage(passage, float(score)) for passage, score in zip(best, scores[order], strict=True)),
    )
