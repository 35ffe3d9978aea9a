"""From a question to the articles whose passages answer it best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import StoredPassage
from indexer.filter import Allowed
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question, Scorer
from search_api.late import READ, REFINED, Compared, Near, compared, late_scores

# Words move a passage by as much as lies between the first and about the thousandth nearest.
NEAREST = 1_000
_PER_ARTICLE = 4
_WIDER = 4
# How many articles of a story are compared token by token, as which of them says it best is not settled before; and of
# how many stories. A story further back seldom comes to the front.
_OF_A_STORY = 3
_WHOLE_STORIES = 20

Ranking = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and what it is worth to the question.

    `tokens`: what of the score comes from comparing it token by token: it is the one at `place` in what was `compared`.
    """

    passage: StoredPassage
    score: float
    tokens: float = 0.0
    compared: Compared | None = None
    place: int = 0

    @property
    def near(self) -> Near | None:
        """Return how near the tokens of the question and of the passage come to each other, where that was asked.

        Float32 (tokens of the question, tokens of the passage).
        """
        return None if self.compared is None else self.compared.passage(self.place)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article with its best passages, best first. Its score is that of the first."""

    article_row: int
    passages: tuple[ScoredPassage, ...]

    @property
    def score(self) -> float:
        """Return the score of the best passage."""
        return self.passages[0].score


@dataclass(frozen=True, slots=True)
class _Refined:
    """An article with the rows of its best passages, best first, their scores, and what of them tokens add.

    `places`: where each passage stands in what was `compared`.
    """

    article: int
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    tokens: NDArray[np.float64]
    places: NDArray[np.int64]
    compared: Compared | None

    @property
    def score(self) -> float:
        """Return the score of the best passage."""
        return float(self.scores[0])


def retrieve(
    generation: Generation,
    question: Question,
    k: int,
    *,
    passages: int,
    allowed: Allowed | None,
    stories: NDArray[np.int32] | None = None,
) -> list[Candidate]:
    """Return the `k` best articles with at most `passages` of each, best first, ties by row.

    Only the passages that are `allowed` are searched, None meaning all. They are those of whole articles: the best
    passages of each are chosen among all of its own. With `stories`, int32 (articles,), only the article that scores
    best is returned of each story.
    """
    scorer = Scorer(generation, question, allowed)
    articles, _ = _ranked(generation, question, scorer, max(k, REFINED), allowed, stories)
    refined = _refined(generation, question, scorer, articles, max(passages, READ))
    if stories is not None:
        first_of = {int(stories[found.article]): found.article for found in reversed(refined)}
        refined = [found for found in refined if first_of[int(stories[found.article])] == found.article]
    return _candidates(generation, refined[:k], passages)


def rank(generation: Generation, question: Question, k: int, *, allowed: Allowed | None) -> Ranking:
    """Return the rows of the `k` best articles and their scores, as `retrieve` does, without their passages.

    What lies behind those that are compared token by token keeps its order, and scores that do not compare with theirs.
    """
    scorer = Scorer(generation, question, allowed)
    articles, scores = _ranked(generation, question, scorer, max(k, REFINED), allowed)
    refined = _refined(generation, question, scorer, articles[:REFINED], READ)
    first = np.array([found.article for found in refined], np.int64)
    best = np.array([found.score for found in refined])
    return np.append(first, articles[REFINED:])[:k], np.append(best, scores[REFINED:])[:k]


def _refined(
    generation: Generation, question: Question, scorer: Scorer, articles: NDArray[np.int64], read: int
) -> list[_Refined]:
    """Return the articles with the rows and scores of their `read` best passages, best first, compared by tokens."""
    if not len(articles):
        return []
    rows, owner = generation.places.rows_of_each(articles)
    scores = scorer(rows)
    best = np.lexsort((rows, -scores, owner))
    best = best[_places_within(owner) < read]
    rows, owner = rows[best], owner[best]
    tokens = compared(generation, question, rows)
    late = late_scores(generation, question, rows, tokens)
    scores = (scores[best] + late).round(DIGITS)
    order = np.lexsort((rows, -scores, owner))
    bounds = np.flatnonzero(np.diff(owner, prepend=-1, append=len(articles))).tolist()
    refined = []
    for article, start, end in zip(articles.tolist(), bounds, bounds[1:], strict=False):
        own = order[start:end]
        refined.append(_Refined(article, rows[own], scores[own], late[own], own, tokens))
    return sorted(refined, key=lambda found: (-found.score, found.article))


def _places_within(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, 2, ... anew for each run of equal numbers."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    places: NDArray[np.int64] = np.arange(len(owner)) - np.repeat(starts, np.diff(starts, append=len(owner)))
    return places


def _ranked(
    generation: Generation,
    question: Question,
    scorer: Scorer,
    k: int,
    allowed: Allowed | None,
    stories: NDArray[np.int32] | None = None,
) -> Ranking:
    """Widen the search until it has met `k` articles, or stories, or there is nothing left to search."""
    fetch = max(NEAREST, _PER_ARTICLE * k)
    while True:
        if question.near is not None and allowed is None and fetch == NEAREST:
            near = question.near
        else:
            near = generation.vectors.search(question.vector[np.newaxis], fetch, allowed)[0]
        rows, worth = scorer.around(near, fetch)
        articles, place = np.unique(generation.places.article[rows], return_inverse=True)
        met = len(articles) if stories is None else len(np.unique(stories[articles]))
        if met >= k or len(near[1]) < fetch:
            break
        fetch *= _WIDER
    scores = np.full(len(articles), -np.inf)
    np.maximum.at(scores, place, worth)
    order = np.lexsort((articles, -scores))
    order = order[:k] if stories is None else order[_of_first_stories(stories[articles[order]], k)]
    return articles[order].astype(np.int64), scores[order]


def _of_first_stories(stories: NDArray[np.int32], k: int) -> NDArray[np.bool_]:
    """Say which of some articles, best first, are among the first of one of the `k` first stories."""
    _, first, story, times = np.unique(stories, return_index=True, return_inverse=True, return_counts=True)
    within = np.empty(len(stories), np.int64)
    within[np.argsort(story, kind="stable")] = np.arange(len(stories)) - np.repeat(np.cumsum(times) - times, times)
    place = np.argsort(np.argsort(first))
    most = np.where(place[story] < _WHOLE_STORIES, _OF_A_STORY, 1)
    chosen: NDArray[np.bool_] = (place[story] < k) & (within < most)
    return chosen


def _candidates(generation: Generation, refined: Sequence[_Refined], most: int) -> list[Candidate]:
    """Read at most so many passages of each article."""
    rows = [row for found in refined for row in found.rows[:most].tolist()]
    read = iter(generation.facts.passages(rows))
    return [
        Candidate(
            found.article,
            tuple(
                ScoredPassage(next(read), score, tokens, found.compared, place)
                for score, tokens, place in zip(
                    *(part[:most].tolist() for part in (found.scores, found.tokens, found.places)), strict=True
                )
            ),
        )
        for found in refined
    ]
