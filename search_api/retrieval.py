"""From a question to the articles whose passages answer it best."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, islice, repeat

import numpy as np
from numpy.typing import NDArray

from indexer.compared import Compared
from indexer.facts import StoredPassage
from indexer.filter import Allowed
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question, Scorer
from search_api.late import READ, REFINED, compared, late_scores, nearness, ranking

# Words move a passage by as much as lies between the first and about the thousandth nearest; those of them that lie
# beyond the three hundredth and come to the front have the words, by which as many are looked at.
NEAREST = 300
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

    `tokens`: what of the score comes from comparing it token by token. It is the one at `place` in what was `compared`
    with the question's tokens as they are.
    `near`: how near its tokens come to the question's, -1 to 1, None where they were not compared.
    """

    passage: StoredPassage
    score: float
    tokens: float = 0.0
    near: float | None = None
    compared: Compared | None = None
    place: int = 0


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
    """Articles int64 (n,), best first, each with the score of its best passage, and their best passages.

    Those of article i are at `starts[i]:ends[i]` of the rest, best first: their `rows`, their scores, and what of these
    `tokens` add.
    """

    articles: NDArray[np.int64]
    scores: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: NDArray[np.int64]
    worth: NDArray[np.float64]
    tokens: NDArray[np.float64]


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
    chosen = np.arange(len(refined.articles))
    if stories is not None:
        chosen = _first_of_each(stories[refined.articles])
    return _candidates(generation, question, refined, chosen[:k], passages)


def rank(generation: Generation, question: Question, k: int, *, allowed: Allowed | None) -> Ranking:
    """Return the rows of the `k` best articles and their scores, as `retrieve` does, without their passages.

    What lies behind those that are compared token by token keeps its order, and scores that do not compare with theirs.
    """
    scorer = Scorer(generation, question, allowed)
    articles, _ = _ranked(generation, question, scorer, REFINED, allowed)
    refined = _refined(generation, question, scorer, articles, READ)
    if k <= REFINED:
        return refined.articles[:k], refined.scores[:k]
    # The more are wanted the farther is looked, and what is found there must not change what comes first.
    articles, scores = _ranked(generation, question, scorer, k, allowed)
    behind = ~np.isin(articles, refined.articles)
    return np.append(refined.articles, articles[behind])[:k], np.append(refined.scores, scores[behind])[:k]


def _refined(
    generation: Generation, question: Question, scorer: Scorer, articles: NDArray[np.int64], read: int
) -> _Refined:
    """Compare the `read` best passages of each article by tokens, and order the articles by the best of them."""
    rows, owner = generation.places.rows_of_each(articles)
    scores = scorer(rows)
    best = np.lexsort((rows, -scores, owner))
    best = best[_places_within(owner) < read]
    rows, owner = rows[best], owner[best]
    near = nearness(compared(generation, ranking(question.tokens), rows))
    late = late_scores(generation, question, rows, near)
    scores = (scores[best] + late).round(DIGITS)
    places = np.lexsort((rows, -scores, owner))
    rows, scores, late = rows[places], scores[places], late[places]
    bounds = np.flatnonzero(np.diff(owner, prepend=-1, append=len(articles)))
    first = scores[bounds[:-1]]
    order = np.lexsort((articles, -first))
    starts, ends = bounds[:-1][order], bounds[1:][order]
    return _Refined(articles[order], first[order], starts, ends, rows, scores, late)


def _places_within(owner: NDArray[np.integer]) -> NDArray[np.int64]:
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
        met = len(articles) if stories is None else len(set(stories[articles].tolist()))
        if met >= k or len(near[1]) < fetch:
            break
        fetch *= _WIDER
    scores = np.full(len(articles), -np.inf)
    np.maximum.at(scores, place, worth)
    order = np.lexsort((articles, -scores))
    order = order[:k] if stories is None else order[_of_first_stories(stories[articles[order]], k)]
    return articles[order].astype(np.int64), scores[order]


def _first_of_each(stories: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the places at which a story stands that did not stand before, rising."""
    return np.sort(np.unique(stories, return_index=True)[1])


def _of_first_stories(stories: NDArray[np.int32], k: int) -> NDArray[np.int64]:
    """Return the places of those of some articles, best first, that are among the first of one of `k` first stories."""
    first = _first_of_each(stories)[:k]
    number = np.full(int(stories.max(initial=0)) + 1, -1, np.int32)
    number[stories[first]] = np.arange(len(first))
    places = np.flatnonzero(number[stories] >= 0)
    story = number[stories[places]]
    by_story = np.argsort(story, kind="stable")
    within = np.empty_like(by_story)
    within[by_story] = _places_within(story[by_story])
    return places[within < np.where(story < _WHOLE_STORIES, _OF_A_STORY, 1)]


def _candidates(
    generation: Generation, question: Question, refined: _Refined, chosen: NDArray[np.int64], most: int
) -> list[Candidate]:
    """Read at most so many passages of each of the articles that are `chosen`, and compare their tokens."""
    starts = refined.starts[chosen]
    ends = np.minimum(refined.ends[chosen], starts + most)
    at = [range(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    flat = [place for own in at for place in own]
    rows = refined.rows[flat]
    read = iter(generation.facts.passages(rows.tolist()))
    beside = compared(generation, question.tokens, rows)
    found = nearness(beside)
    near = repeat(None) if found is None else found.tolist()
    scored = zip(refined.worth[flat].tolist(), refined.tokens[flat].tolist(), near, count())
    return [
        Candidate(
            article,
            tuple(
                ScoredPassage(next(read), score, tokens, closeness, beside, place)
                for score, tokens, closeness, place in islice(scored, len(own))
            ),
        )
        for article, own in zip(refined.articles[chosen].tolist(), at, strict=True)
    ]
