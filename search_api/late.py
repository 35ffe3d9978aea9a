"""Late interaction: the first hits of a search, compared with the question token by token.

A vector says what a passage is about; its tokens say whether it holds what was asked (Khattab and Zaharia 2020,
"ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT"). The codes are those of
the encoder's tokens as they stand in their passage; where the encoder has learnt how to look for them, the question's
tokens are turned that way. Tokens of one language are nearer to each other than to those of others, so passages in the
question's language pay for it, and part of what the best of a language has is taken off all of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.compared import FARTHEST, Compared
from indexer.encoder import QueryTokens
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question

# How many articles are compared, and how many passages of each at least: the order, here and of a reranker, must not
# depend on how many of them are shown.
REFINED = 50
READ = 3
# How much nearness counts beside a cosine; how much nearer tokens of one language are; how much of the nearness of a
# language's best passage is taken off. Chosen on xquad and confirmed on debian_headlines, both as they are
# and cut down to one language an answer (docs/choices.md).
WORTH = 0.8
_OWN = 0.06
_EVENNESS = 0.4


def compared(generation: Generation, tokens: QueryTokens | None, rows: NDArray[np.int64]) -> Compared | None:
    """Compare a question's tokens with the passages at `rows`; None where the index or the question has none."""
    if generation.codes is None or tokens is None or not len(rows) or not len(tokens.weights):
        return None
    return Compared.of(tokens, *generation.codes.of_each(rows))


def nearness(tokens: Compared | None) -> NDArray[np.float64] | None:
    """Return how near the tokens of passages come to the question's, float64 (passages,); None without tokens."""
    return None if tokens is None else tokens.nearness()


def ranking(tokens: QueryTokens | None) -> QueryTokens | None:
    """Return the tokens by which passages are ranked, None where there are none."""
    return tokens.ranking or tokens if tokens else None


def late_scores(
    generation: Generation, question: Question, rows: NDArray[np.int64], near: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return what it adds to the scores of passages how `near` their tokens are, float64 (len(rows),).

    Rounded so that machines agree; zeros where `near` is None.
    """
    if near is None:
        return np.zeros(len(rows))
    places = generation.places
    languages = places.language[rows]
    best = np.full(len(places.languages), FARTHEST)
    np.maximum.at(best, languages, near)
    own = np.array([question.languages.get(language, 0.0) for language in places.languages])
    added: NDArray[np.float64] = WORTH * (near - _OWN * own[languages] - _EVENNESS * best[languages])
    return added.round(DIGITS)
