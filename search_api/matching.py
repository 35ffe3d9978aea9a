"""All articles that seem to answer a question, however many: what coverage counts and a feed lists.

An article matches where one of its passages has evidence above the threshold by which a search says `answered`. By
vectors and words, the evidence of a passage grows with its cosine and with its words, so it is known which need no
look: those that are farther away than the farthest that was looked at, and lack the words that would make up for it.
Those that have the most are compared token by token, as a search does; the others are taken as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.generation import Generation
from search_api.confidence import Judge
from search_api.fusion import Question

# So many passages are looked at first because they are near, so many at most, and so many because of their words.
_NEAR = 1_000
MOST_NEAR = 16 * _NEAR
MOST_WORDED = 16 * _NEAR
# So many are compared token by token: it takes about as long as all else.
MOST_COMPARED = 500
_WIDER = 4


@dataclass(frozen=True, slots=True)
class Matching:
    """The rows of articles that match, int64 (n,), rising. `complete`: there are no others."""

    articles: NDArray[np.int64]
    complete: bool


def matching(generation: Generation, judge: Judge, query: str, question: Question) -> Matching:
    """Return the articles that match `question`, whose text is `query`, whatever filters are to hold."""
    near, others = _looked_at(generation, judge, question)
    complete = len(others) <= MOST_WORDED
    rows = np.concatenate([near, others[:MOST_WORDED]])
    evidence = judge.evidence_at(query, question, rows)
    order = np.argsort(-evidence, kind="stable")
    first, behind = rows[order[:MOST_COMPARED]], order[MOST_COMPARED:]
    matched = np.append(first[judge.evidence_by_tokens(query, question, first) > 0], rows[behind[evidence[behind] > 0]])
    return Matching(np.unique(generation.places.article[matched]).astype(np.int64), complete)


def _looked_at(generation: Generation, judge: Judge, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nearest passages, and all others that may match, those with the best words first: int64."""
    fetch = _NEAR
    while True:
        # Exactly: a sketch overlooks some of the many that a count is made of.
        cosines, near = generation.vectors.search(question.vector[np.newaxis], fetch, exactly=True)[0]
        if len(near) == generation.vectors.count:
            return near, np.empty(0, np.int64)
        reach = judge.reach(question, float(cosines[-1]))
        reach[near] = -np.inf
        others = np.flatnonzero(reach > 0)
        if len(others) <= MOST_WORDED or fetch >= MOST_NEAR:
            return near, others[np.argsort(-reach[others], kind="stable")]
        fetch *= _WIDER
