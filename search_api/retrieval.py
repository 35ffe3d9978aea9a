"""From a question to the articles whose passages answer it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import StoredPassage
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question, Scorer
from search_api.late import READ, REFINED, late_scores

# Words move a passage by as much as lies between the first and about the thousandth nearest.
NEAREST = 1_000
_PER_ARTICLE = 4
_WIDER = 4

Ranking = tuple[NDArray[np.int64], NDArray[np.float64]]
Refined = tuple[int, NDArray[np.int64], NDArray[np.float64]]


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
    articles, _ = _ranked(generation, question, scorer, max(k, REFINED), allowed)
    refined = _refined(generation, question, scorer, articles, max(passages, READ))
    return [
        Candidate(article, _passages(generation, rows[:passages], scores[:passages]))
        for article, rows, scores in refined[:k]
    ]


def rank(generation: Generation, question: Question, k: int, *, allowed: NDArray[np.int64] | None) -> Ranking:
    """Return the rows of the `k` best articles and their scores, as `retrieve` does, without their passages.

    What lies behind those that are compared token by token keeps its order, and scores that do not compare with theirs.
    """
    scorer = Scorer(generation, question, allowed)
    articles, scores = _ranked(generation, question, scorer, max(k, REFINED), allowed)
    refined = _refined(generation, question, scorer, articles[:REFINED], READ)
    first = np.array([article for article, _, _ in refined], np.int64)
    best = np.array([found[0] for _, _, found in refined])
    return np.append(first, articles[REFINED:])[:k], np.append(best, scores[REFINED:])[:k]


def _refined(
    generation: Generation, question: Question, scorer: Scorer, articles: NDArray[np.int64], read: int
) -> list[Refined]:
    """Return the articles with the rows and scores of their `read` best passages, best first, compared by tokens."""
    if not len(articles):
        return []
    groups = [generation.places.rows_of(article) for article in articles.tolist()]
    rows, owner = np.concatenate(groups), np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    scores = scorer(rows)
    best = np.lexsort((rows, -scores, owner))
    best = best[_places_within(owner) < read]
    rows, owner = rows[best], owner[best]
    scores = (scores[best] + late_scores(generation, question, rows)).round(DIGITS)
    order = np.lexsort((rows, -scores, owner))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    parts = zip(articles.tolist(), np.split(rows[order], starts[1:]), np.split(scores[order], starts[1:]), strict=True)
    return sorted(parts, key=lambda found: (-found[2][0], found[0]))


def _places_within(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, 2, ... anew for each run of equal numbers."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    places: NDArray[np.int64] = np.arange(len(owner)) - np.repeat(starts, np.diff(starts, append=len(owner)))
    return places


def _ranked(
    generation: Generation, question: Question, scorer: Scorer, k: int, allowed: NDArray[np.int64] | None
) -> Ranking:
    """Widen the search until it has met `k` articles or there is nothing left to search."""
    fetch = max(NEAREST, _PER_ARTICLE * k)
    while True:
        if question.near is not None and allowed is None and fetch == NEAREST:
            _, near = question.near
        else:
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


def _passages(
    generation: Generation, rows: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[ScoredPassage, ...]:
    found = generation.facts.passages(rows.tolist())
    return tuple(ScoredPassage(passage, float(score)) for passage, score in zip(found, scores, strict=True))
