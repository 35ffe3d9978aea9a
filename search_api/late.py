"""Late interaction: the first hits of a search, compared with the question token by token.

A vector says what a passage is about; its tokens say whether it holds what was asked (Khattab and Zaharia 2020,
"ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT"). Nothing was trained
for it: the codes are those of the encoder's tokens as they stand in their passage. Tokens of one language are nearer
to each other than to those of others, so passages in the question's language pay for it, and part of what the best
of a language has is taken off all of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.codes import Codes, TokenCodes
from indexer.encoder import QueryTokens
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question
from search_api.signs import sums

# How many articles are compared, and how many passages of each at least: the order, here and of a reranker, must not
# depend on how many of them are shown.
REFINED = 50
READ = 3
# How much nearness counts beside a cosine; how much nearer tokens of one language are; how much of the nearness of a
# language's best passage is taken off. Chosen on xquad and confirmed on debian_headlines, both as they are
# and cut down to one language an answer (docs/choices.md).
_WORTH = 0.6
_OWN = 0.06
_EVENNESS = 0.4
_FARTHEST = -1.0


def late_scores(generation: Generation, question: Question, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what the tokens of passages add to their scores, float64 (len(rows),), rounded so that machines agree.

    Zeros where the index keeps no codes or the question came without tokens.
    """
    if generation.codes is None or question.tokens is None or not len(rows) or not len(question.tokens.weights):
        return np.zeros(len(rows))
    near = nearness(question.tokens, generation.codes, rows)
    places = generation.places
    languages = places.language[rows]
    best = np.full(len(places.languages), _FARTHEST)
    np.maximum.at(best, languages, near)
    own = np.array([question.languages.get(language, 0.0) for language in places.languages])
    added: NDArray[np.float64] = _WORTH * (near - _OWN * own[languages] - _EVENNESS * best[languages])
    return added.round(DIGITS)


def nearness(tokens: QueryTokens, codes: TokenCodes, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weighted mean of how near the nearest token comes to each of the question's, float64 (len(rows),)."""
    parts = [codes.of(int(row)) for row in rows]
    lengths = np.array([len(part) for part in parts])
    found = np.full(len(rows), _FARTHEST)
    filled = np.flatnonzero(lengths)
    if len(filled):
        near = cosines(tokens, np.concatenate(parts))
        starts = np.concatenate([[0], np.cumsum(lengths[filled])[:-1]])
        found[filled] = tokens.weights.astype(np.float64) @ np.maximum.reduceat(near, starts, axis=1)
    return found


def cosines(tokens: QueryTokens, codes: Codes) -> NDArray[np.float32]:
    """Return how near each token of a question is to each code, float32 (tokens, codes), -1 to 1."""
    scaled: NDArray[np.float32] = sums(tokens.vectors, codes) / np.float32(np.sqrt(8 * codes.shape[1]))
    return scaled
