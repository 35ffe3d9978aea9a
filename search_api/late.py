"""Late interaction: the first hits of a search, compared with the question token by token.

A vector says what a passage is about; its tokens say whether it holds what was asked (Khattab and Zaharia 2020,
"ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT"). Nothing was trained
for it: the codes are those of the encoder's tokens as they stand in their passage. Tokens of one language are nearer
to each other than to those of others, so passages in the question's language pay for it, and part of what the best
of a language has is taken off all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.codes import Codes, bits
from indexer.encoder import QueryTokens
from indexer.generation import Generation
from search_api.fusion import DIGITS, Question
from search_api.signs import Products, Whole

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


@dataclass(frozen=True, slots=True)
class Near:
    """How near the tokens of some passages, one passage after the other, come to those of a question.

    `cosines` float32 (tokens of the question, tokens), -1 to 1; the `codes` of the latter; `lengths` int64 (passages,).
    """

    cosines: NDArray[np.float32]
    codes: Codes
    lengths: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Compared:
    """The tokens of a question beside the tokens of some passages.

    `products`: those of the question's tokens, `whole`, with the `codes` of all passages; those of passage i are
    `products[bounds[i]:bounds[i + 1]]`.
    """

    whole: Whole
    products: Products
    codes: Codes
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, tokens: QueryTokens, codes: Codes, lengths: NDArray[np.int64]) -> Compared:
        """Compare a question with passages of so many codes each, int64 (passages,)."""
        whole = Whole.of(tokens.vectors)
        return cls(whole, whole.products(bits(codes)), codes, np.concatenate([[0], np.cumsum(lengths)]))

    def at(self, places: Sequence[int]) -> Near:
        """Return how near the tokens of those passages are that stand there."""
        spans = [slice(self.bounds[place], self.bounds[place + 1]) for place in places]
        products, codes = (np.concatenate([part[span] for span in spans]) for part in (self.products, self.codes))
        return Near(_cosines(self.whole, products), codes, np.array([span.stop - span.start for span in spans]))

    def nearness(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the weighted mean of how near the nearest token of each passage is, float64 (passages,)."""
        found = np.full(len(self.bounds) - 1, _FARTHEST)
        filled = np.flatnonzero(np.diff(self.bounds))
        if len(filled):
            # The greatest product is the nearest token, and whole numbers are quicker to compare.
            best = np.maximum.reduceat(self.products, self.bounds[filled], axis=0)
            found[filled] = weights.astype(np.float64) @ _cosines(self.whole, best)
        return found


def compared(generation: Generation, question: Question, rows: NDArray[np.int64]) -> Compared | None:
    """Compare a question with the passages at `rows`; None where the index or the question has no tokens."""
    if generation.codes is None or question.tokens is None or not len(rows) or not len(question.tokens.weights):
        return None
    return Compared.of(question.tokens, *generation.codes.of_each(rows))


def late_scores(
    generation: Generation, question: Question, rows: NDArray[np.int64], tokens: Compared | None
) -> NDArray[np.float64]:
    """Return what the `tokens` of passages add to their scores, float64 (len(rows),), rounded so that machines agree.

    Zeros without tokens.
    """
    if tokens is None or question.tokens is None:
        return np.zeros(len(rows))
    near = tokens.nearness(question.tokens.weights)
    places = generation.places
    languages = places.language[rows]
    best = np.full(len(places.languages), _FARTHEST)
    np.maximum.at(best, languages, near)
    own = np.array([question.languages.get(language, 0.0) for language in places.languages])
    added: NDArray[np.float64] = _WORTH * (near - _OWN * own[languages] - _EVENNESS * best[languages])
    return added.round(DIGITS)


def _cosines(whole: Whole, products: Products) -> NDArray[np.float32]:
    near: NDArray[np.float32] = whole.sums(products).T / np.float32(np.sqrt(len(whole.numbers)))
    return near
