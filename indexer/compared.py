"""The tokens of a question beside those of passages: how near each comes to each.

The tokens of passages are codes, a bit a dimension (indexer/codes.py); their products with a question's tokens are
taken in whole numbers (indexer/products.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.codes import Codes, bits
from indexer.encoder import QueryTokens
from indexer.products import Products, Whole

FARTHEST = -1.0


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

    `weights` float32 (tokens of the question,): how much each counts. `products`: those of the question's tokens,
    `whole`, with the `codes` of all passages; those of passage i are `products[bounds[i]:bounds[i + 1]]`.
    """

    weights: NDArray[np.float32]
    whole: Whole
    products: Products
    codes: Codes
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, tokens: QueryTokens, codes: Codes, lengths: NDArray[np.int64]) -> Compared:
        """Compare a question with passages of so many codes each, int64 (passages,)."""
        whole = Whole.of(tokens.vectors)
        return cls(tokens.weights, whole, whole.products(bits(codes)), codes, np.concatenate([[0], np.cumsum(lengths)]))

    def at(self, places: Sequence[int]) -> Near:
        """Return how near the tokens of those passages are that stand there."""
        spans = [slice(self.bounds[place], self.bounds[place + 1]) for place in places]
        products, codes = (np.concatenate([part[span] for span in spans]) for part in (self.products, self.codes))
        return Near(_cosines(self.whole, products), codes, np.array([span.stop - span.start for span in spans]))

    def nearness(self) -> NDArray[np.float64]:
        """Return the weighted mean of how near the nearest token of each passage is, float64 (passages,)."""
        found = np.full(len(self.bounds) - 1, FARTHEST)
        filled = np.flatnonzero(np.diff(self.bounds))
        if len(filled):
            # The greatest product is the nearest token, and whole numbers are quicker to compare.
            best = np.maximum.reduceat(self.products, self.bounds[filled], axis=0)
            found[filled] = self.weights.astype(np.float64) @ _cosines(self.whole, best)
        return found


def _cosines(whole: Whole, products: Products) -> NDArray[np.float32]:
    near: NDArray[np.float32] = whole.sums(products).T / np.float32(np.sqrt(len(whole.numbers)))
    return near
